"""Words are files; what is filled in is never a template."""

from importlib.resources import files

import pytest

from prompts.words import template, words


def test_values_are_filled_in_once() -> None:
    assert words("apology", error_id="{documents}").endswith("{documents}")


@pytest.mark.parametrize("values", [{}, {"error_id": 1, "more": 2}])
def test_a_missing_or_unknown_value_is_an_error(values: dict[str, int]) -> None:
    with pytest.raises(KeyError):
        words("apology", **values)


def test_every_text_can_be_read_and_says_something() -> None:
    names = [
        file.name.removesuffix(".md")
        for file in files("prompts.words").iterdir()
        if file.name.endswith(".md")
    ]
    assert "help" in names
    assert all(template(name).strip() for name in names)


def test_the_models_words_have_two_parts_and_three_places() -> None:
    instructions, _, asked = template("answer").partition("\n---\n")
    assert "{" not in instructions
    assert all(place in asked for place in ("{history}", "{passages}", "{question}"))

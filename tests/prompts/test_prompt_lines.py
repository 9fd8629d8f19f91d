"""Prompts as lines: what people may write behind a question, and that keys stay."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.prompt_lines import (
    LONGEST_CHOICE,
    LONGEST_PROMPT,
    MOST_PROMPTS,
    PromptError,
    read_prompts,
    written,
)
from prompts.ritual import Condition, Prompt, ReplyKind, Role

LINES = """- What did you get done? {done}
2. What is next? {plan, required}
Are you stuck? {yes/no; key: stuck}
What stops you? {blockers; if stuck = yes}
How sure are you? {scale: lost | certain}
Phase? {choice: reading, mostly | trying; required}
Which run? {run}
How many pages? {number}
Where? {link}
Anything else?"""


def test_every_kind_of_prompt_is_one_line() -> None:
    found = read_prompts(LINES)
    assert [(one.key, one.kind, one.role, one.required) for one in found] == [
        ("done", ReplyKind.TEXT, Role.DONE, False),
        ("plan", ReplyKind.TEXT, Role.PLAN, True),
        ("stuck", ReplyKind.YES_NO, Role.NONE, False),
        ("blockers", ReplyKind.TEXT, Role.BLOCKERS, False),
        ("how_sure_are_you", ReplyKind.SCALE, Role.NONE, False),
        ("phase", ReplyKind.CHOICE, Role.NONE, True),
        ("which_run", ReplyKind.RUN, Role.NONE, False),
        ("how_many_pages", ReplyKind.NUMBER, Role.NONE, False),
        ("where", ReplyKind.LINK, Role.NONE, False),
        ("anything_else", ReplyKind.TEXT, Role.NONE, False),
    ]
    assert found[3].when == Condition("stuck", "yes")
    assert found[4].choices == ("lost", "certain")
    assert found[5].choices == ("reading, mostly", "trying")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "at least one"),
        ("{plan}", "Line 1 asks nothing"),
        ("One?\nTwo? {plna}", "Line 2: plna is not understood"),
        ("One? {plan} {done}", "braces stand once"),
        ("One? {plan", "braces stand once"),
        ("One? {choice: a}", "2 to"),
        ("One? {choice: a | a}", "different"),
        ("One? {scale: a | b | c}", "two ends"),
        ("One? {key: Not One}", "one word in small letters"),
        ("One? {if nothing = yes}", "no earlier prompt's key"),
        ("Stuck? {yes/no; key: stuck}\nWhy? {if stuck = maybe}", "can only be yes, no"),
        ("One? {key: a}\nTwo? {key: a}", "is taken"),
        (f"{'x' * (LONGEST_PROMPT + 1)}", f"at most {LONGEST_PROMPT}"),
        (f"One? {{choice: a | {'x' * (LONGEST_CHOICE + 1)}}}", "longer than"),
        ("\n".join(f"Number {n}?" for n in range(MOST_PROMPTS + 1)), f"at most {MOST_PROMPTS}"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(lines: str, said: str) -> None:
    with pytest.raises(PromptError, match=said):
        read_prompts(lines)


def test_a_prompt_keeps_its_key_when_its_words_change_a_little() -> None:
    before = read_prompts("What did you do? {done}\nWhich run shows it best? {run}\nAnything else?")
    after = read_prompts(
        "What have you finished since last time? {done}\nWhich run shows it? {run}\nA number? {number}",
        before,
    )
    assert [one.key for one in after] == ["done", "which_run_shows_it_best", "a_number"]


def test_a_key_that_was_taken_by_another_prompt_is_not_given_again() -> None:
    before = read_prompts("Where? {link}")
    [after] = read_prompts("Where? {number}", before)
    assert after.key == "where"
    [other] = read_prompts("Where is the moon? {number}", read_prompts("Where is the sun? {link}"))
    assert other.key != "where_is_the_sun"


words = st.text(
    st.characters(whitelist_categories=("Lu", "Ll", "Nd"), whitelist_characters=" ?'"), min_size=1
)
texts = words.map(lambda text: " ".join(text.split())).filter(bool)
choices = st.lists(
    texts.map(lambda text: text[:40].strip()).filter(bool), min_size=2, max_size=4, unique=True
)


@st.composite
def prompts(draw: st.DrawFn) -> tuple[Prompt, ...]:
    made: list[Prompt] = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(ReplyKind))
        offered = tuple(draw(choices)) if kind in (ReplyKind.CHOICE, ReplyKind.SCALE) else ()
        when = None
        if made and draw(st.booleans()):
            about = draw(st.sampled_from(made))
            equals = {
                ReplyKind.CHOICE: (about.choices or ("",))[0],
                ReplyKind.YES_NO: "yes",
                ReplyKind.SCALE: "3",
            }
            when = Condition(about.key, equals.get(about.kind, "something"))
        made.append(
            Prompt(
                f"key_{number}",
                draw(texts)[:LONGEST_PROMPT].strip(),
                kind,
                draw(st.sampled_from(Role)),
                offered[:2] if kind is ReplyKind.SCALE else offered,
                draw(st.booleans()),
                when,
            )
        )
    return tuple(made)


@given(prompts())
def test_what_is_written_is_read_as_the_same(made: tuple[Prompt, ...]) -> None:
    assert read_prompts(written(made)) == made


@given(st.text(max_size=400))
def test_any_text_is_prompts_or_a_prompt_error(text: str) -> None:
    with suppress(PromptError):
        found = read_prompts(text)
        assert read_prompts(written(found)) == found

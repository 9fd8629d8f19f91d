"""What kind of thing a question asks for, and which texts hold it."""

import pytest

from knowledge.asking import asks_for_number, asks_for_several, kind_fits


@pytest.mark.parametrize(
    ("question", "text", "fits"),
    [
        ("How many days are they kept?", "They are kept for 30 days.", 1.0),
        ("How many days are they kept?", "They are kept for a while.", -1.0),
        ("How far did the 13B run get?", "The 13B run diverged.", -1.0),
        ("Which learning rate did we use?", "We used 3e-4.", 1.0),
        ("Why did it diverge?", "It diverged because of fp16.", 1.0),
        ("Why did it diverge?", "It diverged.", 0.0),
        ("Should I test read_csv?", "There is no need, you should mock it.", 0.5),
        ("How do I start it?", "Run `make`.", 0.5),
        ("What is a spike?", "A jump of the loss.", 0.0),
    ],
)
def test_texts_fit_the_kind_of_question(question: str, text: str, fits: float) -> None:
    assert kind_fits(question, text) == fits


def test_several_things_are_recognised() -> None:
    assert asks_for_several("Which kinds of spikes are there?")
    assert asks_for_several("What is the recipe and did it help?")
    assert not asks_for_several("How long are scans kept?")
    assert not asks_for_number("What is a spike?")

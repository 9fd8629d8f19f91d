"""When a verified answer answers this very question: near in meaning, and nothing in the words against it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.verified import SAME_FROM, asks_for, differences, nearest

KEPT = "how many checkpoints does the trainer keep?"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (KEPT, "How many checkpoints does the trainer keep"),
        ("how do I reset my cluster password?", "I forgot my cluster password, how do I reset it?"),
        ("how is the holdout set built?", "how do we build the holdout set?"),
        ("who approves a release?", "whose approval does a release need?"),
        ("what is the default learning rate of the 7B run?", "which learning rate does the 7B run use?"),
    ],
)
def test_other_words_for_the_same_question(one: str, other: str) -> None:
    assert differences(one, other) == differences(other, one) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("what is the learning rate of the 7B run?", "what is the learning rate of the 13B run?"),
        ("what was the F1 of run 17?", "what was the F1 of run 18?"),
        ("what did Ana decide?", "what did Ben decide?"),
        ("is warm-up enabled by default?", "is warm-up disabled by default?"),
        ("when do we freeze the code?", "why do we freeze the code?"),
        ("how many annotators label each item?", "how many items does each annotator label?"),
        ("which GPU do we use for inference?", "which GPU do we use for training?"),
        ("can I use customer data?", "why can I not use customer data?"),
        ("what does OPT-175B cost?", "what does OPT-66B cost?"),
    ],
)
def test_another_number_name_or_thing_is_another_question(one: str, other: str) -> None:
    assert differences(one, other)
    assert differences(other, one)


def test_the_nearest_of_those_that_ask_the_same_is_taken() -> None:
    known = ["how many checkpoints does the 7B trainer keep?", KEPT, "what do we keep?"]
    assert nearest(KEPT, known, [0.99, SAME_FROM, 0.5]) == 1
    assert nearest(KEPT, known, [0.99, SAME_FROM - 0.01, 0.5]) is None
    assert nearest(KEPT, [], []) is None


def test_what_a_question_asks_for() -> None:
    assert asks_for("At what time does it start?") == asks_for("when does it start?") == "when"
    assert asks_for("how many items?") != asks_for("how many people?")
    assert asks_for("what is it?") == ""


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_are_compared_alike_both_ways(one: str, other: str) -> None:
    assert bool(differences(one, other)) == bool(differences(other, one))
    assert differences(one, one) == []

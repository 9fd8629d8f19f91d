"""Follow-ups search for what they leave unsaid; questions that stand alone are left alone."""

import pytest

from knowledge.analysis import content_terms
from knowledge.conversation import contextual_question
from knowledge.documents import Turn

FOLLOW_UPS = [
    (["What learning rate did the 176B run use?"], "and for the 13B run?", "learn rate 13b run", "176b"),
    (["What learning rate did tr11-176B use?"], "what about tr1-13B?", "learn rate tr1-13b", "tr11-176b"),
    (["Why did the 104B training diverge?"], "why?", "104b train diverg", ""),
    (["Who owns the on-call rota?"], "Where is it described?", "on-call rota describ", ""),
    (["What is the batch size of the baseline?", "and its warm-up?"], "and the decay?", "baselin decay", ""),
    (["How do we review pull requests?"], "How long may that take?", "review pull request long take", ""),
    (["Which tokenizer did we choose?"], "since when?", "token choos", ""),
]
ALONE = [
    "Which optimizer did the fastest speed run use?",
    "How long does a feasibility study usually take?",
    "What should we do about Jupyter outputs when committing notebooks?",
    "Is it allowed to merge without review on the main branch of the training repository?",
]


@pytest.mark.parametrize(("history", "question", "wanted", "unwanted"), FOLLOW_UPS)
def test_a_follow_up_takes_the_earlier_terms_along(history, question, wanted, unwanted):
    found = contextual_question(question, [Turn(text) for text in history])
    assert found.endswith(question)
    assert set(wanted.split()) <= set(content_terms(found))
    assert unwanted not in content_terms(found) or not unwanted


@pytest.mark.parametrize("question", ALONE)
def test_a_question_that_stands_alone_is_left_as_it_is(question):
    assert contextual_question(question, [Turn("What learning rate did the 176B run use?")]) == question


def test_without_history_nothing_changes():
    assert contextual_question("and the 13B run?", []) == "and the 13B run?"


def test_what_lore_said_is_not_asked_again():
    history = [Turn("Which optimizer is used?"), Turn("AdamW, says the training page.", by_lore=True)]
    found = contextual_question("why?", history)
    assert "optimizer" in found
    assert "AdamW" not in found


def test_only_the_latest_question_that_stands_alone_is_carried():
    history = [
        Turn("Where do we keep raw evaluation logs?"),
        Turn("Which optimizer did the fastest run use?"),
    ]
    found = contextual_question("and why?", history)
    assert "fastest" in found
    assert "logs" not in found


def test_a_pasted_log_does_not_drown_the_question():
    found = contextual_question(
        "why?", [Turn(" ".join(f"word{chr(97 + n % 26)}{'x' * n}" for n in range(900)))]
    )
    assert len(found.split()) <= 13

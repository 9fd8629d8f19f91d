"""Whether to answer at all: more evidence never makes an answer less likely."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.abstaining import ANSWERS_FROM, ASKS_THE_MODEL_FROM, Evidence, unknown_things
from tests.knowledge.making import passage

SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE, SHARE)
def test_more_similarity_and_coverage_speak_for_an_answer(
    one: float, two: float, three: float, four: float
) -> None:
    less = Evidence(min(one, two), min(three, four))
    more = Evidence(max(one, two), max(three, four))
    assert less.score <= more.score
    assert Evidence(one, three, ("XGBoost",)).score < Evidence(one, three).score


def test_clear_cases_are_decided() -> None:
    assert Evidence(0.75, 1.0).score >= ANSWERS_FROM
    assert Evidence(0.3, 0.2, ("XGBoost",)).score < ASKS_THE_MODEL_FROM < ANSWERS_FROM


def test_what_a_question_names_and_no_passage_mentions_is_unknown() -> None:
    pages = [passage("OPT-175B was trained by Susan.", title="OPT logbook"), passage("fp16 overflowed.")]
    assert unknown_things("Did Susan evaluate OPT 175B on MMLU with Llama-3-70B in fp16?", pages) == (
        "MMLU",
        "Llama-3-70B",
    )
    assert unknown_things("what happened to the loss?", pages) == ()

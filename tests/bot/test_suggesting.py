"""Suggested questions: what is chosen, and what never is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.suggesting import LONGEST, MOST, Answered, asks, stands_alone, suggest
from knowledge.adapters.titles import Titled


def page(title: str, *headings: str, kind: str = "wiki", superseded_by: str | None = None) -> Titled:
    at = datetime(2026, 9, 1, tzinfo=UTC)
    return Titled(f"wiki/{title}", title, headings, kind, "everyone", at, None, superseded_by)


BOOKING = page("GPU booking", "Priorities", "How to book `gannet`", "When a job hangs")


def test_answered_questions_come_first_then_headings_then_pages() -> None:
    answered = [Answered("how long do we keep raw scans?", ("wiki/retention",))]
    chosen = suggest(answered, [page("Start here"), BOOKING, page("On-call", "When the box is full")])
    assert [one.message for one in chosen] == [
        "how long do we keep raw scans?",
        "How do we book gannet?",
        "What do we do when the box is full?",
        "What does “Start here” say?",
    ]


def test_each_is_about_another_document_and_asked_once() -> None:
    answered = [
        Answered("how long do we keep raw scans?", ("wiki/retention",)),
        Answered("how long are raw scans kept here now", ("wiki/other",)),
        Answered("How long do we KEEP raw scans", ("wiki/third",)),
        Answered("who may delete raw scans?", ("wiki/retention",)),
    ]
    assert [one.message for one in suggest(answered, [])] == ["how long do we keep raw scans?"]


def test_no_more_than_two_are_what_others_asked() -> None:
    answered = [Answered(f"what is the limit of queue number{n}?", (f"wiki/{n}",)) for n in range(9)]
    assert len(suggest(answered, [])) == 2


def test_superseded_pages_and_runs_suggest_nothing() -> None:
    old = page("GPU booking 2024", "How to book petrel", superseded_by="gpu-booking")
    assert suggest([], [old, page("digits-mlp-wide", kind="run")]) == ()


def test_headings_that_many_pages_have_are_not_questions() -> None:
    pages = [page(f"Note {n}", "Did we change anything in training?") for n in range(3)]
    assert all("Note" in one.title for one in suggest([], pages))


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("How to book `gannet`", "How do we book gannet?"),
        ("When a job hangs", "What do we do when a job hangs?"),
        ("Which metric decides between models?", "Which metric decides between models?"),
        ("When", None),
        ("How to", None),
        ("Why", None),
        ("What it is", None),
        ("Did we change it?", None),
        ("Rules", None),
    ],
)
def test_headings_that_ask(heading: str, question: str | None) -> None:
    assert asks(heading) == question


@pytest.mark.parametrize(
    "text",
    [
        "and for the 13B run?",
        "what did @Ben say about retention?",
        "what is in #leads about hiring budgets?",
        "see https://x.example and tell the limits",
        "why is this so slow today?",
        "what is my salary band this year?",
        "retention scans?",
        "how long " + "very " * 40 + "long do we keep scans?",
    ],
)
def test_what_somebody_else_would_not_understand_is_not_suggested(text: str) -> None:
    assert not stands_alone(text)


@given(
    st.lists(st.tuples(st.text(max_size=200), st.sampled_from("abc")), max_size=8),
    st.lists(
        st.tuples(st.text(min_size=1, max_size=200), st.lists(st.text(max_size=80), max_size=3)), max_size=8
    ),
)
def test_never_more_than_slack_takes_and_nothing_twice(
    asked: list[tuple[str, str]], titled: list[tuple[str, list[str]]]
) -> None:
    chosen = suggest([Answered(text, (name,)) for text, name in asked], [page(t, *h) for t, h in titled])
    assert len(chosen) <= MOST
    assert len({one.message for one in chosen}) == len(chosen)
    assert all(one.title.strip() and "\n" not in one.title and len(one.title) <= LONGEST for one in chosen)

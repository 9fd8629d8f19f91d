"""Readers are told when sources are old, replaced, drafts, or at odds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.citing import cite, nearest_citations
from knowledge.documents import Citation, Passage, Scores
from knowledge.staleness import contradict, notices, successors_first, without_outdone
from tests.knowledge.making import passage

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def cited(**about: object) -> Citation:
    return nearest_citations([passage("Text of a page.", **about)], 1)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "days", "warned"),
    [
        ("wiki", 364, False),
        ("wiki", 366, True),
        ("practice", 500, False),
        ("practice", 600, True),
        ("run", 5000, False),
        ("standup", 30, False),
        ("standup", 31, True),
    ],
)
def test_a_source_is_old_by_its_kind(kind: str, days: int, warned: bool) -> None:
    citation = cited(kind=kind, updated_at=NOW - timedelta(days=days))
    assert bool(notices([citation], NOW)) is warned


def test_the_newest_source_decides_and_an_unknown_age_says_nothing() -> None:
    old = cited(document="wiki/old.md", updated_at=datetime(2020, 2, 1, tzinfo=UTC))
    new = cited(document="wiki/new.md", updated_at=NOW)
    assert notices([old, new], NOW) == ()
    assert "February 2020, 6 years ago" in notices([old], NOW)[0]
    assert notices([cited()], NOW) == ()


@pytest.mark.parametrize(
    ("kind", "days", "quote", "word"),
    [
        ("standup", 1, "We start tomorrow.", "tomorrow"),
        ("standup", 3, "This week the cluster is down.", "This week"),
        ("standup", 0, "We start tomorrow.", ""),
        ("standup", 3, "The todaylib is old.", ""),
        ("log", 3, "We start tomorrow.", ""),
    ],
)
def test_what_was_said_of_another_day_is_told_as_of_that_day(
    kind: str, days: int, quote: str, word: str
) -> None:
    citation = replace(cited(kind=kind, updated_at=NOW - timedelta(days=days)), quote=quote)
    [*told] = notices([citation], NOW)
    assert [f"“{word}” in “Page”" in one for one in told] == ([True] if word else [])


def test_weeks_are_said_as_weeks() -> None:
    [told] = notices([cited(kind="standup", updated_at=NOW - timedelta(days=38))], NOW)
    assert "from April 2026, 5 weeks ago" in told


def test_status_and_successor_are_said_once() -> None:
    citation = cited(status="Deprecated")
    assert notices([citation, citation], NOW) == ("“Page” is marked deprecated.",)
    assert "not settled" in notices([cited(status="draft")], NOW)[0]
    assert "superseded by new.md" in notices([cited(superseded_by="new.md", status="deprecated")], NOW)[0]
    assert notices([cited(status="current")], NOW) == ()


@pytest.mark.parametrize("name", ["new.md", "wiki/new.md", "New page", "./new.md", "new"])
def test_a_superseded_page_comes_after_its_successor(name: str) -> None:
    old = passage("Old.", document="wiki/old.md", superseded_by=name)
    other = passage("Other.", document="wiki/other.md")
    new = passage("New.", document="wiki/new.md", title="New page")
    assert successors_first([old, other, new]) == [other, new, old]
    assert successors_first([old, other]) == [old, other]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Unused files are deleted after 30 days.", "Unused files are deleted after 90 days.", True),
        ("Unused files are deleted after 30 days.", "What: unused files; Deleted after: 13 days", True),
        (
            "Unused files are deleted after 30 days.",
            "Unused files are deleted after 30 days at night.",
            False,
        ),
        ("Unused files are deleted after 30 days.", "Backups run for 12 days.", False),
        ("Unused files are deleted after 30 days.", "Unused files weigh 90 GB.", False),
        ("Unused files are deleted in step 3.", "Unused files are deleted in step 4.", False),
    ],
)
def test_sentences_contradict_by_numbers_of_one_unit(one: str, two: str, expected: bool) -> None:
    assert contradict("After how many days are unused files deleted?", one, two) is expected
    assert not contradict("Why are unused files deleted?", one, two)


def test_cite_without_claims_is_empty() -> None:
    assert cite([], []) == ((), ())


def test_the_words_that_ask_for_a_number_are_not_what_it_is_asked_of() -> None:
    one = "Raw scans are kept for 90 days and then removed."
    two = "What: Raw scans; Kept for: 30 days; Then: deleted"
    assert contradict("How long do we keep raw scans?", one, two)


def test_what_was_superseded_stays_only_where_it_fits_better_than_its_successor() -> None:
    def page(document: str, fits: float, superseded_by: str | None = None) -> Passage:
        return passage("Text.", document=document, scores=Scores(fused=fits), superseded_by=superseded_by)

    new, other = page("wiki/new.md", 0.6), page("wiki/other.md", 0.1)
    worse, better = page("wiki/old.md", 0.62, "new.md"), page("wiki/old.md", 0.7, "new.md")
    assert without_outdone([worse, new, other]) == [new, other]
    assert without_outdone([better, new, other]) == [better, new, other]
    assert without_outdone([worse, other]) == [worse, other]

"""Numbers for leads: what is counted when, and what is hidden because too few people did it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from prompts.statistics import (
    FEWEST_PEOPLE,
    Asked,
    Happened,
    Judged,
    Page,
    Period,
    cited_pages,
    cited_sources,
    figures,
)

END = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
MONTH = Period.before(END, 28)
DAY = timedelta(days=1)
moments = st.integers(min_value=0, max_value=4 * 28).map(lambda halves: END - halves * DAY / 2)
askers = st.sampled_from([f"U{number}" for number in range(8)])


def test_the_numbers_of_a_period() -> None:
    asked = [
        Asked("U1", END - DAY, 1.0, ("wiki/a",)),
        Asked("U2", END - 2 * DAY, 3.0),
        *(Asked(f"U{n}", END - 3 * DAY, None, by_person_s=200.0 * n) for n in range(1, 6)),
        Asked("U4", END - 4 * DAY, None),
        Asked("U5", END - 40 * DAY, 2.0),
    ]
    judged = [Judged(f"U{n}", END - DAY, helped=n != 3) for n in range(FEWEST_PEOPLE)]
    closed = [END - DAY, END - 30 * DAY]
    told = figures(Happened(asked, judged, closed, held=[END - DAY], read=[]), MONTH)
    assert (told.questions, told.answered, told.gaps, told.closed, told.held) == (8, 0.25, 6, 1, 1)
    assert (told.lore_s, told.slowest_s, told.people_s, told.by_people) == (2.0, 3.0, 600.0, FEWEST_PEOPLE)
    assert (told.liked, told.judgements) == (0.8, FEWEST_PEOPLE)


def test_nothing_happened() -> None:
    told = figures(Happened(), MONTH)
    assert (told.questions, told.answered, told.lore_s, told.liked) == (0, None, None, None)


def test_what_few_people_did_is_told_by_no_share_and_no_split() -> None:
    few = [f"U{n}" for n in range(FEWEST_PEOPLE - 1)]
    judged = [Judged(person, END - DAY, helped=True) for person in few for _ in range(3)]
    told = figures(Happened(judged=judged), MONTH)
    assert (told.liked, told.judgements) == (None, None)
    by_people = [Asked(person, END - DAY, None, by_person_s=60.0) for person in few]
    told = figures(Happened(by_people), MONTH)
    assert (told.by_people, told.people_s) == (len(few), None)
    asked = [Asked(person, END - DAY, 1.0, ("wiki/a",)) for person in few for _ in range(3)]
    assert cited_sources(asked, {"wiki/a": "wiki"}, 8) == []
    [page] = cited_pages(asked, [Page("wiki/a", "A", "old")], 8)
    assert page.answers is None, "that it is cited may be known, not how often"
    asked.append(Asked("U99", END - DAY, 1.0, ("wiki/a", "wiki/b")))
    [source] = cited_sources(asked, {"wiki/a": "wiki", "wiki/b": "wiki"}, 8)
    assert source.answers == len(asked), "an answer counts once for a source, whatever it cites of it"


def test_what_may_not_be_told_of_counts_for_no_source() -> None:
    asked = [Asked(f"U{n}", END - DAY, 1.0, ("secrets/a",)) for n in range(9)]
    assert cited_sources(asked, {}, 8) == []


@given(st.lists(moments), st.sampled_from([7, 28, 91]))
def test_whole_weeks_and_periods_meet_without_a_hole_or_an_overlap(at: list[datetime], days: int) -> None:
    now = Period.before(END, days)
    assert now.earlier.end == now.start
    counted = [sum(week.holds(one) for week in now.weeks) for one in at]
    assert counted == [int(now.holds(one)) for one in at]
    assert not any(now.holds(one) and now.earlier.holds(one) for one in at)


@given(st.lists(st.tuples(askers, moments, st.booleans())))
def test_a_share_is_of_enough_people_or_none(judged: list[tuple[str, datetime, bool]]) -> None:
    told = figures(Happened(judged=[Judged(*one) for one in judged]), MONTH)
    within = [one for one in judged if MONTH.holds(one[1])]
    people = {person for person, _, _ in within}
    assert (told.liked is None) == (len(people) < FEWEST_PEOPLE)
    if told.liked is not None:
        assert told.liked == sum(helped for _, _, helped in within) / len(within)

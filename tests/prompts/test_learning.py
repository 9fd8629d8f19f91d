"""How a talk comes about: turns, times to reply, and by when what has to be settled."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.learning import (
    SHORTEST_WAIT,
    Candidate,
    by_day,
    floor_opens,
    in_turn,
    reply_by,
    search_ends,
    voting_ends,
)

ZONES = st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Kathmandu", "Pacific/Apia"]).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
STARTS = datetime(2026, 3, 12, 12, 30, tzinfo=UTC)


def weekdays(day: date) -> bool:
    return day.weekday() < 5


def test_who_offered_comes_first_then_whose_turn_is_longest_ago() -> None:
    asked = in_turn(
        [
            Candidate("last", last_spoke=300.0),
            Candidate("first", last_spoke=100.0),
            Candidate("never, asked", last_asked=50.0),
            Candidate("never"),
            Candidate("second to offer", offered=1),
            Candidate("offered", offered=0, last_spoke=900.0),
        ]
    )
    names = [one.person for one in asked]
    assert names == ["offered", "second to offer", "never", "never, asked", "first", "last"]


def test_who_was_just_asked_and_said_nothing_goes_behind_who_spoke_before_that() -> None:
    asked = in_turn(
        [
            Candidate("silent", last_asked=500.0),
            Candidate("spoke", last_spoke=400.0, last_asked=390.0),
            Candidate("spoke, declined since", last_spoke=100.0, last_asked=450.0),
        ]
    )
    assert [one.person for one in asked] == ["spoke", "spoke, declined since", "silent"]


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.booleans(), min_size=1, max_size=12))
def test_everybody_has_a_turn_before_anybody_has_a_second_whoever_stays_silent(
    speaks: dict[str, bool],
) -> None:
    known = {person: Candidate(person) for person in speaks}
    order = []
    for now in range(1, 2 * len(speaks) + 1):
        person = in_turn(known.values())[0].person
        order.append(person)
        spoke = float(now) if speaks[person] else None
        known[person] = Candidate(person, last_spoke=spoke, last_asked=float(now))
    assert sorted(order[: len(speaks)]) == sorted(speaks)
    assert order[len(speaks) :] == order[: len(speaks)]


@pytest.mark.parametrize(
    ("asked", "until"),
    [
        ("2026-03-02T10:00", "2026-03-04T10:00"),
        ("2026-03-06T10:00", "2026-03-09T11:15"),  # Friday: half of the time comes before Tuesday
        ("2026-03-12T11:30", "2026-03-12T12:00"),
        ("2026-03-12T12:25", "2026-03-12T12:35"),
    ],
)
def test_two_working_days_are_waited_for_and_never_more_than_half_of_the_time(asked: str, until: str) -> None:
    at = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    found = reply_by(at, STARTS, ZoneInfo("UTC"), weekdays)
    assert f"{found:%Y-%m-%dT%H:%M}" == until


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=60)), ZONES)
def test_nobody_is_waited_for_without_end(asked: datetime, ahead: timedelta, zone: ZoneInfo) -> None:
    found = reply_by(asked, asked + ahead, zone, weekdays)
    assert asked < found <= asked + max(ahead / 2, SHORTEST_WAIT)
    assert reply_by(asked, asked + ahead, zone, lambda _: False) == asked + max(ahead / 2, SHORTEST_WAIT)


@given(MOMENTS, st.integers(2, 60))
def test_voting_ends_before_the_floor_opens_and_that_before_the_talk(starts: datetime, lead: int) -> None:
    assert starts - timedelta(days=lead) <= voting_ends(starts, lead) <= floor_opens(starts, lead) < starts
    assert search_ends(starts, lead, announced=False) == floor_opens(starts, lead)
    assert search_ends(starts, lead, announced=True) < starts


@given(MOMENTS, ZONES)
def test_a_channel_is_told_by_day_and_within_one(now: datetime, zone: ZoneInfo) -> None:
    found = by_day(now, zone)
    assert now <= found < now + timedelta(hours=16)
    assert time(9) <= found.astimezone(zone).time() < time(18)

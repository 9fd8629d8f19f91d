"""Schedules by local date: nothing skipped or doubled when clocks change, and what was missed comes once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.schedules import (
    BACK_OFF,
    EVERY_DAY,
    LEAST,
    SPREAD,
    AtStart,
    Daily,
    Every,
    Past,
    Schedule,
    Start,
    next_at,
    spread_of,
)
from prompts.calendar import moment
from tests.prompts.zones import changes

LISBON, UTC_ZONE = ZoneInfo("Europe/Lisbon"), ZoneInfo("UTC")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
RUNNING = Start(LONG_AGO)
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

ZONES = st.sampled_from(sorted(name for name in available_timezones() if "/" in name)).map(ZoneInfo)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 10, 30]))


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[date, time, ZoneInfo]:
    """A date, most often one near a change of clocks, a time of day and a zone."""
    zone = draw(ZONES)
    days = st.sampled_from([one.astimezone(zone).date() for one in changes(zone)]) if changes(zone) else DAYS
    day = draw(st.one_of(days, days, DAYS)) + timedelta(days=draw(st.integers(-2, 1)))
    at = draw(st.one_of(TIMES, st.builds(time, st.integers(0, 3), st.sampled_from([0, 15, 30, 45]))))
    return day, at, zone


def begun(schedule: Schedule, since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """When a Lore that runs all the time, and whose syncs take no time, begins each of them."""
    asked = since
    while (found := next_at(schedule, Past(asked), RUNNING, zone)) is not None and found <= until:
        yield found
        asked = found


@settings(max_examples=300)
@given(near_changes())
def test_sc_01_every_local_date_is_served_once_whatever_the_clocks_do(
    near: tuple[date, time, ZoneInfo],
) -> None:
    day, at, zone = near
    since = moment(day, at, zone)
    if since is None:
        return
    served = [one.astimezone(zone).date() for one in begun(Daily(at), since, since + 9 * 24 * HOUR, zone)]
    expected = [day + timedelta(days=n) for n in range(1, 9)]
    exist = [one for one in expected if moment(one, at, zone) is not None]
    late = [one.astimezone(zone).date() for one in (moment(one, at, zone) for one in exist) if one]
    assert served[: len(late)] == late
    assert len(set(served)) == len(served)


def test_sc_01_a_date_that_a_zone_left_out_is_no_date() -> None:
    apia = ZoneInfo("Pacific/Apia")
    fridays = Daily(time(3), frozenset({4}))
    after = next_at(
        fridays, Past(datetime(2011, 12, 24, tzinfo=UTC)), Start(datetime(2011, 12, 1, tzinfo=UTC)), apia
    )
    assert after is not None
    assert after.astimezone(apia).date() == date(2012, 1, 6)


@given(DAYS, TIMES, st.sampled_from([0.5, 2.0, 24.0]), ZONES)
def test_every_keeps_its_distance_in_every_zone(day: date, at: time, hours: float, zone: ZoneInfo) -> None:
    first = datetime.combine(day, at, UTC)
    found = list(begun(Every(hours * HOUR), first, first + 4 * hours * HOUR, zone))
    assert found == [first + n * hours * HOUR for n in range(1, 5)]


@given(DAYS, TIMES, st.frozensets(st.integers(0, 6), min_size=1), ZONES)
def test_only_the_days_that_were_chosen(day: date, at: time, days: frozenset[int], zone: ZoneInfo) -> None:
    since = datetime.combine(day, time(), UTC)
    served = [
        occurrence_day(one, at, zone) for one in begun(Daily(at, days), since, since + 15 * 24 * HOUR, zone)
    ]
    assert {one.weekday() for one in served} <= days
    assert len(served) >= len(days)


def occurrence_day(found: datetime, at: time, zone: ZoneInfo) -> date:
    """The date that an occurrence is of: it may be just after midnight when its time was left out."""
    day = found.astimezone(zone).date()
    return day if moment(day, at, zone) == found else day - timedelta(days=1)


@pytest.mark.parametrize("schedule", [Every(HOUR), Daily(time(3)), AtStart()])
def test_what_was_never_synced_is_synced_at_the_start(schedule: Schedule) -> None:
    assert next_at(schedule, Past(), Start(NOON, SPREAD), LISBON) == NOON


@pytest.mark.parametrize("away", [timedelta(minutes=90), timedelta(hours=30), timedelta(days=3)])
def test_sc_02_what_was_missed_comes_once_and_a_little_after_the_start(away: timedelta) -> None:
    past, start = Past(NOON - away), Start(NOON, timedelta(seconds=7))
    assert next_at(Every(HOUR), past, start, LISBON) == NOON + timedelta(seconds=7)
    after = next_at(Every(HOUR), Past(NOON + timedelta(seconds=7)), start, LISBON)
    assert after == NOON + timedelta(seconds=7) + HOUR


def test_sc_02_a_nightly_sync_that_was_missed_comes_at_the_start_and_then_at_its_time() -> None:
    nightly, start = Daily(time(3)), Start(NOON)
    assert next_at(nightly, Past(NOON - timedelta(days=2)), start, UTC_ZONE) == NOON
    assert next_at(nightly, Past(NOON), start, UTC_ZONE) == NOON.replace(hour=3) + timedelta(days=1)


def test_a_nightly_sync_that_was_not_missed_is_left_alone_at_a_start() -> None:
    at_three = NOON.replace(hour=3)
    assert next_at(Daily(time(3)), Past(at_three), Start(NOON), UTC_ZONE) == at_three + timedelta(days=1)


def test_a_start_reads_anew_what_is_read_by_the_hour_but_not_what_was_just_read() -> None:
    for ago, expected in ((HOUR / 2, NOON), (LEAST / 2, NOON - LEAST / 2 + HOUR)):
        assert next_at(Every(HOUR), Past(NOON - ago), Start(NOON), LISBON) == expected
    assert next_at(AtStart(), Past(NOON - HOUR), Start(NOON), LISBON) == NOON
    assert next_at(AtStart(), Past(NOON), Start(NOON), LISBON) is None


def test_failures_are_tried_again_sooner_and_then_slower() -> None:
    waits = []
    for failures in range(1, 8):
        past = Past(NOON, NOON + timedelta(minutes=1), failures)
        found = next_at(Every(HOUR), past, RUNNING, LISBON)
        assert found is not None
        waits.append(found - NOON - timedelta(minutes=1))
    assert waits == [*BACK_OFF, BACK_OFF[-1], BACK_OFF[-1]]
    assert waits[0] < HOUR < waits[-1]


def test_a_nightly_sync_that_fails_is_never_later_than_its_time() -> None:
    found = next_at(Daily(time(13)), Past(NOON, NOON, 9), RUNNING, UTC_ZONE)
    assert found == NOON + HOUR


@given(st.text(max_size=40))
def test_sources_are_spread_alike_at_every_start_and_only_those_of_a_network(name: str) -> None:
    assert spread_of(name, remote=False) == timedelta(0)
    assert timedelta(0) <= spread_of(name, remote=True) < SPREAD
    assert spread_of(name, remote=True) == spread_of(name, remote=True)


def test_every_day_is_seven_days() -> None:
    assert frozenset({0, 1, 2, 3, 4, 5, 6}) == EVERY_DAY

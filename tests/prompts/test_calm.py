"""Days, leave, statuses and hours: what they make of a day and of a moment."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.calm import (
    Half,
    Leave,
    Off,
    Part,
    Profile,
    Signs,
    Status,
    Why,
    ZoneFrom,
    by_status,
    day_began,
    days_in_words,
    is_here,
    is_quiet,
    next_day,
    on_leave,
    quiet_until,
)
from tests.prompts.zones import every_zone

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)
SIGNS = Signs(frozenset({"palm_tree"}), ("vacation", "out sick", "on leave"))
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 2, 12, tzinfo=BERLIN)


def test_t22_leave_ends_by_itself_on_its_day() -> None:
    leave = [Leave(MONDAY, MONDAY + 2 * DAY, reason="vacation")]
    assert on_leave(leave, MONDAY - DAY) is None
    assert on_leave(leave, MONDAY) == Off(
        "You are away until Wednesday, 4 March 2026 (vacation).", MONDAY + 2 * DAY, Why.ABSENCE
    )
    assert isinstance(on_leave(leave, MONDAY + DAY), Off)
    assert on_leave(leave, MONDAY + 2 * DAY) is None


def test_leave_that_goes_on_without_a_day_between_has_one_end() -> None:
    leave = [
        Leave(MONDAY, MONDAY + DAY, why=Why.CALENDAR),
        Leave(MONDAY + DAY, MONDAY + 2 * DAY, why=Why.CALENDAR),
        Leave(MONDAY + 3 * DAY, MONDAY + 4 * DAY),
    ]
    found = on_leave(leave, MONDAY)
    assert isinstance(found, Off)
    assert (found.until, found.why) == (MONDAY + 2 * DAY, Why.CALENDAR)


def test_t21_half_a_day_is_half_a_day_and_two_halves_are_one() -> None:
    morning = Leave(MONDAY, MONDAY + DAY, Part.MORNING, "dentist")
    found = on_leave([morning], MONDAY)
    assert isinstance(found, Half)
    assert [found.away_at(time(hour)) for hour in (0, 9, 12, 13, 17)] == [True, True, True, False, False]
    assert found.shown == "away in the morning"
    afternoon = on_leave([Leave(MONDAY, MONDAY + DAY, Part.AFTERNOON)], MONDAY)
    assert isinstance(afternoon, Half)
    assert not afternoon.away_at(time(9))
    assert afternoon.away_at(time(13))
    both = on_leave([morning, Leave(MONDAY, MONDAY + DAY, Part.AFTERNOON)], MONDAY)
    assert isinstance(both, Off)
    assert both.until == MONDAY + DAY


def test_being_here_counts_more_than_any_leave() -> None:
    leave = [Leave(MONDAY, MONDAY + 5 * DAY, why=Why.CALENDAR), Leave(MONDAY, MONDAY + DAY, here=True)]
    assert on_leave(leave, MONDAY) is None
    assert is_here(leave, MONDAY)
    assert not is_here(leave, MONDAY + DAY)
    assert isinstance(on_leave(leave, MONDAY + DAY), Off)


def test_others_are_not_told_why_somebody_is_on_leave() -> None:
    found = on_leave([Leave(MONDAY, MONDAY + DAY, reason="operation")], MONDAY)
    assert isinstance(found, Off)
    assert found.shown == "away until Tuesday, 3 March 2026"
    assert "operation" not in found.shown


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status(":palm_tree:", ""), True),
        (Status("", "Vacation!"), True),
        (Status("", "On VACATION until Friday"), True),
        (Status(":face_with_thermometer:", "Out sick"), True),
        (Status("", "Back from vacation"), False),
        (Status("", "Not on leave any more"), False),
        (Status("", "Vacationers unite"), False),
        (Status(":house_with_garden:", "Working remotely"), False),
        (Status(), False),
    ],
)
def test_competitors_2_9_a_status_looks_like_leave_by_its_emoji_or_its_words(
    status: Status, expected: bool
) -> None:
    assert SIGNS.found_in(status) is expected


def test_a_status_holds_until_it_expires_and_without_an_end_for_today_alone() -> None:
    friday = datetime(2026, 3, 6, 23, 59, tzinfo=BERLIN)
    week = Status(":palm_tree:", "", friday)
    assert isinstance(by_status(week, SIGNS, MONDAY, NOON, BERLIN), Off)
    found = by_status(week, SIGNS, date(2026, 3, 6), NOON, BERLIN)
    assert isinstance(found, Off)
    assert found.until == date(2026, 3, 7)
    assert by_status(week, SIGNS, date(2026, 3, 7), NOON, BERLIN) is None
    endless = Status(":palm_tree:", "")
    assert isinstance(by_status(endless, SIGNS, MONDAY, NOON, BERLIN), Off)
    assert by_status(endless, SIGNS, MONDAY + DAY, NOON, BERLIN) is None
    assert by_status(week, SIGNS, MONDAY, friday + timedelta(minutes=1), BERLIN) is None


def test_a_status_that_ends_early_takes_only_that_long() -> None:
    lunch = Status(":palm_tree:", "", datetime(2026, 3, 2, 14, tzinfo=BERLIN))
    found = by_status(lunch, SIGNS, MONDAY, NOON, BERLIN)
    assert isinstance(found, Half)
    assert (found.away_at(time(13, 59)), found.away_at(time(14))) == (True, False)


def profile(zone: str, starts: time, ends: time) -> Profile:
    return Profile(ZoneInfo(zone), ZoneFrom.SLACK, quiet=(starts, ends))


def test_quiet_hours_go_over_midnight_and_equal_ones_are_none() -> None:
    assert is_quiet((time(21), time(7)), time(21))
    assert is_quiet((time(21), time(7)), time(6, 59))
    assert not is_quiet((time(21), time(7)), time(7))
    assert not is_quiet((time(9), time(9)), time(9))
    assert is_quiet((time(12), time(13)), time(12, 30))
    berlin = profile("Europe/Berlin", time(21), time(7))
    assert quiet_until(berlin, datetime(2026, 3, 2, 23, tzinfo=BERLIN)) == datetime(
        2026, 3, 3, 7, tzinfo=BERLIN
    )
    assert quiet_until(berlin, datetime(2026, 3, 2, 6, tzinfo=BERLIN)) == datetime(
        2026, 3, 2, 7, tzinfo=BERLIN
    )
    assert quiet_until(berlin, NOON) is None


TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - the zone is given beside it
    datetime(2030, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(st.sampled_from(every_zone()), TIMES, TIMES, MOMENTS)
def test_quiet_hours_end_within_a_day_at_a_time_that_is_not_quiet(
    zone: ZoneInfo, starts: time, ends: time, at: datetime
) -> None:
    one = profile(zone.key, starts, ends)
    end = quiet_until(one, at)
    if end is None:
        assert not is_quiet(one.quiet, at.astimezone(one.zone).time())
        return
    assert at < end <= at + timedelta(hours=50)  # a zone may leave out a day
    assert not is_quiet(one.quiet, end.astimezone(one.zone).time()) or end.astimezone(one.zone).time() > ends


@given(st.sampled_from(every_zone()), TIMES, TIMES, MOMENTS)
def test_the_next_day_begins_after_this_one(zone: ZoneInfo, starts: time, ends: time, at: datetime) -> None:
    one = profile(zone.key, starts, ends)
    assert day_began(one, at) <= at < next_day(one, at)
    assert next_day(one, at).astimezone(one.zone).date() > at.astimezone(one.zone).date()


def test_days_are_said_shortly() -> None:
    assert days_in_words({0, 1, 2, 3, 4}) == "Monday to Friday"
    assert days_in_words({0, 2}) == "Monday and Wednesday"
    assert days_in_words({6}) == "Sunday"
    assert days_in_words({0, 2, 4}) == "Monday, Wednesday and Friday"
    assert days_in_words(()) == "no day"

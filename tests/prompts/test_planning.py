"""Plans of occurrences: when somebody is asked and reminded, what is too late, and what a holiday does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.planning import (
    APART,
    LEEWAY,
    TIME_TO_REPLY,
    LateBy,
    OnTime,
    Shown,
    TooLate,
    deadline,
    lateness,
    not_after,
    plan,
    plan_at,
    preview,
    prompt_at,
    reminders,
    slots,
)
from prompts.ritual import OnHoliday, Standup
from prompts.workdays import WorkWeek, holiday_of_all
from tests.prompts.zones import every_zone

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
DAILY = Standup("Daily", ("#team",), (), "every weekday", time(9))
WEEKLY = replace(DAILY, rule="every Thursday", on_holiday=OnHoliday.MOVE)
BERLIN, TOKYO, LOS_ANGELES, NEW_YORK = map(
    ZoneInfo, ("Europe/Berlin", "Asia/Tokyo", "America/Los_Angeles", "America/New_York")
)
NOON = datetime(2026, 6, 2, 12, tzinfo=UTC)
ZONES = st.sampled_from(every_zone())
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
DATES = st.dates(date(2024, 1, 2), date(2030, 12, 30))


def local(one: datetime, zone: ZoneInfo) -> str:
    return f"{one.astimezone(zone):%d %H:%M}"


def test_t06_the_zone_of_a_ritual_counts_before_ones_own_and_an_unknown_one_not_at_all() -> None:
    day = date(2026, 6, 1)
    assert local(prompt_at(DAILY, day, TOKYO), TOKYO) == "01 09:00"
    assert local(prompt_at(replace(DAILY, zone="Europe/Berlin"), day, TOKYO), TOKYO) == "01 16:00"
    assert local(prompt_at(replace(DAILY, zone="Europe/Atlantis"), day, TOKYO), TOKYO) == "01 09:00"


def test_t07_a_nominal_date_is_one_date_wherever_somebody_is() -> None:
    monday = date(2026, 6, 1)
    in_tokyo, in_los_angeles = plan(DAILY, monday, TOKYO), plan(DAILY, monday, LOS_ANGELES)
    assert in_tokyo.slot == in_los_angeles.slot == monday
    assert in_los_angeles.at - in_tokyo.at == 16 * HOUR


def test_t08_whoever_flew_east_is_asked_12_hours_after_the_last_time_on_the_same_date() -> None:
    last = prompt_at(DAILY, date(2026, 6, 2), LOS_ANGELES)
    arrived = plan(DAILY, date(2026, 6, 3), TOKYO, last)
    assert local(arrived.at, TOKYO) == "03 13:00"
    assert "12 hours" in arrived.why
    assert local(plan(DAILY, date(2026, 6, 4), TOKYO, arrived.at).at, TOKYO) == "04 09:00"
    assert plan(DAILY, date(2026, 6, 3), LOS_ANGELES, last).why == ""
    late = replace(DAILY, at=time(17))
    from_samoa = prompt_at(late, date(2026, 6, 2), ZoneInfo("Pacific/Pago_Pago"))
    auckland = ZoneInfo("Pacific/Auckland")
    assert local(plan(late, date(2026, 6, 3), auckland, from_samoa).at, auckland) == "03 20:00"


@given(DATES, TIMES, ZONES, ZONES)
def test_t08_every_worked_date_has_one_prompt_and_12_hours_after_the_last_while_its_date_allows_it(
    day: date, at: time, before: ZoneInfo, now: ZoneInfo
) -> None:
    standup = replace(DAILY, at=at, rule="every day")
    last = prompt_at(standup, day, before)
    found, usual = plan(standup, day + DAY, now, last), prompt_at(standup, day + DAY, now)
    assert found.at >= usual
    assert found.at.astimezone(now).date() in {day + DAY, usual.astimezone(now).date()}
    evening = prompt_at(replace(standup, at=max(at, time(20))), day + DAY, now)
    assert found.at >= min(last + APART, evening)
    assert (found.at == usual) is (found.why == "")


def test_t09_t23_t24_what_is_late_is_said_within_the_limit_and_not_after() -> None:
    until = not_after(DAILY, NOON)
    assert until == NOON + 2 * HOUR
    assert lateness(NOON, until, NOON - MINUTE) == OnTime()
    assert lateness(NOON, until, NOON + LEEWAY) == OnTime()
    assert lateness(NOON, until, NOON + 34 * MINUTE) == LateBy(34 * MINUTE)
    assert lateness(NOON, until, until) == LateBy(2 * HOUR)
    missed = lateness(NOON, until, NOON + 3 * HOUR)
    assert missed == TooLate("It was due 3 hours ago, and is not said so late.")
    for late, words in ((DAY, "1 day ago"), (50 * HOUR, "2 days ago"), (61 * MINUTE, "1 hour ago")):
        found = lateness(NOON, NOON, NOON + late)
        assert isinstance(found, TooLate)
        assert words in found.reason


def test_t11_sc_07_a_change_of_the_rules_of_a_zone_moves_what_is_planned_anew() -> None:
    def rules(name: str) -> ZoneInfo:
        folder = next(Path(one) for one in TZPATH if (Path(one) / name).is_file())
        return ZoneInfo.from_file(BytesIO((folder / name).read_bytes()), key="Europe/Somewhere")

    before, after = rules("Etc/GMT-2"), rules("Etc/GMT-3")
    day = date(2026, 6, 1)
    assert prompt_at(DAILY, day, before) - prompt_at(DAILY, day, after) == HOUR
    assert local(prompt_at(DAILY, day, after), after) == "01 09:00"


def test_deadlines_cross_midnight_and_count_from_ones_own_prompt() -> None:
    evening = replace(DAILY, at=time(20), window=10 * HOUR)
    planned = plan(evening, date(2026, 6, 2), BERLIN)
    assert local(planned.deadline, BERLIN) == "03 06:00"
    assert deadline(evening, planned.at + 12 * MINUTE) == planned.deadline + 12 * MINUTE
    spring = plan(evening, date(2026, 3, 28), BERLIN)
    assert local(spring.deadline, BERLIN) == "29 07:00", "hours that pass, not hours on the wall"


def test_t25_no_prompt_without_time_to_reply_and_no_reminder_at_once() -> None:
    short = replace(DAILY, window=HOUR, late=2 * HOUR)
    assert not_after(short, NOON) == NOON + HOUR - TIME_TO_REPLY
    assert isinstance(lateness(NOON, not_after(short, NOON), NOON + 50 * MINUTE), TooLate)
    hasty = replace(DAILY, window=HOUR, reminders=(HOUR, 50 * MINUTE, 30 * MINUTE, -HOUR, 2 * HOUR))
    assert [one.at - NOON for one in reminders(hasty, NOON)] == [30 * MINUTE]
    tiny = replace(DAILY, window=10 * MINUTE)
    assert NOON < not_after(tiny, NOON) < deadline(tiny, NOON)
    assert reminders(tiny, NOON) == ()


def test_t25_of_reminders_that_were_missed_the_last_one_alone_is_said() -> None:
    first, second = reminders(replace(DAILY, reminders=(HOUR, 3 * HOUR, HOUR)), NOON)
    assert [first.at, second.at] == [NOON + 5 * HOUR, NOON + 7 * HOUR]
    assert [first.not_after, second.not_after] == [second.at, NOON + 8 * HOUR]
    back = NOON + 7 * HOUR + MINUTE
    assert isinstance(lateness(first.at, first.not_after, back), TooLate)
    assert lateness(second.at, second.not_after, back) == OnTime()


SPANS = st.timedeltas(timedelta(seconds=1), 3 * DAY)


@given(SPANS, SPANS, st.lists(st.timedeltas(-DAY, 3 * DAY), max_size=6))
def test_t25_a_reminder_is_never_soon_after_its_prompt_nor_at_the_deadline_or_later(
    window: timedelta, late: timedelta, before: list[timedelta]
) -> None:
    standup = replace(DAILY, window=window, late=late, reminders=tuple(before))
    assert NOON < not_after(standup, NOON) < deadline(standup, NOON)
    last = NOON
    for one in reminders(standup, NOON):
        assert last < one.at < one.not_after <= deadline(standup, NOON)
        assert one.at - NOON >= TIME_TO_REPLY
        last = one.at


def test_t21_a_prompt_at_another_moment_has_its_whole_window_and_its_reminders() -> None:
    back = NOON + 3 * HOUR
    found = plan_at(DAILY, date(2026, 6, 2), BERLIN, back, "You are away in the morning.")
    assert (found.at, found.deadline) == (back, back + DAILY.window)
    assert found.not_after == back + DAILY.late
    assert [one.at for one in found.reminders] == [back + DAILY.window - HOUR]
    assert found.why == "You are away in the morning."


def test_t19_a_daily_ritual_leaves_a_holiday_out_and_a_weekly_one_moves() -> None:
    off = {date(2026, 5, 14): "Ascension Day", date(2026, 5, 15): "Bridge"}.__contains__
    week = (date(2026, 5, 10), date(2026, 5, 20))
    assert [one.day for one in slots(DAILY, *week, off)] == [11, 12, 13, 18, 19, 20]
    assert [one.day for one in slots(WEEKLY, *week, off)] == [18]
    moved = replace(WEEKLY, rule="every weekday")
    assert [one.day for one in slots(moved, *week, off)] == [11, 12, 13, 18, 19, 20], "never two on one date"
    assert [one.day for one in slots(replace(WEEKLY, on_holiday=OnHoliday.SKIP), *week, off)] == []
    sunday_to_thursday = WorkWeek(frozenset({6, 0, 1, 2, 3}))
    assert [one.day for one in slots(WEEKLY, *week, off, sunday_to_thursday)] == [17]


def test_t19_the_holidays_of_a_team_are_those_that_everybody_has() -> None:
    def off(day: date) -> bool:
        return holiday_of_all(day, [("DE", "BY"), ("DE", "BE")]) is not None

    days = [one.day for one in slots(DAILY, date(2026, 5, 10), date(2026, 6, 5), off)]
    assert 14 not in days
    assert days[-2:] == [4, 5], "Corpus Christi is Bavaria's alone"


@settings(max_examples=300)
@given(
    st.sampled_from(
        ["every day", "every weekday", "every Thursday", "monthly on the 31st", "every 2 weeks on Mon"]
    ),
    st.sampled_from(OnHoliday),
    st.frozensets(st.integers(0, 120), max_size=25),
    DATES,
    st.integers(0, 60),
)
def test_t19_never_two_on_one_date_and_alike_through_every_window(
    rule: str, on_holiday: OnHoliday, holidays: frozenset[int], after: date, middle: int
) -> None:
    off: Callable[[date], bool] = {after + (n - 30) * DAY for n in holidays}.__contains__
    standup = replace(DAILY, rule=rule, on_holiday=on_holiday)
    found = list(slots(standup, after, after + 90 * DAY, off))
    cut = after + middle * DAY
    assert found == [*slots(standup, after, cut, off), *slots(standup, cut, after + 90 * DAY, off)]
    assert all(a < b for a, b in pairwise(found))
    assert not any(map(off, found))
    usual = list(slots(standup, after, after + 90 * DAY))
    assert {day for day in usual if not off(day)} <= set(found)
    if on_holiday is OnHoliday.SKIP:
        assert set(found) <= set(usual)


def test_t55_the_next_dates_are_those_still_to_come_in_each_zone() -> None:
    now = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
    shown = preview(DAILY, [BERLIN, NEW_YORK, BERLIN], now, count=2)
    assert shown == (
        Shown(date(2026, 6, 2), _wall(2), "Europe/Berlin", datetime(2026, 6, 2, 7, tzinfo=UTC)),
        Shown(date(2026, 6, 3), _wall(3), "Europe/Berlin", datetime(2026, 6, 3, 7, tzinfo=UTC)),
        Shown(date(2026, 6, 1), _wall(1), "America/New_York", datetime(2026, 6, 1, 13, tzinfo=UTC)),
        Shown(date(2026, 6, 2), _wall(2), "America/New_York", datetime(2026, 6, 2, 13, tzinfo=UTC)),
    )
    in_berlin = preview(replace(DAILY, zone="Europe/Berlin"), [BERLIN, NEW_YORK], now)
    assert [one.zone for one in in_berlin] == ["Europe/Berlin"] * 5
    over = replace(DAILY, rule="every weekday until 2026-06-02")
    assert len(preview(over, [BERLIN], now)) == 1


def test_t03_t04_the_preview_says_when_the_clocks_skip_a_time() -> None:
    at_night = replace(DAILY, at=time(2, 30), rule="every Sunday")
    skipped, usual = preview(at_night, [NEW_YORK], datetime(2026, 3, 5, tzinfo=UTC), count=2)
    assert (skipped.slot, skipped.wall.time()) == (date(2026, 3, 8), time(3))
    assert "clocks" in skipped.why
    assert usual.why == ""
    in_nuuk = replace(at_night, at=time(23, 30), rule="every Saturday")
    moved = preview(in_nuuk, [ZoneInfo("America/Nuuk")], datetime(2026, 3, 25, tzinfo=UTC), count=1)[0]
    assert (moved.slot, moved.wall.date()) == (date(2026, 3, 28), date(2026, 3, 29))


def test_a_yearly_ritual_shows_five_years() -> None:
    anniversary = replace(DAILY, rule="yearly on 29 February")
    shown = preview(anniversary, [BERLIN], datetime(2026, 6, 1, tzinfo=UTC))
    assert [f"{one.slot:%y-%m-%d}" for one in shown] == [
        "27-02-28",
        "28-02-29",
        "29-02-28",
        "30-02-28",
        "31-02-28",
    ]


def _wall(day: int) -> datetime:
    return datetime.combine(date(2026, 6, day), time(9))

"""Moments of local dates, in every zone, whatever the clocks do."""

from bisect import bisect_left
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.calendar import as_shown, moment, zone_named
from prompts.planning import slots
from prompts.ritual import Standup
from tests.prompts.zones import BEGIN, END, changes, clock_by_the_hour, different_zones, every_zone

MINUTE, QUARTER, DAY = timedelta(minutes=1), timedelta(minutes=15), timedelta(days=1)
HALF_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
ZONES = st.sampled_from(every_zone())
CHANGING = st.sampled_from(different_zones())


def first_shown(zone: ZoneInfo, begin: datetime, days: int) -> tuple[list[datetime], list[datetime]]:
    """Every quarter of an hour from `begin`, and the latest time that the clock has shown by then."""
    quarters = [begin + n * QUARTER for n in range(days * 96)]
    return quarters, list(accumulate((one.astimezone(zone).replace(tzinfo=None) for one in quarters), max))


def judge(zone: ZoneInfo, since: date, until: date) -> Counter[str]:
    """How often a time of day on a date is served never, twice, or at another moment than the first at which
    the clock shows it or later."""
    begin = datetime.combine(since, time(), UTC) - DAY
    quarters, shown = first_shown(zone, begin, (until - since).days + 3)
    found: Counter[str] = Counter()
    dates = [since + n * DAY for n in range((until - since).days + 1)]
    for at in HALF_HOURS:
        served = [moment(day, at, zone) for day in dates]
        expected = [quarters[bisect_left(shown, datetime.combine(day, at))] for day in dates]
        found["served"] += len(served)
        found["skipped"] += served.count(None)
        found["doubled"] += sum(b <= a for a, b in pairwise(one for one in served if one is not None))
        found["elsewhere"] += sum(one != other for one, other in zip(served, expected, strict=True))
    return found


def test_sc_01_around_every_change_in_every_zone_every_half_hour_is_served_once() -> None:
    found: Counter[str] = Counter()
    for zone in different_zones():
        for change in changes(zone):
            day = change.astimezone(zone).date()
            found += judge(zone, day - DAY, day + DAY)
    assert found["served"] > 50_000
    assert not found.keys() - {"served"}


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_sc_01_in_every_zone_on_every_date_every_half_hour_is_served_once() -> None:
    alike = {clock_by_the_hour(zone): zone for zone in every_zone()}
    found: Counter[str] = Counter()
    for zone in alike.values():
        found += judge(zone, BEGIN.date(), END.date())
    print(f"\n{len(every_zone())} zones, {len(alike)} of them different: {dict(found)}")
    assert not found.keys() - {"served"}


@settings(max_examples=60)
@given(CHANGING, st.data())
@pytest.mark.parametrize(
    "rule", ["every day", "every {weekday}", "monthly on the {number}th", "every 2 weeks on {weekday}"]
)
def test_sc_01_daily_weekly_and_monthly_rituals_miss_no_date_and_double_none(
    rule: str, zone: ZoneInfo, data: st.DataObject
) -> None:
    change = data.draw(st.sampled_from(changes(zone))).astimezone(zone).date()
    near = change + data.draw(st.integers(-1, 1)) * DAY
    at = data.draw(st.sampled_from(HALF_HOURS))
    named = rule.format(weekday=f"{near:%A}", number=max(near.day, 4))
    standup = Standup("Daily", (), (), named, at)
    found = list(slots(standup, near - 70 * DAY, near + 70 * DAY))
    moments = [moment(day, at, zone) for day in found]
    assert None not in moments
    assert all(a < b for a, b in pairwise(one for one in moments if one is not None))
    step = {"every day": DAY, "every {weekday}": 7 * DAY, "every 2 weeks on {weekday}": 14 * DAY}.get(rule)
    assert step is None or all(b - a == step for a, b in pairwise(found))
    assert step == 14 * DAY or near.day < 4 or near in found


@given(ZONES, st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.sampled_from(HALF_HOURS))
def test_sc_01_a_moment_is_at_its_time_or_at_the_end_of_the_gap_that_it_lies_in(
    zone: ZoneInfo, day: date, at: time
) -> None:
    found = moment(day, at, zone)
    assert found is not None
    local = found.astimezone(zone)
    assert found.utcoffset() == timedelta(0)
    assert local.fold == 0, "of a time that comes twice, the first"
    if (local.date(), local.time()) != (day, at):
        before = (found - MINUTE).astimezone(zone)
        assert before.replace(tzinfo=None) < datetime.combine(day, at) < local.replace(tzinfo=None)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Sydney"])
def test_t01_nine_every_day_of_a_year_is_365_times_nine_by_the_clock_on_the_wall(zone: str) -> None:
    days = [date(2026, 1, 1) + n * DAY for n in range(365)]
    found = [moment(day, time(9), ZoneInfo(zone)) for day in days]
    local = [one.astimezone(ZoneInfo(zone)) for one in found if one is not None]
    assert [one.date() for one in local] == days
    assert {one.time() for one in local} == {time(9)}
    assert len({one.time() for one in found if one is not None}) == 2, "in UTC, an hour apart"


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", date(2026, 3, 9)),
        ("Europe/Berlin", date(2026, 3, 30)),
        ("Australia/Sydney", date(2026, 10, 5)),
    ],
)
def test_t02_nothing_between_midnight_and_one_is_lost_after_the_clocks_go_forward(
    zone: str, day: date
) -> None:
    for at in (time(0), time(0, 30), time(0, 59)):
        for rule in ("every day", f"every {day:%A}", f"monthly on the {day.day}th"):
            found = slots(Standup("Digest", (), (), rule, at), day - 2 * DAY, day + 2 * DAY)
            moments = [moment(one, at, ZoneInfo(zone)) for one in found]
            local = [one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in moments if one]
            assert datetime.combine(day, at) in local
    first = moment(date(2026, 4, 1), time(0), ZoneInfo(zone))
    assert first is not None
    assert first.astimezone(ZoneInfo(zone)).date() == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("zone", "day", "at", "shown"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), time(3)),
        ("Africa/Cairo", date(2026, 4, 24), time(0, 30), time(1)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), time(2, 30)),
        ("Europe/Lisbon", date(2026, 3, 29), time(1, 30), time(2)),
    ],
)
def test_t03_a_time_that_the_clocks_leave_out_is_as_soon_as_they_show_a_later_one(
    zone: str, day: date, at: time, shown: time
) -> None:
    found = moment(day, at, ZoneInfo(zone))
    assert found is not None
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(day, shown)


def test_t04_a_gap_at_the_end_of_a_day_comes_just_after_midnight_and_once() -> None:
    nuuk = ZoneInfo("America/Nuuk")
    found = [moment(date(2026, 3, day), time(23, 30), nuuk) for day in (27, 28, 29)]
    local = [f"{one.astimezone(nuuk):%d %H:%M}" for one in found if one is not None]
    assert local == ["27 23:30", "29 00:00", "29 23:30"]


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30:00+00:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30:00+00:00"),
        ("Africa/Cairo", date(2026, 10, 29), time(23, 30), "2026-10-29T20:30:00+00:00"),
        ("America/Havana", date(2026, 11, 1), time(0, 30), "2026-11-01T04:30:00+00:00"),
    ],
)
def test_t05_a_time_that_comes_twice_counts_the_first_time(zone: str, day: date, at: time, utc: str) -> None:
    assert moment(day, at, ZoneInfo(zone)) == datetime.fromisoformat(utc)


def test_t06_one_nominal_monday_spreads_over_25_hours_and_nobody_is_asked_at_night() -> None:
    names = ("Pacific/Kiritimati", "Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles", "Pacific/Pago_Pago")
    found = [moment(date(2026, 6, 1), time(9, 30), ZoneInfo(name)) for name in names]
    moments = [one for one in found if one is not None]
    assert len(moments) == len(names)
    assert moments == sorted(moments)
    assert moments[-1] - moments[0] == timedelta(hours=25)
    local = [one.astimezone(ZoneInfo(name)) for one, name in zip(moments, names, strict=True)]
    assert {(one.date(), one.time()) for one in local} == {(date(2026, 6, 1), time(9, 30))}


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Olympus", "US/Nowhere", "America", "../etc/passwd", "\x00", "Ä" * 300]
)
def test_t10_sc_07_a_zone_that_is_missing_unknown_or_removed_gives_way_with_a_reason(
    name: str | None,
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = zone_named(name, berlin)
    assert found.zone is berlin
    assert "Europe/Berlin" in found.reason
    assert len(found.reason) < 200


def test_sc_07_a_renamed_zone_is_still_known_by_its_old_name() -> None:
    for old, new in (("Asia/Calcutta", "Asia/Kolkata"), ("Europe/Kiev", "Europe/Kyiv")):
        found = zone_named(old, ZoneInfo("UTC"))
        assert not found.reason
        assert moment(date(2026, 6, 1), time(9), found.zone) == moment(
            date(2026, 6, 1), time(9), ZoneInfo(new)
        )


def test_a_date_that_a_zone_left_out_has_no_moment_and_is_shown_as_the_next_day() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert moment(date(2011, 12, 30), time(3), apia) is None
    assert as_shown(date(2011, 12, 30), time(3), apia) == datetime(2011, 12, 30, 10, tzinfo=UTC)

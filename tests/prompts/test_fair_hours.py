"""Fair hours: whatever zones and their clocks do, nobody bears much more than has to be borne."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import exp
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.fair_hours import burden, fair_start

ZONES = [
    ZoneInfo(name)
    for name in (
        "Pacific/Pago_Pago", "America/Los_Angeles", "America/New_York", "America/St_Johns",
        "America/Sao_Paulo", "UTC", "Europe/Lisbon", "Europe/Berlin", "Africa/Nairobi",
        "Asia/Kolkata", "Asia/Kathmandu",
        "Asia/Tokyo", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Kiritimati",
    )
]  # fmt: skip
NOON = time(12, 30)
A_WEEK = timedelta(days=7)


def season(zones: Sequence[ZoneInfo], first: date, count: int) -> tuple[list[float], float]:
    """What each zone has borne after so many weekly talks, and the most that one talk has burdened one of
    them with."""
    borne, worth = dict.fromkeys(zones, 0.0), 0.0
    for week in range(count):
        starts = fair_start(first + week * A_WEEK, NOON, zones[0], 45, borne)
        for zone in zones:
            borne[zone] += burden(starts, 45, zone)
            worth = max(worth, burden(starts, 45, zone))
    return list(borne.values()), worth


def fairest(zones: Sequence[ZoneInfo], days: Sequence[date], steps: int = 700) -> float:
    """What the most burdened zone bears over some days where every talk may be cut into small pieces, each
    at an hour of its own; a little more than the least there is."""
    pieces = max(1, steps // len(days))
    hours = [
        [
            [burden(datetime(day.year, day.month, day.day, tzinfo=UTC) + n * timedelta(minutes=15), 45, zone)
             for zone in zones]
            for n in range(96)
        ]
        for day in days
    ]  # fmt: skip
    totals = [0.0] * len(zones)
    for _ in range(pieces):
        for of_day in hours:
            most = max(totals)
            weights = [exp((one - most) / 20) for one in totals]
            chosen = min(of_day, key=lambda one: sum(a * b for a, b in zip(one, weights, strict=True)))
            totals = [a + b / pieces for a, b in zip(totals, chosen, strict=True)]
    return max(totals)


@pytest.mark.parametrize(
    ("clock", "minutes", "outside"),
    [("09:00", 45, 0), ("17:15", 45, 0), ("17:30", 45, 15), ("08:30", 45, 30), ("23:00", 45, 345),
     ("03:00", 45, 360), ("12:00", 480, 120)],
)  # fmt: skip
def test_a_burden_is_how_far_a_talk_reaches_out_of_the_day(clock: str, minutes: int, outside: int) -> None:
    starts = datetime.combine(date(2026, 3, 5), time.fromisoformat(clock), ZoneInfo("Asia/Kolkata"))
    assert burden(starts, minutes, ZoneInfo("Asia/Kolkata")) == outside


def test_an_hour_that_suits_all_is_the_nearest_to_the_wanted_one() -> None:
    zones = dict.fromkeys((ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")), 0.0)
    day = date(2026, 3, 5)
    assert fair_start(day, NOON, ZoneInfo("Europe/Lisbon"), 45, zones) == datetime(
        2026, 3, 5, 12, 30, tzinfo=UTC
    )
    late = fair_start(day, time(20), ZoneInfo("Europe/Lisbon"), 45, zones)
    assert late == datetime(2026, 3, 5, 16, 15, tzinfo=UTC), "half past five at the latest in Berlin"
    assert fair_start(day, NOON, ZoneInfo("Europe/Lisbon"), 45, {}).hour == 12, "nobody is known"


@given(
    st.lists(st.sampled_from(ZONES), min_size=2, max_size=2, unique=True),
    st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    st.integers(2, 14),
)
@settings(max_examples=12, deadline=None)
def test_two_zones_bear_the_same_but_for_one_talk(zones: list[ZoneInfo], first: date, count: int) -> None:
    borne, worth = season(zones, first, count)
    assert abs(borne[0] - borne[1]) <= worth


@given(
    st.lists(st.sampled_from(ZONES), min_size=3, max_size=6, unique=True),
    st.dates(date(2026, 1, 1), date(2026, 12, 1)),
)
@settings(max_examples=5, deadline=None)
def test_the_largest_burden_is_within_one_talk_of_the_fairest(zones: list[ZoneInfo], first: date) -> None:
    count = 10
    borne, worth = season(zones, first, count)
    days = [first + week * A_WEEK for week in range(count)]
    assert max(borne) <= fairest(zones, days) + worth


def test_the_best_for_one_talk_is_not_always_the_best_for_all() -> None:
    """Who always takes the hour by which the largest burden is the least right then does worse than this."""
    names = ("Asia/Dhaka", "Atlantic/Azores", "Pacific/Kiritimati", "America/Regina", "Pacific/Guadalcanal")
    zones, day, count = [ZoneInfo(name) for name in names], date(2026, 1, 5), 60
    borne, worth = dict.fromkeys(zones, 0.0), 0.0
    for _ in range(count):
        starts = fair_start(day, NOON, zones[0], 45, borne)
        burdens = [burden(starts, 45, zone) for zone in zones]
        borne = {zone: total + more for (zone, total), more in zip(borne.items(), burdens, strict=True)}
        worth = max(worth, *burdens)
    assert max(borne.values()) <= count * fairest(zones, [day]) + worth


def test_over_a_change_of_clocks_wall_times_are_those_of_the_day() -> None:
    """Lisbon goes to summer time on 29 March 2026, New York on the 8th already."""
    zones = dict.fromkeys((ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York")), 0.0)
    for day in (date(2026, 3, 5), date(2026, 3, 12), date(2026, 4, 2)):
        starts = fair_start(day, NOON, ZoneInfo("Europe/Lisbon"), 45, zones)
        assert all(burden(starts, 45, zone) == 0 for zone in zones)

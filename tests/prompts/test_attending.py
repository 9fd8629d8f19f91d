"""Seats, waiting lists, and when people are reminded."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from prompts.attending import Facts, Seats, day_before, shortly_before
from tests.prompts.zones import every_zone

PEOPLE = st.sampled_from("abcdefg")
STEPS = st.lists(st.tuples(st.sampled_from(("wants", "leaves")), PEOPLE), max_size=40)


@given(STEPS, st.none() | st.integers(0, 4))
def test_whoever_came_first_has_a_seat_and_nobody_waits_beside_a_free_one(
    steps: list[tuple[str, str]], capacity: int | None
) -> None:
    seats = Seats()
    for step, person in steps:
        before = seats
        seats = seats.wanted_by(person, capacity) if step == "wants" else seats.left_by([person], capacity)
        assert len({*seats.taken, *seats.waiting}) == len(seats.taken) + len(seats.waiting)
        assert (person in (*seats.taken, *seats.waiting)) == (step == "wants")
        if capacity is None:
            assert not seats.waiting
        else:
            assert len(seats.taken) <= capacity
            assert not seats.waiting or len(seats.taken) == capacity
        stayed = [one for one in before.waiting if one in seats.waiting]
        assert stayed == [one for one in seats.waiting if one in before.waiting], "the turns stay"
        moved_up = [one for one in seats.taken if one in before.waiting]
        rest = [one for one in before.waiting if one != person]
        assert moved_up == rest[: len(moved_up)], "who waits longest moves up first"


def test_with_fewer_seats_nobody_loses_theirs_and_with_more_those_who_wait_move_up() -> None:
    full = Seats(("a", "b", "c"), ("d", "e"))
    assert full.filled(1) == full
    assert full.left_by(["a"], 1) == Seats(("b", "c"), ("d", "e"))
    assert full.filled(4) == Seats(("a", "b", "c", "d"), ("e",))
    assert full.filled(None) == Seats(("a", "b", "c", "d", "e"))


MINUTES = st.integers(0, 3 * 365 * 24 * 60)
"""Since the beginning of 2025, in UTC."""


@given(MINUTES, st.sampled_from(every_zone()))
def test_t65_everybody_is_reminded_on_their_own_day_before_by_daylight(minutes: int, zone: ZoneInfo) -> None:
    starts = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    told, local = day_before(starts, zone).astimezone(zone), starts.astimezone(zone)
    assert told.date() == local.date() - timedelta(days=1)
    assert 9 * 60 <= told.hour * 60 + told.minute <= 17 * 60
    if 9 <= local.hour < 17:
        assert told.time() == local.time(), "at the same time by their clock, whatever the clocks did between"


def test_t65_the_day_before_has_the_same_wall_time_over_a_change_of_the_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    starts = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)  # 12:30, on the day on which an hour was left out
    assert day_before(starts, berlin) == datetime(2026, 3, 28, 11, 30, tzinfo=UTC)
    assert shortly_before(starts) == datetime(2026, 3, 29, 10, 20, tzinfo=UTC)


def test_what_was_told_comes_back_from_the_journal() -> None:
    facts = Facts(1.5, 45, "Room 1", "Caches", cancelled=True)
    assert Facts.from_json(facts.to_json()) == facts

"""The clock that tests move by hand."""

from datetime import UTC, datetime, timedelta, timezone

from tests.fakes import MONDAY, FakeClock


def test_a_fake_clock_tells_one_time_in_two_ways() -> None:
    clock = FakeClock()
    clock.advance(timedelta(hours=2))
    assert clock() == MONDAY + timedelta(hours=2)
    assert clock.seconds() == clock().timestamp()
    clock.move(datetime(2026, 3, 2, 1, 0, tzinfo=timezone(timedelta(hours=5))))
    assert clock() == datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
    assert clock().tzinfo is UTC


def test_a_flowing_clock_goes_on_from_where_it_was_moved_to() -> None:
    clock = FakeClock(flowing=True)
    clock.move(MONDAY + timedelta(days=1))
    seen = clock()
    while clock() == seen:
        pass
    assert seen >= MONDAY + timedelta(days=1)
    assert clock() > seen

"""Several processes on PostgreSQL answer and say everything once, whatever is repeated, limited or killed."""

from collections import Counter
from pathlib import Path

import pytest

from tests.torture.several import Count, storm_of_events, storm_of_kills, storm_of_posts


def once(count: Count, names: list[str]) -> None:
    print(count)
    assert count.said == Counter(names)


@pytest.mark.timeout(300)
def test_sp06_a_hundred_events_one_to_four_times_shuffled_at_two_processes(
    tmp_path: Path, postgres_address: str
) -> None:
    once(storm_of_events(tmp_path, postgres_address, 100), [f"q{n}" for n in range(100)])


@pytest.mark.timeout(300)
def test_sp10_posts_of_two_processes_keep_slacks_limits_and_none_is_early_or_twice(
    tmp_path: Path, postgres_address: str
) -> None:
    count = storm_of_posts(tmp_path, postgres_address, 100, 10)
    once(count, [f"post {n:05}" for n in range(100)])
    assert count.limited > 0, "Slack's limits were met"
    assert count.early == 0


@pytest.mark.timeout(300)
def test_two_processes_that_are_killed_in_turn_lose_nothing_and_say_nothing_twice(
    tmp_path: Path, postgres_address: str
) -> None:
    count = storm_of_kills(tmp_path, postgres_address, 10)
    print(count)
    assert set(count.said.values()) == {1}, count.said


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_sp06_ten_thousand_events(tmp_path: Path, postgres_address: str) -> None:
    once(storm_of_events(tmp_path, postgres_address, 10_000), [f"q{n}" for n in range(10_000)])


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_sp10_a_thousand_posts_over_twenty_channels(tmp_path: Path, postgres_address: str) -> None:
    count = storm_of_posts(tmp_path, postgres_address, 1000, 20)
    once(count, [f"post {n:05}" for n in range(1000)])
    assert count.limited > 0
    assert count.early == 0


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_three_processes_are_killed_three_hundred_times(tmp_path: Path, postgres_address: str) -> None:
    count = storm_of_kills(tmp_path, postgres_address, 300, processes=3, seed=2)
    print(count)
    assert set(count.said.values()) == {1}, {name: n for name, n in count.said.items() if n != 1}

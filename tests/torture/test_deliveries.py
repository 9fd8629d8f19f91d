"""What rituals have planned is said once, whoever of those that say it is killed or suspended, and when."""

from pathlib import Path

import pytest

from tests.torture.deliveries import storm_of_deliveries


@pytest.mark.timeout(300)
def test_sc_03_sc_04_t27_deliveries_of_workers_that_are_killed_and_suspended_are_said_once(
    tmp_path: Path, postgres_address: str
) -> None:
    toll = storm_of_deliveries(
        tmp_path, postgres_address, wanted=120, people=30, kills=8, workers=2, suspensions=1
    )
    print(toll)
    assert (toll.lost, toll.doubled) == (0, 0), toll


@pytest.mark.timeout(300)
def test_sc_04_t29_the_usual_way_says_some_of_them_twice(tmp_path: Path, postgres_address: str) -> None:
    toll = storm_of_deliveries(
        tmp_path, postgres_address, wanted=120, people=30, kills=4, workers=2, kind="naive rituals"
    )
    print(toll)
    assert toll.doubled > 0, toll


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_sc_03_sc_04_t27_ten_thousand_deliveries_four_workers_two_hundred_kills(
    tmp_path: Path, postgres_address: str
) -> None:
    toll = storm_of_deliveries(
        tmp_path, postgres_address, wanted=10_000, people=500, kills=200, suspensions=10, seed=2
    )
    print(toll)
    assert (toll.lost, toll.doubled) == (0, 0), toll


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_sc_04_ten_thousand_deliveries_in_the_usual_way(tmp_path: Path, postgres_address: str) -> None:
    toll = storm_of_deliveries(
        tmp_path, postgres_address, wanted=10_000, people=500, kills=200, kind="naive rituals", seed=2
    )
    print(toll)
    assert toll.doubled > 0, toll

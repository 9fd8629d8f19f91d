"""Nothing acknowledged is lost and nothing is said twice, whenever the process is killed."""

from pathlib import Path

import pytest

from tests.torture.bots import STEPS
from tests.torture.endings import ended_under_load
from tests.torture.harness import torture
from tests.torture.load import load


@pytest.mark.timeout(600)
def test_sp28_sixty_kills_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    toll = torture("lore", tmp_path, kills=60)
    print(toll)
    assert (toll.lost, toll.doubled) == (0, 0), toll
    assert toll.kills == 60
    assert {*STEPS, "any moment"} <= set(toll.steps), "every step was died at"


@pytest.mark.timeout(300)
def test_the_naive_way_loses_what_it_acknowledged(tmp_path: Path) -> None:
    """The harness sees a loss where there is one."""
    toll = torture("naive", tmp_path, kills=15)
    print(toll)
    assert toll.lost > 0, toll


def test_sp20_with_a_hung_answerer_every_event_is_acknowledged_at_once(tmp_path: Path) -> None:
    acks = load(tmp_path, per_second=50, for_s=4)
    assert (len(acks.seconds), acks.unacknowledged) == (200, 0)
    assert acks.attempts == 200, "Slack had to repeat nothing"


def test_op02_over_http_every_event_is_acknowledged_at_once_beside_a_hung_answerer(tmp_path: Path) -> None:
    acks = load(tmp_path, per_second=50, for_s=4, http=True)
    assert (len(acks.seconds), acks.unacknowledged) == (200, 0)
    assert acks.attempts == 200, "Slack had to repeat nothing"


@pytest.mark.parametrize("http", [False, True])
def test_op06_a_bot_that_is_told_to_end_under_load_drains_and_the_next_one_goes_on(
    tmp_path: Path, http: bool
) -> None:
    end = ended_under_load(tmp_path, questions=60, http=http)
    print(end)
    assert end.code == 0, "it ended by itself, in order"
    assert end.waiting > 0, "more was taken in than could be drained"
    assert (end.lost, end.doubled) == (0, 0)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_st01_a_thousand_kills_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    toll = torture("lore", tmp_path, kills=1000, seed=2, quiet_s=120)
    print(f"\nLore:      {toll}")
    assert (toll.lost, toll.doubled) == (0, 0), toll


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_st01_three_hundred_kills_of_streamed_answers(tmp_path: Path) -> None:
    toll = torture("streaming", tmp_path, kills=300, seed=3, quiet_s=120)
    print(f"\nstreamed:  {toll}")
    assert (toll.lost, toll.doubled, toll.unfinished) == (0, 0, 0), toll


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_the_naive_way_beside_it(tmp_path: Path) -> None:
    toll = torture("naive", tmp_path, kills=100, seed=2)
    print(f"\nnaive way: {toll}")
    assert toll.lost > 0, toll

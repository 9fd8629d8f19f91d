"""Over HTTP too, nothing acknowledged is lost and nothing is said twice, whenever the process is killed."""

from pathlib import Path

import pytest

from tests.torture.bots import STEPS
from tests.torture.harness import torture


@pytest.mark.timeout(600)
def test_sp28_forty_kills_over_http_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    toll = torture("lore", tmp_path, kills=40, http=True)
    print(toll)
    assert (toll.lost, toll.doubled) == (0, 0), toll
    assert {*STEPS, "any moment"} <= set(toll.steps), "every step was died at"

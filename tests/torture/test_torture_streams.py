"""Answers that are shown while they are written are finished, once, whenever the process is killed."""

from pathlib import Path

import pytest

from tests.torture.harness import torture
from tests.torture.streaming import STREAM_STEPS


@pytest.mark.timeout(600)
def test_sp28_forty_kills_of_streamed_answers_lose_nothing_and_leave_nothing_unfinished(
    tmp_path: Path,
) -> None:
    toll = torture("streaming", tmp_path, kills=40)
    print(toll)
    assert (toll.lost, toll.doubled, toll.unfinished) == (0, 0, 0), toll
    assert {*STREAM_STEPS, "any moment"} <= set(toll.steps), "every step was died at"

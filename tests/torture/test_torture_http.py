"""Over HTTP too, nothing acknowledged is lost and nothing is said twice, whenever the process is killed."""

from pathlib import Path

import pytest

from tests.torture.bots import STEPS
from tests.torture.harness import torture
from tests.torture.load import load
from tests.torture.slow_clients import slow_clients


@pytest.mark.timeout(600)
def test_sp28_forty_kills_over_http_lose_nothing_and_say_nothing_twice(tmp_path: Path) -> None:
    toll = torture("lore", tmp_path, kills=40, http=True)
    print(toll)
    assert (toll.lost, toll.doubled) == (0, 0), toll
    assert {*STEPS, "any moment"} <= set(toll.steps), "every step was died at"


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_sp19_beside_a_thousand_slow_clients_every_event_is_acknowledged_at_its_first_attempt(
    tmp_path: Path,
) -> None:
    """Slack takes an attempt for failed after three seconds; ten a second are its cap for an hour."""
    acks = load(tmp_path, per_second=10, for_s=60, kind="lore", http=True, beside=slow_clients)
    print(f"\nbeside a thousand slow clients: {len(acks.seconds)} of 600, {acks.attempts} attempts")
    assert (len(acks.seconds), acks.unacknowledged) == (600, 0)
    assert acks.attempts == 600, "Slack had to repeat nothing"

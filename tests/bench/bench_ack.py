"""How soon events are acknowledged for a minute while the answerer hangs: at 100 a second, and at 10 a second
(Slack's cap is 30,000 an hour) beside 1,000 slow clients."""

import tempfile
from pathlib import Path

from tests.torture.load import Acks, load
from tests.torture.slow_clients import slow_clients

PER_SECOND = 100
BESIDE_SLOW_CLIENTS = 10
FOR_S = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _tell("Socket Mode", load(Path(folder), PER_SECOND, FOR_S))
    with tempfile.TemporaryDirectory() as folder:
        _tell("HTTP", load(Path(folder), PER_SECOND, FOR_S, http=True))
    with tempfile.TemporaryDirectory() as folder:
        acks = load(Path(folder), BESIDE_SLOW_CLIENTS, FOR_S, http=True, beside=slow_clients)
        _tell("HTTP beside 1,000 slow clients", acks, BESIDE_SLOW_CLIENTS)


def _tell(way: str, acks: Acks, per_second: int = PER_SECOND) -> None:
    sent = per_second * FOR_S
    print(f"{way}: events acknowledged: {len(acks.seconds)} of {sent} (attempts: {acks.attempts})")
    for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0)):
        print(f"{way}: acknowledgement {name}: {acks.quantile(part) * 1000:.0f} ms")
    late = sum(1 for seconds in acks.seconds if seconds > 3)
    print(f"{way}: over 3 s: {late}")

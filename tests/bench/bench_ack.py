"""How soon events are acknowledged at 100 a second for a minute while the answerer hangs."""

import tempfile
from pathlib import Path

from tests.torture.load import Acks, load
from tests.torture.slow_clients import slow_clients

PER_SECOND = 100
FOR_S = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _tell("Socket Mode", load(Path(folder), PER_SECOND, FOR_S))
    with tempfile.TemporaryDirectory() as folder:
        _tell("HTTP", load(Path(folder), PER_SECOND, FOR_S, http=True))
    with tempfile.TemporaryDirectory() as folder:
        acks = load(Path(folder), PER_SECOND, FOR_S, http=True, beside=slow_clients)
        _tell("HTTP beside 1,000 slow clients", acks)


def _tell(way: str, acks: Acks) -> None:
    print(
        f"{way}: events acknowledged: {len(acks.seconds)} of {PER_SECOND * FOR_S} (attempts: {acks.attempts})"
    )
    for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0)):
        print(f"{way}: acknowledgement {name}: {acks.quantile(part) * 1000:.0f} ms")
    late = sum(1 for seconds in acks.seconds if seconds > 3)
    print(f"{way}: over 3 s: {late}")

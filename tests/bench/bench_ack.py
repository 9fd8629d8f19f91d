"""How soon events are acknowledged at 100 a second for a minute while the answerer hangs."""

import tempfile
from pathlib import Path

from tests.torture.load import Acks, load

PER_SECOND = 100
FOR_S = 60


def main() -> None:
    for way, http in (("Socket Mode", False), ("HTTP", True)):
        with tempfile.TemporaryDirectory() as folder:
            _tell(way, load(Path(folder), PER_SECOND, FOR_S, http=http))


def _tell(way: str, acks: Acks) -> None:
    print(
        f"{way}: events acknowledged: {len(acks.seconds)} of {PER_SECOND * FOR_S} (attempts: {acks.attempts})"
    )
    for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0)):
        print(f"{way}: acknowledgement {name}: {acks.quantile(part) * 1000:.0f} ms")
    late = sum(1 for seconds in acks.seconds if seconds > 3)
    print(f"{way}: over 3 s: {late}")

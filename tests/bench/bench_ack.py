"""How soon events are acknowledged at 100 a second for a minute while the answerer hangs."""

import tempfile
from pathlib import Path

from tests.torture.load import load

PER_SECOND = 100
FOR_S = 60


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        acks = load(Path(folder), PER_SECOND, FOR_S)
    print(f"events acknowledged: {len(acks.seconds)} of {PER_SECOND * FOR_S} (attempts: {acks.attempts})")
    for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0)):
        print(f"acknowledgement {name}: {acks.quantile(part) * 1000:.0f} ms")
    late = sum(1 for seconds in acks.seconds if seconds > 3)
    print(f"over 3 s: {late}")

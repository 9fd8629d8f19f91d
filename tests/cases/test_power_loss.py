"""A disk that fails to sync, and one that loses its power: what was acknowledged is there all the same."""

import os
import random
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.journal.tables import inbox
from knowledge.adapters.database import open_database

HERE = Path(__file__).parent
EVENTS, LOSSES = 60, 60


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The disk of `disk.c`, to be loaded before everything else."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("the disk needs Linux and a C compiler")
    made = tmp_path_factory.mktemp("disk") / "disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, HERE / "disk.c", "-ldl"], check=True)
    return made


def take_in(disk: Path, folder: Path, **fails: str) -> list[str]:
    """What a process says that takes events in on this disk."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE.parents[1]),
        "LD_PRELOAD": str(disk),
        "DISK_LOG": str(folder / "log"),
        **fails,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.cases.acknowledging", str(folder / "lore.db"), str(EVENTS)],
        env=environment,
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def stored(database: Path) -> set[int]:
    opened = open_database(database)
    with opened.reading() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        found = {int(one) for one in connection.execute(select(inbox.c.text)).scalars()}
    opened.close()
    return found


@pytest.mark.parametrize("at", [3, 17, 40])
def test_st10_what_could_not_be_synced_is_not_acknowledged(disk: Path, tmp_path: Path, at: int) -> None:
    said = take_in(disk, tmp_path, DISK_FAILS_AT=str(at), DISK_FAILS_FOR="5")
    acknowledged = {int(line.split()[1]) for line in said if line.startswith("acknowledged")}
    refused = {int(line.split()[1]) for line in said if line.startswith("refused")}
    assert refused
    assert max(acknowledged) == EVENTS - 1, "it goes on when the disk does"
    assert acknowledged <= stored(tmp_path / "lore.db")


@dataclass
class Lost:
    """A disk as the power leaves it: all that was synced, and any part of what was not."""

    synced: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[str, int, bytes]] = field(default_factory=list)

    def sync(self) -> None:
        for change in self.waiting:
            _apply(self.synced, *change)
        self.waiting.clear()

    def after_loss(self, chance: random.Random) -> bytes:
        left = bytearray(self.synced)
        share = chance.choice([0.0, 0.5, 1.0])
        for what, at, data in self.waiting:
            if chance.random() < share:
                torn = data[: chance.randrange(len(data) + 1) // 512 * 512] if chance.random() < 0.3 else data
                _apply(left, what, at, torn)
        return bytes(left)


def _apply(content: bytearray, what: str, at: int, data: bytes) -> None:
    if what == "T":
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    if len(content) < at + len(data):
        content.extend(bytes(at + len(data) - len(content)))
    content[at : at + len(data)] = data


def operations(log: Path) -> list[tuple[str, str, int, bytes]]:
    content, found, at = log.read_bytes(), [], 0
    while at < len(content):
        what, file = chr(content[at]), chr(content[at + 1])
        where, size = struct.unpack_from("<qq", content, at + 2)
        at += 18
        data = content[at : at + size] if what == "P" else b""
        at += len(data)
        found.append((what, file, where, data))
    return found


def test_st10_after_a_loss_of_power_everything_acknowledged_is_there(disk: Path, tmp_path: Path) -> None:
    take_in(disk, tmp_path)
    done = operations(tmp_path / "log")
    assert sum(what == "A" for what, *_ in done) == EVENTS
    assert any((what, file) == ("S", "W") for what, file, *_ in done)
    first = next(n for n, (what, *_) in enumerate(done) if what == "A")
    chance = random.Random(10)
    for loss in range(LOSSES):
        until = chance.randrange(first, len(done))
        files = {"D": Lost(), "W": Lost()}
        acknowledged: set[int] = set()
        for what, file, at, data in done[:until]:
            match what:
                case "A":
                    acknowledged.add(at)
                case "S":
                    files[file].sync()
                case _:
                    files[file].waiting.append((what, at, data))
        folder = tmp_path / f"{loss}"
        folder.mkdir()
        (folder / "lore.db").write_bytes(files["D"].after_loss(chance))
        (folder / "lore.db-wal").write_bytes(files["W"].after_loss(chance))
        assert acknowledged <= stored(folder / "lore.db")

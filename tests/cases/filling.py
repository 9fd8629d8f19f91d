"""A small disk that fills while a team syncs: run by `test_full_disks.py` beside a file system of its own.

For each number of free kilobytes: pages change, the disk is filled up to that, the team syncs, somebody asks,
room is made, the team syncs again. What went wrong ends the process; the last line counts what happened.
"""

import os
import random
import sys
from collections import Counter
from pathlib import Path

from knowledge.errors import LoreError
from tests.sources import Team, reference

PAGES = 60
WORDS = ("alpha", "beta", "gamma", "delta", "page", "words", "about", "nodes")


def main(disk: Path, elsewhere: Path, indexed: bool, free: list[int]) -> None:
    random.seed(5)
    team = Team(disk / "data", indexed=indexed, remote=frozenset({"wiki"}))
    change(team, 0)
    team.sync()
    seen, happened = team.seen(), Counter[str]()
    for turn, kilobytes in enumerate(free, 1):
        change(team, turn)
        filler = fill(disk, kilobytes)
        try:
            team.sync()
            happened["done"] += 1
        except LoreError as error:
            said = str(error)
            happened[said.split(":")[0].split(" in ")[0]] += 1
            assert "\n" not in said, said
            assert "Traceback" not in said, said
        after = reference(team, elsewhere / f"reference{turn}")
        now = asked(team)
        assert now in (seen, after), f"with {kilobytes} kB free, neither the old nor the new version"
        filler.unlink()
        team.sync()
        assert asked(team) == after, f"after {kilobytes} kB there is room again, and it does not heal"
        seen = after
    print(dict(happened))


def asked(team: Team) -> object:
    """What a reader that opens now sees, and whether it finds anything by meaning."""
    fresh = Team(team.data, indexed=team.indexed)
    assert fresh.found("what about page words"), "nothing is found"
    seen = fresh.seen()
    fresh.store.database.close()
    return seen


def change(team: Team, turn: int) -> None:
    for n in range(PAGES):
        if turn == 0 or n % 7 == turn % 7:
            words = " ".join(random.choices(WORDS, k=300))
            team.wiki[f"p{n}.md"] = f"Page {n}\n\nWords of page {n} at turn {turn}.\n\n{words}"
    team.wiki.pop(f"new{turn - 1}.md", None)
    team.wiki[f"new{turn}.md"] = f"New {turn}\n\nOf turn {turn}."


def fill(disk: Path, leaving: int) -> Path:
    """Fill the disk but for so many kilobytes."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        room = os.statvfs(disk)
        file.write(bytes(max(0, room.f_bavail * room.f_frsize - leaving * 1024)))
    return filler


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "indexed", [int(n) for n in sys.argv[4:]])

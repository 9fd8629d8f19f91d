"""Kills syncs: a process syncs until it dies at a named step, a statement or a moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event

from ingest.sources import Item, Listed, Reading, Source
from knowledge.adapters.generations import Generations
from knowledge.adapters.vectors import VersionReader
from knowledge.ports import Index
from tests.fakes import HashEmbedder
from tests.records import RESEARCH
from tests.sources import NoGenerations, State, Team, reference

ROOT = Path(__file__).parents[2]
STEPS = ("list", "fetch", "cut", "embed", "build", "built", "point", "pointed", "sweep", "swept")
"""Named steps; each is also counted, and any SQL statement is a step of its own."""


@dataclass(frozen=True)
class Death:
    """Where a sync is killed: at the `count`th time of a step, or after some seconds."""

    step: str
    count: int = 1
    seconds: float = 0.0

    def __str__(self) -> str:
        return f"after {self.seconds:.2f} s" if self.step == "time" else f"{self.step} {self.count}"


class Mortal:
    """Counts steps and kills this process at the one that was chosen."""

    def __init__(self, death: Death) -> None:
        self.death = death
        self.left = death.count

    def passes(self, step: str) -> None:
        if step == self.death.step:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalEmbedder(HashEmbedder):
    def __init__(self, mortal: Mortal) -> None:
        super().__init__()
        self.mortal = mortal

    def embed(self, texts: Any) -> Any:
        self.mortal.passes("embed")
        return super().embed(texts)


class MortalGenerations:
    """Generations, or the record alone, with a step before and after whatever they do."""

    def __init__(self, inner: Generations | NoGenerations, mortal: Mortal) -> None:
        self.inner = inner
        self.mortal = mortal

    def lock(self, purpose: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        return self.inner.lock(purpose, wait_s)

    def build(self, version: int) -> str:
        return self._around("build", "built", lambda: self.inner.build(version))

    def current(self) -> Index:
        return self.inner.current()

    def trial(self, name: str, version: int) -> AbstractContextManager[Index]:
        return self.inner.trial(name, version)

    def discard(self, name: str) -> None:
        self.inner.discard(name)

    def point_to(self, name: str) -> None:
        self._around("point", "pointed", lambda: self.inner.point_to(name))

    def settle(self) -> None:
        self.inner.settle()

    def sweep(self) -> None:
        self._around("sweep", "swept", self.inner.sweep)

    def _around(self, before: str, after: str, work: Callable[[], Any]) -> Any:
        self.mortal.passes(before)
        done = work()
        self.mortal.passes(after)
        return done


class Nursery:
    """A process of its own that forks syncs, so that one starts in milliseconds and inherits no threads."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.syncs"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT)},
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def sync(self, data: Path, turn: int, indexed: bool, death: Death) -> bool:
        """Sync the team as it is at a turn; whether it was killed before it was done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = [str(data), turn, indexed, [death.step, death.count, death.seconds]]
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return self._process.stdout.readline() == b"killed\n"


def _nursery() -> None:
    for line in iter(sys.stdin.buffer.readline, b""):
        data, turn, indexed, how = json.loads(line)
        death = Death(*how)
        child = os.fork()
        if child == 0:
            try:
                _sync(team_at(Path(data), turn, indexed), Mortal(death))
            except BaseException:  # noqa: BLE001  said, and the fork ends
                traceback.print_exc()
            finally:
                os._exit(0)
        if death.step == "time":
            time.sleep(death.seconds)
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "done", flush=True)


def _sync(mine: Team, mortal: Mortal) -> None:
    mine.embedder = MortalEmbedder(mortal)
    event.listen(mine.store.database.engine, "before_cursor_execute", lambda *_: mortal.passes("sql"))
    read = mine.read

    def listed(of: Source, reading: Reading) -> Iterator[Listed]:
        for one in read(of, reading):
            mortal.passes("list")
            if isinstance(one, Item):
                load = one.load

                def fetched(load: Any = load) -> Any:
                    mortal.passes("fetch")
                    return load()

                yield replace(one, load=fetched)
            else:
                yield one

    syncer = mine.syncer()
    cut = syncer.cut

    def mortal_cut(document: Any) -> Any:
        mortal.passes("cut")
        return cut(document)

    replace(
        syncer, read=listed, cut=mortal_cut, generations=MortalGenerations(mine.generations, mortal)
    ).sync(mine.sources())


def team_at(folder: Path, turn: int, indexed: bool) -> Team:
    """The team's pages at a turn: each turn adds, changes, moves and removes some and may hide a source."""
    drawn = random.Random(turn)
    team = Team(folder, indexed=indexed)
    team.wiki.update(
        {f"p{n}.md": f"Page {n}\n\nSame for ever, number {n}.\n\nSame too {n}." for n in range(12)}
    )
    team.pages["lab"] = {f"l{n}.md": f"Lab {n}\n\nNotes of {n}." for n in range(4)}
    for n in drawn.sample(range(12), 3):
        team.wiki[f"p{n}.md"] += f"\n\nAdded at turn {turn}."
    for n in drawn.sample(range(12), 2):
        team.wiki[f"moved/{turn}/p{n}.md"] = team.wiki.pop(f"p{n}.md")
    team.wiki.pop(drawn.choice(sorted(team.wiki)))
    team.wiki[f"new{turn}.md"] = f"New {turn}\n\nOf turn {turn}."
    if turn % 2:
        team.audiences["lab"] = RESEARCH
    return team


def deaths(drawn: random.Random, longest: float) -> Iterator[Death]:
    """Endless ways to die, all kinds in turn."""
    while True:
        for step in STEPS:
            once = step in {"build", "built", "point", "pointed", "sweep", "swept", "embed"}
            yield Death(step, 1 if once else drawn.randrange(1, 9))
            yield Death("sql", drawn.randrange(1, 120))
        yield Death("time", seconds=drawn.uniform(0, longest))


@dataclass
class Tally:
    """What a round of kills came to."""

    syncs: int = 0
    killed: int = 0
    old: int = 0
    new: int = 0

    def __str__(self) -> str:
        return (
            f"{self.syncs} syncs, {self.killed} killed; readers then saw the old version {self.old} times, "
            f"the new one {self.new} times, nothing else ever"
        )


def kill_syncs(folder: Path, kills: int, indexed: bool, seed: int = 0, longest: float = 0.3) -> Tally:
    """Kill syncs until `kills` have died; after each, what readers see is the old or the new version, and
    every few turns a sync that is left alone gives what a sync into an empty folder gives."""
    drawn = random.Random(seed)
    ways = deaths(drawn, longest)
    tally = Tally()
    data = folder / "data"
    team = team_at(data, 0, indexed)
    team.sync()
    before, turn = team.seen(), 0
    with Nursery() as nursery:
        while tally.killed < kills:
            turn += 1
            team = team_at(data, turn, indexed)
            after = reference(team, folder / f"reference{turn}")
            for _ in range(3):
                death = next(ways)
                tally.syncs += 1
                tally.killed += nursery.sync(data, turn, indexed, death)
                seen = sees(team, indexed)
                assert seen in (before, after), f"killed at {death}"
                tally.old += seen == before
                tally.new += seen == after
            team.sync()
            assert sees(team, indexed) == after
            before = after
    return tally


def sees(team: Team, indexed: bool) -> State:
    """What a reader that opens now sees; its index holds exactly the chunks of its version."""
    fresh = Team(team.data, indexed=indexed)
    index = fresh.generations.current()
    keys = fresh.store.audience_keys(index.version)
    assert index.version == fresh.store.published()
    wanted = VersionReader(fresh.store.database, index.version).chunk_ids()
    for key in keys:
        hits = index.dense(fresh.embedder.embed(["page"])[0], frozenset({key}), 1000)
        assert sorted(hit.id for hit in hits) == wanted.get(key, [])
    if indexed:
        assert fresh.generations.serving() is not None, fresh.generations.damage
    seen = fresh.seen(index.version)
    fresh.store.database.close()
    return seen


if __name__ == "__main__":
    _nursery()

"""Kills syncs: a process syncs until it dies at a named step, a statement or a moment."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from sqlalchemy import event

from ingest.parsing.converted import Part
from ingest.parsing.process import convert
from ingest.redaction import redact
from ingest.sources import Item, Listed, Reading, Source
from knowledge.adapters.generations import Generations
from knowledge.adapters.vectors import VersionReader
from knowledge.ports import Index
from tests.fakes import HashEmbedder
from tests.records import RESEARCH
from tests.sources import NoGenerations, State, Team, reference

ROOT = Path(__file__).parents[2]
READING = ("list", "fetch", "parse", "redact", "stage", "cut", "embed")
WRITING = ("write text", "write vector", "commit")
PUBLISHING = (
    *("build", "built", "fsync", "publish", "point", "swap", "pointed"),
    *("purge", "gc", "sweep", "swept"),
)
STEPS = (*READING, *WRITING, *PUBLISHING)
"""Named steps; each is also counted, and any SQL statement is a step of its own."""

_STATEMENTS = {
    "INSERT INTO revisions": "write text",
    "INSERT INTO vectors": "write vector",
    "UPDATE versions": "publish",
    "DELETE FROM chunks": "purge",
    "DELETE FROM vectors": "gc",
}
_FIRST = ("embed", "write vector")
"""What a sync does not do again after one that was killed later than that."""

_ONCE = {*PUBLISHING, "embed", "write vector"} - {"fsync", "swap"}


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
    _watch(mine.store.database.engine, mortal)
    read = mine.read

    def listed(of: Source, reading: Reading) -> Iterator[Listed]:
        for one in read(of, reading):
            mortal.passes("list")
            if isinstance(one, Item):
                load = one.load

                def fetched(load: Any = load) -> Any:
                    mortal.passes("fetch")
                    document = load()
                    mortal.passes("parse")
                    converted = convert("markdown", [Part(document.path, document.text.encode())])
                    mortal.passes("redact")
                    text = redact(converted.text).text
                    mortal.passes("stage")
                    return replace(document, text=text)

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
    ).sync(mine.sources(), allow_removals=True)


def _watch(engine: Any, mortal: Mortal) -> None:
    """Every statement and commit is a step, and so are the moments at which files are made to last."""

    def before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        mortal.passes("sql")
        for start, step in _STATEMENTS.items():
            if statement.startswith(start):
                mortal.passes(step)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", lambda _: mortal.passes("commit"))
    fsync, swap = os.fsync, os.replace

    def mortal_fsync(descriptor: int) -> None:
        mortal.passes("fsync")
        fsync(descriptor)

    def mortal_swap(*paths: Any) -> None:
        mortal.passes("swap")
        swap(*paths)

    os.fsync, os.replace = mortal_fsync, mortal_swap  # type: ignore[assignment]


def team_at(folder: Path, turn: int, indexed: bool) -> Team:
    """The team's pages at a turn: each turn adds, changes, moves and removes some and may hide a source; at
    every other turn the wiki comes over a network."""
    drawn = random.Random(turn)
    team = Team(folder, indexed=indexed, remote=frozenset({"wiki"} if turn // 2 % 2 else ()))
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


def deaths(drawn: random.Random, longest: float, step: str = "") -> Iterator[Death]:
    """Endless ways to die: at the first of one step, or all kinds in turn."""
    while step:
        yield Death(step)
    while True:
        for step in STEPS:
            yield Death(step, 1 if step in _ONCE else drawn.randrange(1, 5))
            yield Death("sql", drawn.randrange(1, 120))
        yield Death("time", seconds=drawn.uniform(0, longest))


@dataclass
class Tally:
    """What a round of kills came to."""

    syncs: int = 0
    killed: int = 0
    old: int = 0
    new: int = 0
    at: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        steps = ", ".join(f"{step} {self.at[step]}" for step in (*STEPS, "sql", "time"))
        return (
            f"{self.syncs} syncs, {self.killed} killed ({steps}); readers then saw the old version "
            f"{self.old} times, the new one {self.new} times, nothing else ever"
        )


def kill_syncs(
    folder: Path, kills: int, indexed: bool, seed: int = 0, longest: float = 0.3, step: str = ""
) -> Tally:
    """Kill syncs until `kills` have died (with a `step`: all at that one).

    After each, what readers see is the old or the new version, and every few turns a sync that is left
    alone gives what a sync into an empty folder gives.
    """
    drawn = random.Random(seed)
    ways = deaths(drawn, longest, step)
    tally = Tally()
    data = folder / "data"
    team = team_at(data, 0, indexed)
    team.sync()
    before, turn = team.seen(), 0
    put_off: Death | None = None
    with Nursery() as nursery:
        while tally.killed < kills:
            turn += 1
            team = team_at(data, turn, indexed)
            after = reference(team, folder / f"reference{turn}")
            for attempt in range(3):
                death = put_off or next(ways)
                put_off = death if attempt and death.step in _FIRST else None
                if put_off:
                    break
                tally.syncs += 1
                if nursery.sync(data, turn, indexed, death):
                    tally.killed += 1
                    tally.at[death.step] += 1
                seen = sees(team, indexed)
                assert seen in (before, after), f"killed at {death}"
                tally.old += seen == before
                tally.new += seen == after
                if seen == after:
                    break  # nothing is left to be killed
            team.sync(allow_removals=True)
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

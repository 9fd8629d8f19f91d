"""A team whose sources are dictionaries: what a sync reads in tests, without files or parsers."""

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ingest.golden_gate import GoldenGate
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Source, Withheld
from ingest.sync import Syncer
from knowledge.adapters.generations import Generations
from knowledge.adapters.published import RecordIndex
from knowledge.adapters.store import SqlStore
from knowledge.adapters.vectors import VersionReader
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document
from knowledge.errors import Unreadable
from knowledge.golden import GoldenQuestion
from knowledge.ports import Embedder, Index
from tests.fakes import HashEmbedder
from tests.records import by_paragraph, open_store

UNREADABLE = "\x00unreadable"
SKIPPED = "\x00skipped"
State = dict[str, dict[str, object]]


def source(name: str = "wiki", audience: Audience = EVERYONE) -> Source:
    return Source(name, "folder", Path(f"/{name}"), audience, "wiki")


class NoGenerations:
    """Publishes without an index of its own: the record answers."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def build(self, version: int) -> str:
        return str(version)

    @contextmanager
    def trial(self, name: str, version: int) -> Iterator[Index]:
        assert int(name) == version
        yield RecordIndex(self.store.database, version)

    def discard(self, name: str) -> None:
        """Nothing was built."""

    def point_to(self, name: str) -> None:
        assert int(name) == self.store.published(), "the record publishes first"

    def settle(self) -> None:
        """Nothing was built."""

    def sweep(self) -> None:
        """Nothing was built."""

    def lock(self, purpose: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        return self.store.database.owning(purpose, Path(self.store.database.address).parent, wait_s)

    def current(self) -> Index:
        return RecordIndex(self.store.database, self.store.published())


@dataclass
class Team:
    """A data folder, pages by source and path, and a way to sync them."""

    data: Path
    embedder: Embedder = field(default_factory=HashEmbedder)
    pages: dict[str, dict[str, str]] = field(default_factory=lambda: {"wiki": {}})
    audiences: dict[str, Audience] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    titles_from_paths: bool = False
    recipe: str = "1"
    loads: int = 0
    indexed: bool = False
    remote: frozenset[str] = frozenset()
    incomplete: set[str] = field(default_factory=set)
    going_on: bool = False
    withheld: dict[str, set[str]] = field(default_factory=dict)
    notes: dict[str, dict[str, object]] = field(default_factory=dict)
    told: dict[str, Reading] = field(default_factory=dict)
    golden: tuple[GoldenQuestion, ...] = ()

    def __post_init__(self) -> None:
        self.store: SqlStore = open_store(self.data)
        self.generations = self.opened() if self.indexed else NoGenerations(self.store)

    def opened(self, repair: bool = False) -> Generations:
        return Generations(self.data, self.store, lambda: self.embedder.fingerprint, repair)

    @property
    def wiki(self) -> dict[str, str]:
        return self.pages["wiki"]

    def sources(self) -> list[Source]:
        return [source(name, self.audiences.get(name, EVERYONE)) for name in self.pages]

    def syncer(self) -> Syncer:
        return Syncer(
            self.data,
            self.store,
            self.generations,
            self.embedder,
            self.read,
            by_paragraph,
            lambda: datetime.now(UTC),
            self.recipe,
            remote=lambda source: source.name in self.remote,
            gate=GoldenGate(lambda: self.golden, self.embedder),
        )

    def sync(self, only: frozenset[str] | None = None, allow_removals: bool = False) -> dict[str, object]:
        """Sync and give the report, without what differs from run to run."""
        report = self.syncer().sync(self.sources(), only, allow_removals).as_json()
        counts = ("added", "changed", "moved", "removed", "kept")
        told = ("seconds", "sources", "held", "why", "rolled_back_to")
        assert set(report) == {*counts, "failed", "chunks_embedded", "version", *told}
        for count in counts:
            assert report[count] == sum(one[count] for one in report["sources"])
        return {key: value for key, value in report.items() if key not in told}

    def read(self, of: Source, reading: Reading) -> Iterator[Listed]:
        self.told[of.name] = reading
        if of.name in self.missing:
            raise Unreadable(f"there is no folder {of.path}")
        for path, text in sorted(self.pages[of.name].items()):
            if path in self.withheld.get(of.name, ()):
                yield Withheld(path, "nobody may be shown it")
            elif text == SKIPPED:
                yield Skipped(path, "cannot be opened")
            else:
                digest = hashlib.sha256(text.encode()).hexdigest()
                yield Item(path, digest, lambda path=path, text=text: self._load(of, path, text))
        if of.name in self.incomplete:
            yield Incomplete("page 3 of 10 is empty", self.going_on)
        if of.name in self.notes:
            yield Remember(self.notes[of.name])

    def _load(self, of: Source, path: str, text: str) -> Document:
        self.loads += 1
        if text.startswith(UNREADABLE):
            raise Unreadable("is not text")
        return Document(
            source=of.name,
            path=path,
            title=path if self.titles_from_paths else text.split("\n")[0],
            text=text,
            audience=of.audience,
            digest=hashlib.sha256(text.encode()).hexdigest(),
        )

    def seen(self, version: int | None = None) -> State:
        """Everything that a version holds, without ids: comparable between data folders."""
        shown = self.store.published() if version is None else version
        reader = VersionReader(self.store.database, shown)
        state: State = {}
        for key in reader.chunk_ids():
            found = reader.of_audience(key)
            passages = self.store.passages(found.ids)
            for chunk_id, vector in zip(found.ids, found.matrix, strict=True):
                passage = passages[chunk_id]
                page = state.setdefault(passage.document_id, {"audience": key, "title": passage.title})
                page[str(passage.chunk.ordinal)] = (passage.chunk.text, vector.tobytes())
        return state

    def found(self, question: str, audiences: frozenset[str] = frozenset({"everyone"})) -> list[str]:
        """The paths of what the published index finds, best first."""
        hits = self.generations.current().dense(self.embedder.embed([question])[0], audiences, 5)
        passages = self.store.passages([hit.id for hit in hits])
        return [passages[hit.id].path for hit in hits]

    def with_embedder(self, embedder: Embedder) -> "Team":
        """The same team after another embedder was set up."""
        return replace(self, embedder=embedder)


def reference(team: Team, folder: Path) -> State:
    """What a sync into an empty data folder gives."""
    fresh = replace(team, data=folder, embedder=HashEmbedder(), indexed=False)
    fresh.sync()
    return fresh.seen()

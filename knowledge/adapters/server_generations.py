"""Index generations on a Chroma server: built beside the one that serves, probed, pointed at in SQL, followed
by every process.

A generation is one collection for each audience; its row in the table `generations` is there before its first
collection and goes after its last, so that nothing is ever left behind on the server. The words are kept in a
folder of each machine, made from the record. While the server is away, the record answers.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from knowledge.adapters.building import probe_vectors
from knowledge.adapters.chroma import ChromaServer
from knowledge.adapters.exact import ExactVectors
from knowledge.adapters.local_words import LocalWords
from knowledge.adapters.published import Dense, ForEmbedder, PublishedIndex, RecordIndex, nothing_instead
from knowledge.adapters.store import SqlStore
from knowledge.adapters.tables import generations, versions
from knowledge.adapters.vectors import VersionReader
from knowledge.errors import IndexAway, IndexDamaged, StoreError
from knowledge.ports import Clock, Index

KEEP = 3
LOOK_AGAIN_S = 5.0
_WAIT_FOR_SYNC_S = 3600.0

_Seen = tuple[int, str | None]  # the published version, and the generation that is pointed at

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Serving:
    """What answers now; `name` is None while the record does."""

    seen: _Seen
    name: str | None
    answers: Index


class ServerGenerations:
    """Does for a Chroma server what `knowledge.adapters.generations.Generations` does for a data folder.

    With `repair`, a server that is away is looked for again in the background, and what it lost is built
    anew by whoever gets the lock first.
    """

    def __init__(
        self,
        data: Path,
        store: SqlStore,
        embedder: Callable[[], str],
        server: ChromaServer,
        clock: Clock,
        repair: bool = True,
    ) -> None:
        self._data = data
        self._store = store
        self._embedder = embedder
        self._server = server
        self._clock = clock
        self._repair = repair
        self._words = LocalWords(data / "words", store)
        self._exact = lru_cache(maxsize=2)(lambda version: ExactVectors(store.database, version))
        self._all_from_record = lru_cache(maxsize=1)(lambda version: RecordIndex(store.database, version))
        self._serving: _Serving | None = None
        self._opening = threading.Lock()
        self._rejected: set[str] = set()
        self._repairing: threading.Thread | None = None
        self._closed = threading.Event()
        self.damage: str | None = None

    def lock(self, purpose: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
        """The right to write the record and the generations. Raises Busy and StoreError."""
        return self._store.database.owning(purpose, self._data, wait_s)

    def current(self) -> Index:
        """The index of the newest published version.

        Costs one query while nothing was published; otherwise the first caller opens it while others get
        the one before, and wait where there is none.
        """
        serving, seen = self._serving, self._seen()
        if serving is not None and serving.seen == seen:
            return serving.answers
        if not self._opening.acquire(blocking=serving is None or not serving.answers.version):
            assert serving is not None
            return serving.answers
        try:
            if self._serving is None or self._serving.seen != seen:
                self._serving = self._opened(seen)
            return self._serving.answers
        finally:
            self._opening.release()

    def serving(self) -> str | None:
        """The name of the generation that answers; None when the record does, or nothing is open yet."""
        return self._serving.name if self._serving else None

    def build(self, version: int) -> str:
        """Build and probe a generation from the stored vectors, and give its name.

        Gives "" while the server is away: a new version is published all the same, and the record answers.
        Raises IndexDamaged when the generation does not pass the probe.
        """
        name = f"{version:08d}-{secrets.token_hex(4)}"
        self._write(
            lambda c: c.execute(
                insert(generations).values(name=name, version=version, begun_at=self._clock())
            )
        )
        reader = VersionReader(self._store.database, version)
        try:
            collections = self._server.generation(name)
            wanted = reader.chunk_ids()
            for key, ids in wanted.items():
                for batch in reader.batches(ids):
                    collections.add(key, batch.ids, batch.matrix)
            probe_vectors(collections, reader, wanted)
        except IndexAway as error:
            log.error("no index is built, the record answers: %s", error)
            self.damage = str(error)
            return ""
        self._mark(name, built_at=self._clock())
        return name

    @contextmanager
    def trial(self, name: str, version: int) -> Iterator[Index]:
        """The index of a generation before anybody follows to it; without one, the record.

        Raises IndexDamaged when the server fails.
        """
        record = VersionReader(self._store.database, version)
        dense = self._server.generation(name) if name else self._exact(version)
        index = PublishedIndex(dense, self._words.open(version), version, nothing_instead, record)
        yield ForEmbedder(index, self._store.embedder(version), self._embedder())

    def discard(self, name: str) -> None:
        """Delete a generation that nobody is to follow to."""
        self._rejected.add(name)
        self.sweep()

    def point_to(self, name: str) -> None:
        """Let every process follow to a generation."""
        if name:
            self._mark(name, pointed_at=self._clock())

    def settle(self) -> None:
        """See to it that a sound generation of the published version is pointed at. For the lock's holder."""
        version = self._store.published()
        if version == 0:
            return
        name = self._pointed(version)
        if name is None or name in self._rejected or not self._is_sound(name, version):
            self.point_to(self.build(version))
        self.sweep()

    def sweep(self) -> None:
        """Drop all but the newest few generations, and whatever was never finished."""
        newest = (
            select(generations.c.name)
            .where(generations.c.built_at.is_not(None), generations.c.name.not_in(self._rejected))
            .order_by(generations.c.built_at.desc())
            .limit(KEEP)
        )
        with self._store.database.reading() as connection:
            keep = set(connection.scalars(newest))
            left = set(connection.scalars(select(generations.c.name))) - keep
        try:
            for name in sorted(left):
                self._server.generation(name).drop_all()
                self._write(
                    lambda c, name=name: c.execute(delete(generations).where(generations.c.name == name))  # type: ignore[misc]
                )
                self._rejected.discard(name)
        except IndexDamaged as error:
            log.warning("old generations stay on the server for now: %s", error)

    def close(self) -> None:
        """Forget the open index, and the server."""
        self._closed.set()
        self._serving = None
        if self._repairing is not None:
            self._repairing.join(LOOK_AGAIN_S)
        self._server.close()

    def _opened(self, seen: _Seen) -> _Serving:
        """The index of a version: from the server where it holds a sound one, else from the record."""
        version, name = seen
        if name is not None and name not in self._rejected:
            try:
                vectors = self._probed(name, version)
            except IndexDamaged as error:
                self._give_up(name, error)
            else:
                self.damage = None
                return self._made(seen, name, vectors)
        if version > 0:
            self.damage = self.damage or "there is no generation of the published version"
            self._repair_in_background()
        return self._made(seen, None, self._exact(version))

    def _made(self, seen: _Seen, name: str | None, vectors: Dense) -> _Serving:
        version = seen[0]
        words = self._words.open(version)
        record = VersionReader(self._store.database, version)

        def instead(error: IndexDamaged) -> Index:
            if not self._words.are_sound(version):
                log.warning("the words of version %d are damaged and made anew: %s", version, error)
                self._serving = None
                return self._all_from_record(version)
            if name is not None:
                self._give_up(name, error)
                self._fall_back(name)
            return PublishedIndex(self._exact(version), words, version, instead, record)

        index = PublishedIndex(vectors, words, version, instead, record)
        return _Serving(seen, name, ForEmbedder(index, self._store.embedder(version), self._embedder()))

    def _fall_back(self, name: str) -> None:
        """Let the record answer from now on instead of a generation that failed while it served."""
        with self._opening:
            serving = self._serving
            if serving is not None and serving.name == name:
                self._serving = self._made(serving.seen, None, self._exact(serving.seen[0]))
        self._repair_in_background()

    def _give_up(self, name: str, error: IndexDamaged) -> None:
        log.warning("the generation %s cannot be used, the record answers: %s", name, error)
        if not isinstance(error, IndexAway):
            self._rejected.add(name)
        self.damage = str(error)

    def _repair_in_background(self) -> None:
        if self._repair and (self._repairing is None or not self._repairing.is_alive()):
            self._repairing = threading.Thread(target=self._look_again, name="index repair", daemon=True)
            self._repairing.start()

    def _look_again(self) -> None:
        """Until the server serves: see whether it is back and, if it has lost what it held, build it anew."""
        while not self._closed.wait(LOOK_AGAIN_S):
            try:
                if self._is_served():
                    return
            except (IndexDamaged, StoreError) as error:
                log.warning("the index is still not served, the record answers: %s", error)

    def _is_served(self) -> bool:
        self._server.generation("")  # it answers again
        if not self._opens_anew():
            with self.lock("rebuild the index", _WAIT_FOR_SYNC_S):
                if not self._opens_anew():
                    self.settle()
            return self._opens_anew()
        return True

    def _opens_anew(self) -> bool:
        with self._opening:
            seen = self._seen()
            version, name = seen
            if name is None or name in self._rejected:
                return False
            try:
                vectors = self._probed(name, version)
            except IndexAway:
                raise
            except IndexDamaged as error:
                self._give_up(name, error)
                return False
            self._serving = self._made(seen, name, vectors)
            self.damage = None
            return True

    def _is_sound(self, name: str, version: int) -> bool:
        try:
            self._probed(name, version)
        except IndexAway:
            return True  # nothing better can be built now
        except IndexDamaged as error:
            self._give_up(name, error)
            return False
        return True

    def _probed(self, name: str, version: int) -> Dense:
        collections = self._server.generation(name)
        reader = VersionReader(self._store.database, version)
        probe_vectors(collections, reader, reader.chunk_ids())
        return collections

    def _seen(self) -> _Seen:
        """The published version, and the generation that is pointed at."""
        newest = select(func.max(versions.c.id)).where(versions.c.published_at.is_not(None))
        with self._store.database.reading() as connection:
            version = connection.scalar(newest) or 0
            return version, connection.scalar(_pointed_at(version)) if version else None

    def _pointed(self, version: int) -> str | None:
        with self._store.database.reading() as connection:
            return connection.scalar(_pointed_at(version))

    def _mark(self, name: str, **moments: datetime) -> None:
        self._write(
            lambda c: c.execute(update(generations).where(generations.c.name == name).values(**moments))
        )

    def _write(self, change: Callable[[Connection], object]) -> None:
        with self._store.database.writing("record") as connection:
            change(connection)


def _pointed_at(version: int) -> Select[str]:
    return (
        select(generations.c.name)
        .where(generations.c.version == version, generations.c.pointed_at.is_not(None))
        .order_by(generations.c.pointed_at.desc())
        .limit(1)
    )

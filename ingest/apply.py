"""Carries a plan out: reads, cuts and embeds documents and writes them under the version to come.

Embedding is outside every transaction, over the chunks of many documents at once, and only for texts whose
vector is not stored. Whatever is killed here is swept by the next sync; the vectors stay.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ingest.findings import Findings
from ingest.parsing.frontmatter import narrowed
from ingest.plan import Add, Change, Making, Move, Revise, SyncPlan
from ingest.report import Failure, OnProgress, Progress
from ingest.sources import Item, Source, never
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import CutChunk, Known, NewRevision, StoreWriter
from knowledge.audience import Audience
from knowledge.documents import Chunk, Document
from knowledge.errors import Cancelled, ModelError, Unreadable
from knowledge.ports import Clock, Embedder, Vector

Cut = Callable[[Document], Sequence[Chunk]]

_CHUNKS_AT_ONCE = 512
_CHARACTERS_AT_ONCE = 4_000_000
_NOT_UNIT = 1e-3
TO_BE_READ = ""  # a recipe that is never the one of now


@dataclass(slots=True)
class OfSource:
    """What was carried out for one source; `failed` are documents that could not be read, `seconds` those
    spent on reading."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    kept: int = 0
    failed: list[Failure] = field(default_factory=list)
    findings: Findings = field(default_factory=Findings)
    seconds: float = 0.0


@dataclass(slots=True)
class Done:
    """What was carried out so far; `version` is None while nothing was written."""

    sources: dict[str, OfSource] = field(default_factory=dict)
    chunks_embedded: int = 0
    version: int | None = None

    def of(self, source: str) -> OfSource:
        """The part of a source, begun when it is first asked for."""
        return self.sources.setdefault(source, OfSource())


@dataclass(frozen=True, slots=True)
class _Ready:
    """A document read and cut; `vector_ids` are those of the same chunks before, where it was not changed."""

    document: Document
    chunks: Sequence[Chunk]
    recipe: str
    source_audience: str
    replaces: int | None
    vector_ids: Sequence[int] = ()

    def texts(self) -> dict[bytes, str]:
        """What is embedded, by digest."""
        texts = (chunk.with_context(self.document.title) for chunk in self.chunks)
        return {_digest(text): text for text in texts}

    def digests(self) -> list[bytes]:
        """The digest of each chunk's text, in order."""
        return [_digest(chunk.with_context(self.document.title)) for chunk in self.chunks]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


class Applying:
    """One plan being carried out."""

    def __init__(
        self,
        store: SqlStore,
        embedder: Embedder,
        cut: Cut,
        making: Making,
        clock: Clock,
        on_progress: OnProgress,
        stopped: Callable[[], bool] = never,
    ) -> None:
        self._store = store
        self._writer = StoreWriter(store.database)
        self._embedder = embedder
        self._cut = cut
        self._making = making
        self._clock = clock
        self._on_progress = on_progress
        self._stopped = stopped
        self.done = Done()

    def apply(self, plan: SyncPlan) -> Done:
        """Write everything under a version to come, which is still to be published.

        Raises ModelError, StoreError and Cancelled; what was written until then is never seen.
        """
        for known in plan.keep:
            self.done.of(known.source).kept += 1
        steps: list[Add | Change | Move | Revise] = [*plan.revise, *plan.move, *plan.change, *plan.add]
        waiting: list[_Ready] = []
        for at, step in enumerate(steps):
            go_on(self._stopped)
            self._on_progress(Progress("read", at, len(steps), self.done.chunks_embedded))
            waiting.extend(self._timed(step))
            chunks = sum(len(ready.chunks) for ready in waiting)
            characters = sum(len(ready.document.text) for ready in waiting)
            if chunks >= _CHUNKS_AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
                self._write(waiting)
                waiting = []
        self._write(waiting)
        if plan.remove:
            self._writer.end(self._version(), [one.revision_id for one in plan.remove])
            for known in plan.remove:
                self.done.of(known.source).removed += 1
        self._on_progress(Progress("read", len(steps), len(steps), self.done.chunks_embedded))
        return self.done

    def _timed(self, step: Add | Change | Move | Revise) -> list[_Ready]:
        begun = self._clock()
        ready = list(self._ready(step))
        if step.source is not None:
            self.done.of(step.source.name).seconds += (self._clock() - begun).total_seconds()
        return ready

    def _ready(self, step: Add | Change | Move | Revise) -> Iterator[_Ready]:
        """The document of a step, if there is one to write."""
        match step:
            case Add(source, _):
                document = self._loaded(step)
                if document is not None:
                    self.done.of(source.name).added += 1
                    yield self._read(document, source)
            case Change(source, _, known):
                before = self._known(known)
                document = self._loaded(step)
                if document is not None:
                    self._count(source, document == before)
                    yield self._read(document, source, known)
                elif _is_narrowed(before, step.item):
                    self.done.of(source.name).changed += 1
                    yield self._unread(source, known, path=known.path, listed=step.item.audience)
                elif _fits(known, source, self._making):
                    self.done.of(source.name).kept += 1
                else:
                    yield self._stays(source, known)
            case Move(source, item, known):
                self.done.of(source.name).moved += 1
                document = self._loaded(step)
                if document is not None:
                    ready = self._read(document, source, known)
                    yield replace(ready, vector_ids=self._vectors_of(known, ready.chunks))
                else:
                    yield self._unread(source, known, path=item.path, listed=item.audience)
            case Revise(source, known):
                yield self._stays(source, known) if source else self._as_known(known)

    def _loaded(self, step: Add | Change | Move) -> Document | None:
        of = self.done.of(step.source.name)
        try:
            document = step.item.load()
        except Unreadable as error:
            of.failed.append(Failure(step.item.path, str(error), step.source.name))
            return None
        of.findings.add(document)
        return document

    def _known(self, known: Known) -> Document:
        document = self._store.revision(known.revision_id)
        assert document is not None, "what is known is in the record"
        return document

    def _read(self, document: Document, source: Source, known: Known | None = None) -> _Ready:
        return self._ready_made(document, self._making.recipe, source.audience.key, known)

    def _stays(self, source: Source, known: Known) -> _Ready:
        """A document as it is known, for another embedder or under a new audience of its source."""
        if known.source_audience != source.audience.key:
            ready = self._unread(source, known, path=known.path)
        else:
            ready = self._as_known(known)
        self._count(source, ready.document.audience.key == known.audience_key)
        return replace(ready, vector_ids=self._vectors_of(known, ready.chunks))

    def _as_known(self, known: Known) -> _Ready:
        return self._ready_made(self._known(known), known.recipe, known.source_audience, known)

    def _unread(self, source: Source, known: Known, path: str, listed: Audience | None = None) -> _Ready:
        """A document as it is known, but under its source's audience of now, and no wider than listed; to be
        read when it can be."""
        before = self._known(known)
        audience = narrowed(_audience_now(source, known, before), listed)
        after = replace(before, path=path, audience=audience)
        ready = self._ready_made(after, TO_BE_READ, source.audience.key, known)
        return replace(ready, vector_ids=self._vectors_of(known, ready.chunks))

    def _ready_made(
        self, document: Document, recipe: str, source_audience: str, known: Known | None
    ) -> _Ready:
        replaces = None if known is None else known.revision_id
        return _Ready(document, self._cut(document), recipe, source_audience, replaces)

    def _vectors_of(self, known: Known, chunks: Sequence[Chunk]) -> Sequence[int]:
        """The stored vectors of the same chunks as they are known, whatever their document is titled now."""
        if known.embedder != self._making.embedder:
            return ()
        before = [one.chunk.text for one in self._store.siblings(known.revision_id)]
        same = before == [chunk.text for chunk in chunks]
        return self._writer.vector_ids(known.revision_id) if same else ()

    def _count(self, source: Source, same: bool) -> None:
        of = self.done.of(source.name)
        if same:
            of.kept += 1
        else:
            of.changed += 1

    def _write(self, waiting: Sequence[_Ready]) -> None:
        if not waiting:
            return
        texts: dict[bytes, str] = {}
        for ready in waiting:
            texts |= {} if ready.vector_ids else ready.texts()
        stored = self._writer.stored_vectors(self._making.embedder, texts)
        missing = [digest for digest in texts if digest not in stored]
        for start in range(0, len(missing), _CHUNKS_AT_ONCE):
            go_on(self._stopped)
            some = missing[start : start + _CHUNKS_AT_ONCE]
            self._writer.add_vectors(self._making.embedder, self._embedded({one: texts[one] for one in some}))
            self.done.chunks_embedded += len(some)
        stored |= self._writer.stored_vectors(self._making.embedder, missing)
        self._writer.write(self._version(), [self._revision(ready, stored) for ready in waiting])

    def _embedded(self, texts: dict[bytes, str]) -> dict[bytes, Vector]:
        matrix = self._embedder.embed(list(texts.values()))
        if matrix.shape != (len(texts), self._embedder.dimension) or not np.isfinite(matrix).all():
            raise ModelError(
                f"the model {self._making.embedder} gave {matrix.shape} values that are no vectors of "
                f"{self._embedder.dimension} numbers: check `lore doctor`"
            )
        if np.abs(np.linalg.norm(matrix, axis=1) - 1).max() > _NOT_UNIT:
            raise ModelError(f"the model {self._making.embedder} gave vectors that are not of length 1")
        return dict(zip(texts, matrix, strict=True))

    def _revision(self, ready: _Ready, stored: dict[bytes, int]) -> NewRevision:
        ids = ready.vector_ids or [stored[digest] for digest in ready.digests()]
        cut = [CutChunk(*pair) for pair in zip(ready.chunks, ids, strict=True)]
        return NewRevision(ready.document, cut, ready.recipe, ready.source_audience, ready.replaces)

    def _version(self) -> int:
        """The version to come, begun when there is something to write."""
        if self.done.version is None:
            self.done.version = self._writer.begin(self._making.embedder, self._clock())
        return self.done.version


def go_on(stopped: Callable[[], bool]) -> None:
    """Raises Cancelled when somebody has asked to stop."""
    if stopped():
        raise Cancelled("the sync was cancelled: what was fetched and embedded is kept for the next one")


def _fits(known: Known, source: Source, making: Making) -> bool:
    return known.embedder == making.embedder and known.source_audience == source.audience.key


def _is_narrowed(before: Document, item: Item) -> bool:
    """Whether fewer people may read a document than when it was read."""
    return narrowed(before.audience, item.audience) != before.audience


def _audience_now(source: Source, known: Known, document: Document) -> Audience:
    """What a document that is not read again may be shown to: never more than its source allows now."""
    own = None if known.audience_key == known.source_audience else document.audience
    return narrowed(source.audience, own)

"""Documents and ways to write them into a record, shared by tests."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from knowledge.adapters.database import open_database
from knowledge.adapters.store import SqlStore, create_tables
from knowledge.adapters.store_writing import CutChunk, NewRevision, StoreWriter
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Chunk, Document
from knowledge.ports import Embedder

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RESEARCH = Audience(principals=frozenset({"#research"}))
LEADS = Audience(principals=frozenset({"@leads", "ada@example.org"}))


def open_store(folder: Path, address: str = "") -> SqlStore:
    """A record in a folder, or at the address of a server's database."""
    folder.mkdir(parents=True, exist_ok=True)
    database = open_database(address or folder / "lore.db")
    create_tables(database)
    return SqlStore(database)


def document(path: str, text: str, *, source: str = "wiki", audience: Audience = EVERYONE) -> Document:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(source=source, path=path, title=path, text=text, audience=audience, digest=digest)


def by_paragraph(made: Document) -> list[Chunk]:
    """Cut at blank lines: the simplest honest chunker."""
    cut: list[Chunk] = []
    start = 0
    for part in made.text.split("\n\n"):
        if part.strip():
            line = made.text.count("\n", 0, start) + 1
            cut.append(Chunk(len(cut), part, ("Notes",), start, start + len(part), line))
        start += len(part) + 2
    return cut


def publish(
    store: SqlStore, embedder: Embedder, documents: Iterable[Document] = (), removed: Sequence[str] = ()
) -> int:
    """Write documents into the version to come, replacing those of the same id, and publish it."""
    version = write(store, embedder, documents, removed)
    StoreWriter(store.database).publish(version, {}, NOON)
    return version


def write(
    store: SqlStore, embedder: Embedder, documents: Iterable[Document], removed: Sequence[str] = ()
) -> int:
    writer = StoreWriter(store.database)
    writer.sweep()
    known = {f"{one.source}/{one.path}": one.revision_id for one in writer.known()}
    version = writer.begin(embedder.fingerprint, NOON)
    for made in documents:
        chunks = by_paragraph(made)
        texts = {_digest(chunk, made): chunk.with_context(made.title) for chunk in chunks}
        missing = [key for key in texts if key not in writer.stored_vectors(embedder.fingerprint, texts)]
        matrix = embedder.embed([texts[key] for key in missing])
        writer.add_vectors(embedder.fingerprint, dict(zip(missing, matrix, strict=True)))
        ids = writer.stored_vectors(embedder.fingerprint, texts)
        cut = [CutChunk(chunk, ids[_digest(chunk, made)]) for chunk in chunks]
        writer.write(version, [NewRevision(made, cut, "recipe", made.audience.key, known.get(made.id))])
    writer.end(version, [known[name] for name in removed])
    return version


def _digest(chunk: Chunk, made: Document) -> bytes:
    return hashlib.sha256(chunk.with_context(made.title).encode("utf-8", "surrogatepass")).digest()

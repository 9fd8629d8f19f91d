"""Builds and probes one index generation; run in a child process, since a torn Chroma folder can crash, hang,
eat memory or grow a file without end, none of which Python can catch.

Generations are made from the record alone: the words and the stored vectors of one version. Nothing here
embeds.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from knowledge.adapters.chroma import DATABASE, ChromaVectors, Collections, content_digest, names_of
from knowledge.adapters.database import Database
from knowledge.adapters.lexical import LexicalIndex
from knowledge.adapters.manifest import CHROMA, FORMAT, LEXICAL, Manifest, check_files, fsynced, read_manifest
from knowledge.adapters.vectors import VersionReader
from knowledge.errors import IndexDamaged
from knowledge.ports import Hit, Vector

# More change than this since the last fresh build, and copying saves nothing; it also bounds the deleted
# entries that an HNSW graph drags along.
_FRESH_AFTER = 1 / 3
_SAMPLES = 32
_SAME = 0.999


def build(database: Database, folder: Path, version: int, embedder: str, base: Path | None) -> Manifest:
    """Make a generation in `folder` (which exists and is empty); `base` is a generation to copy from.

    Raises IndexDamaged when it cannot be made.
    """
    reader = VersionReader(database, version)
    wanted = reader.chunk_ids()
    total = sum(len(ids) for ids in wanted.values())
    changes = None
    if base is not None:
        changes = _as_delta(reader, folder, base, wanted, total)
    if changes is None:
        _afresh(reader, folder, wanted)
        changes = 0
    files = fsynced(folder)
    return Manifest(version, embedder, total, changes, content_digest(folder / CHROMA), files, FORMAT)


def probe(database: Database, folder: Path, manifest: Manifest) -> None:
    """Check a generation against the record: files, ids, random vectors and words.

    Raises IndexDamaged, saying what is wrong, when it is not what was built or does not hold its version.
    """
    check_files(folder, manifest)
    reader = VersionReader(database, manifest.version)
    wanted = reader.chunk_ids()
    if content_digest(folder / CHROMA) != manifest.chroma:
        raise IndexDamaged(f"Chroma's database in {folder} is not what was built")
    dense = ChromaVectors(folder / CHROMA)
    try:
        probe_vectors(dense, reader, wanted)
    finally:
        dense.close()
    lexical = LexicalIndex.open(folder / LEXICAL)
    try:
        found = (lexical.chunk_count(), lexical.document_count())
    finally:
        lexical.close()
    expected = (sum(len(ids) for ids in wanted.values()), len(reader.revision_ids()))
    if found != expected:
        raise IndexDamaged(f"the lexical index holds {found} chunks and documents instead of {expected}")


def probe_vectors(dense: Collections, reader: VersionReader, wanted: dict[str, list[int]]) -> None:
    """Check that collections hold the wanted ids, by audience, and find random ones by their vectors.

    Raises IndexDamaged, saying what is wrong.
    """
    if dense.names() != names_of(wanted):
        raise IndexDamaged("Chroma does not hold one collection for each audience")
    for key, ids in wanted.items():
        if dense.ids(key) != ids:
            raise IndexDamaged(f"Chroma does not hold the chunks of {key}")
        drawn = np.random.default_rng().choice(ids, size=min(_SAMPLES, len(ids)), replace=False)
        missed = 0
        for sample in reader.batches([int(one) for one in drawn]):
            for chunk_id, vector in zip(sample.ids, sample.matrix, strict=True):
                nearest = dense.dense(vector, frozenset({key}), 1)
                missed += not any(_found(reader, hit, chunk_id, vector) for hit in nearest)
        # An approximate index may miss one in a great many; a broken one misses most.
        if missed > len(drawn) // 16:
            raise IndexDamaged(f"{missed} of {len(drawn)} vectors of {key} are not found again")


def _found(reader: VersionReader, hit: Hit, chunk_id: int, vector: Vector) -> bool:
    """Whether the nearest is the chunk itself, or another of the same vector (the same text elsewhere)."""
    if hit.score < _SAME:
        return False
    others = reader.batches([hit.id])
    return hit.id == chunk_id or any(float(one.matrix[0] @ vector) >= _SAME for one in others if one.ids)


def _afresh(reader: VersionReader, folder: Path, wanted: dict[str, list[int]]) -> None:
    dense = ChromaVectors(folder / CHROMA)
    try:
        for key, ids in wanted.items():
            for batch in reader.batches(ids):
                dense.add(key, batch.ids, batch.matrix)
    finally:
        dense.close()
    write_words(LexicalIndex.create(folder / LEXICAL), reader, reader.revision_ids(), set(), [])


def _as_delta(
    reader: VersionReader, folder: Path, base: Path, wanted: dict[str, list[int]], total: int
) -> int | None:
    """Copy `base` and apply what changed; None when it is damaged or so much changed that it is no use."""
    manifest = read_manifest(base)
    if manifest is None:
        return None
    before = VersionReader(reader.database, manifest.version)
    old = before.chunk_ids()
    keys = old.keys() | wanted.keys()
    added = {key: sorted(set(wanted.get(key, ())) - set(old.get(key, ()))) for key in keys}
    removed = {key: sorted(set(old.get(key, ())) - set(wanted.get(key, ()))) for key in keys}
    changes = manifest.changes + sum(map(len, added.values())) + sum(map(len, removed.values()))
    if sum(map(len, old.values())) != manifest.chunks or changes > total * _FRESH_AFTER:
        return None
    try:
        check_files(base, manifest)
        _copy(base, folder)
        if content_digest(folder / CHROMA) != manifest.chroma:
            raise IndexDamaged(f"Chroma's database in {base} is not what was built")
    except IndexDamaged:
        shutil.rmtree(folder / CHROMA, ignore_errors=True)
        shutil.rmtree(folder / LEXICAL, ignore_errors=True)
        return None
    dense = ChromaVectors(folder / CHROMA)
    try:
        for key in keys:
            if key not in wanted:
                dense.drop(key)
                continue
            dense.remove(key, removed[key])
            for batch in reader.batches(added[key]):
                dense.add(key, batch.ids, batch.matrix)
    finally:
        dense.close()
    left, came = before.revision_ids(), reader.revision_ids()
    gone = [chunk_id for ids in removed.values() for chunk_id in ids]
    write_words(LexicalIndex.open(folder / LEXICAL), reader, came - left, left - came, gone)
    return changes


def write_words(
    lexical: LexicalIndex, reader: VersionReader, came: set[int], left: set[int], gone: list[int]
) -> None:
    try:
        lexical.write(
            (chunk for _, chunks in reader.texts(came) for chunk in chunks),
            (document for document, _ in reader.texts(came)),
            gone,
            sorted(left),
        )
    finally:
        lexical.close()


def _copy(base: Path, folder: Path) -> None:
    """Copy a generation that readers may have open; SQLite copies its own file."""
    shutil.copytree(base / LEXICAL, folder / LEXICAL)
    shutil.copytree(base / CHROMA, folder / CHROMA, ignore=shutil.ignore_patterns(f"{DATABASE}*"))
    try:
        with (
            closing(sqlite3.connect(f"file:{base / CHROMA / DATABASE}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(folder / CHROMA / DATABASE)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise IndexDamaged(f"Chroma's database in {base} cannot be copied: {error}") from error

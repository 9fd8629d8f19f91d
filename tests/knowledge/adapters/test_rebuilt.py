"""Indexes made again from the record: the same ids, nearly the same nearest, and nothing left behind."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest

from knowledge.adapters.generations import KEEP, Generations, index_lock
from knowledge.adapters.published import RecordIndex
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import CutChunk, NewRevision, StoreWriter
from knowledge.adapters.vectors import VersionReader
from knowledge.documents import Chunk
from tests.fakes import HashEmbedder
from tests.records import NOON, document, open_store, publish

EMBEDDER = HashEmbedder()
EVERYONE = frozenset({"everyone"})
DIMENSION, REAL, CLUSTERS = 384, 24, 40


def clustered(count: int, seed: int = 15) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Unit vectors around some centres and of few real dimensions, as texts about some subjects are."""
    shared, drawn = np.random.default_rng(0), np.random.default_rng(seed)
    centres, plane = shared.standard_normal((CLUSTERS, REAL)), shared.standard_normal((REAL, DIMENSION))
    spread = drawn.standard_normal((count, REAL)) * 0.8
    made = (centres[drawn.integers(CLUSTERS, size=count)] + spread) @ plane
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def fill(store: SqlStore, count: int, per_document: int = 50) -> int:
    """Publish so many chunks with vectors of no model; the version."""
    writer = StoreWriter(store.database)
    version = writer.begin("drawn", NOON)
    matrix = clustered(count)
    digests = [n.to_bytes(32, "big") for n in range(count)]
    for start in range(0, count, 2000):
        some = range(start, min(start + 2000, count))
        writer.add_vectors("drawn", {digests[n]: matrix[n] for n in some})
        ids = writer.stored_vectors("drawn", [digests[n] for n in some])
        revisions = []
        for first in range(some.start, some.stop, per_document):
            numbers = range(first, min(first + per_document, some.stop))
            text = "".join(f"Words number {n}.\n" for n in numbers)
            cut, at = [], 0
            for ordinal, n in enumerate(numbers):
                end = at + len(f"Words number {n}.\n")
                chunk = Chunk(ordinal, text[at:end], (), at, end, ordinal + 1)
                cut.append(CutChunk(chunk, ids[digests[n]]))
                at = end
            made = document(f"{first}.md", text)
            revisions.append(NewRevision(made, cut, "recipe", made.audience.key))
        writer.write(version, revisions)
    writer.publish(version, {}, NOON)
    return version


def test_st14_st15_an_index_rebuilt_without_the_model_holds_the_same_ids_and_finds_what_an_exact_scan_finds(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path)
    version = fill(store, 3000)
    generations = Generations(tmp_path, store, lambda: "drawn", repair=False)
    with index_lock(tmp_path, "test"):
        generations.settle()
    index, exact = generations.current(), RecordIndex(store.database, version)
    assert generations.serving() is not None
    (ids,) = VersionReader(store.database, version).chunk_ids().values()
    assert {hit.id for hit in index.dense(clustered(1)[0], EVERYONE, 3000)} == set(ids)
    found = 0
    for asked in clustered(60, seed=1):
        right = {hit.id for hit in exact.dense(asked, EVERYONE, 10)}
        found += len(right & {hit.id for hit in index.dense(asked, EVERYONE, 10)})
    assert found / 600 >= 0.99
    store.database.close()


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def come_and_go(folder: Path, generations_built: int, warm: int) -> None:
    store = open_store(folder)
    generations = Generations(folder, store, lambda: EMBEDDER.fingerprint, repair=False)
    files = threads = 0
    for n in range(generations_built):
        publish(store, EMBEDDER, [document("a.md", f"Words number {n}."), document("b.md", "Others.")])
        with index_lock(folder, "test"):
            generations.settle()
        index = generations.current()
        assert index.dense(EMBEDDER.embed(["others"])[0], EVERYONE, 1)
        assert index.lexical(f"{n}", EVERYONE, 1)
        assert len([path for path in (folder / "generations").iterdir() if path.is_dir()]) <= KEEP
        if n == warm:
            files, threads = open_files(), threading.active_count()
    assert open_files() <= files + 2
    assert threading.active_count() <= threads
    generations.close()
    store.database.close()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files are open")
def test_st17_generations_come_and_go_and_leave_no_folder_file_or_thread(tmp_path: Path) -> None:
    come_and_go(tmp_path, 6, warm=3)


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux tells which files are open")
def test_st17_a_thousand_generations(tmp_path: Path) -> None:
    come_and_go(tmp_path, 1000, warm=20)

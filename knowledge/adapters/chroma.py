"""The dense part of an index generation: a Chroma folder with one collection per audience.

Chroma holds ids and vectors and nothing else; it is written once, in a folder that no reader has open, and
never changed after. This module is the one door to Chroma.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.errors import IndexDamaged
from knowledge.ports import Hit, Vector

# At 10 (Chroma's default) a tenth of the nearest are found in the worst case, at 200 nearly all.
EF_SEARCH = 200
_HNSW = {"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "ef_construction": 200}}
_AT_ONCE = 5000
DATABASE = "chroma.sqlite3"
_SAVED = "index_metadata.pickle"
# Chroma writes here whenever a folder is opened; nothing that it answers depends on it.
_CHANGES_ON_OPENING = "acquire_write"


class ChromaVectors:
    """One Chroma folder. Methods raise IndexDamaged when Chroma fails on it."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, or make it when it is missing."""
        from chromadb import PersistentClient
        from chromadb.config import Settings

        self.folder = folder
        self._collections: dict[str, Any] = {}
        with self._trouble():
            self._client: Any = PersistentClient(
                path=str(folder), settings=Settings(anonymized_telemetry=False)
            )
            for collection in self._client.list_collections():
                opened = self._client.get_collection(collection.name, embedding_function=None)
                self._collections[opened.name] = opened

    def dense(self, vector: Vector, audiences: frozenset[str], k: int) -> list[Hit]:
        """The nearest `k` chunks of these audiences by cosine similarity, best first."""
        hits: list[Hit] = []
        for key in audiences:
            collection = self._collections.get(_name(key))
            if collection is not None and k > 0:
                hits += self._nearest(collection, vector, k)
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))[:k]

    def add(self, audience_key: str, ids: Sequence[int], matrix: Vector) -> None:
        """Add vectors to an audience's collection, which is made when it is missing."""
        name = _name(audience_key)
        with self._trouble():
            if name not in self._collections:
                self._collections[name] = self._client.create_collection(
                    name, embedding_function=None, configuration=_HNSW
                )
            for start in range(0, len(ids), _AT_ONCE):
                self._collections[name].upsert(
                    ids=[str(chunk_id) for chunk_id in ids[start : start + _AT_ONCE]],
                    embeddings=matrix[start : start + _AT_ONCE],
                )

    def remove(self, audience_key: str, ids: Sequence[int]) -> None:
        """Take vectors out of an audience's collection."""
        with self._trouble():
            for start in range(0, len(ids), _AT_ONCE):
                self._collections[_name(audience_key)].delete(
                    ids=[str(chunk_id) for chunk_id in ids[start : start + _AT_ONCE]]
                )

    def drop(self, audience_key: str) -> None:
        """Delete the collection of an audience that no document carries any more."""
        with self._trouble():
            self._client.delete_collection(_name(audience_key))
            del self._collections[_name(audience_key)]

    def ids(self, audience_key: str) -> list[int]:
        """All chunk ids of an audience, ascending; none when it has no collection."""
        collection = self._collections.get(_name(audience_key))
        if collection is None:
            return []
        with self._trouble():
            return sorted(int(chunk_id) for chunk_id in collection.get(include=[])["ids"])

    def names(self) -> set[str]:
        """The names of the collections, comparable to `names_of`."""
        return set(self._collections)

    def close(self) -> None:
        """Let go of the folder; the object is not to be used afterwards."""
        self._client.close()

    def _nearest(self, collection: Any, vector: Vector, k: int) -> Iterator[Hit]:
        with self._trouble():
            found = collection.query(
                query_embeddings=[np.asarray(vector, dtype=np.float32)], n_results=k, include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return iter([Hit(int(chunk_id), 1.0 - float(distance)) for chunk_id, distance in pairs])

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        from chromadb.errors import ChromaError

        try:
            yield
        except (ChromaError, OSError, ValueError, KeyError, RuntimeError) as error:
            raise IndexDamaged(f"Chroma cannot use {self.folder}: {error}") from error


def names_of(audience_keys: Iterable[str]) -> set[str]:
    """The collections that hold these audiences."""
    return {_name(key) for key in audience_keys}


def stays(file: Path) -> bool:
    """Whether a file of a finished folder stays the same when Chroma opens the folder.

    Its database does not, and neither do the files of a graph so small that it was never saved: Chroma
    makes them anew from the database.
    """
    graph = file.suffix == ".bin" and not (file.parent / _SAVED).exists()
    return not file.name.startswith(DATABASE) and not graph


def content_digest(folder: Path) -> str:
    """A digest of what Chroma's own database says; opening the folder does not change it.

    Raises IndexDamaged when the database cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise IndexDamaged(f"Chroma's database in {folder} is damaged: {verdict}")
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            for (table,) in tables.fetchall():
                if table != _CHANGES_ON_OPENING:
                    digest.update(table.encode())
                    for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  Chroma's names
                        digest.update(repr(row).encode())
    except (sqlite3.Error, UnicodeError, OverflowError) as error:
        raise IndexDamaged(f"Chroma's database in {folder} cannot be read: {error}") from error
    return digest.hexdigest()


def _name(audience_key: str) -> str:
    return "audience-" + hashlib.sha256(audience_key.encode("utf-8", "surrogatepass")).hexdigest()[:40]

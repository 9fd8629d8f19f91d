"""The dense part of an index generation: one Chroma collection per audience, in a folder or on a server.

Chroma holds ids and vectors and nothing else; it is written once, in a folder that no reader has open or in
collections that no reader knows, and never changed after. This module is the one door to Chroma.
"""

import hashlib
import sqlite3
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from knowledge.errors import IndexAway, IndexDamaged
from knowledge.ports import Hit, Vector

# At 10 (Chroma's default) a tenth of the nearest are found in the worst case, at 200 nearly all.
EF_SEARCH = 200
_HNSW = {"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "ef_construction": 200}}
_AT_ONCE, _AT_ONCE_ON_SERVER = 5000, 1000
SERVER_PATIENCE_S = 10.0
DATABASE = "chroma.sqlite3"
_SAVED = "index_metadata.pickle"
# Chroma writes here whenever a folder is opened; nothing that it answers depends on it.
_CHANGES_ON_OPENING = "acquire_write"


class Collections:
    """The collections of one generation. Methods raise IndexDamaged when Chroma fails on them, IndexAway
    when its server does not answer."""

    def __init__(self, client: Any, where: str, prefix: str, at_once: int) -> None:
        self._client = client
        self._where = where
        self._prefix = prefix
        self._at_once = at_once
        self._collections: dict[str, Any] = {}
        with self._trouble():
            for collection in client.list_collections():
                if collection.name.startswith(prefix):
                    opened = client.get_collection(collection.name, embedding_function=None)
                    self._collections[opened.name.removeprefix(prefix)] = opened

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
                    self._prefix + name, embedding_function=None, configuration=_HNSW
                )
            for start in range(0, len(ids), self._at_once):
                self._collections[name].upsert(
                    ids=[str(chunk_id) for chunk_id in ids[start : start + self._at_once]],
                    embeddings=matrix[start : start + self._at_once],
                )

    def remove(self, audience_key: str, ids: Sequence[int]) -> None:
        """Take vectors out of an audience's collection."""
        with self._trouble():
            for start in range(0, len(ids), self._at_once):
                self._collections[_name(audience_key)].delete(
                    ids=[str(chunk_id) for chunk_id in ids[start : start + self._at_once]]
                )

    def drop(self, audience_key: str) -> None:
        """Delete the collection of an audience that no document carries any more."""
        with self._trouble():
            self._client.delete_collection(self._prefix + _name(audience_key))
            del self._collections[_name(audience_key)]

    def drop_all(self) -> None:
        """Delete the whole generation."""
        with self._trouble():
            for name in [*self._collections]:
                self._client.delete_collection(self._prefix + name)
                del self._collections[name]

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

    def _nearest(self, collection: Any, vector: Vector, k: int) -> Iterator[Hit]:
        with self._trouble():
            found = collection.query(
                query_embeddings=[np.asarray(vector, dtype=np.float32)], n_results=k, include=["distances"]
            )
            pairs = zip(found["ids"][0], found["distances"][0], strict=True)
            return iter([Hit(int(chunk_id), 1.0 - float(distance)) for chunk_id, distance in pairs])

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        with _trouble(self._where):
            yield


class ChromaVectors(Collections):
    """One Chroma folder."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, or make it when it is missing."""
        from chromadb import PersistentClient
        from chromadb.config import Settings

        self.folder = folder
        with _trouble(str(folder)):
            client = PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))
        super().__init__(client, str(folder), "", _AT_ONCE)

    def close(self) -> None:
        """Let go of the folder; the object is not to be used afterwards."""
        self._client.close()


class ChromaServer:
    """A Chroma server, whose collections many processes and other programs may share."""

    def __init__(self, url: str, patience_s: float = SERVER_PATIENCE_S) -> None:
        """Nothing is asked of the server yet; no call to it takes longer than `patience_s`."""
        self.where = _without_secrets(url)
        self._url = url
        self._patience_s = patience_s
        self._client: Any = None

    def generation(self, name: str) -> Collections:
        """The collections of a generation, those that there are. Raises IndexAway and IndexDamaged."""
        return Collections(self._connected(), self.where, f"lore-{name}-", _AT_ONCE_ON_SERVER)

    def collections(self) -> list[str]:
        """The names of all collections, ours and those of others."""
        with _trouble(self.where):
            return [collection.name for collection in self._connected().list_collections()]

    def close(self) -> None:
        if self._client is not None:
            for part in (self._client, self._client._admin_client):
                part._server._session.close()  # its own close forgets the sockets
            self._client.close()
            self._client = None

    def _connected(self) -> Any:
        with _trouble(self.where):
            if self._client is None:
                self._client = self._connect()
            self._client.heartbeat()
        return self._client

    def _connect(self) -> Any:
        import chromadb
        import httpx
        from chromadb.config import Settings

        address = urlsplit(self._url)
        login = f"{unquote(address.username or '')}:{unquote(address.password or '')}"
        headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"} if login != ":" else {}
        ssl = address.scheme == "https"
        port = address.port or (443 if ssl else 80)
        # The client waits for ever for a server that takes connections and says nothing: so it is asked
        # first, and the client is given our patience as soon as it is made.
        httpx.get(f"{address.scheme}://{address.hostname}:{port}/", timeout=self._patience_s)
        client: Any = chromadb.HttpClient(
            host=address.hostname or "",
            port=port,
            ssl=ssl,
            headers=headers,
            settings=Settings(anonymized_telemetry=False),
        )
        for part in (client, client._admin_client):
            part._server._session.timeout = httpx.Timeout(self._patience_s)
        return client


def _without_secrets(url: str) -> str:
    address = urlsplit(url)
    return f"{address.scheme}://{address.hostname}" + (f":{address.port}" if address.port else "")


@contextmanager
def _trouble(where: str) -> Iterator[None]:
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except (httpx.TransportError, ConnectionError) as error:
        raise IndexAway(f"Chroma at {where} does not answer: {error or type(error).__name__}") from error
    except (ChromaError, OSError, ValueError, KeyError, RuntimeError, httpx.HTTPError) as error:
        if "Could not connect" in str(error):
            raise IndexAway(f"Chroma at {where} does not answer") from error
        raise IndexDamaged(f"Chroma cannot use {where}: {error}") from error


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

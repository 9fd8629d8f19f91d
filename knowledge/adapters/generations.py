"""Index generations on disk: built beside the one that serves, probed, pointed at, followed by readers.

In `generations/` each generation has a folder of its own, `current` names the one that serves, and nothing
in a finished folder is ever changed. Building, pointing and sweeping are for the holder of the index lock.
"""

import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from knowledge.adapters.child import build_in_child, limits_for, probe_in_child
from knowledge.adapters.locks import held
from knowledge.adapters.manifest import Manifest, read_manifest, replace_file, write_manifest
from knowledge.adapters.published import ForEmbedder, RecordIndex, nothing_instead, opened_index
from knowledge.adapters.store import SqlStore
from knowledge.adapters.vectors import VersionReader
from knowledge.errors import IndexDamaged, StoreError
from knowledge.ports import Index

KEEP = 3
PROBE_S, BUILD_S = 30, 300
_POINTER = "current"
_NAME = re.compile(r"\d{8}-\d{3}")
_WAIT_FOR_SYNC_S = 3600.0

_Seen = tuple[int, int, int]  # the published version; inode and time of the pointer

log = logging.getLogger(__name__)


def index_lock(data: Path, purpose: str, wait_s: float = 0.0) -> AbstractContextManager[None]:
    """The right to write the generations of a data folder, and the record where the folder holds it.

    Raises Busy and StoreError.
    """
    return held(data / "index.lock", purpose, wait_s)


@dataclass(frozen=True, slots=True)
class _Serving:
    """What answers now: `seen` is the published version and the pointer when it was opened."""

    seen: _Seen
    name: str | None
    index: Index
    answers: Index


class Generations:
    """The generations of a data folder; `current` gives the index that answers.

    `embedder` gives the fingerprint of the embedder that questions are embedded with; it is called when an
    index is opened. With `repair`, a damaged generation is rebuilt in the background while the record
    answers.
    """

    def __init__(self, data: Path, store: SqlStore, embedder: Callable[[], str], repair: bool = True) -> None:
        self._data = data
        self._folder = data / "generations"
        self._store = store
        self._embedder = embedder
        self._repair = repair
        self._serving: _Serving | None = None
        self._opening = threading.Lock()
        self._rejected: set[str] = set()
        self._sound: set[str] = set()
        self._repairing: threading.Thread | None = None
        self.damage: str | None = None

    @contextmanager
    def lock(self, purpose: str, wait_s: float = 0.0) -> Iterator[None]:
        """The right to write the record and these generations. Raises Busy and StoreError."""
        with ExitStack() as locks:
            if self._store.database.shared:
                locks.enter_context(self._store.database.owning(purpose, self._data, wait_s))
            locks.enter_context(index_lock(self._data, purpose, wait_s))
            yield

    def current(self) -> Index:
        """The index of the newest published version.

        Costs one look at the pointer and one query while nothing was published. Otherwise the first caller
        probes and opens (a second or more) while others get the index before, and wait where there is none.
        """
        serving = self._serving
        if serving is not None and serving.seen == self._seen():
            return serving.answers
        if not self._opening.acquire(blocking=serving is None or not serving.answers.version):
            assert serving is not None
            return serving.answers
        try:
            seen = self._seen()
            if self._serving is None or self._serving.seen != seen:
                self._serving = self._open(seen)
            return self._serving.answers
        finally:
            self._opening.release()

    def serving(self) -> str | None:
        """The name of the generation that answers; None when the record does, or nothing is open yet."""
        return self._serving.name if self._serving else None

    def build(self, version: int) -> str:
        """Build and probe a generation of a version of the record, and give its name.

        Made as a copy of the newest one and what changed; afresh when that fails. Raises IndexDamaged when
        neither gives a generation that passes the probe, StoreError when the folder cannot be written.
        """
        base = next((self._folder / name for name in self._finished() if name not in self._rejected), None)
        if base is not None:
            try:
                return self._built(version, base)
            except IndexDamaged as error:
                log.warning("a copied generation did not pass, building afresh: %s", error)
        return self._built(version, None)

    @contextmanager
    def trial(self, name: str, version: int) -> Iterator[Index]:
        """The index of a generation before readers follow to it. Raises IndexDamaged."""
        record = VersionReader(self._store.database, version)
        index = opened_index(self._folder / name, version, nothing_instead, record)
        try:
            yield ForEmbedder(index, self._store.embedder(version), self._embedder())
        finally:
            index.close()

    def discard(self, name: str) -> None:
        """Delete a generation that readers are not to follow to."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def point_to(self, name: str) -> None:
        """Let readers follow to a generation."""
        try:
            replace_file(self._folder / _POINTER, f"{name}\n".encode())
        except OSError as error:
            raise StoreError(f"cannot write {self._folder / _POINTER}: {error.strerror}") from error

    def settle(self) -> None:
        """See to it that the pointer names a generation of the published version, building one if need be.

        For the holder of the index lock, after anything may have been killed or damaged.
        """
        version = self._store.published()
        if version == 0:
            return
        name = next(self._candidates(version), None)
        if name is None or name != self._pointed():
            self.point_to(name or self.build(version))
        self.sweep()

    def sweep(self) -> None:
        """Delete all but the newest few generations, whatever was never finished, and what was rejected."""
        if not self._folder.is_dir():
            return
        keep = [name for name in self._finished() if name not in self._rejected][:KEEP]
        for path in self._folder.iterdir():
            if path.is_dir() and path.name not in keep and path.name != self._pointed():
                shutil.rmtree(path, ignore_errors=True)
        self._rejected &= {path.name for path in self._folder.iterdir()}

    def close(self) -> None:
        """Forget the open index; its files are let go of when the last question that uses it is answered."""
        self._serving = None

    def _open(self, seen: _Seen) -> _Serving:
        version = seen[0]
        made_by = self._store.embedder(version)
        for name in self._candidates(version):
            if self._serving is not None and self._serving.name == name:
                return _Serving(seen, name, self._serving.index, self._serving.answers)
            try:
                index: Index = self._probed(name, version)
            except IndexDamaged as error:
                self._reject(name, error)
            else:
                self.damage = None
                return _Serving(seen, name, index, ForEmbedder(index, made_by, self._embedder()))
        index = RecordIndex(self._store.database, version)
        if version > 0:
            self.damage = self.damage or "there is no generation of the published version"
            self._repair_in_background()
        return _Serving(seen, None, index, ForEmbedder(index, made_by, self._embedder()))

    def _probed(self, name: str, version: int) -> Index:
        manifest = read_manifest(self._folder / name)
        if manifest is None:
            raise IndexDamaged(f"the generation {name} has no manifest")
        self._probe(name, manifest)

        def instead(error: IndexDamaged) -> Index:
            self._reject(name, error)
            return self._fall_back(name, version)

        record = VersionReader(self._store.database, version)
        return opened_index(self._folder / name, version, instead, record)

    def _fall_back(self, name: str, version: int) -> Index:
        """Answer from the record instead of a generation that failed while it served."""
        with self._opening:
            serving = self._serving
            if serving is not None and serving.name == name:
                index = RecordIndex(self._store.database, version)
                answers = ForEmbedder(index, self._store.embedder(version), self._embedder())
                serving = self._serving = _Serving(serving.seen, None, index, answers)
                self._repair_in_background()
            if serving is not None and serving.name is None and serving.index.version == version:
                return serving.index
        return RecordIndex(self._store.database, version)

    def _reject(self, name: str, error: IndexDamaged) -> None:
        log.warning("the generation %s is damaged, the record answers: %s", name, error)
        self._rejected.add(name)
        self.damage = str(error)

    def _repair_in_background(self) -> None:
        if self._repair and (self._repairing is None or not self._repairing.is_alive()):
            self._repairing = threading.Thread(target=self._rebuild, name="index repair", daemon=True)
            self._repairing.start()

    def _rebuild(self) -> None:
        try:
            with index_lock(self._data, "rebuild the index", _WAIT_FOR_SYNC_S):
                self.settle()
            self.current()
        except (IndexDamaged, StoreError) as error:
            log.error("the index could not be rebuilt, the record goes on answering: %s", error)

    def _built(self, version: int, base: Path | None) -> str:
        made_by = self._store.embedder(version)
        assert made_by is not None, "only a version of the record can be built"
        chunks = self._store.searched(version, self._store.audience_keys(version)).chunks
        folder = self._new_folder(version)
        try:
            limits = limits_for(chunks, BUILD_S)
            manifest = build_in_child(self._database, folder, version, made_by, base, limits)
            write_manifest(folder, manifest)
        except OSError as error:
            raise StoreError(f"cannot write the index in {folder}: {error.strerror}") from error
        self._sound.add(folder.name)
        return folder.name

    def _probe(self, name: str, manifest: Manifest) -> None:
        """Probe a generation before this process opens it, unless it was just built and probed here."""
        if name not in self._sound:
            limits = limits_for(manifest.chunks, PROBE_S)
            probe_in_child(self._database, self._folder / name, manifest, limits)
        self._sound.discard(name)

    def _new_folder(self, version: int) -> Path:
        for number in range(1000):
            folder = self._folder / f"{version:08d}-{number:03d}"
            if folder.name == self._pointed():
                continue  # readers may still have it open, even if it is gone
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            except OSError as error:
                raise StoreError(f"cannot make the folder {folder}: {error.strerror}") from error
            return folder
        raise StoreError(f"{self._folder} is full of unfinished generations: delete it and run `lore sync`")

    def _candidates(self, version: int) -> Iterator[str]:
        """Finished generations of a version that were not rejected: the pointed one, then the newest."""
        pointed = self._pointed()
        wanted = (version, self._store.embedder(version))
        for name in sorted(self._finished(), key=lambda name: name != pointed):
            manifest = read_manifest(self._folder / name)
            said = (manifest.version, manifest.embedder) if manifest else None
            if said == wanted and name not in self._rejected:
                yield name

    def _finished(self) -> list[str]:
        """Generations with a readable manifest, newest first."""
        try:
            names = [path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]
        except OSError:
            return []
        return [name for name in sorted(names, reverse=True) if read_manifest(self._folder / name)]

    def _pointed(self) -> str | None:
        try:
            name = (self._folder / _POINTER).read_text("utf-8", errors="replace").strip()
        except OSError:
            return None
        return name if _NAME.fullmatch(name) else None

    def _seen(self) -> _Seen:
        try:
            pointer = (self._folder / _POINTER).stat()
        except OSError:
            return self._store.published(), 0, 0
        return self._store.published(), pointer.st_ino, pointer.st_mtime_ns

    @property
    def _database(self) -> str:
        return self._store.database.address

"""The words of versions on this machine: one folder each, made from the record when it is missing or damaged.

Processes on one machine share the folders; a folder appears whole or not at all, and never changes.
"""

import os
import re
import shutil
import threading
from pathlib import Path

from knowledge.adapters.building import write_words
from knowledge.adapters.lexical import LexicalIndex
from knowledge.adapters.locks import held
from knowledge.adapters.manifest import (
    FORMAT,
    LEXICAL,
    Manifest,
    check_files,
    fsynced,
    read_manifest,
    write_manifest,
)
from knowledge.adapters.store import SqlStore
from knowledge.adapters.vectors import VersionReader
from knowledge.errors import IndexDamaged, StoreError

KEEP = 3
_WAIT_S = 600.0
_NAME = re.compile(r"\d{8}")


class LocalWords:
    """Opens the words of a version. Raises StoreError when the folder cannot be written."""

    def __init__(self, folder: Path, store: SqlStore) -> None:
        self._folder = folder
        self._store = store
        self._making = threading.Lock()
        self._open: tuple[int, LexicalIndex] | None = None

    def open(self, version: int) -> LexicalIndex:
        """The words of a version, open for reading by many threads; made now if need be."""
        with self._making:
            if self._open is not None and self._open[0] == version:
                return self._open[1]
            if not self._whole(version):
                with held(self._folder.with_suffix(".lock"), "make the words", _WAIT_S):
                    if not self._whole(version):  # nobody was quicker
                        self._make(version)
            words = LexicalIndex.open(self._path(version) / LEXICAL)
            self._open = (version, words)
            return words

    def are_sound(self, version: int) -> bool:
        """Whether the folder is as it was made; one that is not is made anew when it is next opened."""
        with self._making:
            if self._whole(version):
                return True
            self._open = None
            return False

    def _path(self, version: int) -> Path:
        return self._folder / f"{version:08d}"

    def _whole(self, version: int) -> bool:
        manifest = read_manifest(self._path(version))
        if manifest is None or (manifest.version, manifest.embedder) != self._of(version):
            return False
        try:
            check_files(self._path(version), manifest)
        except IndexDamaged:
            return False
        return True

    def _make(self, version: int) -> None:
        """For the holder of the lock."""
        making = self._folder / "making"
        reader = VersionReader(self._store.database, version)
        try:
            self._sweep()
            making.mkdir(parents=True)
            write_words(LexicalIndex.create(making / LEXICAL), reader, reader.revision_ids(), set(), [])
            number, embedder = self._of(version)
            write_manifest(making, Manifest(number, embedder, 0, 0, "", fsynced(making), FORMAT))
            shutil.rmtree(self._path(version), ignore_errors=True)  # damaged, or of another record
            os.replace(making, self._path(version))
        except OSError as error:
            raise StoreError(f"cannot write the words in {self._folder}: {error.strerror}") from error

    def _sweep(self) -> None:
        """Delete all but the newest few, and what was never finished."""
        if self._folder.is_dir():
            names = sorted((path.name for path in self._folder.iterdir()), reverse=True)
            kept = [name for name in names if _NAME.fullmatch(name)][: KEEP - 1]
            for name in names:
                if name not in kept:
                    shutil.rmtree(self._folder / name, ignore_errors=True)

    def _of(self, version: int) -> tuple[int, str]:
        return version, self._store.embedder(version) or ""

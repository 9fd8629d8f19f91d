"""Reads the pages of a Git repository by commit: only changed files are fetched, and none is checked out."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from ingest.parsing.formats import named_format, why_not_read
from ingest.readers.commit_dates import Change
from ingest.readers.files import Globs, as_path
from ingest.readers.git_clone import Clone, Entry
from ingest.readers.git_commands import GitFailed
from ingest.readers.git_remote import Remote, checked_folder, page_address, remote_of
from ingest.readers.pages import document_of, version_of
from ingest.sources import Item, Listed, Reading, Skipped, Source
from ingest.web import World
from knowledge.documents import Document
from knowledge.errors import Unreadable

_LINK, _OTHER_REPOSITORY = "120000", "160000"
_LFS = b"version https://git-lfs.github.com/spec/"
_NOBODY = ("noreply", "no-reply", "donotreply", "[bot]")


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the pages on one branch of a repository.

    Raises Unreadable when the repository, its branch or its folder cannot be had.
    """
    remote = remote_of(source, world or World())
    folder = checked_folder(str(source.options.get("folder") or ""))
    clone = Clone(reading, remote, int(source.options.get("history", 1000)))
    clone.update(source.options.get("branch"))
    return _Pages(source, reading, remote, clone, folder).listed()


class _Pages:
    """The pages of one commit. Files are fetched together, as soon as the first of them is loaded."""

    def __init__(self, source: Source, reading: Reading, remote: Remote, clone: Clone, folder: str) -> None:
        self._source = source
        self._known = reading.known
        self._remote = remote
        self._clone = clone
        self._folder = folder
        self._version = version_of(source, clone.branch, remote.site, folder)
        self._blobs: dict[str, str] = {}
        self._lock = threading.Lock()

    def listed(self) -> Iterator[Item | Skipped]:
        globs = Globs(self._source)
        for entry in self._clone.entries(self._folder):
            path = as_path(entry.parts)
            if any(part.startswith(".") for part in entry.parts) or not globs.allow(path):
                continue
            if self._remote.is_wiki and entry.parts[-1].startswith("_"):
                continue  # the side bar, header and footer around each page
            one = self._one(entry, path)
            if one is not None:
                yield one

    def _one(self, entry: Entry, path: str) -> Item | Skipped | None:
        if entry.mode == _OTHER_REPOSITORY:
            return Skipped(path, "another repository (a submodule): add it as a source of its own")
        if named_format(path) is None:
            reason = why_not_read(path)
            return Skipped(path, reason) if reason else None
        if entry.mode == _LINK:
            return Skipped(path, "a symbolic link: links are not followed")
        if path in self._blobs:
            return Skipped(path, "another file has this name too, spelt in other bytes")
        self._blobs[path] = entry.blob
        digest = _digest(entry.blob, self._version)
        return Item(path, digest, lambda: self._load(entry, path, digest))

    def _load(self, entry: Entry, path: str, digest: str) -> Document:
        with self._lock:
            data = self._data(entry)
            change = self._changes.get("/".join(entry.parts))
        if data.startswith(_LFS) and len(data) < 1_000:
            raise Unreadable("it is kept in Git LFS, which is not read")
        if not data:
            raise Unreadable("the file is empty")
        return document_of(
            self._at(path),
            path,
            data,
            digest,
            updated_at=change.at if change else None,
            owner=_person(change),
        )

    def _data(self, entry: Entry) -> bytes:
        """The bytes of a page; what else is new is fetched with it, in one go."""
        try:
            return self._clone.read(entry.blob, self._source.max_bytes)
        except GitFailed:
            pass
        changed = {blob for path, blob in self._blobs.items() if self._is_new(path, blob)}
        self._clone.fetch(changed | {entry.blob})
        return self._clone.read(entry.blob, self._source.max_bytes)

    def _is_new(self, path: str, blob: str) -> bool:
        return self._known.get(path) != _digest(blob, self._version)

    @cached_property
    def _changes(self) -> Mapping[str, Change]:
        try:
            return self._clone.changes(self._folder)
        except GitFailed:
            return {}

    def _at(self, path: str) -> Source:
        """The source, with this page's address where only the place of the repository tells it."""
        if self._source.url is not None:
            return self._source
        whole = f"{self._folder}/{path}" if self._folder else path
        return replace(self._source, url=page_address(self._remote, self._clone.branch, whole))


def _digest(blob: str, version: str) -> str:
    """What names a page as it is: equal for a page that was only moved."""
    return hashlib.sha256(f"{blob}\n{version}".encode()).hexdigest()


def _person(change: Change | None) -> str | None:
    """Who changed a page last, where that is somebody who can be written to."""
    if change is None or "@" not in change.author or any(word in change.author.lower() for word in _NOBODY):
        return None
    return change.author

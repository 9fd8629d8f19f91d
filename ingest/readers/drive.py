"""Reads a folder of Google Drive or a shared drive; whom a file is shared with decides who may read it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial

from ingest.parsing.formats import named_format, why_not_read
from ingest.parsing.frontmatter import as_time, web_address
from ingest.readers.drive_api import FOLDER, SHORTCUT, Drive, File
from ingest.readers.files import Globs, too_large
from ingest.readers.naming import digest_of, distinct, fingerprint, path_of
from ingest.readers.pages import document_of, version_of
from ingest.readers.restrictions import Matching, Named, nobody
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Source, Withheld
from ingest.web import Denied, Gone, World
from knowledge.audience import Audience
from knowledge.documents import Document
from knowledge.errors import Unreadable

_OFFICE = "application/vnd.openxmlformats-officedocument."
_GOOGLE = "application/vnd.google-apps."
_EXPORTS = {
    "document": (("text/markdown", ".md"), ("text/plain", ".txt")),
    "spreadsheet": ((f"{_OFFICE}spreadsheetml.sheet", ".xlsx"), ("text/csv", ".csv")),
    "presentation": ((f"{_OFFICE}presentationml.presentation", ".pptx"), ("text/plain", ".txt")),
}
_PICTURE = re.compile(rb"^\[[^\]\n]{1,80}\]: *<data:[^\n]*\n?", re.MULTILINE)
_ID = re.compile(r"[A-Za-z0-9_-]{10,}")
_FULL_EVERY = timedelta(days=1)
_DEEPEST = 100


def read(source: Source, reading: Reading, world: World | None = None) -> Iterator[Listed]:
    """List the files below a folder with their checksums and readers; each is fetched when it is loaded.

    Where Google says that nothing changed since, what is known stands. Raises Unreadable when the folder
    cannot be listed.
    """
    yield from _Listing(source, reading, world or World()).listed()


class _Listing:
    """One folder while it is listed."""

    def __init__(self, source: Source, reading: Reading, world: World) -> None:
        self._source = source
        self._reading = reading
        self._now = world.clock()
        self._drive = Drive(source, reading, world)
        self._matching = Matching.of(source)
        self._domains = {one.lower() for one in source.options["domains"]}
        self._follow = source.options["sharing"] == "follow"
        self._globs = Globs(source)
        self._version = version_of(source, "export", sorted(map(str, _EXPORTS.items())))
        self._root = self._drive.root(_folder_id(source.options["folder"]))
        self._all: dict[str, Item] | None = None
        self._certain = True

    def listed(self) -> Iterator[Listed]:
        shared = self._named(self._root).key if self._follow else []
        settings = [self._source.options["groups"], self._source.options["domains"], self._follow]
        globs = [self._source.include, self._source.exclude]
        shape = digest_of(self._version, self._root["id"], shared, settings, globs)
        remembered = self._unchanged(shape)
        if remembered is not None:
            for path, digest in sorted(self._reading.known.items()):
                yield Item(path, digest, partial(self._load_as_it_is, path))
            yield remembered
            return
        cursor = self._drive.cursor(self._root.get("driveId"))
        listed: dict[str, str] = {}
        for one in self._files():
            self._certain = self._certain and not isinstance(one, Incomplete)
            if isinstance(one, Item):
                listed[one.path] = one.digest
            yield one
        if self._certain:
            yield _remember(shape, fingerprint(listed), cursor, self._now.isoformat())

    def _unchanged(self, shape: str) -> Remember | None:
        """What to remember where nothing changed since the last listing, all of which is known."""
        said = self._reading.remembered
        full_at = as_time(said.get("full_at"))
        if full_at is None or not timedelta() <= self._now - full_at < _FULL_EVERY:
            return None
        if said.get("shape") != shape or said.get("listed") != fingerprint(self._reading.known):
            return None
        try:
            changed = self._drive.changed(str(said.get("cursor")), self._root.get("driveId"))
        except Unreadable:
            if self._reading.stopped():
                raise
            return None
        if changed.anything:
            return None
        return _remember(shape, str(said["listed"]), changed.cursor, full_at.isoformat())

    def _files(self) -> Iterator[Listed]:
        files: dict[str, tuple[File, str]] = {}
        for one in self._below():
            if isinstance(one, Incomplete):
                yield one
            else:
                files[str(one[0]["id"])] = one
        paths = distinct((file_id, path) for file_id, (_, path) in files.items())
        for file_id, path in sorted(paths.items(), key=lambda pair: pair[1]):
            if self._globs.allow(path):
                yield from self._file(files[file_id][0], path)

    def _below(self) -> Iterator[tuple[File, str] | Incomplete]:
        """All files with their paths, level by level; a folder that comes twice is read once."""
        titles: dict[str, tuple[str, ...]] = {str(self._root["id"]): ()}
        level = list(titles)
        for _ in range(_DEEPEST):
            if not level:
                return
            following = []
            try:
                for one in self._drive.children(level):
                    if isinstance(one, Incomplete):
                        yield one
                        continue
                    parent = next((up for up in one.get("parents") or () if up in titles), None)
                    above = (*titles.get(parent or "", ()), str(one.get("name") or "untitled"))
                    if one.get("mimeType") != FOLDER:
                        yield one, path_of(above)
                    elif one["id"] not in titles:
                        titles[str(one["id"])] = above
                        following.append(str(one["id"]))
            except Unreadable as error:
                if len(titles) == 1 or self._reading.stopped():
                    raise
                yield Incomplete(f"folders could not be listed: {error}")
            level = following
        yield Incomplete(f"folders more than {_DEEPEST} levels deep are not read")

    def _file(self, file: File, path: str) -> Iterator[Item | Skipped | Withheld]:
        reason = self._why_not(file)
        if reason is not None:
            if reason:
                yield Skipped(path, reason)
            return
        try:
            restrictions = [self._named(file)] if self._follow else []
        except (Denied, Gone) as error:
            self._certain = False
            yield Withheld(path, f"whom it is shared with cannot be told: {error}")
            return
        except Unreadable as error:
            if self._reading.stopped():
                raise
            self._certain = False
            yield Skipped(path, f"whom it is shared with cannot be told: {error}")
            return
        audience = self._matching.readers(self._source, restrictions)
        if restrictions and nobody(audience):
            yield Withheld(path, self._matching.why_nobody(self._source, restrictions))
            return
        state = file.get("md5Checksum") or file.get("modifiedTime")
        shared = [one.key for one in restrictions]
        digest = digest_of(file["id"], state, shared, audience.key, self._version)
        yield Item(path, digest, lambda: self._load(file, path, digest, audience), audience)

    def _named(self, file: File) -> Named:
        """Whom a file is shared with; a domain's people are everybody, unless only some domains are."""
        one = self._drive.named(file)
        domains = {name for name in one.groups if "@" not in name}
        ours = bool(domains & self._domains if self._domains else domains)
        return Named(one.e_mails, one.groups - domains, all_of_it=one.all_of_it or ours)

    def _why_not(self, file: File) -> str | None:
        """Why a file is not read; empty where nobody expects it to be, None where it is."""
        kind, name = str(file.get("mimeType")), str(file.get("name"))
        if kind == SHORTCUT:
            return "a shortcut: shortcuts are not followed"
        if kind.startswith(_GOOGLE):
            own = kind.removeprefix(_GOOGLE)
            return None if own in _EXPORTS else f"Google's own kind of file {own!r} is not read"
        if named_format(name) is None:
            return why_not_read(name) or ""
        size = int(file.get("size") or 0)
        if size == 0:
            return "the file is empty"
        if size > self._source.max_bytes:
            return too_large(size, self._source.max_bytes)
        if (file.get("capabilities") or {}).get("canDownload") is False:
            return "its owner does not let it be downloaded"
        return None

    def _load_as_it_is(self, path: str) -> Document:
        """A file that did not change and is to be read again: Drive is listed once for all of them."""
        if self._all is None:
            self._all = {one.path: one for one in self._files() if isinstance(one, Item)}
        if path not in self._all:
            raise Unreadable("the file is not there any more, or nobody may be shown it")
        return self._all[path].load()

    def _load(self, file: File, path: str, digest: str, audience: Audience) -> Document:
        data, name = self._fetched(file)
        people = [file.get("lastModifyingUser"), *(file.get("owners") or ())]
        by: Mapping[str, str] = next((one for one in people if one), {})
        return document_of(
            self._source,
            path,
            data,
            digest,
            name=name,
            title=str(file["name"]) if name != file["name"] else None,
            url=None if self._source.url else web_address(file.get("webViewLink")),
            updated_at=as_time(file.get("modifiedTime")),
            owner=by.get("emailAddress") or by.get("displayName"),
            audience=audience,
        )

    def _fetched(self, file: File) -> tuple[bytes, str]:
        """The bytes of a file and a name that tells their format. Raises Unreadable."""
        most = self._source.max_bytes
        kind, name = str(file["mimeType"]), str(file["name"])
        if not kind.startswith(_GOOGLE):
            data = self._drive.download(file["id"], most)
            if file.get("md5Checksum") not in (None, hashlib.md5(data, usedforsecurity=False).hexdigest()):
                raise Unreadable("it changed while it was read: the next sync reads it")
            return data, name
        formats = [one for one in _EXPORTS[kind.removeprefix(_GOOGLE)] if named_format(f"x{one[1]}")]
        for media_type, ending in formats[:-1]:
            try:
                return self._exported(file, media_type, most), f"{name}{ending}"
            except Denied:  # more than Google exports in this format
                continue
        media_type, ending = formats[-1]
        return self._exported(file, media_type, most), f"{name}{ending}"

    def _exported(self, file: File, media_type: str, most: int) -> bytes:
        data = self._drive.export(str(file["id"]), media_type, most)
        return _PICTURE.sub(b"", data) if media_type == "text/markdown" else data


def _remember(shape: str, listed: str, cursor: str, full_at: str) -> Remember:
    note: Mapping[str, str] = {"shape": shape, "listed": listed, "cursor": cursor, "full_at": full_at}
    return Remember(note)


def _folder_id(said: str) -> str:
    """The id in an address or by itself. Raises Unreadable."""
    last = said.split("?")[0].rstrip("/").rpartition("/")[2]
    if not _ID.fullmatch(last):
        raise Unreadable("`folder` must be the address of a folder or a shared drive, or its id")
    return last

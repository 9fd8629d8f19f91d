"""Walks a folder and opens its files without ever leaving it: no links followed, no pipes or devices read."""

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.sources import Skipped, Source
from knowledge.errors import Unreadable

_BLOCK = 1 << 20
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file below the root of a source.

    `parts` are its names as the disk has them; `path` is the stable id made of them; `size` is in bytes.
    """

    path: str
    parts: tuple[str, ...]
    size: int


def walk(source: Source, hidden: frozenset[str] = frozenset()) -> Iterator[Found | Skipped]:
    """All regular files of a source that its globs allow, sorted by name folder by folder.

    Hidden files and folders are left out, but for those with a name in `hidden`. What a person would expect
    to be read and is not comes as Skipped. Raises Unreadable when the source's own folder cannot be listed.
    """
    globs = Globs(source)
    seen: set[str] = set()
    try:
        root = os.open(source.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unreadable(
            f"source {source.name}: {source.path} cannot be read ({error.strerror}); check its `path`."
        ) from None
    try:
        for found in _walk(root, (), hidden):
            if isinstance(found, Found) and not globs.allow(found.path):
                continue
            if found.path in seen:
                yield Skipped(found.path, "another file has this name too, spelt in other bytes")
                continue
            seen.add(found.path)
            yield found
    finally:
        os.close(root)


def _walk(folder: int, above: tuple[str, ...], hidden: frozenset[str]) -> Iterator[Found | Skipped]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        yield Skipped(as_path(above) + "/", f"the folder cannot be listed: {error.strerror}")
        return
    for name in names:
        if name.startswith(".") and name not in hidden:
            continue
        parts = (*above, name)
        try:
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            continue  # gone since it was listed
        if stat.S_ISDIR(status.st_mode):
            yield from _walk_below(folder, name, parts, hidden)
        elif stat.S_ISREG(status.st_mode):
            yield Found(as_path(parts), parts, status.st_size)
        elif stat.S_ISLNK(status.st_mode):
            yield Skipped(as_path(parts), "a symbolic link: links are not followed")
        else:
            yield Skipped(as_path(parts), "not a file but a pipe, socket or device")


def _walk_below(
    folder: int, name: str, parts: tuple[str, ...], hidden: frozenset[str]
) -> Iterator[Found | Skipped]:
    try:
        below = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=folder)
    except OSError as error:
        yield Skipped(as_path(parts) + "/", f"the folder cannot be opened: {error.strerror}")
        return
    try:
        yield from _walk(below, parts, hidden)
    finally:
        os.close(below)


def read_bytes(source: Source, parts: tuple[str, ...]) -> bytes:
    """The whole of a file as it is now. Raises Unreadable when it is gone, too large or no longer a file."""
    blocks = list(_blocks(source, parts))
    return b"".join(blocks)


def digest_of(source: Source, parts: tuple[str, ...], version: str) -> str:
    """sha256 of a file's bytes and of what else shapes its document. Raises as `read_bytes` does."""
    hashed = hashlib.sha256()
    for block in _blocks(source, parts):
        hashed.update(block)
    hashed.update(version.encode())
    return hashed.hexdigest()


def blocks_of(source: Source, parts: tuple[str, ...]) -> Iterator[bytes]:
    """A file as it is now, block by block. Raises as `read_bytes` does."""
    yield from _blocks(source, parts)


def read_stretches(
    source: Source, parts: tuple[str, ...], stretches: Sequence[tuple[int, int]]
) -> list[bytes]:
    """Stretches of a file, by where they start and end; shorter where the file is by now.

    Raises Unreadable when it is gone or no longer a file.
    """
    try:
        file = _open_below(source.path, parts)
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror}") from None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise Unreadable("not a regular file any more")
        return [os.pread(file, end - start, start) for start, end in stretches]
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from None
    finally:
        os.close(file)


def digest_of_bytes(data: bytes, version: str) -> str:
    """What `digest_of` gives for a file with these bytes."""
    hashed = hashlib.sha256(data)
    hashed.update(version.encode())
    return hashed.hexdigest()


def too_large(size: int, limit: int) -> str:
    return f"too large: {size / 1e6:,.1f} MB, the limit is {limit / 1e6:,.1f} MB (`max_megabytes`)"


def as_path(parts: tuple[str, ...]) -> str:
    """Names as a stable id: NFC, joined with `/`; what cannot be shown is spelt out (`\\x0a`)."""
    return "/".join(_UNPRINTABLE.sub(_spelt, unicodedata.normalize("NFC", part)) for part in parts)


def _spelt(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python holds a byte of a name that is not UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _blocks(source: Source, parts: tuple[str, ...]) -> Iterator[bytes]:
    try:
        file = _open_below(source.path, parts)
    except OSError as error:
        raise Unreadable(f"the file cannot be opened: {error.strerror}") from None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file any more")
        if status.st_size > source.max_bytes:
            raise Unreadable(too_large(status.st_size, source.max_bytes))
        total = 0
        while block := os.read(file, _BLOCK):
            total += len(block)
            if total > source.max_bytes:
                raise Unreadable(too_large(total, source.max_bytes))
            yield block
    except OSError as error:
        raise Unreadable(f"the file cannot be read: {error.strerror}") from None
    finally:
        os.close(file)


def _open_below(root: Path, parts: tuple[str, ...]) -> int:
    """Open a file name by name, so that no folder on the way can be a link out of the root."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for name in parts[:-1]:
        above = folder
        try:
            folder = os.open(name, _OPEN | os.O_DIRECTORY, dir_fd=above)
        finally:
            os.close(above)
    try:
        return os.open(parts[-1], _OPEN, dir_fd=folder)
    finally:
        os.close(folder)


class Globs:
    """`include` and `exclude`: `**` crosses folders, `*` and `?` do not; a folder stands for all in it."""

    def __init__(self, source: Source) -> None:
        self._include = [_glob(pattern) for pattern in source.include]
        self._exclude = [_glob(pattern) for pattern in source.exclude]

    def allow(self, path: str) -> bool:
        """Whether a document at this path belongs to the source."""
        if any(pattern.fullmatch(path) for pattern in self._exclude):
            return False
        return not self._include or any(pattern.fullmatch(path) for pattern in self._include)


def _glob(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.strip("/"))
    spelt = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    lead = "(?:[^/]+/)*" if "/" not in pattern.strip("/") else ""
    return re.compile(
        lead + "".join(spelt.get(piece, re.escape(piece)) for piece in pieces) + "(?:/.*)?", re.S
    )

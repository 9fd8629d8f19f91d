"""An office document as the ZIP archive that it is: its parts unpacked one at a time, within limits."""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from ingest.parsing.xml import Element, read_tree
from knowledge.errors import Unreadable

MOST_UNPACKED = 100_000_000
MOST_RATIO = 100
MOST_MEMBERS = 2_000
_RATIO_COUNTS_FROM = 1_000_000  # a small part may be as dense as it likes
_MOST_DIRECTORY = MOST_MEMBERS * 500
_BLOCK = 1 << 16
_END = b"PK\x05\x06"
_END_SIZE = 22
_LOCAL_SIZE = 30
_MOST_COMMENT = 65_535
_ENCRYPTED = 0x1
_TOO_MUCH = f"unpacked it takes more than {MOST_UNPACKED / 1e6:,.0f} MB or {MOST_RATIO} times its size"
_DAMAGED = "the archive that it is in is damaged"


@dataclass(frozen=True, slots=True)
class Relation:
    """How one part refers to another: `kind` is the last word of the relation's type; `target` is a part's
    name, or a web address where it is `external`."""

    kind: str
    target: str
    external: bool


class Package:
    """The parts of an office document by name.

    Nothing is unpacked before it is asked for, no part that is an archive is opened, and what is unpacked is
    counted as it comes, whatever the archive says of itself.
    """

    def __init__(self, data: bytes) -> None:
        """Check the directory of an archive. Raises Unreadable when it is damaged or not to be trusted."""
        _check_end(data)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise Unreadable(_DAMAGED) from None
        members = self._archive.infolist()
        _check(members, data)
        self._members = {member.filename.lower(): member for member in members}
        self._unpacked = 0

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._members

    def blocks(self, name: str) -> Iterator[bytes]:
        """A part, unpacked block by block. Raises Unreadable when it is missing, damaged or too large."""
        member = self._members.get(name.lower())
        if member is None:
            raise Unreadable(f"the part {_shown(name)} is missing")
        most = max(_RATIO_COUNTS_FROM, MOST_RATIO * member.compress_size)
        size = 0
        try:
            with self._archive.open(member) as part:
                while block := part.read(_BLOCK):
                    size += len(block)
                    self._unpacked += len(block)
                    if size > most or self._unpacked > MOST_UNPACKED:
                        raise Unreadable(_TOO_MUCH)
                    yield block
        except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error, OSError):
            raise Unreadable(f"the part {_shown(name)} is damaged") from None

    def tree(self, name: str) -> Element:
        """A part as XML. Raises Unreadable."""
        return read_tree(self.blocks(name))

    def relations(self, name: str = "") -> dict[str, Relation]:
        """What a part (the whole document, when no name is given) refers to, by id. Raises Unreadable."""
        folder, _, file = name.rpartition("/")
        place = posixpath.join(folder, "_rels", f"{file}.rels")
        if place not in self:
            return {}
        found = {}
        for each in self.tree(place):
            external = each.get("TargetMode") == "External"
            target = each.get("Target", "")
            found[each.get("Id", "")] = Relation(
                kind=each.get("Type", "").rpartition("/")[2],
                target=target if external else _resolved(folder, target),
                external=external,
            )
        return found

    def related(self, name: str, kind: str) -> str | None:
        """The part of a kind that a part refers to, if the document has it."""
        targets = (one.target for one in self.relations(name).values() if one.kind == kind)
        return next((target for target in targets if target in self), None)


def _check_end(data: bytes) -> None:
    """How many members the archive claims to have, before anything reads the list of them."""
    at = data.rfind(_END, max(0, len(data) - _MOST_COMMENT - _END_SIZE))
    if at < 0 or len(data) < at + _END_SIZE:
        raise Unreadable("the archive that it is in is cut off")
    count, size = struct.unpack_from("<HI", data, at + 10)
    if count > MOST_MEMBERS or size > _MOST_DIRECTORY:
        raise Unreadable(f"it is made of more than {MOST_MEMBERS:,} parts")


def _check(members: list[zipfile.ZipInfo], data: bytes) -> None:
    if len(members) > MOST_MEMBERS:
        raise Unreadable(f"it is made of more than {MOST_MEMBERS:,} parts")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise Unreadable("it is encrypted")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise Unreadable("it is packed in a way that office programs do not use")
    if len({member.filename.lower() for member in members}) < len(members):
        raise Unreadable("two of its parts have the same name")
    extents = sorted((member.header_offset, _end_of(member, data)) for member in members)
    if any(after[0] < before[1] for before, after in pairwise(extents)):
        raise Unreadable("its parts overlap")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > min(MOST_UNPACKED, max(_RATIO_COUNTS_FROM, MOST_RATIO * packed)):
        raise Unreadable(_TOO_MUCH)


def _end_of(member: zipfile.ZipInfo, data: bytes) -> int:
    """Where a member ends in the archive, by its own header."""
    if not 0 <= member.header_offset <= len(data) - _LOCAL_SIZE:
        raise Unreadable(_DAMAGED)
    name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
    end = member.header_offset + _LOCAL_SIZE + int(name) + int(extra) + member.compress_size
    if end > len(data):
        raise Unreadable(_DAMAGED)
    return end


def _resolved(folder: str, target: str) -> str:
    """The name of a part from where it is referred to; never outside the archive, where nothing is."""
    path = unquote(urlsplit(target).path)
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:80]

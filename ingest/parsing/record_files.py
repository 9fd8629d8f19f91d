"""Files of framed records with checksums: TensorBoard's event files and W&B's logs, read up to a cut."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

_WANDB_HEADER = b":W&B"
_WANDB_START = 7
_BLOCK = 32_768
_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_MOST_RECORD = 100_000_000
_LARGE_EVENT = 500_000
_CHECKED_AT_ONCE = 10_000_000


@dataclass(slots=True)
class Frames:
    """The records of one file. `notes` say, once they were read, where reading ended early and why."""

    records: Iterator[bytes]
    notes: list[str] = field(default_factory=list)


def event_records(data: bytes, name: str) -> Frames:
    """The records of a TFRecord file, each checked; very large ones (images, graphs) are passed over."""
    frames = Frames(iter(()))
    frames.records = _event_records(data, name, frames.notes)
    return frames


def wandb_records(data: bytes, name: str) -> Frames:
    """The records of a W&B log, which has the blocks of a LevelDB log. Each is checked."""
    frames = Frames(iter(()))
    frames.records = _wandb_records(data, name, frames.notes)
    return frames


def _event_records(data: bytes, name: str, notes: list[str]) -> Iterator[bytes]:
    places, end_note = _framed(data, name)
    sound = _sound(data, places)
    for (start, size), whole in zip(places, sound, strict=True):
        if not whole:
            notes.append(_broken(name, start, len(data)))
            return
        yield data[start : start + size]
    if end_note:
        notes.append(end_note)


def _framed(data: bytes, name: str) -> tuple[list[tuple[int, int]], str | None]:
    """Where each record stands and how long it is, and why they end before the file does."""
    places: list[tuple[int, int]] = []
    known: dict[bytes, int] = {}
    at, end = 0, len(data)
    while at < end:
        if end - at < 12:
            return places, _cut(name, at, end)
        size, checksum = struct.unpack_from("<QI", data, at)
        header = data[at : at + 8]
        if header not in known:
            known[header] = masked_crc32c(header)
        if known[header] != checksum:
            return places, _broken(name, at, end)
        if size + 16 > end - at:
            return places, _cut(name, at, end)
        if size <= _LARGE_EVENT:
            places.append((at + 12, size))
        at += size + 16
    return places, None


def _sound(data: bytes, places: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Whether each record has the checksum that stands after it, all those of one length at a time."""
    whole = np.frombuffer(data, np.uint8)
    starts = np.array([start for start, _ in places], np.int64)
    sizes = np.array([size for _, size in places], np.int64)
    sound = np.zeros(len(places), bool)
    for size in np.unique(sizes):
        alike = np.flatnonzero(sizes == size)
        for some in np.array_split(alike, len(alike) * int(size) // _CHECKED_AT_ONCE + 1):
            at = starts[some]
            crc = np.full(len(some), 0xFFFFFFFF, np.uint32)
            for offset in range(size):
                crc = _TABLES[(crc ^ whole[at + offset]) & 0xFF] ^ (crc >> 8)
            said = whole[at[:, None] + size + np.arange(4)].view("<u4")[:, 0]
            sound[some] = _masked(crc) == said
    return sound


def _wandb_records(data: bytes, name: str, notes: list[str]) -> Iterator[bytes]:
    if not data.startswith(_WANDB_HEADER):
        notes.append(f"{name}: not a W&B log")
        return
    at, end = _WANDB_START, len(data)
    pieces: list[bytes] = []
    while at < end:
        left = _BLOCK - at % _BLOCK
        if left < _HEADER:
            at += left
            continue
        if end - at < _HEADER:
            notes.append(_cut(name, at, end))
            return
        checksum, size, kind = struct.unpack_from("<IHB", data, at)
        piece = data[at + _HEADER : at + _HEADER + size]
        if len(piece) < size:
            notes.append(_cut(name, at, end))
            return
        if zlib.crc32(piece, zlib.crc32(bytes([kind]))) != checksum:
            notes.append(_broken(name, at, end))
            return
        at += _HEADER + size
        if kind in (_FULL, _FIRST):
            pieces = []
        pieces.append(piece)
        if kind in (_FULL, _LAST) and sum(map(len, pieces)) <= _MOST_RECORD:
            yield b"".join(pieces)


def _cut(name: str, at: int, end: int) -> str:
    return f"{name} is cut at byte {at:,} of {end:,}: read up to there"


def _broken(name: str, at: int, end: int) -> str:
    return f"{name} is damaged at byte {at:,} of {end:,}: read up to there"


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _table()
_TABLES = np.array(_TABLE, np.uint32)


def masked_crc32c(data: bytes) -> int:
    """The checksum that frames of TFRecord files carry."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return int(_masked(np.array([crc], np.uint32))[0])


def _masked(crc: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What is written of a checksum that has been counted: inverted, turned and added to."""
    inverted = crc ^ np.uint32(0xFFFFFFFF)
    turned = (inverted >> np.uint32(15)) | (inverted << np.uint32(17))
    return (turned + np.uint32(0xA282EAD8)).astype(np.uint32)

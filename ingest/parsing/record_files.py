"""Files of framed records with checksums: TensorBoard's event files and W&B's logs, read up to a cut."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_WANDB_HEADER = b":W&B"
_WANDB_START = 7
_BLOCK = 32_768
_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_MOST_RECORD = 100_000_000
_LARGE_EVENT = 500_000


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
    at, end = 0, len(data)
    while at < end:
        if end - at < 12:
            notes.append(_cut(name, at, end))
            return
        (size,) = struct.unpack_from("<Q", data, at)
        (checksum,) = struct.unpack_from("<I", data, at + 8)
        if masked_crc32c(data[at : at + 8]) != checksum:
            notes.append(_broken(name, at, end))
            return
        if size + 16 > end - at:
            notes.append(_cut(name, at, end))
            return
        start = at + 12
        at = start + size + 4
        if size > _LARGE_EVENT:
            continue
        record = data[start : start + size]
        (checksum,) = struct.unpack_from("<I", data, at - 4)
        if masked_crc32c(record) != checksum:
            notes.append(_broken(name, start, end))
            return
        yield record


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


def masked_crc32c(data: bytes) -> int:
    """The checksum that frames of TFRecord files carry."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF

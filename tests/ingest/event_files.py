"""Event files of TensorBoard and logs of W&B, written by the published formats byte for byte."""

import json
import struct
import zlib
from collections.abc import Iterable

from ingest.parsing.record_files import masked_crc32c


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def whole(number: int, value: int) -> bytes:
    return varint(number << 3) + varint(value)


def held(number: int, value: bytes | str) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def eight(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value)


def four(number: int, value: float) -> bytes:
    return varint(number << 3 | 5) + struct.pack("<f", value)


def frame(record: bytes) -> bytes:
    """One record of a TFRecord file."""
    size = struct.pack("<Q", len(record))
    checks = [struct.pack("<I", masked_crc32c(part)) for part in (size, record)]
    return size + checks[0] + record + checks[1]


def event(step: int, *values: bytes, wall: float = 1_772_600_000.0) -> bytes:
    """An event with the values of a summary."""
    return eight(1, wall) + whole(2, step) + held(5, b"".join(held(1, value) for value in values))


def scalar(tag: str, value: float) -> bytes:
    return held(1, tag) + four(2, value)


def tensor_scalar(tag: str, value: float, first: bool = False) -> bytes:
    """A scalar as TensorFlow 2 writes it: a tensor, whose plugin is named with the first value."""
    tensor = whole(1, 1) + held(2, b"") + held(4, struct.pack("<f", value))
    metadata = held(9, held(1, held(1, "scalars"))) if first else b""
    return held(1, tag) + metadata + held(8, tensor)


def text_value(tag: str, words: str) -> bytes:
    tensor = whole(1, 7) + held(8, words)
    return held(1, f"{tag}/text_summary") + held(9, held(1, held(1, "text"))) + held(8, tensor)


def hparams(params: dict[str, float | str | bool]) -> bytes:
    entries = b""
    for name, value in params.items():
        inner = (
            whole(4, value)
            if isinstance(value, bool)
            else held(3, value)
            if isinstance(value, str)
            else eight(2, value)
        )
        entries += held(1, held(1, name) + held(2, inner))
    content = held(3, entries)
    return held(1, "_hparams_/session_start_info") + held(9, held(1, held(1, "hparams") + held(2, content)))


def ended(status: int, seconds: float) -> bytes:
    content = held(4, whole(1, status) + eight(2, seconds))
    return held(1, "_hparams_/session_end_info") + held(9, held(1, held(1, "hparams") + held(2, content)))


def event_file(*records: bytes) -> bytes:
    version = eight(1, 1_772_600_000.0) + held(3, "brain.Event:2")
    return b"".join(frame(record) for record in (version, *records))


def wandb_log(*records: bytes) -> bytes:
    """A W&B log: records cut into pieces where blocks of 32,768 bytes end."""
    out = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
    for record in records:
        begun = False
        while True:
            left = 32_768 - len(out) % 32_768
            if left < 7:
                out += bytes(left)
                left = 32_768
            piece, record = record[: left - 7], record[left - 7 :]
            kind = (4 if begun else 1) if not record else (3 if begun else 2)
            out += struct.pack("<IHB", zlib.crc32(piece, zlib.crc32(bytes([kind]))), len(piece), kind) + piece
            begun = True
            if not record:
                break
    return bytes(out)


def items(number: int, values: dict[str, object]) -> bytes:
    return b"".join(held(number, held(1, key) + held(16, json.dumps(value))) for key, value in values.items())


def history_row(step: int, values: dict[str, object]) -> bytes:
    return held(2, items(1, values) + held(2, whole(1, step)))


def summary(values: dict[str, object]) -> bytes:
    return held(3, items(1, values))


def run_record(name: str, run_id: str, config: dict[str, object], tags: Iterable[str] = ()) -> bytes:
    fields = held(1, run_id) + held(3, "digits") + held(4, items(1, config)) + held(8, name)
    fields += held(9, "Longer schedule.") + b"".join(held(10, tag) for tag in tags)
    fields += held(17, whole(1, 1_772_600_000)) + held(
        21, held(1, "git@git.example:ml.git") + held(2, "3f2a")
    )
    return held(17, fields)


def exited(code: int) -> bytes:
    return held(18, whole(1, code))

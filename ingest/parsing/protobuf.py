"""The wire format of Protocol Buffers: the fields of a message as they stand, without its schema."""

import struct
from collections.abc import Iterator

_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
_MOST_SHIFT = 63
_LARGEST_SINGLE = 3.4028235e38

Field = tuple[int, int | bytes]


def fields(message: bytes) -> Iterator[Field]:
    """The number of each field with its value: a whole number, or the bytes of anything else.

    Raises ValueError where the message is cut or is none.
    """
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError("not a field")
        if size > end - at:
            raise ValueError("a field is cut")
        yield number, message[at : at + size]
        at += size


def only(message: bytes, number: int) -> bytes:
    """The last value of a field that holds bytes; empty where there is none. Raises as `fields` does."""
    found = b""
    for each, value in fields(message):
        if each == number and isinstance(value, bytes):
            found = value
    return found


def text(value: int | bytes) -> str:
    """A field as text; broken characters are marked."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def signed(value: int | bytes) -> int:
    """A whole number that may be below zero."""
    if not isinstance(value, int):
        raise ValueError("not a whole number")
    return value - (1 << 64) if value >> 63 else value


def double(value: int | bytes) -> float:
    """A number of eight or four bytes. Raises ValueError when it is neither."""
    if isinstance(value, bytes) and len(value) == 8:
        return float(struct.unpack("<d", value)[0])
    if isinstance(value, bytes) and len(value) == 4:
        return shortest(value)
    raise ValueError("not a number")


def shortest(single: bytes) -> float:
    """A number of four bytes as it was written: 0.97, not the 0.9700000286102295 that it is stored as."""
    number = float(struct.unpack("<f", single)[0])
    for digits in (6, 7, 8):
        shorter = float(f"{number:.{digits}g}")
        if abs(shorter) < _LARGEST_SINGLE and struct.pack("<f", shorter) == single:
            return shorter
    return number


def packed(value: int | bytes) -> list[int]:
    """Whole numbers that stand alone or packed into one field."""
    if isinstance(value, int):
        return [value]
    found, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        found.append(number)
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message):
            raise ValueError("a number is cut")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift > _MOST_SHIFT:
            raise ValueError("a number is too long")

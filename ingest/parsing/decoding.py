"""Bytes to clean text: the encoding is found, what nobody can see is taken out, every line stays in place."""

import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from knowledge.errors import Unreadable

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 64_000
_MOST_UNPRINTABLE = 0.02
_WESTERN = re.compile(r"^(cp125[02478]|cp437|cp85\d|cp1140|latin_?\d+|iso8859_\d+|mac_.*|hp_roman8)$")
# In Windows-1252 a symbol between two letters is a letter of another code page; only the apostrophe is not.
_ODD_IN_WESTERN = re.compile(r"[^\W\d_][\x80-\xbf\u2020-\u203a\u20ac\u2122\u02c6\u02dc×÷][^\W\d_]")

_LINE_ENDS = re.compile(r"\r\n?")
# Everything that some program takes for a line end and an editor does not, tabs apart.
_SPACES = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_JOINERS = re.compile("(?<![^\x00-\u00ff])[\u200c\u200d]|(?<=[\u200c\u200d])[\u200c\u200d]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0e\ufeff\uffa0\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PRESENTATION = re.compile("(?<![^\x00-\u00a8])\ufe0f|(?<=\ufe0f)\ufe0f")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Clean text, and notes for the report: how it was read, what was taken out."""

    text: str
    notes: tuple[str, ...] = ()


def decode(data: bytes) -> Decoded:
    """Text of unknown encoding as text that can be stored, its lines where they were.

    Raises Unreadable when the bytes are not text, or nothing is left of them.
    """
    encoding = _encoding(data)
    raw = data.decode(encoding, errors="replace")
    notes = [] if encoding in ("utf-8", "utf-8-sig") else [f"read as {_NAMES.get(encoding, encoding)}"]
    unprintable = len(_CONTROLS.findall(raw)) + raw.count("\ufffd")
    if unprintable > max(8, _MOST_UNPRINTABLE * len(raw)):
        raise Unreadable("the contents are not text")
    if "\ufffd" in raw:
        notes.append("some characters could not be decoded")
    cleaned = clean(raw)
    if not cleaned.text.strip():
        raise Unreadable("the file is empty")
    return Decoded(cleaned.text, (*notes, *cleaned.notes))


def clean(text: str) -> Decoded:
    """Normalise line ends; take out control characters, lone surrogates and what nobody can see.

    Joiners stay where scripts and emoji need them. No line is added or removed.
    """
    text = _LINE_ENDS.sub("\n", text)
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return Decoded(text)
    text = _SURROGATES.sub("\ufffd", _CONTROLS.sub("", _SPACES.sub(" ", text)))
    hidden = 0
    for pattern in (_INVISIBLE, _PRESENTATION, _JOINERS):
        text, times = pattern.subn("", text)
        hidden += times
    return Decoded(text, (f"{hidden} invisible characters removed",) if hidden else ())


_NAMES = {"cp1252": "Windows-1252", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


def _encoding(data: bytes) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return "utf-8-sig" if encoding == "utf-8" else encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return _utf16(data) or "utf-8"
    return _utf16(data) or _legacy(data)


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a byte order mark: in most scripts nearly all bytes of one half are the same."""
    sample = data[:_SAMPLE]
    pairs = len(sample) // 2
    if pairs == 0 or len(data) % 2:
        return None
    for encoding, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if high.count(0) >= 0.4 * pairs and sample.count(0) <= 1.1 * high.count(0):
            return encoding
    return None


def _legacy(data: bytes) -> str:
    """The code page of bytes that are not UTF-8, from those parts that show it.

    A few broken bytes among characters that only UTF-8 writes so leave it UTF-8.
    """
    if _mostly_utf8(data):
        return "utf-8"
    sample = _telling_lines(data)
    best = from_bytes(sample).best()
    if best is not None and not _WESTERN.match(best.encoding):
        return best.encoding
    if not _ODD_IN_WESTERN.search(sample.decode("cp1252", errors="replace")):
        return "cp1252"
    return best.encoding if best is not None else "cp1252"


def _mostly_utf8(data: bytes) -> bool:
    whole = data.decode("utf-8", errors="replace")
    broken = whole.count("\ufffd")
    return sum(1 for character in whole if character > "\x7f") >= 4 * broken


def _telling_lines(data: bytes) -> bytes:
    lines = [line for line in data[: 50 * _SAMPLE].splitlines() if not line.isascii()]
    return b"\n".join(lines)[:_SAMPLE]

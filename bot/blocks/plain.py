"""Text from documents, models and people made harmless and cut where a reader would cut it."""

import json
import re
from collections.abc import Callable, Iterator

import regex

Cost = Callable[[str], int]
"""How many bytes a stretch of text takes where it goes."""

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]?")
_LINES = re.compile(r"\r\n?|[\u0085\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional marks, embeddings, overrides, isolates
    "\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible operators, byte order mark, annotations
    "\U000e0000-\U000e007f]"  # tags: text that nobody sees
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_GRAPHEME = regex.compile(r"\X")


def clean(text: str) -> str:
    """The text without terminal codes, control, bidirectional and invisible tag characters.

    Zero-width joiners stay: emoji and some scripts are written with them.
    """
    text = _ANSI.sub("", text)
    return _UNSEEN.sub("", _SURROGATE.sub("\ufffd", _LINES.sub("\n", text)))


def one_line(text: str) -> str:
    """The cleaned text with every stretch of white space made one space."""
    return " ".join(clean(text).split())


def escape(text: str) -> str:
    """The text as Slack's `text` wants it: `&`, `<` and `>` as entities: it links and pings nothing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped_bytes(text: str) -> int:
    return _bytes(escape(text))


def json_bytes(text: str) -> int:
    """What the text takes inside a JSON string."""
    return _bytes(json.dumps(text, ensure_ascii=False)) - 2


def _bytes(text: str) -> int:
    # A lone surrogate takes as many bytes as the replacement character that `clean` puts in its place.
    return len(text.encode(errors="surrogatepass"))


def pieces(text: str, most: int, cost: Cost = json_bytes) -> Iterator[str]:
    """The text in stretches of at most `most` bytes, cut after white space where that is near the end.

    Nothing is lost: the pieces joined are the text. What a reader sees as one character stays whole, unless
    it is larger than a piece by itself.
    """
    piece: list[str] = []
    size = 0
    for grapheme in _graphemes(text, most, cost):
        weight = cost(grapheme)
        if size + weight > most:
            keep = _last_space(piece)
            yield "".join(piece[:keep])
            piece = piece[keep:]
            size = sum(map(cost, piece))
        piece.append(grapheme)
        size += weight
    if piece:
        yield "".join(piece)


def shorten(text: str, most: int, cost: Cost = json_bytes) -> str:
    """The text, or its beginning and an ellipsis where it takes more than `most` bytes."""
    if cost(text) <= most:
        return text
    return next(pieces(text, most - len("…".encode()), cost)).rstrip() + "…"


def _graphemes(text: str, most: int, cost: Cost) -> Iterator[str]:
    for match in _GRAPHEME.finditer(text):
        grapheme = match.group()
        if len(grapheme) > 1 and cost(grapheme) > most:
            yield from grapheme
        else:
            yield grapheme


def _last_space(piece: list[str]) -> int:
    for position in range(len(piece) - 1, len(piece) * 2 // 3, -1):
        if piece[position].isspace():
            return position + 1
    return len(piece)

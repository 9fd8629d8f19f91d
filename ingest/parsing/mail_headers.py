"""The header fields of a message, and the text of its parts, in whatever encoding they are written."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ingest.parsing.decoding import clean, decode
from knowledge.errors import Unreadable

_MOST_HEADER = 4_000
_MOST_PEOPLE = 20
_MOST_NAMED = 8


def header(message: Message, name: str) -> str:
    """A header as one line of plain words, empty when it is not there."""
    value = str(message.get(name) or "")[:_MOST_HEADER]
    with contextlib.suppress(HeaderParseError, UnicodeError, LookupError, ValueError):
        value = str(make_header(decode_header(value)))
    return " ".join(clean(value).text.split())


def people(message: Message, name: str) -> list[tuple[str, str]]:
    """Names and addresses in a header."""
    raw = [str(value)[:_MOST_HEADER] for value in message.get_all(name) or ()][:_MOST_PEOPLE]
    found = []
    for shown, address in getaddresses(raw):
        place = Message()
        place["X"] = shown
        found.append((header(place, "X").strip("\"' "), " ".join(clean(address).text.split())))
    return [pair for pair in found if any(pair)]


def few(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def sent_at(message: Message) -> datetime | None:
    """The time that a message says it was sent at, in UTC where it names no zone; None when it is none."""
    try:
        when = parsedate_to_datetime(str(message.get("Date") or "")[:200])
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def file_name(part: Message) -> str:
    """What an attachment is called; a message that is attached is called after its subject."""
    place = Message()
    place["X"] = (part.get_filename() or "")[:_MOST_HEADER]
    name = header(place, "X")
    if not name and part.get_content_type() == "message/rfc822" and part.is_multipart():
        inner = part.get_payload(0)
        name = header(inner, "Subject") if isinstance(inner, Message) else ""
    return name.replace("\\", "/").rpartition("/")[2]


def words_of(part: Message) -> str:
    """The text of a part, in whatever encoding it is."""
    text = _decoded(part)
    return _unflowed(text) if part.get_param("format") == "flowed" else text


def _decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    try:
        return data.decode(part.get_content_charset() or "utf-8")
    except (UnicodeError, LookupError):
        pass
    try:
        return decode(data).text
    except Unreadable:
        return ""


def _unflowed(text: str) -> str:
    """Lines that a space at their end joins (RFC 3676)."""

    def lines() -> Iterator[str]:
        begun = ""
        for line in text.replace("\r\n", "\n").split("\n"):
            if line.endswith(" ") and line != "-- " and not line.startswith(">"):
                begun += line
            else:
                yield begun + line
                begun = ""
        if begun:
            yield begun

    return "\n".join(lines())

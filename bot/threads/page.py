"""An answered thread as the Markdown of a document: what people wrote makes no headings, links or pages of
its own."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from bot.blocks.plain import one_line
from bot.hearing import Myself, in_words
from bot.threads.judging import Answered, Said

LONGEST_NAME = 80
LONGEST_PAGE = 200_000
_FENCE = "```"
_QUOTED = re.compile(r"(?:>[ \t]*)*")
_OPENS_A_BLOCK = re.compile(
    r"#{1,6}(?:\s|$)|~~~|```|<[A-Za-z/!?]|\[[^\]\n]*\]:|(?:=+|-+|\*[ *]*\*|_[ _]*_|-[ -]*-)[ \t]*$"
)
_MARKS = re.compile(r"[\\`*_\[\]<>#|~]+")

NameOf = Callable[[str], str]


def page_of(answered: Answered, me: Myself, name_of: NameOf) -> tuple[str, str]:
    """Title and text. Each message is a section of its own that says who wrote it and on which day; the
    accepted reply stands right below the question, the others follow in their order."""
    parts = [
        _section("Question by", answered.root, me, name_of),
        _section("Accepted answer by", answered.accepted, me, name_of),
    ]
    size = sum(map(len, parts))
    for one in answered.others:
        part = _section("Reply by", one, me, name_of)
        size += len(part)
        if size > LONGEST_PAGE:
            break
        parts.append(part)
    return answered.question, "\n\n".join(parts) + "\n"


def as_markdown(text: str, me: Myself, name_of: NameOf) -> str:
    """What a person wrote: its paragraphs, lists, quotes and code stay, and nothing of it is more."""
    pieces = text.split(_FENCE)
    if len(pieces) % 2 == 0:  # the last fence is never closed: then it is none
        pieces[-2:] = [_FENCE.join(pieces[-2:])]
    parts = []
    for number, piece in enumerate(pieces):
        plain = in_words(piece, me, name_of)
        if number % 2 == 0:
            parts.append(_prose(plain))
        elif plain.strip():
            code = plain.strip("\n").replace(_FENCE, "'''")
            parts.append(f"{_FENCE}\n{code}\n{_FENCE}")
    return "\n\n".join(part for part in parts if part)


def heading(text: str) -> str:
    """The text for a heading: one line of which no character means anything."""
    return " ".join(_MARKS.sub(" ", one_line(text)).split())


def date_of(ts: str) -> datetime | None:
    """When a message was written, by its ts; None for one that is no time."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _section(what: str, said: Said, me: Myself, name_of: NameOf) -> str:
    at = date_of(said.ts)
    day = f"{at.day} {at:%B %Y}" if at else "an unknown day"
    author = heading(name_of(said.person))[:LONGEST_NAME].strip() or "somebody"
    body = as_markdown(said.text, me, name_of)
    if said.files:
        files = f"Files: {', '.join(heading(name)[:LONGEST_NAME] for name in said.files)}"
        body = f"{body}\n\n{files}".strip()
    return f"## {what} {author}, {day}\n\n{body}".rstrip()


def _prose(text: str) -> str:
    return "\n".join(map(_line, text.strip().split("\n"))).strip()


def _line(line: str) -> str:
    """One line that opens no block but a quote or a list."""
    line = line.strip().replace("](", "]\\(")
    quoted = _QUOTED.match(line)
    lead = quoted[0] if quoted else ""
    rest = line[len(lead) :]
    return f"{lead}\\{rest}" if _OPENS_A_BLOCK.match(rest) else lead + rest

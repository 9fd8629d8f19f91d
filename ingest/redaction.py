"""Takes secrets out of text before it is chunked, embedded or stored; what was found is never logged.

What a secret is, `ingest.secret_rules` says; one broken by a line end, backticks or escapes is found whole.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.secret_rules import secrets_in
from knowledge.documents import Redaction


@dataclass(frozen=True, slots=True)
class Redacted:
    """Text without secrets; `lines` (from 1) are where they stood, `kinds` what they were, in order."""

    text: str
    lines: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.kinds)

    @property
    def found(self) -> tuple[Redaction, ...]:
        """What was taken out and where, without the secrets."""
        return tuple(Redaction(kind, line) for line, kind in zip(self.lines, self.kinds, strict=True))


_MOST_LOOKS = 5
HIDDEN = "█"
_MARK = re.compile(r"\[redacted: (?P<kind>[^\]\n]{1,60})\]")


def redact(text: str) -> Redacted:
    """Replace each secret by `[redacted: kind]`; line ends inside one stay, so that no line moves.

    A secret may hide behind another one that overlaps what names it: what was redacted is looked at again.
    """
    done = newest = _redacted_once(text)
    for _ in range(_MOST_LOOKS - 1):
        if not newest.count:
            break
        newest = _redacted_once(done.text)
        both = sorted(zip((*done.lines, *newest.lines), (*done.kinds, *newest.kinds), strict=True))
        done = Redacted(newest.text, tuple(line for line, _ in both), tuple(kind for _, kind in both))
    return done


def hide(text: str) -> str:
    """The text with a bar over each secret: as long as before, so that offsets into it stay true.

    For what is about to be shown: a rule may be newer than what was stored.
    """
    for _ in range(_MOST_LOOKS):
        spans = list(secrets_in(text))
        if not spans:
            break
        for start, end, _kind in spans:
            bar = "".join("\n" if character == "\n" else HIDDEN for character in text[start:end])
            text = text[:start] + bar + text[end:]
    return text


def _redacted_once(text: str) -> Redacted:
    parts: list[str] = []
    lines: list[int] = []
    kinds: list[str] = []
    done = counted = 0
    line = 1
    for start, end, kind in _apart(secrets_in(text)):
        line += text.count("\n", counted, start)
        counted = start
        parts += (text[done:start], f"[redacted: {kind}]", "\n" * text.count("\n", start, end))
        lines.append(line)
        kinds.append(kind)
        done = end
    return Redacted("".join((*parts, text[done:])), tuple(lines), tuple(kinds)) if kinds else Redacted(text)


def _apart(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Spans in their order; those that overlap are one, of the first one's kind."""
    apart: list[tuple[int, int, str]] = []
    for start, end, kind in sorted(found, key=lambda span: (span[0], -span[1])):
        if apart and start < apart[-1][1]:
            begun, until, first = apart.pop()
            start, end, kind = begun, max(until, end), first
        apart.append((start, end, kind))
    return apart


def redact_pages(text: str, pages: Sequence[int]) -> tuple[Redacted, tuple[int, ...]]:
    """The redacted text, and where its pages start in it.

    `pages` are the offsets at which they start in `text`; a secret is looked for within a page.
    """
    starts = tuple(pages) or (0,)
    parts = [text[: starts[0]]]
    after: list[int] = []
    lines: list[int] = []
    kinds: list[str] = []
    position, line = starts[0], parts[0].count("\n")
    for start, end in pairwise((*starts, len(text))):
        piece = redact(text[start:end])
        after.append(position)
        lines += [line + number for number in piece.lines]
        kinds += piece.kinds
        parts.append(piece.text)
        position += len(piece.text)
        line += piece.text.count("\n")
    return Redacted("".join(parts), tuple(lines), tuple(kinds)), tuple(after) if pages else ()


def marks_in(text: str) -> tuple[Redaction, ...]:
    """The secrets that were taken out of a text before, by the marks that stand in their places."""
    found: list[Redaction] = []
    line, counted = 1, 0
    for mark in _MARK.finditer(text):
        line += text.count("\n", counted, mark.start())
        counted = mark.start()
        found.append(Redaction(mark["kind"], line))
    return tuple(found)


def redact_value(name: str, value: str) -> Redacted:
    """Redact a value whose name tells as much as it does itself, such as a parameter of a run."""
    lead = f"{name}: "
    alone = redact(value)
    if alone.count or "\n" in name:
        return alone
    together = redact(lead + value)
    return Redacted(together.text[len(lead) :], together.lines, together.kinds) if together.count else alone

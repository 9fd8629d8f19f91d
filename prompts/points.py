"""Entries cut into the single things that somebody said, in their own words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.terms import content_terms, without_unsafe_characters
from prompts.blockers import named
from prompts.ritual import Role
from prompts.summary import MOST_LINE, Given, Said

MOST_POINTS = 12
FEWEST_TERMS = 1

_BULLET = re.compile(r"^\s*(?:[-*+•–]|\d{1,2}[.)])\s+|^\s*\[[ xX]\]\s*")
_ENDS = re.compile(r"(?<=[^\s.][.!?])\s+(?=[\"'“(]?[A-Z0-9])")
_ABBREVIATED = re.compile(r"\b(?:e\.g|i\.e|vs|cf|approx|no|fig|dr|mr|mrs|ms|etc)\.$", re.IGNORECASE)
_NOTHING = re.compile(
    r"\W*(?:(?:no|none|nope|nothing|nil|n/?a|not?\s+(?:really|today|yet)|no\s+blockers?|no\s+impediments?"
    r"|nothing\s+(?:new|today|yet|to\s+report)|all\s+(?:good|fine|clear)|all's\s+well|same)\b)?\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was said: the entry's id, what kind of reply it stood in, and the words."""

    entry: int
    role: Role
    text: str


def points(given: Given) -> list[Point]:
    """What an entry says, in reading order; replies that say nothing ("none", "n/a") are left out."""
    return _points(given.id, given.replies)


def points_before(given: Given) -> list[Point]:
    """What the same person's last entry said."""
    return _points(given.before_id, given.before)


def says_nothing(text: str) -> bool:
    """Whether a reply only says that there is nothing to say."""
    return _NOTHING.fullmatch(text.strip()) is not None


def shortened(text: str) -> str:
    """At most MOST_LINE characters, cut between words."""
    if len(text) <= MOST_LINE:
        return text
    return text[: MOST_LINE - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _points(entry: int, replies: Sequence[Said]) -> list[Point]:
    found = [
        Point(entry, reply.role, shortened(piece))
        for reply in replies
        for piece in (named(reply.text) if reply.role is Role.BLOCKERS else _pieces(reply.text))
    ]
    return found[:MOST_POINTS]


def _pieces(text: str) -> Iterator[str]:
    """Lines, and the sentences of long ones; what has no word of its own belongs to what stands before it."""
    for line in without_unsafe_characters(text.replace("\r", "\n")).splitlines():
        clean = " ".join(_BULLET.sub("", line).split())
        if not clean or says_nothing(clean):
            continue
        yield from _sentences(clean)


def _sentences(line: str) -> Iterator[str]:
    begun = ""
    for piece in _ENDS.split(line):
        joined = f"{begun} {piece}".strip()
        if _ABBREVIATED.search(joined) or len(content_terms(joined)) < 2:
            begun = joined
            continue
        yield joined
        begun = ""
    if begun:
        yield begun

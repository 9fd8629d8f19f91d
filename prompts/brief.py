"""Three questions to discuss at a talk, out of what is known and what is asked; pure, no word invented."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from knowledge.staleness import OVER, UNFINISHED
from knowledge.terms import content_terms, numbers

MOST = 3
MOST_OF_THE_TEAM = 2
LONGEST = 280
OLD_DAYS = 180

_OF_A_TOPIC = (
    "Who here has tried it, and what went wrong?",
    "What would we do differently from tomorrow, if we take this up?",
    "What will still be missing from our pages after this, and who writes it?",
)
_OF_A_PAPER = (
    "What does it claim, and what would it take to convince us?",
    "What of it could we try on our own runs, and what would we measure?",
    "What do we do that it says not to?",
)


@dataclass(frozen=True, slots=True)
class Known:
    """Something that a document says: its title and exact words, when it was changed last, and its status."""

    title: str
    words: str
    updated_at: datetime | None = None
    status: str | None = None
    superseded_by: str | None = None


def to_discuss(
    asked: Sequence[str], known: Sequence[Known], now: datetime, *, paper: bool = False
) -> tuple[str, ...]:
    """Exactly three questions, no two alike: what the team asked first, then what in the documents may not
    hold any more and what can be checked against one's own numbers, then what can be asked of anything."""
    found: dict[str, str] = {}
    general = _OF_A_PAPER if paper else _OF_A_TOPIC
    candidates = [*asked_first(asked), *_doubts(known, now), *_claims(known), *general]
    for candidate in candidates:
        found.setdefault(_gist(candidate), candidate)
    return tuple(found.values())[:MOST]


def asked_first(asked: Sequence[str]) -> list[str]:
    """A few questions of the team in their own words, none of which says the same as one before it."""
    kept: list[str] = []
    for question in asked:
        text = " ".join(question.split())
        terms = set(content_terms(text))
        alike = any(len(terms & set(content_terms(one))) > 0.6 * len(terms) for one in kept)
        if terms and not alike and len(text) <= LONGEST:
            kept.append(text)
        if len(kept) == MOST_OF_THE_TEAM:
            break
    return kept


def _doubts(known: Sequence[Known], now: datetime) -> list[str]:
    """At most one, of the document that most likely does not hold any more."""
    for one in known:
        if one.superseded_by:
            return [f"“{one.title}” was superseded by “{one.superseded_by}”: what has changed?"]
        if (one.status or "").strip().lower() in OVER | UNFINISHED:
            return [f"“{one.title}” is marked as {(one.status or '').strip().lower()}: what of it counts?"]
    dated = [one for one in known if one.updated_at is not None]
    for one in sorted(dated, key=lambda one: one.updated_at or now):
        if one.updated_at is not None and (now - one.updated_at).days > OLD_DAYS:
            return [f"“{one.title}” was changed last in {one.updated_at:%B %Y}: what of it still holds?"]
    return []


def _claims(known: Sequence[Known]) -> list[str]:
    """At most one, of the first words that hold a number."""
    for one in known:
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", one.words):
            words = " ".join(re.sub(r"[*_`#|>]+", " ", sentence).split())
            if numbers(words) and 20 <= len(words) <= 200:
                return [f"“{one.title}” says “{words.rstrip('.')}”: is that what you see, too?"]
    return []


def _gist(question: str) -> str:
    return " ".join(question.casefold().split())

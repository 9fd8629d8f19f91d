"""Verified answers: what people wrote and approved, shown before the ordinary answer to the same question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Protocol

from knowledge.ports import Vector
from knowledge.terms import (
    content_terms,
    identifiers,
    mentions,
    names,
    negated,
    number_values,
    opposites,
)

SAME_FROM = 0.80
"""The cosine similarity from which two questions may be one; measured in docs/decisions/0092."""
LEAST_SHARED, MOST_APART = 4, 3

_ASKS = re.compile(
    r"\b(when|at what time|where|why|for what reason|who|whom|whose|how (?:many|much|often|frequently|long|"
    r"large|big|old|fast|far|high|expensive))\b",
    re.IGNORECASE,
)
_ALIKE = {
    "at what time": "when",
    "for what reason": "why",
    "whom": "who",
    "whose": "who",
    "how frequently": "how often",
    "how big": "how large",
}


@dataclass(frozen=True, slots=True)
class VerifiedAnswer:
    """An answer that a person wrote (`author`) and a person approved (`approver`), both by user id.

    `audience_keys` are those of everything that it corrects and of the place where it was written: whoever
    reads it must be in all of these audiences, and in those of the `documents` (ids) that it corrects as they
    are now. It is shown until `expires_at`. Times have a zone.
    """

    id: str
    question: str
    text: str
    author: str
    approver: str
    approved_at: datetime
    expires_at: datetime
    audience_keys: tuple[str, ...]
    documents: tuple[str, ...] = ()
    source_url: str = ""


class VerifiedAnswers(Protocol):
    """What was verified and is neither expired nor withdrawn."""

    def near(self, question: str, vector: Vector, audiences: frozenset[str]) -> VerifiedAnswer | None:
        """The one that answers this very question, of those whose audience keys are all among `audiences`.

        `vector` is the question's own, of length 1.
        """
        ...


def nearest(asked: str, known: Sequence[str], similarities: Sequence[float]) -> int | None:
    """The place of the known question that asks the same as `asked`; None when none does."""
    for place in sorted(range(len(known)), key=lambda place: -similarities[place]):
        if similarities[place] < SAME_FROM:
            return None
        if not differences(asked, known[place]):
            return place
    return None


def differences(one: str, other: str) -> list[str]:
    """What makes two similar questions different ones, each in plain words; empty when nothing does."""
    found = []
    if number_values(one) != number_values(other):
        found.append("their numbers differ")
    for asked, against in ((one, other), (other, one)):
        found += [
            f"only one names {thing}"
            for thing in sorted(identifiers(asked) | names(asked))
            if not mentions(against, thing)
        ]
    if negated(one) != negated(other):
        found.append("one of them is a negation")
    found += [f"{said} against {against}" for said, against in opposites(one, other)]
    if asks_for(one) and asks_for(other) and asks_for(one) != asks_for(other):
        found.append(f"one asks {asks_for(one)}, the other {asks_for(other)}")
    mine, theirs = _own(one, other), _own(other, one)
    if mine and theirs:
        found.append(f"{', '.join(mine)} against {', '.join(theirs)}")
    return found


def asks_for(question: str) -> str:
    """What kind of answer it wants: `when`, `why`, `how many seed`; empty where the words leave it open."""
    match = _ASKS.search(question)
    if match is None:
        return ""
    word = " ".join(match.group(1).lower().split())
    if word in ("how many", "how much"):
        counted = content_terms(question[match.end() :])[:1]
        return " ".join((word, *counted))
    return _ALIKE.get(word, word)


def _own(one: str, other: str) -> list[str]:
    """The content words of the first that the second has in no form."""
    theirs = content_terms(other)
    return [term for term in content_terms(one) if not any(_akin(term, each) for each in theirs)]


def _akin(one: str, other: str) -> bool:
    """The same stem, or nearly: `built` and `build`, `retain` and `retention`."""
    if one == other:
        return True
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return shared >= LEAST_SHARED and max(len(one), len(other)) - shared <= MOST_APART

"""Verified answers: what people wrote and approved, shown before the ordinary answer to the same question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from knowledge.ports import Vector
from knowledge.terms import identifiers, mentions, names, negated, number_values, opposites

SAME_FROM = 0.80
"""The cosine similarity from which two questions may be one; measured in docs/decisions/0092."""


@dataclass(frozen=True, slots=True)
class VerifiedAnswer:
    """An answer that a person wrote (`author`) and a person approved (`approver`), both by user id.

    `audience_keys` are those of everything that it corrects and of the place where it was written: whoever
    reads it must be in all of these audiences. It is shown until `expires_at`. Times have a zone.
    """

    id: str
    question: str
    text: str
    author: str
    approver: str
    approved_at: datetime
    expires_at: datetime
    audience_keys: tuple[str, ...]
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
    return found

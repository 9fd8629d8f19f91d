"""Decides whether what was found answers the question at all: a measured rule over few features.

The features and coefficients are explained, with what was measured, in docs/decisions/0052-when-to-say-no.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.documents import Passage
from knowledge.terms import identifiers, mentions, names


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for there being an answer, all comparable between questions.

    `dense` is the nearest passage's cosine similarity; `coverage` the share of the question's words (rare
    ones weigh more) that the best passages hold; `sentence` the best sentence's share of them; `meaning` the
    nearest sentence's cosine similarity; `unknown` what the question names and no passage does.
    """

    dense: float
    coverage: float
    sentence: float
    meaning: float
    unknown: tuple[str, ...] = ()


INTERCEPT = -5.0
DENSE, COVERAGE, SENTENCE, MEANING, UNKNOWN = 3.0, 3.0, 2.0, 3.0, -1.0

ANSWERS_FROM = 0.5
ASKS_THE_MODEL_FROM = 0.2


def likelihood(evidence: Evidence) -> float:
    """How likely it is that the passages answer the question, 0 to 1."""
    odds = (
        INTERCEPT
        + DENSE * evidence.dense
        + COVERAGE * evidence.coverage
        + SENTENCE * evidence.sentence
        + MEANING * evidence.meaning
        + UNKNOWN * bool(evidence.unknown)
    )
    return 1 / (1 + math.exp(-odds))


def unknown_things(question: str, passages: Sequence[Passage]) -> tuple[str, ...]:
    """What the question names, letter by letter, and none of the passages holds."""
    text = "\n".join(f"{p.title}\n{p.section}\n{p.path}\n{p.chunk.text}" for p in passages)
    wanted = sorted(identifiers(question) | names(question), key=question.find)
    return tuple(thing for thing in wanted if not mentions(text, thing))

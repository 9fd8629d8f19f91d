"""Decides whether what was found can answer the question at all: a measured rule over three features.

The features and the thresholds are explained, with what was measured, in
docs/decisions/0052-when-to-say-no.md. The thresholds belong to the packaged embedding model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.documents import Passage
from knowledge.terms import identifiers, mentions, names

COVERAGE = 0.20
UNKNOWN = 0.10

ANSWERS_FROM = 0.59
ASKS_THE_MODEL_FROM = 0.48


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for there being an answer, comparable between questions.

    `dense` is the nearest passage's cosine similarity; `coverage` the share of the question's words (rare
    ones weigh more) that the best passages hold; `unknown` what the question names and no passage does.
    """

    dense: float
    coverage: float
    unknown: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """How much speaks for an answer; compared with `ANSWERS_FROM`."""
        return self.dense + COVERAGE * self.coverage - UNKNOWN * bool(self.unknown)


def unknown_things(question: str, passages: Sequence[Passage]) -> tuple[str, ...]:
    """What the question names, letter by letter, and none of the passages holds."""
    text = "\n".join(f"{p.title}\n{p.section}\n{p.path}\n{p.chunk.text}" for p in passages)
    exact = identifiers(question)
    wanted = exact | {name for name in names(question) if not any(name in thing for thing in exact)}
    return tuple(thing for thing in sorted(wanted, key=question.find) if not mentions(text, thing))

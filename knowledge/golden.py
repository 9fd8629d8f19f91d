"""Golden questions: what must be found, and whether it is; pure over whatever retrieves."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Passage
from knowledge.retrieval import Retrieved

PASSAGES = 12
"""How many passages an answer rests on at most: what is expected must be among them."""


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question, and all that must be found for it: documents as `source/path`, or exact words of a passage.

    It is asked by somebody who may read what this audience may read; everyone may read the least.
    """

    question: str
    expect: tuple[str, ...]
    audience: Audience = EVERYONE


@dataclass(frozen=True, slots=True)
class GoldenScore:
    """How one question fared: `rank` is the place (from 1) by which everything expected was found, None where
    something was not; `found` names the documents found, best first."""

    question: GoldenQuestion
    rank: int | None
    found: tuple[str, ...]

    @property
    def hit(self) -> bool:
        return self.rank is not None


@dataclass(frozen=True, slots=True)
class GoldenScores:
    """How all questions fared, in the order in which they are set up."""

    scores: tuple[GoldenScore, ...]

    @property
    def hits(self) -> int:
        return sum(one.hit for one in self.scores)

    @property
    def mean_reciprocal_rank(self) -> float:
        """0 to 1; 0 for no questions."""
        return sum(1 / one.rank for one in self.scores if one.rank) / (len(self.scores) or 1)


class Retrieves(Protocol):
    """What finds passages; `knowledge.retrieval.Retriever` is one."""

    def retrieve(self, question: str, audiences: frozenset[str], k: int) -> Retrieved: ...


def score(
    questions: Sequence[GoldenQuestion],
    retriever: Retrieves,
    keys: Iterable[str],
    k: int = PASSAGES,
    on_asked: Callable[[int], None] = lambda _done: None,
) -> GoldenScores:
    """Ask each question of a version whose documents carry the audience `keys`.

    `on_asked` is told how many were asked. Raises what the retriever raises.
    """
    keys = tuple(keys)
    scores = []
    for done, question in enumerate(questions):
        on_asked(done)
        found = retriever.retrieve(question.question, readable(keys, question.audience), k).passages
        named = tuple(dict.fromkeys(passage.document_id for passage in found))
        scores.append(GoldenScore(question, rank(question.expect, found), named))
    return GoldenScores(tuple(scores))


def rank(expect: Sequence[str], passages: Sequence[Passage]) -> int | None:
    """The place (from 1) by which every expectation is met; None where one is not."""
    places = [
        next((place for place, passage in enumerate(passages, 1) if _meets(passage, wanted)), None)
        for wanted in expect
    ]
    met = [place for place in places if place is not None]
    return max(met) if met and len(met) == len(places) else None


def dropped(before: GoldenScores, after: GoldenScores) -> list[tuple[GoldenScore, GoldenScore]]:
    """Questions that hit before and miss now, with both scores; a question that is not in both is none.

    A worse place among the passages is no drop: an answer is given all of them.
    """
    then = {one.question: one for one in before.scores}
    return [
        (then[now.question], now)
        for now in after.scores
        if now.question in then and then[now.question].hit and not now.hit
    ]


def readable(keys: Iterable[str], audience: Audience) -> frozenset[str]:
    """The audience keys of documents that somebody of this audience may read, by name alone."""
    return frozenset(key for key in keys if _may_read(Audience.from_key(key), audience))


def _may_read(document: Audience, audience: Audience) -> bool:
    return document.everyone or bool(document.principals & audience.principals)


def _meets(passage: Passage, wanted: str) -> bool:
    return passage.document_id == wanted or _plain(wanted) in _plain(passage.chunk.text)


def _plain(text: str) -> str:
    """Words as they are, whatever lies between them."""
    return " ".join(text.split())

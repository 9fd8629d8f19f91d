"""How good retrieval and answers are, as numbers: pure functions of what was found and what is right."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """The characters `start:end` of one document."""

    document: str
    start: int
    end: int


def ndcg(ranked: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k`, 0 to 1; `gains` are of the right documents."""
    found = sum(gains.get(name, 0.0) / math.log2(place + 2) for place, name in enumerate(ranked[:k]))
    best = sorted(gains.values(), reverse=True)[:k]
    ideal = sum(gain / math.log2(place + 2) for place, gain in enumerate(best))
    return found / ideal if ideal else 0.0


def recall(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """The share of the right documents that are among the first `k`."""
    right = {name for name, gain in gains.items() if gain > 0}
    return len(right & set(ranked[:k])) / len(right) if right else 0.0


def reciprocal_rank(ranked: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """One over the place of the first right document among the first `k`; 0 when there is none."""
    return next((1 / place for place, name in enumerate(ranked[:k], 1) if gains.get(name, 0.0) > 0), 0.0)


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """The chance that an answerable question scores above an unanswerable one; a tie counts one half.

    None where one of the two is missing.
    """
    if not answerable or not unanswerable:
        return None
    labelled = sorted([(score, True) for score in answerable] + [(score, False) for score in unanswerable])
    wins = 0.0
    below = 0
    start = 0
    while start < len(labelled):
        end = start
        while end < len(labelled) and labelled[end][0] == labelled[start][0]:
            end += 1
        positive = sum(is_answerable for _, is_answerable in labelled[start:end])
        negative = end - start - positive
        wins += positive * (below + negative / 2)
        below += negative
        start = end
    return wins / (len(answerable) * len(unanswerable))


@dataclass(frozen=True, slots=True)
class ExcerptScores:
    """Shares of characters: of the excerpts, found; of the retrieved, wanted; of both together, shared."""

    recall: float
    precision: float
    iou: float


def excerpt_scores(retrieved: Sequence[Range], excerpts: Sequence[Range]) -> ExcerptScores:
    """Compare retrieved stretches with the excerpts that answer a question, character by character.

    A character of an excerpt counts once however often it is retrieved; a character that is retrieved twice
    counts twice against precision.
    """
    wanted = sum(part.end - part.start for part in merged(excerpts))
    taken = sum(part.end - part.start for part in retrieved)
    both = overlap(merged(retrieved), merged(excerpts))
    return ExcerptScores(
        recall=both / wanted if wanted else 0.0,
        precision=both / taken if taken else 0.0,
        iou=both / (wanted + taken - both) if wanted + taken - both else 0.0,
    )


def holds_every(passages: Sequence[Range], excerpts: Sequence[Range]) -> bool:
    """Whether each excerpt lies within the passages, white space at their seams aside."""
    held = merged(passages, gap=2)
    return all(
        any(
            part.document == excerpt.document and part.start <= excerpt.start and excerpt.end <= part.end
            for part in held
        )
        for excerpt in excerpts
    )


def merged(ranges: Iterable[Range], gap: int = 0) -> list[Range]:
    """The same characters as ranges that do not overlap; ranges at most `gap` apart become one."""
    result: list[Range] = []
    for part in sorted(ranges):
        last = result[-1] if result else None
        if last and last.document == part.document and part.start <= last.end + gap:
            result[-1] = Range(last.document, last.start, max(last.end, part.end))
        else:
            result.append(part)
    return result


def overlap(left: Iterable[Range], right: Sequence[Range]) -> int:
    """How many characters two lists of ranges share; each list without overlaps of its own."""
    return sum(
        max(0, min(one.end, other.end) - max(one.start, other.start))
        for one in left
        for other in right
        if one.document == other.document
    )


def mean(values: Sequence[float]) -> float | None:
    """None for no values."""
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed; 0 for no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0

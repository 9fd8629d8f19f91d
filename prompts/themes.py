"""What belongs together in a summary: things said that are about the same, put under the words they share."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log, sqrt

from knowledge.analysis import analysed
from knowledge.terms import content_terms

MOST_COMPARED = 150
Alike = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""How alike each text is to each other one, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A likeness, and how much of it makes a theme (measured by `python -m tests.bench summary`)."""

    alike: Alike
    enough: float


_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Theme:
    """Places (from 0) of texts that are about the same, and the words that they share (may be empty)."""

    title: str
    places: tuple[int, ...]


def themes(texts: Sequence[str], measure: Measure) -> list[Theme]:
    """Groups of two or more texts that are alike enough on average, the largest first.

    Texts that are like no other one are in no theme, and neither is anything after MOST_COMPARED.
    """
    compared = texts[:MOST_COMPARED]
    groups = _grouped(measure.alike(compared), measure.enough) if len(compared) > 1 else []
    found = [tuple(sorted(group)) for group in groups if len(group) > 1]
    found.sort(key=lambda group: (-len(group), group))
    return [Theme(title([texts[place] for place in group]), group) for group in found]


def by_shared_terms(texts: Sequence[str]) -> list[list[float]]:
    """Cosine of the texts' terms, rare ones weighing more; no model is asked."""
    terms = [frozenset(content_terms(text)) for text in texts]
    held = Counter(term for some in terms for term in some)
    weight = {term: 1.0 + log(len(texts) / count) for term, count in held.items()}
    norms = [sqrt(sum(weight[term] ** 2 for term in some)) or 1.0 for some in terms]
    return [
        [
            sum(weight[term] ** 2 for term in one & other) / (norm * other_norm)
            for other, other_norm in zip(terms, norms, strict=True)
        ]
        for one, norm in zip(terms, norms, strict=True)
    ]


BY_WORDS = Measure(by_shared_terms, 0.1)


def by_words_and(alike: Alike) -> Measure:
    """Shared words and another likeness (of embeddings), half and half."""

    def both(texts: Sequence[str]) -> list[list[float]]:
        pairs = zip(by_shared_terms(texts), alike(texts), strict=True)
        return [[(a + b) / 2 for a, b in zip(one, other, strict=True)] for one, other in pairs]

    return Measure(both, 0.2)


def title(texts: Sequence[str]) -> str:
    """The one or two words that most of these texts share, as they are written most often; or nothing."""
    written: dict[str, Counter[str]] = {}
    held: Counter[str] = Counter()
    for text in texts:
        said = set(content_terms(text))
        for word in _WORD.findall(text):
            for term in said.intersection(analysed(word)[:1]):
                written.setdefault(term, Counter())[word] += 1
        held.update(said)
    usual = [
        (term, count) for term, count in held.items() if count > 1 and term in written and not term.isdigit()
    ]
    usual.sort(key=lambda one: -one[1])
    words: list[str] = []
    for term, count in usual:
        if len(words) == 2 or count < max(2, len(texts) / 2):
            break
        word = written[term].most_common(1)[0][0]
        if not any(word.lower() in other.lower() or other.lower() in word.lower() for other in words):
            words.append(word)
    joined = ", ".join(words)
    return joined[:1].upper() + joined[1:]


def _grouped(likeness: Sequence[Sequence[float]], enough: float) -> list[set[int]]:
    """Average linkage: the two groups that are most alike become one, as long as they are alike enough."""
    groups = {place: {place} for place in range(len(likeness))}
    between = {
        (one, other): likeness[one][other]
        for one in groups
        for other in groups
        if one < other and likeness[one][other] > 0
    }
    while between:
        (one, other), best = max(between.items(), key=lambda pair: (pair[1], -pair[0][0], -pair[0][1]))
        if best < enough:
            break
        sizes = len(groups[one]), len(groups[other])
        groups[one] |= groups.pop(other)
        del between[one, other]
        for third in groups:
            if third == one:
                continue
            near = between.pop(_pair(one, third), 0.0), between.pop(_pair(other, third), 0.0)
            joined = (near[0] * sizes[0] + near[1] * sizes[1]) / sum(sizes)
            if joined > 0:
                between[_pair(one, third)] = joined
    return list(groups.values())


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)

"""Which topics are one, and what many have asked that nothing answers: pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.analysis import analysed
from knowledge.terms import content_terms
from prompts.blockers import ALIKE, likeness
from prompts.themes import BY_WORDS, Measure, themes, title

LEAST_ASKERS = 3
"""So many different people make a gap, and so many hide each other where they asked in private."""
NEAR = 0.70
"""The cosine from which two titles are about the same; measured by `python -m tests.bench topics`."""
SHORTEST_WORDS, LONGEST = 4, 150

Likeness = Callable[[str, Sequence[str]], Sequence[float]]
"""How alike a text is to each of some others, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was not answered well. `shown` where all who will read of the gap could read it when it
    was asked; the words of others are never told."""

    id: str
    person: str
    text: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What several people have asked about: a title that may be told, how many they are, and the ids of their
    questions."""

    title: str
    people: int
    questions: tuple[str, ...]


def nearest(text: str, others: Sequence[str], alike: Likeness | None = None) -> int | None:
    """The place of the title that is about the same as `text`; None when none is. `alike` is of embeddings;
    without it the words decide."""
    if alike is None:
        near, enough = [likeness(text, other) for other in others], ALIKE
    else:
        near, enough = list(alike(text, others)) if others else [], NEAR
    best = max(range(len(near)), key=lambda place: near[place], default=None)
    return None if best is None or near[best] < enough else best


def are_the_same(one: str, other: str) -> bool:
    """Whether two titles say the same words, in whatever order."""
    return likeness(one, other) == 1.0


def gaps(asked: Sequence[Asked], known: Callable[[str], bool], measure: Measure = BY_WORDS) -> list[Gap]:
    """What at least LEAST_ASKERS people have asked about, the most people first.

    The title is a question that was asked where everybody could read it. Where all asked in private, it is
    made of the words that LEAST_ASKERS of them share and that are `known` to those who will read it; where
    there are none, the gap is not told at all. Fewer private askers than that are not even counted.
    """
    telling = [one for one in asked if content_terms(one.text)]
    found = []
    for theme in themes([one.text for one in telling], measure):
        together = [telling[place] for place in theme.places]
        shown = [one for one in together if one.shown]
        hidden = [one for one in together if not one.shown]
        if len(_people(hidden)) < LEAST_ASKERS:
            hidden = []
        people = len(_people([*shown, *hidden]))
        named = _central(shown) if shown else _shared(hidden, known)
        if people >= LEAST_ASKERS and named:
            found.append(Gap(named, people, tuple(one.id for one in together)))
    return sorted(found, key=lambda gap: (-gap.people, -len(gap.questions)))


def _people(asked: Sequence[Asked]) -> frozenset[str]:
    return frozenset(one.person for one in asked)


def _central(shown: Sequence[Asked]) -> str:
    """The question that shares most with the others, rather one that says enough by itself."""
    held = Counter(term for one in shown for term in set(content_terms(one.text)))

    def fitness(one: Asked) -> tuple[bool, float, int]:
        terms = content_terms(one.text)
        enough = len(one.text.split()) >= SHORTEST_WORDS and len(one.text) <= LONGEST
        return enough, sum(held[term] for term in terms) / len(terms), -len(one.text)

    return " ".join(max(shown, key=fitness).text.split())


def _shared(hidden: Sequence[Asked], known: Callable[[str], bool]) -> str:
    """The words that enough of these people share, without any that the readers could not know."""
    said = {one.person: "" for one in hidden}
    for one in hidden:
        said[one.person] += f"{one.text}\n"
    held = Counter(term for text in said.values() for term in set(content_terms(text)))
    words = [word for word in title(list(said.values())).split(", ") if word]
    told = [
        word for word in words if all(held[term] >= LEAST_ASKERS for term in analysed(word)) and known(word)
    ]
    joined = ", ".join(told)
    return joined[:1].upper() + joined[1:]

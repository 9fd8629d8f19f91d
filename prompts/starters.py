"""Something to begin with for people who are introduced: what they work on, or a question; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from knowledge.analysis import analysed
from prompts.pairing import PairingKind
from prompts.words import words

_SHORTEST = 4
_EMPTY = frozenset(analysed("page guide notes team this that with from into over about what when where"))


@dataclass(frozen=True, slots=True)
class Work:
    """Something that somebody looks after (or, with `ran`, a run of theirs), by its title."""

    document_id: str
    title: str
    ran: bool = False

    @property
    def terms(self) -> frozenset[str]:
        """What its title is about, as stems."""
        return frozenset(one for one in analysed(self.title) if len(one) >= _SHORTEST) - _EMPTY


@dataclass(frozen=True, slots=True)
class Starter:
    """What may be talked about first; it rests on these documents."""

    text: str
    document_ids: tuple[str, ...] = ()


def starter(kind: PairingKind, works: Mapping[str, Sequence[Work]], number: int) -> Starter:
    """Something for people who are paired, by what each (by name) works on, the newest first.

    Two works of two people with most words in common; else the newest of each; else a question of the words'
    own, another one in each round. Titles are copied, nothing is made up.
    """
    best = max(
        (
            (len(mine.terms & its.terms), -place, one, mine, other, its)
            for one, other in combinations(works, 2)
            for place, (mine, its) in enumerate(product(works[one][:20], works[other][:20]))
            if mine.document_id != its.document_id and mine.terms & its.terms
        ),
        key=lambda found: found[:2],
        default=None,
    )
    if best is not None:
        _, _, one, mine, other, its = best
        said = f"{_says(one, mine)}, and {_says(other, its)}: that sounds related."
        return Starter(said, (mine.document_id, its.document_id))
    newest = [(name, some[0]) for name, some in works.items() if some]
    if newest:
        said = "; ".join(_says(name, one) for name, one in newest)
        return Starter(f"{said}. Ask each other about it.", tuple(one.document_id for _, one in newest))
    questions = words(f"pair_starters_{kind.value}").splitlines()
    return Starter(questions[number % len(questions)])


def _says(name: str, one: Work) -> str:
    title = " ".join(one.title.split())
    return f"{name} ran “{title}”" if one.ran else f"{name} looks after “{title}”"

"""Who belongs to a team: full members alone, as its principals name them now."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from math import gcd

from bot.people import USER_ID, People


@dataclass(frozen=True, slots=True)
class Roster:
    """`people` are asked, in the order of their ids. `gone` are named and deactivated. `unknown` are
    principals that Slack does not tell: then nobody counts as having left."""

    people: tuple[str, ...]
    gone: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all of the team is known."""
        return not self.unknown

    def lacks(self, person: str) -> bool:
        """Whether somebody is surely not in the team."""
        return self.whole and person not in self.people

    def beside(self, earlier: Collection[str]) -> tuple[str, ...]:
        """The team, with those of an earlier roster while it is not known who is in it."""
        return self.people if self.whole else tuple(sorted({*self.people, *earlier} - {*self.gone}))


def roster_of(people: People, team: Sequence[str]) -> Roster:
    """The team that `#channel`, `@group`, user ids and e-mail addresses name; guests, bots and people of
    other organisations are left out."""
    named: set[str] = set()
    unknown: list[str] = []
    for principal in team:
        if USER_ID.fullmatch(principal):
            named.add(principal)
            continue
        found = people.members(principal)
        if found is None:
            unknown.append(principal)
        named |= found or frozenset()
    known = people.many(named)
    return Roster(
        people=tuple(sorted(one for one, person in known.items() if person.full_member)),
        gone=tuple(sorted(one for one, person in known.items() if person.deleted)),
        unknown=(*unknown, *sorted(named - known.keys())),
    )


def rotated(people: Sequence[str], slot: date) -> tuple[str, ...]:
    """The same people, beginning with another one each day: nobody is always the last to be asked."""
    if not people:
        return ()
    first = slot.toordinal() * _stride(len(people)) % len(people)
    return (*people[first:], *people[:first])


def _stride(count: int) -> int:
    """How many places the order moves a day: far, and so that all of a team come first in their turn."""
    return next(step for step in range(max(1, round(count * 0.618)), 0, -1) if gcd(step, count) == 1)

"""Who is paired with whom in a round: as many as can be, no repeat while one is avoidable; pure."""

import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations, islice

MOST_AGE = 52
"""So many rounds ago and longer ago are the same."""
MOST_SHARED = 40
"""So many half hours in common and more are the same."""
MOST_THIRDS = 24
"""Trios are sought among so many who were in one longest ago."""

Pair = frozenset[str]


class PairingKind(StrEnum):
    """What people are brought together for."""

    COFFEE = "coffee"
    MENTORING = "mentoring"
    MODELLING = "modelling"


class Role(StrEnum):
    """What somebody is in mentoring; elsewhere everybody is EITHER."""

    EITHER = "either"
    MENTOR = "mentor"
    MENTEE = "mentee"


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody who takes part in a round.

    `hours` are the half hours at which they are at work: bit n is the n-th of a stretch of time that is the
    same for everybody. Who is `waiting` was left without a partner last time.
    """

    id: str
    hours: int = 0
    role: Role = Role.EITHER
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """How many rounds ago two were together last (1 for the last round), and somebody was in a trio."""

    met: Mapping[Pair, int] = field(default_factory=dict)
    trios: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matching:
    """Groups of two, some of three, and those for whom nobody is left."""

    groups: tuple[tuple[str, ...], ...]
    alone: tuple[str, ...] = ()


_Group = tuple[Partner, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    groups: tuple[_Group, ...]
    alone: _Group


def match(
    partners: Iterable[Partner],
    memory: Memory = Memory(),
    apart: Collection[Pair] = frozenset(),
    seed: str = "",
) -> Matching:
    """Bring as many together as can be.

    Nobody is put together with whom they are kept `apart` from, nor are two mentors or two mentees by
    themselves. Of all such ways, one in which those who waited come first; then with the fewest repeats, and
    these of the longest ago; then one that leaves the round after it no repeat where that can be; then with
    hours in common, and many of them. Who would be left over joins two others: of an odd number three are a
    trio, made up of people who were in none last time where that can be. `seed` decides between equals.
    """
    order = sorted(partners, key=lambda one: one.id)
    random.Random(seed).shuffle(order)  # noqa: S311 - decides between equals, guards nothing
    rules = _Rules(memory, frozenset(apart), len(order))
    found = rules.joined(rules.pairs(order))
    if len(order) % 2 and len(order) > 2:
        found = _with_a_trio(order, rules, found)
    elif rules.is_perfect(found):
        found = _with_a_next_round(order, rules, found)
    return Matching(
        tuple(tuple(one.id for one in group) for group in found.groups),
        tuple(one.id for one in found.alone),
    )


def _with_a_trio(order: Sequence[Partner], rules: "_Rules", found: _Found) -> _Found:
    """The best of what is found and of what is left when three are chosen first."""
    best, score = found, rules.score(found)
    for three in islice(rules.trios(order), _tries(len(order))):
        rest = rules.joined(rules.pairs([one for one in order if one not in three]))
        other = _Found((three, *rest.groups), rest.alone)
        if (its := rules.score(other)) < score:
            best, score = other, its
        if rules.is_perfect(best):
            break
    return best


def _with_a_next_round(order: Sequence[Partner], rules: "_Rules", found: _Found) -> _Found:
    """What is found, or another without repeats after which more can meet somebody new the next time."""
    best, left = found, rules.without_news_after(order, found)
    for pair in found.groups:
        if not left:
            break
        other = rules.keeping_apart(_pairs(pair)).pairs(order)
        if rules.is_perfect(other) and (its := rules.without_news_after(order, other)) < left:
            best, left = other, its
    return best


def _tries(count: int) -> int:
    """All trios of a few people; of many the first ones, as there is more to choose from beside them."""
    return 165 if count <= 11 else max(3, 720 // count)


@dataclass(frozen=True, slots=True)
class _Rules:
    memory: Memory
    apart: frozenset[Pair]
    count: int

    def pairs(self, order: Sequence[Partner]) -> _Found:
        """A matching of the most people and, of these, of the most weight."""
        from networkx import Graph, max_weight_matching  # a quarter of a second, and rounds are rare

        by_id = {one.id: one for one in order}
        graph = Graph()
        graph.add_nodes_from(by_id)
        for one, other in combinations(order, 2):
            if self.may_be_two(one, other):
                graph.add_edge(one.id, other.id, weight=self.weight(one, other))
        places = {one.id: place for place, one in enumerate(order)}
        matched = sorted(sorted(two, key=places.__getitem__) for two in max_weight_matching(graph, True))
        taken = {one for two in matched for one in two}
        groups = tuple((by_id[one], by_id[other]) for one, other in matched)
        return _Found(groups, tuple(one for one in order if one.id not in taken))

    def joined(self, found: _Found) -> _Found:
        """Whoever is left over joins two others, where there are such."""
        groups, alone = list(found.groups), []
        for one in sorted(found.alone, key=lambda one: not one.waiting):
            able = [two for two in groups if len(two) == 2 and self.may_be_three((*two, one))]
            if able:
                best = min(able, key=lambda two: self.trio_cost((*two, one)))
                groups[groups.index(best)] = (*best, one)
            else:
                alone.append(one)
        return _Found(tuple(groups), tuple(alone))

    def trios(self, order: Sequence[Partner]) -> Iterator[_Group]:
        """Groups of three that may be, the best first."""
        able = sorted(order, key=lambda one: -self._trio_age(one))[:MOST_THIRDS]
        threes = [three for three in combinations(able, 3) if self.may_be_three(three)]
        yield from sorted(threes, key=self.trio_cost)

    def keeping_apart(self, pairs: Iterable[Pair]) -> "_Rules":
        """The same rules, and these pairs may not be, either."""
        return replace(self, apart=self.apart | {*pairs})

    def without_news_after(self, order: Sequence[Partner], found: _Found) -> int:
        """How many cannot meet somebody new in the round after this one."""
        known = {pair for group in found.groups for pair in _pairs(group)} | {*self.memory.met}
        new = self.keeping_apart(known)
        choices = [sum(new.may_be_two(one, other) for other in order if other is not one) for one in order]
        if min(choices, default=0) * 2 >= len(order):  # enough for all (Dirac 1952)
            return 0
        return len(new.pairs(order).alone)

    def may_be_two(self, one: Partner, other: Partner) -> bool:
        return self.suits(one, other) and not self.kept_apart((one, other))

    def suits(self, one: Partner, other: Partner) -> bool:
        return one.role is Role.EITHER or other.role is Role.EITHER or one.role is not other.role

    def kept_apart(self, group: _Group) -> bool:
        return any(pair in self.apart for pair in _pairs(group))

    def may_be_three(self, three: _Group) -> bool:
        """Whether nobody is kept apart in it, and one of them suits both others."""
        if self.kept_apart(three):
            return False
        return any(all(self.suits(one, other) for other in three if other is not one) for one in three)

    def weight(self, one: Partner, other: Partner) -> int:
        """Sums of it over a matching compare as its parts do, one after the other."""
        age = self.memory.met.get(frozenset({one.id, other.id}))
        shared = _shared((one, other))
        parts = (
            (one.waiting + other.waiting, 2),
            (int(age is None), 1),
            (0 if age is None else min(age, MOST_AGE), MOST_AGE),
            (int(shared > 0), 1),
            (shared, MOST_SHARED),
        )
        weight = 0
        for value, most in parts:
            weight = weight * (most * self.count + 1) + value
        return weight

    def repeats(self, group: _Group) -> Sequence[int]:
        """How many rounds ago those of a group were together who were."""
        ages = (self.memory.met.get(pair) for pair in _pairs(group))
        return [min(age, MOST_AGE) for age in ages if age is not None]

    def trio_cost(self, three: _Group) -> tuple[int, ...]:
        ages = self.repeats(three)
        return (len(ages), self.again(three), -sum(ages), -int(_shared(three) > 0), -_shared(three))

    def again(self, group: _Group) -> int:
        """How many of a trio were in one last time, too."""
        return sum(self._trio_age(one) == 1 for one in group) if len(group) == 3 else 0

    def score(self, found: _Found) -> tuple[int, ...]:
        """The smaller, the better."""
        ages = [age for group in found.groups for age in self.repeats(group)]
        shared = [_shared(group) for group in found.groups]
        return (
            len(found.alone),
            sum(one.waiting for one in found.alone),
            len(ages),
            sum(self.again(group) for group in found.groups),
            -sum(ages),
            -sum(one > 0 for one in shared),
            -sum(shared),
        )

    def is_perfect(self, found: _Found) -> bool:
        return not any(self.score(found)[:4])

    def _trio_age(self, one: Partner) -> int:
        return min(self.memory.trios.get(one.id, MOST_AGE), MOST_AGE)


def _pairs(group: _Group) -> Iterator[Pair]:
    return (frozenset({one.id, other.id}) for one, other in combinations(group, 2))


def _shared(group: _Group) -> int:
    """Half hours at which all of a group are at work."""
    hours = group[0].hours
    for one in group[1:]:
        hours &= one.hours
    return min(hours.bit_count(), MOST_SHARED)

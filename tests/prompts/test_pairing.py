"""Who is paired with whom: against every way there is, and over whole seasons."""

import random
from collections.abc import Iterator, Sequence
from itertools import combinations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from prompts.pairing import Matching, Memory, Pair, Partner, Role, match

FIVE = [Partner(one) for one in "abcde"]


def people(count: int) -> list[Partner]:
    return [Partner(f"p{number:03}") for number in range(count)]


def pairs_of(matching: Matching) -> list[Pair]:
    return [frozenset(two) for group in matching.groups for two in combinations(group, 2)]


def everybody(matching: Matching) -> list[str]:
    return sorted([one for group in matching.groups for one in group] + list(matching.alone))


class Season:
    """Rounds, one after another, each remembered."""

    def __init__(self) -> None:
        self.number = 0
        self.met: dict[Pair, int] = {}
        self.trios: dict[str, int] = {}
        self.repeats = 0

    def memory(self) -> Memory:
        now = self.number + 1
        return Memory(
            {pair: now - number for pair, number in self.met.items()},
            {one: now - number for one, number in self.trios.items()},
        )

    def play(self, partners: Sequence[Partner], apart: frozenset[Pair] = frozenset()) -> Matching:
        made = match(partners, self.memory(), apart, seed=str(self.number))
        self.number += 1
        for pair in pairs_of(made):
            self.repeats += pair in self.met
            self.met[pair] = self.number
        for group in made.groups:
            if len(group) == 3:
                self.trios |= dict.fromkeys(group, self.number)
        return made


def test_t67_sixty_people_in_twelve_rounds_with_absences_never_meet_twice() -> None:
    season, chance = Season(), random.Random(7)
    together = 0
    for _ in range(12):
        here = [one for one in people(60) if chance.random() >= 0.15]
        made = season.play(here)
        assert made.alone == ()
        assert everybody(made) == [one.id for one in here]
        together += len(pairs_of(made))
    assert season.repeats == 0
    assert together > 290, "as many as there are people for"


def test_t67_everybody_meets_everybody_before_anybody_meets_twice() -> None:
    season = Season()
    for _ in range(11):
        season.play(people(12))
    assert (season.repeats, len(season.met)) == (0, 66)
    season.play(people(12))
    assert season.repeats == 6


def test_a_round_leaves_the_next_one_without_a_repeat() -> None:
    for seed in range(60):
        met = dict[Pair, int]()
        for week in range(5):
            groups = match(people(6), Memory(met), seed=f"{seed} {week}").groups
            met = {pair: age + 1 for pair, age in met.items()} | {frozenset(two): 1 for two in groups}
        assert len(met) == 15, "with two triangles left of six people, two of them would be left over"


def test_t67_trios_rotate() -> None:
    season, before = Season(), frozenset[str]()
    for _ in range(6):
        made = season.play(people(21))
        [trio] = [frozenset(group) for group in made.groups if len(group) == 3]
        assert not trio & before
        before = trio
    assert season.repeats == 0


def test_t67_one_two_three_and_nobody() -> None:
    assert match([]) == Matching((), ())
    assert match(people(1)) == Matching((), ("p000",))
    assert [len(group) for group in match(people(2)).groups] == [2]
    assert [len(group) for group in match(people(3)).groups] == [3]


def test_t67_who_is_left_alone_by_exclusions_comes_first_next_time() -> None:
    hub, *rest = FIVE
    apart = frozenset(frozenset({a.id, b.id}) for a, b in combinations(rest, 2))
    alone = set(match(FIVE, apart=apart).alone)
    assert len(alone) == 3, "one can be with the only one who is kept apart from nobody"
    again = [Partner(one.id, waiting=one.id in alone) for one in FIVE]
    seen = {match(again, apart=apart, seed=str(seed)).groups[0] for seed in range(10)}
    assert all(alone & set(group) and hub.id in group for group in seen)


def test_t67_two_circles_of_three_become_trios() -> None:
    apart = frozenset(frozenset({a, b}) for a in "abc" for b in "xyz")
    made = match([Partner(one) for one in "abcxyz"], apart=apart)
    assert sorted("".join(sorted(group)) for group in made.groups) == ["abc", "xyz"]


def test_mentors_meet_mentees_and_nobody_else() -> None:
    roles = {"m": Role.MENTOR, "e": Role.MENTEE, "x": Role.EITHER}
    partners = [Partner(f"{kind}{number}", role=roles[kind]) for kind in "me" for number in range(3)]
    made = match([*partners, Partner("x0", role=Role.EITHER)])
    assert made.alone == ()
    for group in made.groups:
        assert len({one[0] for one in group}) > 1
    alone = match([Partner(one, role=Role.MENTEE) for one in "abc"])
    assert (alone.groups, len(alone.alone)) == ((), 3)
    two_each = match([Partner("m", role=Role.MENTOR), *(Partner(e, role=Role.MENTEE) for e in "abc")])
    assert [len(group) for group in two_each.groups] == [3]
    assert len(two_each.alone) == 1, "a mentor has two at most"


def test_hours_in_common_decide_between_what_is_no_repeat() -> None:
    lisbon, tokyo = 0b0000_1111, 0b1111_0000
    partners = [Partner("l1", lisbon), Partner("l2", lisbon), Partner("t1", tokyo), Partner("t2", tokyo)]
    assert set(pairs_of(match(partners))) == {frozenset({"l1", "l2"}), frozenset({"t1", "t2"})}
    met = Memory({frozenset({"l1", "l2"}): 4})
    assert frozenset({"l1", "l2"}) not in pairs_of(match(partners, met)), "a repeat is worse than a long way"


def test_of_repeats_the_longest_ago_comes_first() -> None:
    season = Season()
    first, *_, last = [set(pairs_of(season.play(people(4)))) for _ in range(4)]
    assert (first, season.repeats) == (last, 2)


ids = "abcdefgh"
some_pairs = st.frozensets(
    st.sampled_from([frozenset(two) for two in combinations(ids, 2)]), min_size=0, max_size=20
)


def every_way(order: Sequence[str]) -> Iterator[list[Pair]]:
    """Every way to put people together in twos, with some left over."""
    if not order:
        yield []
        return
    first, *rest = order
    yield from every_way(rest)
    for other in rest:
        for more in every_way([one for one in rest if one != other]):
            yield [frozenset({first, other}), *more]


@settings(max_examples=150, deadline=None)
@given(
    count=st.sampled_from([2, 4, 6]),
    met=some_pairs,
    apart=some_pairs,
    waiting=st.frozensets(st.sampled_from(ids)),
)
@example(count=4, met=frozenset({frozenset("ab")}), apart=frozenset({frozenset("cd")}), waiting=frozenset())
def test_t67_of_every_way_there_is_it_is_a_best_one(
    count: int, met: frozenset[Pair], apart: frozenset[Pair], waiting: frozenset[str]
) -> None:
    """Twos only: who then joins two others is left out of what is compared."""
    order = ids[:count]
    partners = [Partner(one, waiting=one in waiting) for one in order]
    made = match(partners, Memory(dict.fromkeys(met, 1)), apart)
    assert everybody(made) == list(order)
    assert not apart & set(pairs_of(made))
    ways = [way for way in every_way(order) if not apart & set(way)]

    def worth(way: Sequence[Pair]) -> tuple[int, int, int]:
        taken = frozenset().union(*way)
        return (len(way), len(taken & waiting), -len(met & set(way)))

    best = max(map(worth, ways))
    assert len(made.groups) == best[0]
    if all(len(group) == 2 for group in made.groups):
        assert worth(pairs_of(made)) == best


@settings(max_examples=60, deadline=None)
@given(count=st.sampled_from([3, 5, 7]), met=some_pairs, apart=some_pairs)
def test_t67_with_an_odd_number_nobody_is_alone_or_met_again_where_that_can_be(
    count: int, met: frozenset[Pair], apart: frozenset[Pair]
) -> None:
    order = ids[:count]
    made = match([Partner(one) for one in order], Memory(dict.fromkeys(met, 1)), apart)
    assert everybody(made) == list(order)
    assert not apart & set(pairs_of(made))
    fewest = min(
        (
            len(met & {*twos, *(frozenset(two) for two in combinations(three, 2))})
            for three in combinations(order, 3)
            for twos in every_way([one for one in order if one not in three])
            if len(twos) == (count - 3) // 2
            and not apart & {*twos, *(frozenset(two) for two in combinations(three, 2))}
        ),
        default=None,
    )
    if fewest is None:
        assert made.alone
    else:
        assert (made.alone, len(met & set(pairs_of(made)))) == ((), fewest)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 16), st.integers(0, 5), st.data())
def test_seasons_with_absences_and_exclusions_keep_every_promise(
    count: int, kept: int, data: st.DataObject
) -> None:
    everyone = people(count)
    every = [frozenset({a.id, b.id}) for a, b in combinations(everyone, 2)]
    apart = frozenset(data.draw(st.lists(st.sampled_from(every), max_size=kept)))
    season = Season()
    for _ in range(5):
        here = data.draw(st.lists(st.sampled_from(everyone), unique_by=lambda one: one.id))
        made = season.play(here, apart)
        assert everybody(made) == sorted(one.id for one in here)
        assert not apart & set(pairs_of(made))
        assert all(len(group) in (2, 3) for group in made.groups)
        assert len(made.alone) <= (1 if not apart else len(here))
        if not apart and len(here) > 1:
            assert made.alone == ()

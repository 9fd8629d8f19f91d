"""Who may read what: unknown means no, and nobody is looked up in vain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.audience import EVERYONE, UNKNOWN_READERS, WHOLE_WORKSPACE, Audience, Readers, may_all_read

PEOPLE = ["UANA000000", "UBEN000000", "UCHLOE0000"]
NAMED = {"#team": frozenset(PEOPLE[:2]), "@leads": frozenset(PEOPLE[1:]), "gone@heron.example": None}
PRINCIPALS = [*PEOPLE, *NAMED]


def members(principal: str) -> frozenset[str] | None:
    return NAMED[principal] if principal in NAMED else frozenset({principal})


@given(st.frozensets(st.sampled_from(PRINCIPALS)), st.frozensets(st.sampled_from(PEOPLE), min_size=1))
def test_all_readers_are_among_those_who_are_named(named: frozenset[str], people: frozenset[str]) -> None:
    allowed = {person for one in named for person in members(one) or ()}
    assert may_all_read(Audience(principals=named), Readers(people=people), members) is (people <= allowed)


def test_of_five_hundred_people_only_the_readers_are_looked_up() -> None:
    asked: list[str] = []

    def looked_up(principal: str) -> frozenset[str] | None:
        asked.append(principal)
        return members(principal)

    team = Audience(principals=frozenset({f"U{n:09}" for n in range(500)} | {PEOPLE[0]}))
    assert may_all_read(team, Readers(people=frozenset({PEOPLE[0]})), looked_up)
    assert not may_all_read(team, Readers(people=frozenset({PEOPLE[1]})), looked_up)
    assert asked == [PEOPLE[0]]


@pytest.mark.parametrize("audience", [Audience(), Audience(principals=frozenset({"#team"})), EVERYONE])
def test_unknown_readers_read_nothing(audience: Audience) -> None:
    assert not may_all_read(audience, UNKNOWN_READERS, members)


def test_the_whole_workspace_reads_what_is_for_everyone_alone() -> None:
    assert may_all_read(EVERYONE, WHOLE_WORKSPACE, members)
    assert not may_all_read(Audience(principals=frozenset({"#team"})), WHOLE_WORKSPACE, members)

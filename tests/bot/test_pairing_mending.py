"""Whoever steps out of a round that nobody knows of yet, everybody else has one place in it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, time
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete

from bot.journal import notices, pairing, pairing_rounds
from bot.journal.complete import metadata
from bot.journal.migrate import migrate
from bot.journal.notices import PLANNED
from bot.journal.pairing import Member, Pairing
from bot.journal.pairing_rounds import ALONE, DISSOLVED, MATCHED, Round
from bot.pairing.mending import part, step_out
from bot.pairing.planning import INTRODUCTION, NOBODY_LEFT, leave_alone, put_together
from knowledge.adapters.database import Database, open_database
from prompts.pairing import PairingKind, Partner, Role, match

PEOPLE = [f"U{number:08}" for number in range(9)]
TWO = st.sampled_from([*combinations(PEOPLE, 2)])
NOW = 1_772_442_000.0


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(tmp_path_factory.mktemp("mending") / "lore.db")
    migrate(opened)
    yield opened
    opened.close()


def a_round(connection: Connection, people: list[str], roles: dict[str, Role], kind: PairingKind) -> Round:
    """A round that was made of these people, as a process makes it."""
    one = Pairing(kind, "C00000001", "every Monday", time(10), "UTC", people[0], date(2026, 3, 2))
    pairing.put(connection, one, NOW)
    for person in people:
        pairing.put_member(connection, Member(one.id, person, roles[person]), NOW)
    made = Round(one.id, date(2026, 3, 2), 1, NOW + 3600, NOW + 9999)
    pairing_rounds.put_round(connection, made, NOW)
    mentoring = kind is PairingKind.MENTORING
    partners = [Partner(one, role=roles[one] if mentoring else Role.EITHER) for one in people]
    matching = match(partners, apart=pairing.kept_apart(connection, people))
    for group in matching.groups:
        put_together(connection, one, made, group, made.starts_at, NOW)
    for person in matching.alone:
        leave_alone(connection, made, person, made.starts_at, NOW)
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=9, unique=True),
    kind=st.sampled_from([PairingKind.COFFEE, PairingKind.MENTORING]),
    roles=st.lists(st.sampled_from(Role), min_size=9, max_size=9),
    apart=st.lists(TWO, max_size=5),
    steps=st.lists(st.one_of(st.sampled_from(PEOPLE), TWO), max_size=6),
)
def test_t69_everybody_else_has_one_place_and_hears_one_thing(
    database: Database,
    people: list[str],
    kind: PairingKind,
    roles: list[Role],
    apart: list[tuple[str, str]],
    steps: list[str | tuple[str, str]],
) -> None:
    """Steps are people who step out, and pairs who are kept apart from then on."""
    role = dict(zip(PEOPLE, roles, strict=True))
    left = set(people)
    with database.writing() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
        for one, other in apart:
            pairing.keep_apart(connection, one, other, NOW)
        made = a_round(connection, people, role, kind)
        for step in steps:
            if isinstance(step, str):
                step_out(connection, step, NOW, made.pairing_id)
                left.discard(step)
            else:
                pairing.keep_apart(connection, *step, NOW)
                part(connection, *step, NOW)
        found = pairing_rounds.pairs_of(connection, made.id, MATCHED, ALONE)
        never = pairing.kept_apart(connection, people)
        assert Counter(one for pair in found for one in pair.people) == Counter(left)
        for pair in found:
            assert len(pair.people) == 1 if pair.state == ALONE else len(pair.people) in (2, 3)
            assert not any(frozenset(two) in never for two in combinations(pair.people, 2))
            word = NOBODY_LEFT if pair.state == ALONE else INTRODUCTION
            assert [(each.kind, each.state) for each in notices.about(connection, pair.id)] == [
                (word, PLANNED)
            ]
        for pair in pairing_rounds.pairs_of(connection, made.id, DISSOLVED):
            assert all(each.state != PLANNED for each in notices.about(connection, pair.id))
        if kind is PairingKind.COFFEE:
            alone = [pair.people[0] for pair in found if pair.state == ALONE]
            assert all(frozenset(two) in never for two in combinations(alone, 2)), "they could have met"

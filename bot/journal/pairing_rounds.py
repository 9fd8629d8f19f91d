"""Rounds of pairing, and the pairs that were made in them: stored before anything is said of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update

from bot.journal.pairing_tables import pair_people, pairing_rounds, pairs
from bot.messages import new_key
from prompts.pairing import Memory, Pair

MATCHED, INTRODUCED, ALONE, DISSOLVED = "matched", "introduced", "alone", "dissolved"
MET, ALREADY_PLANNED, NOT_MET = "met", "planned", "no"
REPLIES = (MET, ALREADY_PLANNED, NOT_MET)


@dataclass(frozen=True, slots=True)
class Round:
    """One date of a pairing. Those who are paired are introduced at `starts_at` and asked at `ask_at` whether
    they met; `number` counts from 1."""

    pairing_id: str
    slot: date
    number: int
    starts_at: float
    ask_at: float
    id: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class Together:
    """Two or three people who are paired in a round; one, where nobody is left for them (ALONE).

    `meets_at` is the time that was proposed to them.
    """

    round_id: str
    people: tuple[str, ...]
    state: str = MATCHED
    meets_at: float | None = None
    introduced_at: float | None = None
    id: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody was asked after a round, and what they replied; empty for nothing."""

    pair_id: str
    person: str
    asked_at: float | None
    reply: str


def put_round(connection: Connection, one: Round, now: float) -> bool:
    """Store a round; False when there is one of that date already."""
    if of_slot(connection, one.pairing_id, one.slot) is not None:
        return False
    row = {
        "id": one.id,
        "pairing_id": one.pairing_id,
        "slot": one.slot.isoformat(),
        "number": one.number,
        "starts_at": one.starts_at,
        "ask_at": one.ask_at,
        "made_at": now,
    }
    connection.execute(insert(pairing_rounds), row)
    return True


def of_slot(connection: Connection, pairing_id: str, slot: date) -> Round | None:
    this = (pairing_rounds.c.pairing_id == pairing_id) & (pairing_rounds.c.slot == slot.isoformat())
    return next(iter(_rounds(connection, select(pairing_rounds).where(this))), None)


def round_of(connection: Connection, round_id: str) -> Round | None:
    this = select(pairing_rounds).where(pairing_rounds.c.id == round_id)
    return next(iter(_rounds(connection, this)), None)


def newest(connection: Connection, pairing_id: str, most: int = 1) -> Sequence[Round]:
    """The last rounds of a pairing, the newest first."""
    mine = select(pairing_rounds).where(pairing_rounds.c.pairing_id == pairing_id)
    return _rounds(connection, mine.order_by(pairing_rounds.c.slot.desc()).limit(most))


def put_pair(connection: Connection, one: Together, now: float) -> None:
    """Store who is together in a round."""
    row = {"id": one.id, "round_id": one.round_id, "state": one.state, "made_at": now}
    connection.execute(insert(pairs), row)
    connection.execute(
        insert(pair_people), [{"pair_id": one.id, "person": person, "reply": ""} for person in one.people]
    )


def pair_of(connection: Connection, pair_id: str) -> Together | None:
    return next(iter(_together(connection, pairs.c.id == pair_id)), None)


def pairs_of(connection: Connection, round_id: str, *states: str) -> Sequence[Together]:
    """Who is together in a round, in the given states or in any, in the order in which they were made."""
    wanted = pairs.c.round_id == round_id
    return _together(connection, wanted & pairs.c.state.in_(states) if states else wanted)


def waiting_of(connection: Connection, person: str, state: str = MATCHED) -> Sequence[Together]:
    """Where somebody is paired and was not introduced yet, or is in another state."""
    theirs = select(pair_people.c.pair_id).where(pair_people.c.person == person)
    return _together(connection, pairs.c.id.in_(theirs) & (pairs.c.state == state))


def proposed_to(connection: Connection, person: str, since: float) -> Sequence[float]:
    """The times, from a moment on, that were proposed to somebody to meet others."""
    theirs = select(pair_people.c.pair_id).where(pair_people.c.person == person)
    wanted = select(pairs.c.meets_at).where(pairs.c.id.in_(theirs), pairs.c.meets_at >= since)
    return list(connection.execute(wanted).scalars())


def become(connection: Connection, pair_id: str, state: str, *, before: str) -> bool:
    """Bring a pair from one state to another; False when it is in another one."""
    this = (pairs.c.id == pair_id) & (pairs.c.state == before)
    return bool(connection.execute(update(pairs).where(this).values(state=state)).rowcount)


def introduced(connection: Connection, pair_id: str, meets_at: float | None, now: float) -> bool:
    """They know of each other now; False when they are not to any more."""
    this = (pairs.c.id == pair_id) & (pairs.c.state == MATCHED)
    known = {"state": INTRODUCED, "meets_at": meets_at, "introduced_at": now}
    return bool(connection.execute(update(pairs).where(this).values(**known)).rowcount)


def asked(connection: Connection, pair_id: str, person: str, now: float) -> None:
    """Somebody is asked whether they met."""
    this = (pair_people.c.pair_id == pair_id) & (pair_people.c.person == person)
    connection.execute(update(pair_people).where(this).values(asked_at=now))


def reply(connection: Connection, pair_id: str, persons: Collection[str], said: str, now: float) -> None:
    """What was replied for these; it may be replied anew."""
    these = (pair_people.c.pair_id == pair_id) & pair_people.c.person.in_(persons)
    connection.execute(update(pair_people).where(these).values(reply=said, replied_at=now))


def last_asked(connection: Connection, pairing_id: str, person: str, most: int) -> Sequence[Asked]:
    """What somebody was asked after the last rounds in which they were introduced, the newest first."""
    found = connection.execute(
        select(pair_people.c.pair_id, pair_people.c.asked_at, pair_people.c.reply)
        .join(pairs, pairs.c.id == pair_people.c.pair_id)
        .join(pairing_rounds, pairing_rounds.c.id == pairs.c.round_id)
        .where(
            pairing_rounds.c.pairing_id == pairing_id,
            pair_people.c.person == person,
            pairs.c.state == INTRODUCED,
        )
        .order_by(pairing_rounds.c.number.desc(), pairs.c.made_at.desc())
        .limit(most)
    )
    return [Asked(row.pair_id, person, row.asked_at, row.reply) for row in found]


def memory(connection: Connection, pairing_id: str, number: int) -> Memory:
    """How many rounds before round `number` people of a pairing were introduced, and in a trio, last."""
    met: dict[Pair, int] = {}
    trios: dict[str, int] = {}
    for ago, people in _history(connection, pairing_id, number):
        for two in combinations(people, 2):
            met[frozenset(two)] = min(ago, met.get(frozenset(two), ago))
        for person in people if len(people) == 3 else ():
            trios[person] = min(ago, trios.get(person, ago))
    return Memory(met, trios)


def left_alone(connection: Connection, pairing_id: str) -> frozenset[str]:
    """Those for whom nobody was left in the last round in which they took part."""
    last: dict[str, str] = {}
    found = connection.execute(
        select(pair_people.c.person, pairs.c.state)
        .join(pairs, pairs.c.id == pair_people.c.pair_id)
        .join(pairing_rounds, pairing_rounds.c.id == pairs.c.round_id)
        .where(pairing_rounds.c.pairing_id == pairing_id, pairs.c.state != DISSOLVED)
        .order_by(pairing_rounds.c.number, pairs.c.made_at)
    )
    for row in found:
        last[row.person] = row.state
    return frozenset(person for person, state in last.items() if state == ALONE)


def replies(connection: Connection, pair_id: str) -> Mapping[str, str]:
    """What those of a pair have replied, by person."""
    found = connection.execute(select(pair_people).where(pair_people.c.pair_id == pair_id))
    return {row.person: row.reply for row in found}


def _history(connection: Connection, pairing_id: str, number: int) -> Iterable[tuple[int, list[str]]]:
    found = connection.execute(
        select(pairing_rounds.c.number, pairs.c.id, pair_people.c.person)
        .join(pairs, pairs.c.round_id == pairing_rounds.c.id)
        .join(pair_people, pair_people.c.pair_id == pairs.c.id)
        .where(
            pairing_rounds.c.pairing_id == pairing_id,
            pairing_rounds.c.number < number,
            pairs.c.state == INTRODUCED,
        )
    )
    groups: dict[tuple[int, str], list[str]] = {}
    for row in found:
        groups.setdefault((number - row.number, row.id), []).append(row.person)
    return [(ago, people) for (ago, _), people in groups.items()]


def _rounds(connection: Connection, wanted: Select[tuple[object, ...]]) -> Sequence[Round]:
    return [
        Round(row.pairing_id, date.fromisoformat(row.slot), row.number, row.starts_at, row.ask_at, row.id)
        for row in connection.execute(wanted)
    ]


def _together(connection: Connection, where: ColumnElement[bool]) -> Sequence[Together]:
    found = connection.execute(
        select(pairs, pair_people.c.person)
        .join(pair_people, pair_people.c.pair_id == pairs.c.id)
        .where(where)
        .order_by(pairs.c.made_at, pairs.c.id, pair_people.c.person)
    ).all()
    people: dict[str, list[str]] = {}
    for row in found:
        people.setdefault(row.id, []).append(row.person)
    rows = {row.id: row for row in found}
    return [
        Together(row.round_id, tuple(people[row.id]), row.state, row.meets_at, row.introduced_at, row.id)
        for row in rows.values()
    ]

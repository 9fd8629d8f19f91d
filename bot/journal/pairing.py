"""Pairing as it is set up: its kind, its channel and rhythm, who takes part, and who is kept apart.

Whom somebody does not want to be paired with is read by the matching alone; there is nothing here that lists
it for anybody.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.journal.pairing_tables import pairing_exclusions, pairing_members, pairings
from bot.messages import new_key
from prompts.pairing import Pair, PairingKind, Role
from prompts.recurrence import Rule

ACTIVE, PAUSED, ENDED = "active", "paused", "ended"
IN, LEFT, DROPPED = "in", "left", "dropped"


@dataclass(frozen=True, slots=True)
class Pairing:
    """Rounds of one kind in one channel, on the days of `rule` (as `Rule.read` takes it) from `counted_from`
    on, at the wall time `at` of `zone` (an IANA name). `owner` is a user id."""

    kind: PairingKind
    channel: str
    rule: str
    at: time
    zone: str
    owner: str
    counted_from: date
    state: str = ACTIVE
    created_at: float = 0.0
    changed_at: float = 0.0
    id: str = field(default_factory=new_key)

    @property
    def days(self) -> Rule:
        """On which days its rounds are; every other week is counted from the first."""
        return Rule.read(self.rule).starting(self.counted_from)

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes part, or did. They were heard of last at `heard_at`; until the day `snoozed_until`
    they are not paired."""

    pairing_id: str
    person: str
    role: Role = Role.EITHER
    state: str = IN
    snoozed_until: date | None = None
    heard_at: float = 0.0

    def takes_part(self, day: date) -> bool:
        """Whether they are paired in a round of that day."""
        return self.state == IN and (self.snoozed_until is None or self.snoozed_until <= day)


def put(connection: Connection, one: Pairing, now: float) -> None:
    """Store a pairing, new or changed at `now`; `created_at` stays as it is."""
    row = {
        "kind": one.kind.value,
        "channel": one.channel,
        "state": one.state,
        "rule": one.rule,
        "at": f"{one.at:%H:%M}",
        "zone": one.zone,
        "owner": one.owner,
        "counted_from": one.counted_from.isoformat(),
        "changed_at": now,
    }
    if not connection.execute(update(pairings).where(pairings.c.id == one.id).values(**row)).rowcount:
        connection.execute(insert(pairings), {**row, "id": one.id, "created_at": now})


def by_id(connection: Connection, pairing_id: str) -> Pairing | None:
    row = connection.execute(select(pairings).where(pairings.c.id == pairing_id)).first()
    return None if row is None else _pairing(row)


def all_pairings(connection: Connection, *states: str) -> Sequence[Pairing]:
    """Those in the given states, the oldest first."""
    wanted = select(pairings).where(pairings.c.state.in_(states))
    return [
        _pairing(row) for row in connection.execute(wanted.order_by(pairings.c.created_at, pairings.c.id))
    ]


def of_channel(connection: Connection, channel: str, kind: PairingKind) -> Pairing | None:
    """The one of a kind in a channel that is not ended."""
    here = (pairings.c.channel == channel) & (pairings.c.kind == kind.value) & (pairings.c.state != ENDED)
    row = connection.execute(select(pairings).where(here)).first()
    return None if row is None else _pairing(row)


def members_of(connection: Connection, pairing_id: str) -> Sequence[Member]:
    """Everybody who takes part, is away, left or was dropped, by user id."""
    wanted = select(pairing_members).where(pairing_members.c.pairing_id == pairing_id)
    return [_member(row) for row in connection.execute(wanted.order_by(pairing_members.c.person))]


def memberships(connection: Connection, person: str) -> Sequence[Member]:
    """All of one person, whatever their state."""
    wanted = select(pairing_members).where(pairing_members.c.person == person)
    return [_member(row) for row in connection.execute(wanted.order_by(pairing_members.c.pairing_id))]


def put_member(connection: Connection, one: Member, now: float) -> None:
    """Store somebody's part in a pairing, new or changed."""
    mine = (pairing_members.c.pairing_id == one.pairing_id) & (pairing_members.c.person == one.person)
    row = {
        "state": one.state,
        "role": one.role.value,
        "snoozed_until": "" if one.snoozed_until is None else one.snoozed_until.isoformat(),
        "heard_at": one.heard_at,
        "changed_at": now,
    }
    if not connection.execute(update(pairing_members).where(mine).values(**row)).rowcount:
        connection.execute(
            insert(pairing_members), {**row, "pairing_id": one.pairing_id, "person": one.person}
        )


def heard(connection: Connection, pairing_id: str, persons: Collection[str], now: float) -> None:
    """These have replied, or said something of their part themselves."""
    theirs = (pairing_members.c.pairing_id == pairing_id) & pairing_members.c.person.in_(persons)
    connection.execute(update(pairing_members).where(theirs).values(heard_at=now))


def drop(connection: Connection, one: Member, now: float) -> None:
    """Somebody is not paired any more until they say that they want to be."""
    put_member(connection, replace(one, state=DROPPED, snoozed_until=None), now)


def keep_apart(connection: Connection, person: str, other: str, now: float, *, kept: bool = True) -> None:
    """Somebody does not want to be paired with another, or (with `kept` false) does again."""
    mine = (pairing_exclusions.c.person == person) & (pairing_exclusions.c.other == other)
    connection.execute(delete(pairing_exclusions).where(mine))
    if kept:
        row = {"person": person, "other": other, "said_at": now}
        connection.execute(insert(pairing_exclusions), row)


def kept_apart(connection: Connection, persons: Collection[str]) -> frozenset[Pair]:
    """Who of these is never paired with whom, whoever of the two has said so: for the matching alone."""
    among = pairing_exclusions.c.person.in_(persons) & pairing_exclusions.c.other.in_(persons)
    found = connection.execute(select(pairing_exclusions.c.person, pairing_exclusions.c.other).where(among))
    return frozenset(frozenset({row.person, row.other}) for row in found)


def _pairing(row: Row[tuple[object, ...]]) -> Pairing:
    return Pairing(
        kind=PairingKind(row.kind),
        channel=row.channel,
        rule=row.rule,
        at=time.fromisoformat(row.at),
        zone=row.zone,
        owner=row.owner,
        counted_from=date.fromisoformat(row.counted_from),
        state=row.state,
        created_at=row.created_at,
        changed_at=row.changed_at,
        id=row.id,
    )


def _member(row: Row[tuple[object, ...]]) -> Member:
    return Member(
        pairing_id=row.pairing_id,
        person=row.person,
        role=Role(row.role),
        state=row.state,
        snoozed_until=date.fromisoformat(row.snoozed_until) if row.snoozed_until else None,
        heard_at=row.heard_at,
    )

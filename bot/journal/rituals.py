"""Rituals as they are set up: kept, changed, paused and archived; what they are is `prompts.ritual`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Row, insert, select, update

from bot.journal.ritual_tables import rituals
from bot.messages import new_key
from prompts.ritual import Standup

STANDUP = "standup"
ACTIVE, PAUSED, ARCHIVED = "active", "paused", "archived"
IN_SLACK, IN_FILE = "slack", "file"


@dataclass(frozen=True, slots=True)
class Ritual:
    """A stand-up with its owner and state; `revision` grows with every change of the settings.

    `owner` and `co_owners` are user ids. `paused_until` is the earliest local date of an occurrence that has
    not begun: after a pause, a change or its setting up; None for any, and for a pause without an end.
    `planned_until` (Unix seconds) never goes back.
    """

    settings: Standup
    owner: str
    co_owners: tuple[str, ...] = ()
    state: str = ACTIVE
    origin: str = IN_SLACK
    revision: int = 1
    paused_until: date | None = None
    planned_until: float | None = None
    created_at: float = 0.0
    changed_at: float = 0.0
    kind: str = STANDUP
    id: str = field(default_factory=new_key)

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def owners(self) -> frozenset[str]:
        return frozenset({self.owner, *self.co_owners} - {""})


def put(connection: Connection, ritual: Ritual, now: float) -> None:
    """Store a ritual, new or changed at `now`; `planned_until` and `created_at` stay as they are."""
    row = {
        "kind": ritual.kind,
        "name": ritual.name,
        "state": ritual.state,
        "settings": ritual.settings.to_json(),
        "owner": ritual.owner,
        "co_owners": [*ritual.co_owners],
        "origin": ritual.origin,
        "revision": ritual.revision,
        "paused_until": None if ritual.paused_until is None else ritual.paused_until.isoformat(),
        "changed_at": now,
    }
    changed = connection.execute(update(rituals).where(rituals.c.id == ritual.id).values(**row))
    if not changed.rowcount:
        connection.execute(insert(rituals), {**row, "id": ritual.id, "created_at": now})


def ritual(connection: Connection, ritual_id: str) -> Ritual | None:
    row = connection.execute(select(rituals).where(rituals.c.id == ritual_id)).first()
    return None if row is None else _ritual(row)


def all_rituals(connection: Connection, *states: str) -> Sequence[Ritual]:
    """Those in one of these states (without any: all), by name."""
    wanted = select(rituals).order_by(rituals.c.name, rituals.c.id)
    if states:
        wanted = wanted.where(rituals.c.state.in_(states))
    return [_ritual(row) for row in connection.execute(wanted)]


def planned(connection: Connection, ritual_id: str, until: float) -> None:
    """Remember until when occurrences were planned; an earlier time than is known changes nothing."""
    later = (rituals.c.planned_until.is_(None)) | (rituals.c.planned_until < until)
    connection.execute(update(rituals).where(rituals.c.id == ritual_id, later).values(planned_until=until))


def _ritual(row: Row[tuple[object, ...]]) -> Ritual:
    return Ritual(
        settings=Standup.from_json(row.settings),
        owner=row.owner,
        co_owners=tuple(row.co_owners),
        state=row.state,
        origin=row.origin,
        revision=row.revision,
        paused_until=None if row.paused_until is None else date.fromisoformat(row.paused_until),
        planned_until=row.planned_until,
        created_at=row.created_at,
        changed_at=row.changed_at,
        kind=row.kind,
        id=row.id,
    )

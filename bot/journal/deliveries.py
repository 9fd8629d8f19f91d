"""Deliveries: one message of an occurrence to one person or channel each, planned, claimed and said once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, insert, select

from bot.journal.ritual_tables import deliveries

WAITING = ("planned", "claimed")
PLANNED, CLAIMED, SAID, SKIPPED, MISSED, CANCELLED = (
    "planned",
    "claimed",
    "said",
    "skipped",
    "missed",
    "cancelled",
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """`kind` names what is said (`prompt`, `reminder 1`, …), `person` to whom: a user's or a channel's id.

    Planned for `planned_at`, worthless after `not_after`; what is asked may be replied to until
    `deadline_at`. `reason` says in words why it is as it is; `key` is its message's in the outbox.
    """

    occurrence_id: int
    person: str
    kind: str
    planned_at: float
    not_after: float
    deadline_at: float | None = None
    zone: str = ""
    state: str = PLANNED
    reason: str = ""
    key: str | None = None
    settled_at: float | None = None
    id: int = 0


def plan(connection: Connection, delivery: Delivery) -> bool:
    """Store a delivery; False when the occurrence has one of this kind to this person already."""
    same = select(deliveries.c.id).where(
        deliveries.c.occurrence_id == delivery.occurrence_id,
        deliveries.c.person == delivery.person,
        deliveries.c.kind == delivery.kind,
    )
    if connection.execute(same).first() is not None:
        return False
    kept = ("occurrence_id", "person", "kind", "state", "zone", "planned_at", "not_after", "deadline_at")
    row = {name: getattr(delivery, name) for name in (*kept, "reason", "key", "settled_at")}
    connection.execute(insert(deliveries).values(**row))
    return True


def delivery_of(connection: Connection, occurrence_id: int, person: str, kind: str) -> Delivery | None:
    row = connection.execute(
        select(deliveries).where(
            deliveries.c.occurrence_id == occurrence_id,
            deliveries.c.person == person,
            deliveries.c.kind == kind,
        )
    ).first()
    return None if row is None else delivery_from(row)


def of_occurrence(connection: Connection, occurrence_id: int) -> Sequence[Delivery]:
    """All of an occurrence, in the order in which they are planned."""
    wanted = select(deliveries).where(deliveries.c.occurrence_id == occurrence_id)
    found = connection.execute(wanted.order_by(deliveries.c.planned_at, deliveries.c.id))
    return [delivery_from(row) for row in found]


def of_person(connection: Connection, person: str, most: int = 20) -> Sequence[Delivery]:
    """The newest of one person, the newest first: the ledger."""
    wanted = select(deliveries).where(deliveries.c.person == person)
    found = connection.execute(wanted.order_by(deliveries.c.planned_at.desc()).limit(most))
    return [delivery_from(row) for row in found]


def delivery_from(row: Row[tuple[object, ...]]) -> Delivery:
    """A stored row as a delivery."""
    return Delivery(
        occurrence_id=row.occurrence_id,
        person=row.person,
        kind=row.kind,
        planned_at=row.planned_at,
        not_after=row.not_after,
        deadline_at=row.deadline_at,
        zone=row.zone,
        state=row.state,
        reason=row.reason,
        key=row.key,
        settled_at=row.settled_at,
        id=row.id,
    )

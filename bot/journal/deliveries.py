"""Deliveries: one message of an occurrence to one person or channel each, planned, claimed and said once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from bot.journal.ritual_tables import deliveries, occurrences

_LAST_DAYS_S = 4 * 24 * 3600.0
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
    connection.execute(insert(deliveries).values(**_row(delivery)))
    return True


def plan_all(connection: Connection, wanted: Sequence[Delivery]) -> None:
    """Store deliveries of a new occurrence, in this order."""
    if wanted:
        connection.execute(insert(deliveries), [_row(one) for one in wanted])


def aim(connection: Connection, delivery_id: int, at: Delivery) -> bool:
    """Plan a delivery for another time, as `at` has it; False when it does not wait any more."""
    times = {"planned_at": at.planned_at, "not_after": at.not_after, "deadline_at": at.deadline_at}
    waiting = (deliveries.c.id == delivery_id) & (deliveries.c.state == PLANNED)
    aimed = update(deliveries).where(waiting).values(**times, zone=at.zone, leased_until=None)
    return bool(connection.execute(aimed).rowcount)


def skip(connection: Connection, delivery_id: int, reason: str, now: float) -> None:
    """What waits, and nobody has taken, is not said; `reason` says why."""
    waiting = (deliveries.c.id == delivery_id) & (deliveries.c.state == PLANNED)
    connection.execute(update(deliveries).where(waiting).values(state=SKIPPED, reason=reason, settled_at=now))


def cancel(connection: Connection, occurrence_id: int, reason: str, now: float, person: str = "") -> None:
    """What waits of an occurrence (to one `person`, or to all) is never said."""
    waiting = (deliveries.c.occurrence_id == occurrence_id) & deliveries.c.state.in_(WAITING)
    if person:
        waiting &= deliveries.c.person == person
    ended = {"state": CANCELLED, "reason": reason, "claim": None, "leased_until": None, "settled_at": now}
    connection.execute(update(deliveries).where(waiting).values(**ended))


def miss(connection: Connection, now: float, reason: str) -> Sequence[Delivery]:
    """What nobody has taken and has become worthless is never said; those that have been missed so."""
    late = is_free(now) & (deliveries.c.not_after < now)
    missed = {"state": MISSED, "reason": reason, "claim": None, "leased_until": None, "settled_at": now}
    rows = connection.execute(update(deliveries).where(late).values(**missed).returning(deliveries)).all()
    return [delivery_from(row) for row in sorted(rows, key=lambda row: row.id)]


def is_free(now: float) -> ColumnElement[bool]:
    """Whether a delivery waits and is nobody's: it was never claimed, or whoever did has left it."""
    return deliveries.c.state.in_(WAITING) & (func.coalesce(deliveries.c.leased_until, 0.0) <= now)


def last_said(
    connection: Connection, ritual_id: str, kind: str, now: float
) -> Mapping[str, tuple[str, float]]:
    """The newest of a kind that people were sent of a ritual in the last days: its slot (ISO), and when."""
    wanted = (
        select(deliveries.c.person, occurrences.c.slot, deliveries.c.settled_at)
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .where(
            occurrences.c.ritual_id == ritual_id,
            deliveries.c.kind == kind,
            deliveries.c.state == SAID,
            deliveries.c.planned_at > now - _LAST_DAYS_S,
        )
        .order_by(deliveries.c.settled_at)
    )
    return {row.person: (row.slot, float(row.settled_at)) for row in connection.execute(wanted)}


def take_away(connection: Connection, occurrence_id: int) -> None:
    """Forget deliveries of an occurrence that has not begun."""
    connection.execute(delete(deliveries).where(deliveries.c.occurrence_id == occurrence_id))


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


def of_person(
    connection: Connection, person: str, most: int = 20, until: float = float("inf")
) -> Sequence[Delivery]:
    """The newest of one person, the newest first: the ledger. What is only planned for after `until` (Unix
    seconds) is not in it."""
    past = (deliveries.c.planned_at <= until) | deliveries.c.settled_at.is_not(None)
    wanted = select(deliveries).where(deliveries.c.person == person, past)
    found = connection.execute(wanted.order_by(deliveries.c.planned_at.desc()).limit(most))
    return [delivery_from(row) for row in found]


def _row(delivery: Delivery) -> dict[str, object]:
    kept = ("occurrence_id", "person", "kind", "state", "zone", "planned_at", "not_after", "deadline_at")
    return {name: getattr(delivery, name) for name in (*kept, "reason", "key", "settled_at")}


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

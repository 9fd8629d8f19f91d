"""Occurrences: one date of a ritual each, with the settings and the people that it began with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.journal.ritual_tables import deliveries, occurrences, rituals
from prompts.ritual import Standup

PLANNED, OPEN, CLOSED, MISSED, CANCELLED = "planned", "open", "closed", "missed", "cancelled"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """`slot` is its nominal local date; `settings` and `roster` (user ids) are what it began with.

    It opens with the first prompt and closes with the last deadline (Unix seconds, UTC). `note` says what
    became of it where that needs saying.
    """

    id: int
    ritual_id: str
    slot: date
    state: str
    settings: Standup
    roster: tuple[str, ...]
    opens_at: float
    closes_at: float
    closed_at: float | None = None
    note: str = ""


def plan(
    connection: Connection,
    ritual_id: str,
    slot: date,
    settings: Standup,
    roster: Sequence[str],
    opens_at: float,
    closes_at: float,
) -> int | None:
    """Store a new occurrence and return its id; None when that date is there already."""
    if of_slot(connection, ritual_id, slot) is not None:
        return None
    row = {
        "ritual_id": ritual_id,
        "slot": slot.isoformat(),
        "state": PLANNED,
        "settings": settings.to_json(),
        "roster": [*roster],
        "opens_at": opens_at,
        "closes_at": closes_at,
        "note": "",
    }
    made = connection.execute(insert(occurrences).values(**row).returning(occurrences.c.id))
    return int(made.scalar_one())


def occurrence(connection: Connection, occurrence_id: int) -> Occurrence | None:
    row = connection.execute(select(occurrences).where(occurrences.c.id == occurrence_id)).first()
    return None if row is None else _occurrence(row)


def of_slot(connection: Connection, ritual_id: str, slot: date) -> Occurrence | None:
    """The occurrence of a ritual on a nominal date."""
    row = connection.execute(
        select(occurrences).where(
            occurrences.c.ritual_id == ritual_id, occurrences.c.slot == slot.isoformat()
        )
    ).first()
    return None if row is None else _occurrence(row)


def of_ritual(connection: Connection, ritual_id: str, most: int = 50) -> Sequence[Occurrence]:
    """The newest occurrences of a ritual, by nominal date, the newest first."""
    wanted = select(occurrences).where(occurrences.c.ritual_id == ritual_id)
    found = connection.execute(wanted.order_by(occurrences.c.slot.desc()).limit(most))
    return [_occurrence(row) for row in found]


def in_state(connection: Connection, *states: str) -> Sequence[Occurrence]:
    """All occurrences in one of these states, the one that closes first at first."""
    wanted = select(occurrences).where(occurrences.c.state.in_(states))
    return [_occurrence(row) for row in connection.execute(wanted.order_by(occurrences.c.closes_at))]


def stopped(connection: Connection) -> Sequence[Occurrence]:
    """Those that are not over, or of which something waits, though their ritual is not active any more."""
    waits = (
        select(deliveries.c.id)
        .where(deliveries.c.occurrence_id == occurrences.c.id, deliveries.c.state.in_(("planned", "claimed")))
        .exists()
    )
    active = select(rituals.c.id).where(rituals.c.state == "active")
    wanted = select(occurrences).where(
        occurrences.c.ritual_id.not_in(active), occurrences.c.state.in_((PLANNED, OPEN)) | waits
    )
    return [_occurrence(row) for row in connection.execute(wanted.order_by(occurrences.c.id))]


def move(connection: Connection, occurrence_id: int, state: str, now: float, note: str = "") -> None:
    """Bring an occurrence into a state; CLOSED, MISSED and CANCELLED are its end."""
    ended = {"closed_at": now} if state in (CLOSED, MISSED, CANCELLED) else {}
    noted = {"note": note} if note else {}
    connection.execute(
        update(occurrences).where(occurrences.c.id == occurrence_id).values(state=state, **ended, **noted)
    )


def follow(
    connection: Connection,
    occurrence_id: int,
    settings: Standup,
    roster: Sequence[str],
    opens_at: float,
    closes_at: float,
) -> None:
    """Plan one anew that has not begun: it follows the settings, the team and everybody's zone."""
    row = {"settings": settings.to_json(), "roster": [*roster], "opens_at": opens_at, "closes_at": closes_at}
    connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(**row))


def keep_open(connection: Connection, occurrence_id: int, until: float) -> None:
    """An occurrence closes no earlier than this; an earlier time than is known changes nothing."""
    earlier = (occurrences.c.id == occurrence_id) & (occurrences.c.closes_at < until)
    connection.execute(update(occurrences).where(earlier).values(closes_at=until))


def leave(connection: Connection, occurrence_id: int, person: str) -> None:
    """Somebody is not in the team any more, and not missing."""
    known = occurrence(connection, occurrence_id)
    if known is not None:
        rest = [one for one in known.roster if one != person]
        connection.execute(update(occurrences).where(occurrences.c.id == occurrence_id).values(roster=rest))


def take_away(connection: Connection, occurrence_id: int) -> None:
    """Forget an occurrence that has not begun; it may be planned anew."""
    connection.execute(delete(occurrences).where(occurrences.c.id == occurrence_id))


def _occurrence(row: Row[tuple[object, ...]]) -> Occurrence:
    return Occurrence(
        id=row.id,
        ritual_id=row.ritual_id,
        slot=date.fromisoformat(row.slot),
        state=row.state,
        settings=Standup.from_json(row.settings),
        roster=tuple(row.roster),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        note=row.note,
    )

"""When people are away: as they said, or as a calendar of leave says; and what is known of those calendars.

Days are ISO dates, other times Unix seconds in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    Column,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from bot.journal.tables import metadata
from prompts.calm import Leave, Part, Why

SAID = ""
"""The origin of what people said themselves; else it is the name of a calendar."""

absences = Table(
    "absences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", String(40), nullable=False),
    Column("first", String(10), nullable=False),
    Column("until", String(10), nullable=False),
    Column("part", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("here", Integer, nullable=False),
    Column("origin", String(200), nullable=False),
    Column("said_at", Float, nullable=False),
    Index(None, "person", "until"),
    Index(None, "origin"),
)

leave_calendars = Table(
    "leave_calendars",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("read_at", Float),
    Column("tried_at", Float, nullable=False),
    Column("failing_since", Float),
    Column("problem", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class LeaveCalendar:
    """`read_at` is when it was read last, `tried_at` when that was tried; `problem` says why it did not work,
    since `failing_since`, where it did not."""

    name: str
    read_at: float | None
    tried_at: float
    failing_since: float | None = None
    problem: str = ""


def go_away(connection: Connection, person: str, leave: Leave, now: float) -> None:
    """Remember that somebody is away (or here), in place of what they said before of the same days."""
    come_back(connection, person, leave.first, leave.until)
    connection.execute(insert(absences), _row(person, leave, SAID, now))


def come_back(connection: Connection, person: str, first: date, until: date = date.max) -> int:
    """Forget what somebody said of these days; days before and after them stay. How much was changed."""
    mine = (absences.c.person == person, absences.c.origin == SAID)
    overlapping = (absences.c.first < until.isoformat(), absences.c.until > first.isoformat())
    found = connection.execute(select(absences).where(*mine, *overlapping)).all()
    for row in found:
        connection.execute(delete(absences).where(absences.c.id == row.id))
        kept = {name: value for name, value in row._mapping.items() if name != "id"}
        if row.first < first.isoformat():
            connection.execute(insert(absences), {**kept, "until": first.isoformat()})
        if row.until > until.isoformat():
            connection.execute(insert(absences), {**kept, "first": until.isoformat()})
    return len(found)


def leaves_of(connection: Connection, person: str, since: date) -> Sequence[Leave]:
    """What is known of somebody's leave that ends after a day, the earliest first."""
    mine = select(absences).where(absences.c.person == person, absences.c.until > since.isoformat())
    found = connection.execute(mine.order_by(absences.c.first, absences.c.id))
    return [
        Leave(
            first=date.fromisoformat(row.first),
            until=date.fromisoformat(row.until),
            part=Part(row.part),
            reason=row.reason,
            why=Why.ABSENCE if row.origin == SAID else Why.CALENDAR,
            here=bool(row.here),
        )
        for row in found
    ]


def follow_calendar(
    connection: Connection, name: str, leaves: Sequence[tuple[str, Leave]], now: float
) -> None:
    """What a calendar says now, by person, in place of what it said before."""
    connection.execute(delete(absences).where(absences.c.origin == name))
    rows = [_row(person, leave, name, now) for person, leave in leaves]
    if rows:
        connection.execute(insert(absences), rows)
    _note(connection, LeaveCalendar(name, now, now))


def calendar_failed(connection: Connection, name: str, problem: str, now: float) -> None:
    """What a calendar said last stays."""
    before = next((one for one in calendars(connection) if one.name == name), None)
    read_at = None if before is None else before.read_at
    since = now if before is None or before.failing_since is None else before.failing_since
    _note(connection, LeaveCalendar(name, read_at, now, since, problem))


def calendars(connection: Connection) -> Sequence[LeaveCalendar]:
    """All that were ever tried, by name."""
    found = connection.execute(select(leave_calendars).order_by(leave_calendars.c.name))
    return [LeaveCalendar(**{name: getattr(row, name) for name in LeaveCalendar.__slots__}) for row in found]


def forget_calendars(connection: Connection, but: Sequence[str]) -> None:
    """Forget all that was read of calendars other than these."""
    connection.execute(delete(absences).where(absences.c.origin.not_in([SAID, *but])))
    connection.execute(delete(leave_calendars).where(leave_calendars.c.name.not_in(list(but))))


def sweep(connection: Connection, before: date) -> None:
    """Forget leave that ended before a day."""
    connection.execute(delete(absences).where(absences.c.until < before.isoformat()))


def _row(person: str, leave: Leave, origin: str, now: float) -> dict[str, object]:
    return {
        "person": person,
        "first": leave.first.isoformat(),
        "until": leave.until.isoformat(),
        "part": leave.part.value,
        "reason": leave.reason,
        "here": int(leave.here),
        "origin": origin,
        "said_at": now,
    }


def _note(connection: Connection, state: LeaveCalendar) -> None:
    row = {name: getattr(state, name) for name in LeaveCalendar.__slots__}
    mine = update(leave_calendars).where(leave_calendars.c.name == state.name).values(**row)
    if not connection.execute(mine).rowcount:
        connection.execute(insert(leave_calendars), row)

"""Entries: one person's part of an occurrence, given, skipped or withdrawn; the last one given counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.journal.ritual_tables import entries
from prompts.ritual import Consent

GIVEN, SKIPPED, WITHDRAWN = "given", "skipped", "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one person replied, by the keys of the prompts. It may be given before its occurrence is planned.

    `consent` says who may find it in answers, `reason` why it was skipped. `changed_at` is when anything of
    it changed, `revision` how often. Withdrawn entries have no replies.
    """

    ritual_id: str
    slot: date
    person: str
    state: str = GIVEN
    replies: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = Consent.TEAM
    reason: str = ""
    late: bool = False
    given_at: float = 0.0
    edited_at: float | None = None
    changed_at: float = 0.0
    revision: int = 0
    id: int = 0


def put(connection: Connection, entry: Entry, now: float) -> Entry:
    """Store an entry in place of an earlier one of the same person and date; the entry as it stands now.

    What is given again counts as edited, and is late only if it was late at first.
    """
    known = entry_of(connection, entry.ritual_id, entry.slot, entry.person)
    row = {
        "ritual_id": entry.ritual_id,
        "slot": entry.slot.isoformat(),
        "person": entry.person,
        "state": entry.state,
        "replies": {} if entry.state == WITHDRAWN else dict(entry.replies),
        "consent": entry.consent.value,
        "reason": entry.reason,
        "late": int(entry.late),
        "given_at": now,
        "edited_at": None,
        "changed_at": now,
        "revision": 1,
    }
    if known is None:
        connection.execute(insert(entries).values(**row))
    else:
        row["revision"] = known.revision + 1
        if known.state == GIVEN:
            row |= {"given_at": known.given_at, "edited_at": now, "late": int(known.late)}
        connection.execute(update(entries).where(entries.c.id == known.id).values(**row))
    stored = entry_of(connection, entry.ritual_id, entry.slot, entry.person)
    assert stored is not None
    return stored


def entry_of(connection: Connection, ritual_id: str, slot: date, person: str) -> Entry | None:
    """The entry of one person on a nominal date."""
    row = connection.execute(
        select(entries).where(
            entries.c.ritual_id == ritual_id,
            entries.c.slot == slot.isoformat(),
            entries.c.person == person,
        )
    ).first()
    return None if row is None else _entry(row)


def of_slot(connection: Connection, ritual_id: str, slot: date) -> Sequence[Entry]:
    """All entries of a nominal date, in the order in which they were given."""
    wanted = select(entries).where(entries.c.ritual_id == ritual_id, entries.c.slot == slot.isoformat())
    return [_entry(row) for row in connection.execute(wanted.order_by(entries.c.given_at, entries.c.id))]


def of_ritual(connection: Connection, ritual_id: str) -> Sequence[Entry]:
    """All entries of a ritual, by nominal date and in the order in which they were given."""
    wanted = select(entries).where(entries.c.ritual_id == ritual_id)
    found = connection.execute(wanted.order_by(entries.c.slot, entries.c.given_at, entries.c.id))
    return [_entry(row) for row in found]


def of_person(connection: Connection, person: str) -> Sequence[Entry]:
    """All entries of a person, by nominal date."""
    wanted = select(entries).where(entries.c.person == person)
    return [_entry(row) for row in connection.execute(wanted.order_by(entries.c.slot, entries.c.id))]


def last_before(connection: Connection, ritual_id: str, person: str, slot: date) -> Entry | None:
    """What a person gave last before a nominal date."""
    row = connection.execute(
        select(entries)
        .where(
            entries.c.ritual_id == ritual_id,
            entries.c.person == person,
            entries.c.slot < slot.isoformat(),
            entries.c.state == GIVEN,
        )
        .order_by(entries.c.slot.desc())
        .limit(1)
    ).first()
    return None if row is None else _entry(row)


def last_of_all_before(connection: Connection, ritual_id: str, slot: date) -> dict[str, Entry]:
    """What everybody gave last before a nominal date, by person."""
    earlier = (
        (entries.c.ritual_id == ritual_id) & (entries.c.slot < slot.isoformat()) & (entries.c.state == GIVEN)
    )
    last = select(entries.c.person, func.max(entries.c.slot).label("slot")).where(earlier)
    newest = last.group_by(entries.c.person).subquery()
    found = connection.execute(
        select(entries)
        .join(newest, (newest.c.person == entries.c.person) & (newest.c.slot == entries.c.slot))
        .where(earlier)
    )
    return {row.person: _entry(row) for row in found}


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(
        ritual_id=row.ritual_id,
        slot=date.fromisoformat(row.slot),
        person=row.person,
        state=row.state,
        replies=row.replies,
        consent=Consent(row.consent),
        reason=row.reason,
        late=bool(row.late),
        given_at=row.given_at,
        edited_at=row.edited_at,
        changed_at=row.changed_at,
        revision=row.revision,
        id=row.id,
    )

"""Entries that people let others find: the record behind the source `standups`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, String, Table, delete, insert, select, tuple_

from bot.journal.entries import GIVEN, Entry
from bot.journal.ritual_tables import entries, occurrences, rituals
from bot.journal.tables import inbox, metadata
from prompts.ritual import Consent, Standup

INDEX_STANDUPS = "index_standups"
"""The kind of the inbox item that brings entries into the index, and takes them out of it."""

standup_names = Table(
    "standup_names",
    metadata,
    Column("person", String(40), primary_key=True),
    Column("name", String(300), nullable=False),
)


_FINDABLE = (entries.c.state == GIVEN) & (entries.c.consent != Consent.NOBODY.value)


@dataclass(frozen=True, slots=True)
class StandupPage:
    """An entry with all that makes a page of it.

    `settings` are those that it was asked under, `roster` (user ids) is the team of its occurrence, or, while
    that is not planned, of the last one before it. `names` are those of people, by user id, as far as known.
    """

    entry: Entry
    settings: Standup
    roster: tuple[str, ...]
    names: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path of its document, for ever."""
        return path_of(self.entry)


def path_of(entry: Entry) -> str:
    return f"{entry.ritual_id}/{entry.slot.isoformat()}/{entry.person}"


def changed(connection: Connection, entry: Entry, now: float) -> None:
    """Have the index follow an entry, in the transaction that stores it; it is hidden until then.

    One waiting item does for all. What never could be found needs none.
    """
    if entry.revision == 1 and (entry.state != GIVEN or entry.consent is Consent.NOBODY):
        return
    index_next(connection, now)


def index_next(connection: Connection, now: float) -> None:
    """Queue one item that indexes what may be found, unless one waits already."""
    waiting = select(inbox.c.id).where(inbox.c.kind == INDEX_STANDUPS, inbox.c.state == "queued")
    if connection.execute(waiting.limit(1)).first() is not None:
        return
    empty = dict.fromkeys(("team", "channel", "ts", "thread_ts", "person", "text"), "")
    item = {"kind": INDEX_STANDUPS, "state": "queued", "conversation": INDEX_STANDUPS, "payload": {}}
    connection.execute(insert(inbox), {**empty, **item, "received_at": now})


def pages(connection: Connection) -> Sequence[StandupPage]:
    """Everything that somebody may find now, by ritual and date."""
    return _pages(connection, _FINDABLE)


def pages_at(connection: Connection, paths: Collection[str]) -> Mapping[str, StandupPage]:
    """Those of these paths that somebody may find now."""
    keys = [tuple(path.split("/")) for path in paths if path.count("/") == 2]
    if not keys:
        return {}
    here = tuple_(entries.c.ritual_id, entries.c.slot, entries.c.person).in_(keys)
    return {one.path: one for one in _pages(connection, _FINDABLE & here)}


def learn_names(connection: Connection, names: Mapping[str, str]) -> None:
    """Remember what people are called."""
    connection.execute(delete(standup_names).where(standup_names.c.person.in_(list(names))))
    for person, name in names.items():
        connection.execute(insert(standup_names), {"person": person, "name": name})


def _pages(connection: Connection, which: ColumnElement[bool]) -> Sequence[StandupPage]:
    same = (occurrences.c.ritual_id == entries.c.ritual_id) & (occurrences.c.slot == entries.c.slot)
    wanted = (
        select(entries, occurrences.c.settings.label("then"), occurrences.c.roster, rituals.c.settings)
        .join(rituals, rituals.c.id == entries.c.ritual_id)
        .outerjoin(occurrences, same)
        .where(which)
        .order_by(entries.c.ritual_id, entries.c.slot, entries.c.person)
    )
    found = connection.execute(wanted).all()
    names = {row.person: row.name for row in connection.execute(select(standup_names))}
    return [
        StandupPage(
            _entry(row),
            Standup.from_json(row.then or row.settings),
            _last_roster(connection, row) if row.roster is None else tuple(row.roster),
            names,
        )
        for row in found
    ]


def _last_roster(connection: Connection, row: Any) -> tuple[str, ...]:
    """The team of the last occurrence before this entry; nobody, where there was none."""
    before = select(occurrences.c.roster).where(
        occurrences.c.ritual_id == row.ritual_id, occurrences.c.slot < row.slot
    )
    return tuple(connection.execute(before.order_by(occurrences.c.slot.desc()).limit(1)).scalar() or ())


def _entry(row: Any) -> Entry:
    return Entry(
        ritual_id=row.ritual_id,
        slot=date.fromisoformat(row.slot),
        person=row.person,
        state=row.state,
        replies=row.replies,
        consent=Consent(row.consent),
        given_at=row.given_at,
        edited_at=row.edited_at,
        changed_at=row.changed_at,
        revision=row.revision,
        id=row.id,
    )

"""Blockers as tracked items: entries open and continue them, and withdraw them with their words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from bot.journal import occurrences, rituals
from bot.journal.blocker_tables import blocker_mentions, blocker_steps, blockers
from bot.journal.entries import GIVEN, Entry
from bot.journal.ritual_tables import entries
from bot.journal.tables import inbox
from bot.messages import new_key
from ingest.redaction import redact
from prompts.blockers import matched, named
from prompts.ritual import ReplyKind, Role, Standup

OPEN, ACKNOWLEDGED, RESOLVED, WITHDRAWN = "open", "acknowledged", "resolved", "withdrawn"
STANDING = (OPEN, ACKNOWLEDGED)

BLOCKERS = "blockers"
"""The kind of the inbox item that tells people of what an entry changed."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """What holds `person` up, in their own words without secrets, and how far it is.

    `owner` is whoever is to move it (the person themselves at first), `tagged` whom its words name; all are
    user ids. It was named in entries from `first_slot` to `last_slot`; `gone_slot` is the entry that did not
    name it any more. `solution` says how it was resolved, `helped_by` (a document's or a user's id) what or
    who did it. `told_at` is when people were told of it, `gone_told_at` when the person was asked whether it
    is resolved. Of what was withdrawn there are no words.
    """

    id: str
    ritual_id: str
    person: str
    state: str
    text: str
    owner: str
    tagged: tuple[str, ...]
    first_slot: date
    last_slot: date
    gone_slot: date | None
    opened_at: float
    changed_at: float
    told_at: float | None
    gone_told_at: float | None
    escalated_at: float | None
    look_at: float
    resolved_at: float | None
    resolved_by: str
    solution: str
    helped_by: str

    @property
    def stands(self) -> bool:
        return self.state in STANDING


def from_entry(connection: Connection, entry: Entry, now: float) -> None:
    """Bring the blockers of a person to what their entry says, in the transaction that stores it.

    What the entry names continues what is alike among what stands, or is new. What stands and is no longer
    named is asked about. What an edit or a withdrawal took out of the entry is taken out of its blockers, and
    one that no entry names any more is withdrawn, words and all. People are told of it by an inbox item.
    """
    ritual = rituals.ritual(connection, entry.ritual_id)
    if ritual is None:
        return
    planned = occurrences.of_slot(connection, entry.ritual_id, entry.slot)
    words = _named_in(entry, ritual.settings if planned is None else planned.settings)
    slot = entry.slot.isoformat()
    here = _mentioned(connection, entry, slot)
    edited = matched(here, words)
    standing = {
        one.id: one.text
        for one in standing_of(connection, entry.ritual_id, entry.person)
        if one.id not in here
    }
    followed = matched(standing, edited.new)
    for blocker_id, text in {**edited.continues, **followed.continues}.items():
        _mention(connection, blocker_id, slot, text)
    for text in followed.new:
        _open(connection, entry, text, now)
    for blocker_id in edited.gone:
        _unmention(connection, blocker_id, slot)
    touched = (*edited.continues, *followed.continues, *edited.gone)
    for blocker_id in touched:
        _settle(connection, blocker_id, now)
    left = _ask_about(connection, entry, now)
    if followed.new or left:
        _tell_next(connection, entry, now)


def blocker(connection: Connection, blocker_id: str) -> Blocker | None:
    row = connection.execute(select(blockers).where(blockers.c.id == blocker_id)).first()
    return None if row is None else _blocker(row)


def standing_of(connection: Connection, ritual_id: str, person: str = "") -> Sequence[Blocker]:
    """What stands in a ritual, of everybody or of one person, the oldest first."""
    wanted = select(blockers).where(blockers.c.ritual_id == ritual_id, blockers.c.state.in_(STANDING))
    if person:
        wanted = wanted.where(blockers.c.person == person)
    return _all(connection, wanted)


def with_ids(connection: Connection, blocker_ids: Sequence[str]) -> Sequence[Blocker]:
    return _all(connection, select(blockers).where(blockers.c.id.in_(list(blocker_ids))))


def resolved_since(connection: Connection, since: float) -> Sequence[Blocker]:
    """Those resolved since then, the oldest first."""
    return _all(
        connection, select(blockers).where(blockers.c.state == RESOLVED, blockers.c.resolved_at >= since)
    )


def due(connection: Connection, now: float, most: int = 200) -> Sequence[Blocker]:
    """What is to be looked at by now: what stands, and what was resolved and is not told of yet."""
    wanted = select(blockers).where(blockers.c.state != WITHDRAWN, blockers.c.look_at <= now)
    found = connection.execute(wanted.order_by(blockers.c.look_at, blockers.c.id).limit(most))
    return [_blocker(row) for row in found]


def _named_in(entry: Entry, settings: Standup) -> tuple[str, ...]:
    """What the replies to prompts about blockers name, without secrets."""
    if entry.state != GIVEN:
        return ()
    asked = (one for one in settings.prompts if one.role is Role.BLOCKERS and one.kind is ReplyKind.TEXT)
    replies = (redact(entry.replies.get(one.key, "")).text for one in asked)
    return tuple(dict.fromkeys(text for reply in replies for text in named(reply)))


def _mentioned(connection: Connection, entry: Entry, slot: str) -> Mapping[str, str]:
    """What this entry named so far, resolved or not."""
    found = connection.execute(
        select(blocker_mentions.c.blocker_id, blocker_mentions.c.text)
        .join(blockers, blockers.c.id == blocker_mentions.c.blocker_id)
        .where(
            blockers.c.ritual_id == entry.ritual_id,
            blockers.c.person == entry.person,
            blocker_mentions.c.slot == slot,
        )
        .order_by(blockers.c.opened_at, blockers.c.id)
    )
    return {row.blocker_id: row.text for row in found}


def _open(connection: Connection, entry: Entry, text: str, now: float) -> None:
    slot, blocker_id = entry.slot.isoformat(), new_key()
    row = {
        "id": blocker_id,
        "ritual_id": entry.ritual_id,
        "person": entry.person,
        "state": OPEN,
        "text": text,
        "owner": entry.person,
        "tagged": [],
        "first_slot": slot,
        "last_slot": slot,
        "opened_at": now,
        "changed_at": now,
        "look_at": now,
        "resolved_by": "",
        "solution": "",
        "helped_by": "",
    }
    connection.execute(insert(blockers).values(**row))
    connection.execute(insert(blocker_mentions).values(blocker_id=blocker_id, slot=slot, text=text))


def _mention(connection: Connection, blocker_id: str, slot: str, text: str) -> None:
    _unmention(connection, blocker_id, slot)
    connection.execute(insert(blocker_mentions).values(blocker_id=blocker_id, slot=slot, text=text))


def _unmention(connection: Connection, blocker_id: str, slot: str) -> None:
    here = (blocker_mentions.c.blocker_id == blocker_id, blocker_mentions.c.slot == slot)
    connection.execute(delete(blocker_mentions).where(*here))


def _settle(connection: Connection, blocker_id: str, now: float) -> None:
    """Its words are those of the last entry that names it; without any it is withdrawn."""
    of_it = select(blocker_mentions).where(blocker_mentions.c.blocker_id == blocker_id)
    told = connection.execute(of_it.order_by(blocker_mentions.c.slot)).all()
    if not told:
        gone = {"state": WITHDRAWN, "text": "", "solution": "", "changed_at": now}
        connection.execute(update(blockers).where(blockers.c.id == blocker_id).values(**gone))
        steps = update(blocker_steps).where(blocker_steps.c.blocker_id == blocker_id)
        connection.execute(steps.values(note=""))
        return
    words = {"text": told[-1].text, "first_slot": told[0].slot, "last_slot": told[-1].slot}
    it = blockers.c.id == blocker_id
    connection.execute(update(blockers).where(it).values(**words, changed_at=now))
    named_again = blockers.c.gone_slot <= told[-1].slot
    connection.execute(update(blockers).where(it, named_again).values(gone_slot=None))


def _ask_about(connection: Connection, entry: Entry, now: float) -> bool:
    """Mark what stands and the newest entry does not name; whether anything is to be asked."""
    slot = entry.slot.isoformat()
    theirs = (
        blockers.c.ritual_id == entry.ritual_id,
        blockers.c.person == entry.person,
        blockers.c.state.in_(STANDING),
    )
    if entry.state != GIVEN:
        connection.execute(
            update(blockers).where(*theirs, blockers.c.gone_slot == slot).values(gone_slot=None)
        )
        return False
    newest = select(func.max(entries.c.slot)).where(
        entries.c.ritual_id == entry.ritual_id, entries.c.person == entry.person, entries.c.state == GIVEN
    )
    if (connection.execute(newest).scalar() or slot) > slot:
        return False
    left = update(blockers).where(*theirs, blockers.c.last_slot < slot, blockers.c.gone_slot.is_(None))
    marked = connection.execute(left.values(gone_slot=slot, gone_told_at=None, changed_at=now))
    return marked.rowcount > 0


def _tell_next(connection: Connection, entry: Entry, now: float) -> None:
    """Queue one item that tells people, unless one waits already."""
    conversation = f"blockers {entry.ritual_id} {entry.person}"
    waiting = select(inbox.c.id).where(inbox.c.conversation == conversation, inbox.c.state == "queued")
    if connection.execute(waiting.limit(1)).first() is not None:
        return
    empty = dict.fromkeys(("team", "channel", "ts", "thread_ts", "text"), "")
    item = {"kind": BLOCKERS, "state": "queued", "conversation": conversation, "person": entry.person}
    payload = {"ritual": entry.ritual_id}
    connection.execute(insert(inbox), {**empty, **item, "payload": payload, "received_at": now})


def _all(connection: Connection, wanted: Select[tuple[object, ...]]) -> Sequence[Blocker]:
    found = connection.execute(wanted.order_by(blockers.c.opened_at, blockers.c.id))
    return [_blocker(row) for row in found]


def _blocker(row: Row[tuple[object, ...]]) -> Blocker:
    values = dict(row._mapping)
    for name in ("first_slot", "last_slot", "gone_slot"):
        values[name] = None if values[name] is None else date.fromisoformat(values[name])
    return Blocker(**{**values, "tagged": tuple(values["tagged"])})

"""Reports and summaries of occurrences: what is shown of each; times are Unix seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    insert,
    select,
    update,
)

from bot.journal.occurrences import CLOSED, OPEN
from bot.journal.ritual_tables import entries, occurrences
from bot.journal.tables import metadata
from prompts.summary import Summary

NOT_YET, DRAFT, POSTED, NONE = "", "draft", "posted", "none"
"""What became of a summary: nothing yet, the lead looks at it, it is posted, there is none."""
PLAIN, MODEL, LEAD = "plain", "model", "lead"
"""Whose summary is shown."""
MARGIN_S = 3600.0
FOLLOWING = 3
"""So many later reports of a ritual may rest on an entry, too."""

standup_reports = Table(
    "standup_reports",
    metadata,
    Column("occurrence_id", Integer, primary_key=True),
    Column("ritual_id", String(40), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revisions", Integer, nullable=False),
    Column("looked_at", Float, nullable=False),
    Column("settled", Integer, nullable=False),
    Column("refusal", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("shown", String(20), nullable=False),
    Column("summaries", JSON, nullable=False),
    Column("made_of", Integer, nullable=False),
    Column("made_at", Float),
    Column("post_at", Float),
    Column("posted_by", String(40), nullable=False),
    Column("updates", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("asked_at", Float),
    Column("answered", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Index(None, "ritual_id", "slot"),
    Index(None, "settled"),
)

standup_report_messages = Table(
    "standup_report_messages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("occurrence_id", Integer, nullable=False),
    Column("part", String(20), nullable=False),
    Column("entry_id", Integer, nullable=False),
    Column("person", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("key", String(200), nullable=False),
    Column("channel", String(40), nullable=False),
    Column("ts", String(40)),
    Column("revision", Integer, nullable=False),
    Column("shown", String(40), nullable=False),
    Column("change_key", String(200)),
    Column("changed_at", Float, nullable=False),
    Column("gone", Text, nullable=False),
    UniqueConstraint(
        "occurrence_id", "part", "entry_id", "person", "number", name="uq_standup_report_messages_spot"
    ),
    Index(None, "entry_id"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """What is shown of an occurrence.

    `version` grows with every change, so that of two who change it at once one gives way. `revisions` is the
    sum of the revisions of the entries that were looked at last, `settled` that nothing is left to be done
    until they change. `refusal` says why nothing may be reported. `summaries` are by whose they are, and
    `shown` names one of them; the plain one was made of `made_of` (a sum of revisions) at `made_at`. A draft
    is posted at `post_at` whatever the lead does. `asked` counts the times that a model was asked, the last
    time at `asked_at`, `answered` is the last one that came to an end, and `tries` counts failures in a row.
    """

    occurrence_id: int
    ritual_id: str
    slot: date
    version: int = 0
    revisions: int = 0
    looked_at: float = 0.0
    settled: bool = False
    refusal: str = ""
    state: str = NOT_YET
    shown: str = PLAIN
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    made_of: int = 0
    made_at: float | None = None
    post_at: float | None = None
    posted_by: str = ""
    updates: int = 0
    asked: int = 0
    asked_at: float | None = None
    answered: int = 0
    tries: int = 0

    @property
    def is_being_written(self) -> bool:
        """Whether a model is at it."""
        return self.asked > self.answered

    @property
    def summary(self) -> Summary | None:
        """The one that is shown, or would be if it were posted now."""
        return self.summaries.get(self.shown) or self.summaries.get(PLAIN)


def report(connection: Connection, occurrence_id: int) -> Report | None:
    found = select(standup_reports).where(standup_reports.c.occurrence_id == occurrence_id)
    row = connection.execute(found).first()
    return None if row is None else _report(row)


def put(connection: Connection, changed: Report, now: float) -> bool:
    """Store a report that was read at its `version`; False when another has changed it meanwhile."""
    row: dict[str, Any] = {name: getattr(changed, name) for name in Report.__slots__}
    row |= {
        "slot": changed.slot.isoformat(),
        "settled": int(changed.settled),
        "summaries": {whose: one.to_json() for whose, one in changed.summaries.items()},
        "version": changed.version + 1,
        "looked_at": now,
    }
    same = standup_reports.c.occurrence_id == changed.occurrence_id
    if changed.version == 0:
        if connection.execute(select(standup_reports.c.version).where(same)).first() is not None:
            return False
        connection.execute(insert(standup_reports), row)
        return True
    mine = update(standup_reports).where(same, standup_reports.c.version == changed.version)
    return bool(connection.execute(mine.values(row)).rowcount)


def settle(connection: Connection, occurrence_id: int) -> None:
    """Nothing is left to be done about a report for now."""
    mine = update(standup_reports).where(standup_reports.c.occurrence_id == occurrence_id)
    connection.execute(mine.values(settled=1))


def unsettled(connection: Connection) -> Sequence[int]:
    """Ids of the occurrences at which to look: those that are open, those whose report is not what it is to
    be, and those whose entries have changed since anything was looked at."""
    running = connection.execute(select(occurrences.c.id).where(occurrences.c.state == OPEN)).scalars().all()
    waiting = connection.execute(
        select(standup_reports.c.occurrence_id).where(standup_reports.c.settled == 0)
    ).scalars()
    last = connection.execute(select(func.max(standup_reports.c.looked_at))).scalar() or 0.0
    touched = connection.execute(
        select(entries.c.ritual_id, entries.c.slot).where(entries.c.changed_at >= last - MARGIN_S).distinct()
    ).all()
    found = dict.fromkeys((*running, *waiting))
    for ritual_id, slot in touched:
        found |= dict.fromkeys(_resting_on(connection, ritual_id, slot))
    return list(found)


def _resting_on(connection: Connection, ritual_id: str, slot: str) -> list[int]:
    """Occurrences whose report may show an entry of this date: its own, and some that compare with it."""
    later = select(occurrences.c.id).where(occurrences.c.ritual_id == ritual_id, occurrences.c.slot >= slot)
    return list(connection.execute(later.order_by(occurrences.c.slot).limit(1 + FOLLOWING)).scalars())


def unlooked(connection: Connection, since: float) -> Sequence[int]:
    """Ids of occurrences that have ended since then and have no report yet."""
    known = select(standup_reports.c.occurrence_id)
    ended = select(occurrences.c.id).where(
        occurrences.c.closed_at >= since, occurrences.c.state == CLOSED, occurrences.c.id.not_in(known)
    )
    return list(connection.execute(ended).scalars())


def revisions(connection: Connection, ritual_id: str, slot: date) -> tuple[int, float]:
    """The sum of the revisions of a date's entries, and when one of them changed last."""
    found = connection.execute(
        select(func.sum(entries.c.revision), func.max(entries.c.changed_at)).where(
            entries.c.ritual_id == ritual_id, entries.c.slot == slot.isoformat()
        )
    ).one()
    return int(found[0] or 0), float(found[1] or 0.0)


def newest(connection: Connection, ritual_id: str) -> int | None:
    """The newest occurrence of a ritual that has begun."""
    begun = select(occurrences.c.id).where(
        occurrences.c.ritual_id == ritual_id,
        occurrences.c.state.in_((OPEN, CLOSED)),
    )
    return connection.execute(begun.order_by(occurrences.c.slot.desc()).limit(1)).scalar()


def _report(row: Row[Any]) -> Report:
    values = {name: getattr(row, name) for name in Report.__slots__}
    values["slot"] = date.fromisoformat(row.slot)
    values["settled"] = bool(row.settled)
    values["summaries"] = {whose: Summary.from_json(one) for whose, one in row.summaries.items()}
    return Report(**values)

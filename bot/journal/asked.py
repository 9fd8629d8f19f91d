"""Finds the question that an answer belongs to: by a message of Slack, or the newest of one person."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from bot.journal.records import Question, question
from bot.journal.tables import outbox, questions

SHARED = "shared"
"""The `ts` of a question whose answer was shared from somewhere private: it has no message of its own."""

_PERMALINK = re.compile(r"/archives/([A-Z][A-Z0-9]{2,20})/p(\d{10})(\d{6})\b")
_TS = re.compile(r"\d{10}\.\d{6}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A message of Slack; `channel` is empty where only its ts was given."""

    channel: str
    ts: str


def pointer(text: str) -> Pointer | None:
    """The message that a permalink or a ts names; None for any other text."""
    if found := _PERMALINK.search(text):
        return Pointer(found[1], f"{found[2]}.{found[3]}")
    found = _TS.search(text)
    return Pointer("", found[0]) if found else None


def asked_at(connection: Connection, team: str, channel: str, ts: str) -> Question | None:
    """The newest question of a message: one that asked, one that answered, or the root of a thread."""
    here = select(questions.c.id).where(questions.c.team == team, questions.c.channel == channel)
    said = select(outbox.c.item_id, outbox.c.key).where(outbox.c.channel == channel, outbox.c.ts == ts)
    row = connection.execute(said).first()
    if row is not None:
        answered = or_(
            questions.c.message_key == row.key,
            questions.c.item_id == row.item_id if row.item_id is not None else questions.c.id == "",
        )
        if (found := _newest(connection, here.where(answered))) is not None:
            return found
    return _newest(connection, here.where(questions.c.ts == ts)) or _newest(
        connection, here.where(questions.c.thread_ts == ts)
    )


def newest_of(connection: Connection, team: str, channel: str, person: str) -> Question | None:
    """What this person asked last in this channel, privately or not."""
    mine = (questions.c.team == team, questions.c.channel == channel, questions.c.person == person)
    return _newest(connection, select(questions.c.id).where(*mine, questions.c.ts != SHARED))


def _newest(connection: Connection, ids: Select[Any]) -> Question | None:
    found = connection.execute(ids.order_by(questions.c.asked_at.desc()).limit(1)).scalar()
    return None if found is None else question(connection, found)

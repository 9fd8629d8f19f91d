"""What the journal remembers of the work: questions with their outcome, who did what, and troubles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.journal import (
    begun_entries,
    blocker_steps,
    feedback,
    quiet,
    requests,
    saved_pages,
    sync_messages,
    threads,
    verified,
)
from bot.journal.begun_entries import Begun
from bot.journal.blocker_steps import BlockerStep
from bot.journal.feedback import FeedbackRecord, Judgement, Reason
from bot.journal.forgetting import Forgotten, forget
from bot.journal.personal import Told, tell_once
from bot.journal.quiet import QuietChannel, QuietEnding, QuietRecord, QuietRefusal
from bot.journal.requests import Joined, Left, Moved, Request, RequestRecord
from bot.journal.saved_pages import RemovedPage, SavedPage
from bot.journal.sync_messages import Following
from bot.journal.tables import audit, inbox, questions, troubles
from bot.journal.threads import ThreadsRefusal
from bot.journal.verified import Decision, Renewed, Suggestion, Verified, VerifiedRecord, Withdrawn
from bot.messages import new_key


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked, kept so that it can be replayed and feedback can land on it.

    `outcome` and `passages` are JSON as the asker's code renders them; `message_key` names the outbox
    message that answered.
    """

    team: str
    channel: str
    ts: str
    thread_ts: str
    person: str
    text: str
    outcome: Mapping[str, Any]
    passages: Sequence[Mapping[str, Any]]
    milliseconds: int
    index_version: int | None = None
    message_key: str | None = None
    id: str = field(default_factory=new_key)


@dataclass(frozen=True, slots=True)
class Audit:
    """Who did, or was refused, what, to what; `place` is a conversation, or another side of Lore."""

    person: str
    action: str
    subject: str = ""
    allowed: bool = True
    place: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something went wrong; `id` is what people are given and what the log line carries."""

    what: str
    id: str = field(default_factory=lambda: new_key()[:8])


Record = (
    Question
    | Audit
    | Trouble
    | Told
    | SavedPage
    | RemovedPage
    | QuietRecord
    | FeedbackRecord
    | VerifiedRecord
    | RequestRecord
    | ThreadsRefusal
    | Forgotten
    | Following
    | BlockerStep
    | Begun
)


def write(connection: Connection, record: Record, item_id: int | None, now: float) -> None:
    """Store one record, in the caller's transaction; `now` in Unix seconds."""
    match record:
        case Question():
            row = {
                "id": record.id,
                "item_id": item_id,
                "team": record.team,
                "channel": record.channel,
                "ts": record.ts,
                "thread_ts": record.thread_ts,
                "person": record.person,
                "text": record.text,
                "outcome": dict(record.outcome),
                "passages": [dict(passage) for passage in record.passages],
                "index_version": record.index_version,
                "milliseconds": record.milliseconds,
                "message_key": record.message_key,
                "asked_at": now,
            }
            connection.execute(questions.insert(), row)
        case Audit():
            row = {
                "at": now,
                "person": record.person,
                "action": record.action,
                "subject": record.subject,
                "allowed": int(record.allowed),
                "place": record.place or _place_of(connection, item_id),
            }
            connection.execute(audit.insert(), row)
        case Trouble():
            connection.execute(
                troubles.insert(), {"id": record.id, "at": now, "item_id": item_id, "what": record.what}
            )
        case Told():
            tell_once(connection, record.subject, now)
        case SavedPage():
            saved_pages.put_page(connection, record, now)
        case RemovedPage():
            saved_pages.remove_page(connection, record.id, now)
        case QuietChannel() | QuietRefusal() | QuietEnding():
            quiet.write(connection, record, now)
        case Judgement() | Reason():
            feedback.write(connection, record, now)
        case Suggestion() | Decision() | Verified() | Withdrawn() | Renewed():
            verified.write(connection, record, now)
        case Request() | Joined() | Left() | Moved():
            requests.write(connection, record, now)
        case Following():
            sync_messages.follow(connection, record)
        case BlockerStep():
            blocker_steps.write(connection, record, now)
        case ThreadsRefusal():
            threads.write(connection, record, now)
        case Forgotten():
            forget(connection, record.question_id, now)
        case Begun():
            begun_entries.put(connection, record, now)


def _place_of(connection: Connection, item_id: int | None) -> str | None:
    """The conversation in which the thing was said or pressed that is worked on."""
    if item_id is None:
        return None
    return connection.execute(select(inbox.c.channel).where(inbox.c.id == item_id)).scalar()


def questions_of_thread(connection: Connection, channel: str, thread_ts: str) -> list[Question]:
    """The questions of one thread in the order they were asked."""
    found = connection.execute(
        select(questions)
        .where(questions.c.channel == channel, questions.c.thread_ts == thread_ts)
        .order_by(questions.c.asked_at)
    )
    return [_question(row) for row in found]


def unanswered_since(connection: Connection, since: float, most: int) -> list[Question]:
    """The newest questions since then that had no answer."""
    found = connection.execute(
        select(questions)
        .where(questions.c.asked_at >= since)
        .order_by(questions.c.asked_at.desc())
        .limit(most)
    )
    return [_question(row) for row in found if row.outcome.get("outcome") == "no_answer"]


def question(connection: Connection, question_id: str) -> Question | None:
    row = connection.execute(select(questions).where(questions.c.id == question_id)).first()
    return None if row is None else _question(row)


def _question(row: Row[Any]) -> Question:
    return Question(
        id=row.id,
        team=row.team,
        channel=row.channel,
        ts=row.ts,
        thread_ts=row.thread_ts,
        person=row.person,
        text=row.text,
        outcome=row.outcome,
        passages=row.passages,
        milliseconds=row.milliseconds,
        index_version=row.index_version,
        message_key=row.message_key,
    )

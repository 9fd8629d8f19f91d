"""What people thought of answers: one judgement of each person on each answer, the last one counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Float, Integer, String, Table, Text, delete, insert, select, update

from bot.journal.tables import metadata, questions

feedback = Table(
    "feedback",
    metadata,
    Column("question_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("helped", Integer, nullable=False),
    Column("why", String(40), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Somebody found an answer helpful or not; it replaces what they thought before."""

    question_id: str
    person: str
    helped: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an answer did not help: a name of `bot.blocks.feedback.REASONS`, and their own words."""

    question_id: str
    person: str
    why: str
    comment: str


FeedbackRecord = Judgement | Reason


def write(connection: Connection, record: FeedbackRecord, now: float) -> None:
    """Store one, in the caller's transaction."""
    mine = (feedback.c.question_id == record.question_id, feedback.c.person == record.person)
    match record:
        case Judgement():
            known = connection.execute(select(feedback.c.helped).where(*mine)).scalar()
            if known == int(record.helped):
                return  # a second click; a reason that was given stays
            row = {"question_id": record.question_id, "person": record.person, "helped": int(record.helped)}
            connection.execute(delete(feedback).where(*mine))
            connection.execute(insert(feedback), row | {"why": "", "comment": "", "at": now})
        case Reason():
            given = {"why": record.why, "comment": record.comment}
            connection.execute(update(feedback).where(*mine, feedback.c.helped == 0).values(**given))


def forget_comments(connection: Connection, question_id: str) -> None:
    """Keep only the counts of what people thought of an answer."""
    connection.execute(update(feedback).where(feedback.c.question_id == question_id).values(comment=""))


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement with what it is about, for export. Times are Unix seconds."""

    at: float
    question_id: str
    helped: bool
    why: str
    comment: str
    question: str
    outcome: str
    index_version: int | None
    channel: str
    asked_at: float


def judgements(connection: Connection, since: float = 0.0) -> Iterator[Judged]:
    """All judgements since a time, the oldest first."""
    found = connection.execute(
        select(
            feedback,
            questions.c.text,
            questions.c.outcome,
            questions.c.index_version,
            questions.c.channel,
            questions.c.asked_at,
        )
        .join(questions, questions.c.id == feedback.c.question_id)
        .where(feedback.c.at >= since)
        .order_by(feedback.c.at, feedback.c.question_id)
    )
    for row in found:
        outcome: dict[str, Any] = row.outcome or {}
        yield Judged(
            at=row.at,
            question_id=row.question_id,
            helped=bool(row.helped),
            why=row.why,
            comment=row.comment,
            question=row.text,
            outcome=str(outcome.get("outcome", "")),
            index_version=row.index_version,
            channel=row.channel,
            asked_at=row.asked_at,
        )

"""An answer that was deleted: the journal keeps that it was asked, and none of its words."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bot.journal import feedback
from bot.journal.tables import inbox, outbox, questions

DELETED = "deleted"
"""The outcome of a question whose answer was deleted."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The words of a question and of its answer are to go from the journal."""

    question_id: str


@dataclass(frozen=True, slots=True)
class InConfidence:
    """What somebody said is done, and nobody is to read that they said it: its words go from the journal."""


def forget_words(connection: Connection, item_id: int | None) -> None:
    """Take the words out of an item that is done."""
    connection.execute(update(inbox).where(inbox.c.id == item_id).values(text=""))


def forget(connection: Connection, question_id: str, now: float) -> None:
    """Take the words out of every row that holds them; what was not said yet is not said any more."""
    item_id = connection.execute(select(questions.c.item_id).where(questions.c.id == question_id)).scalar()
    connection.execute(
        update(questions)
        .where(questions.c.id == question_id)
        .values(text="", outcome={"outcome": DELETED}, passages=[])
    )
    feedback.forget_comments(connection, question_id)
    if item_id is None:
        return
    connection.execute(update(inbox).where(inbox.c.id == item_id).values(text="", payload={}))
    said = outbox.c.item_id == item_id
    settled = outbox.c.state.in_(("sent", "failed", "dropped"))
    connection.execute(
        update(outbox).where(said, outbox.c.state == "queued").values(state="dropped", done_at=now)
    )
    connection.execute(update(outbox).where(said, settled).values(message={}))


def messages_of(connection: Connection, question_id: str) -> list[tuple[str, str, str]]:
    """Channel, ts and key of everything that Slack shows of an answer."""
    item_id = connection.execute(select(questions.c.item_id).where(questions.c.id == question_id)).scalar()
    if item_id is None:
        return []
    shown = select(outbox.c.channel, outbox.c.ts, outbox.c.key).where(
        outbox.c.item_id == item_id,
        outbox.c.kind.not_in(("update", "delete", "ephemeral", "respond")),
        outbox.c.state == "sent",
    )
    return [(row.channel, row.ts or "", row.key) for row in connection.execute(shown.order_by(outbox.c.id))]

"""What the journal keeps no words of: answers that were deleted, and what was said in confidence."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bot.journal import feedback
from bot.journal.tables import inbox, outbox, questions

DELETED = "deleted"
"""The outcome of a question whose answer was deleted."""
PAIR = "pair"
IN_CONFIDENCE = frozenset({PAIR})
"""Nobody is to read what was said in items of these kinds, such as whom somebody does not want to meet: once
one is over, understood or not, its words are not kept."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The words of a question and of its answer are to go from the journal."""

    question_id: str


def forget_words(connection: Connection, item_id: int) -> None:
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

"""Work that Lore gives itself: an item of the inbox, one for each thing that it is about."""

from sqlalchemy import Connection, insert, select

from bot.journal.tables import inbox


def queue_once(connection: Connection, kind: str, subject: str, now: float) -> None:
    """Queue an item about something, unless one waits already."""
    conversation = f"{kind} {subject}"
    waiting = select(inbox.c.id).where(inbox.c.conversation == conversation, inbox.c.state == "queued")
    if connection.execute(waiting.limit(1)).first() is not None:
        return
    empty = dict.fromkeys(("team", "channel", "ts", "thread_ts", "person", "text"), "")
    item = {"kind": kind, "state": "queued", "conversation": conversation, "payload": {"subject": subject}}
    connection.execute(insert(inbox), {**empty, **item, "received_at": now})

"""Which people and places have changed, as one process heard it from Slack and the others read it here."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from bot.journal.tables import heard

KEEP_S = 600.0
"""Longer than anything about people is remembered, so that what is forgotten here matters to nobody."""


def tell(connection: Connection, event: Mapping[str, Any], now: float) -> None:
    """Store the kind of an event and whom or what it is about; nothing else of it."""
    subject = event.get("channel") or event.get("user") or ""
    name = subject.get("id") if isinstance(subject, Mapping) else subject
    connection.execute(delete(heard).where(heard.c.at < now - KEEP_S))
    connection.execute(
        insert(heard), {"kind": str(event.get("type") or ""), "subject": str(name or ""), "at": now}
    )


def newest(connection: Connection) -> int:
    """The number of the newest event."""
    return int(connection.execute(select(func.max(heard.c.id))).scalar() or 0)


def since(connection: Connection, number: int) -> Iterator[tuple[int, dict[str, str]]]:
    """Events after this one, with their numbers, as `bot.people.People.heard` takes them."""
    rows = connection.execute(select(heard).where(heard.c.id > number).order_by(heard.c.id)).all()
    for row in rows:
        about = "user" if row.kind.startswith(("user_", "team_join")) else "channel"
        yield row.id, {"type": row.kind, about: row.subject}

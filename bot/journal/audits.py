"""What was done and refused, by whom and from where: the audit as it is looked at."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bot.journal.tables import audit


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the audit. `place` is a conversation or another side of Lore; empty in old lines."""

    at: datetime
    person: str
    action: str
    subject: str
    allowed: bool
    place: str


def newest(connection: Connection, most: int, since: float = 0.0) -> list[Act]:
    """The newest acts since then, newest first."""
    wanted = select(audit).where(audit.c.at >= since).order_by(audit.c.id.desc()).limit(most)
    return [
        Act(
            datetime.fromtimestamp(row.at, UTC),
            row.person,
            row.action,
            row.subject,
            bool(row.allowed),
            row.place or "",
        )
        for row in connection.execute(wanted)
    ]

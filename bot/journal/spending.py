"""What people, channels and the workspace have asked and spent, by minute and by day, in SQL.

A row counts for one of them in one period, such as `2026-05-04` or `2026-05-04T09:30` (UTC). Money is in
millionths of whatever the prices are given in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, delete, insert, select, update

from bot.journal.tables import metadata

KEEP_DAYS = 35

spending = Table(
    "spending",
    metadata,
    Column("scope", String(20), primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("period", String(20), primary_key=True),
    Column("questions", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("tokens", BigInteger, nullable=False),
    Column("money", BigInteger, nullable=False),
)


class Scope(StrEnum):
    """Who may spend. In the order of their widths, which is the order in which their rows are locked."""

    WORKSPACE = "workspace"
    CHANNEL = "channel"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Spent:
    """Questions asked, calls of a model made, and what these took."""

    questions: int = 0
    calls: int = 0
    tokens: int = 0
    money: int = 0


def minute_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M")


def day_of(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d")


def add(connection: Connection, scope: Scope, name: str, periods: Iterable[str], more: Spent) -> None:
    """Add to what was counted; what is given back is negative."""
    for period in periods:
        mine = (spending.c.scope == scope, spending.c.name == name, spending.c.period == period)
        changed = connection.execute(
            update(spending)
            .where(*mine)
            .values(
                questions=spending.c.questions + more.questions,
                calls=spending.c.calls + more.calls,
                tokens=spending.c.tokens + more.tokens,
                money=spending.c.money + more.money,
            )
        )
        if not changed.rowcount:
            row = {"scope": scope, "name": name, "period": period, "questions": more.questions,
                   "calls": more.calls, "tokens": more.tokens, "money": more.money}  # fmt: skip
            connection.execute(insert(spending), row)


def spent(connection: Connection, scope: Scope, name: str, period: str) -> Spent:
    """What was counted for one of them in one period."""
    row = connection.execute(
        select(spending.c.questions, spending.c.calls, spending.c.tokens, spending.c.money).where(
            spending.c.scope == scope, spending.c.name == name, spending.c.period == period
        )
    ).first()
    return Spent() if row is None else Spent(*row)


def sweep(connection: Connection, now: float) -> int:
    """Forget what is older than `KEEP_DAYS`; returns how many rows."""
    before = day_of(now - KEEP_DAYS * 86_400)
    return connection.execute(delete(spending).where(spending.c.period < before)).rowcount

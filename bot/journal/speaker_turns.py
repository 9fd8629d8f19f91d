"""Whose turn it is to speak: who spoke, was asked, or would rather speak on another date of a series."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.journal.talk_tables import speakers, talks
from bot.journal.talks import CANCELLED, DECLINED, SPEAKS


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of one person in one series: when they speak or spoke last, and when they were asked
    last (Unix seconds, None for never). With `another` they would rather speak on another date than on the
    last one that they were asked for."""

    last_spoke: float | None = None
    last_asked: float | None = None
    another: bool = False


def turns(connection: Connection, series_id: str) -> Mapping[str, Turn]:
    """By person, all who were ever asked; a talk that was cancelled counts as asked, not as spoken."""
    wanted = (
        select(speakers, talks.c.starts_at, talks.c.state.label("talk_state"))
        .join(talks, talks.c.id == speakers.c.talk_id)
        .where(talks.c.series_id == series_id)
        .order_by(speakers.c.asked_at, talks.c.starts_at)
    )
    found: dict[str, Turn] = {}
    for row in connection.execute(wanted):
        before = found.get(row.person, Turn())
        spoke = row.state == SPEAKS and row.talk_state != CANCELLED
        last_spoke = max(before.last_spoke or 0.0, row.starts_at) if spoke else before.last_spoke
        another = row.state == DECLINED and bool(row.volunteer)
        found[row.person] = Turn(last_spoke, row.asked_at, another)
    return found

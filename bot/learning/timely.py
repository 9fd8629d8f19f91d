"""Notices about a talk, kept as they should be while it is moved, cancelled or given to somebody else."""

from collections.abc import Sequence
from datetime import datetime

from bot.journal import notices
from bot.journal.notices import PLANNED, Notice
from knowledge.adapters.database import Database


def keep(
    database: Database, about: str, kinds: Sequence[str], wanted: Sequence[Notice], reason: str, now: datetime
) -> None:
    """Have exactly `wanted` wait, of all notices of these kinds about something; `reason` says why another
    one is not said any more. What was said or is over stays so. Nothing is written where all is well."""
    with database.reading() as connection:
        known = {(one.kind, one.recipient): one for one in notices.about(connection, about, *kinds)}
    missing = [one for one in wanted if _is_other(one, known.get((one.kind, one.recipient)))]
    keys = {(one.kind, one.recipient) for one in wanted}
    over = [one for key, one in known.items() if key not in keys and one.state == PLANNED]
    if not missing and not over:
        return
    with database.writing() as connection:
        for one in over:
            notices.cancel(connection, about, reason, now.timestamp(), one.kind, to=one.recipient)
        for one in missing:
            notices.plan(connection, one)


def _is_other(wanted: Notice, known: Notice | None) -> bool:
    if known is None:
        return True
    times = (known.planned_at, known.not_after) != (wanted.planned_at, wanted.not_after)
    return known.state == PLANNED and times

"""How a source is, judged by its newest sync: one word and the reason, the same wherever admins look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.journal.sync_runs import Run, State
from ingest.report import Failure

TELLING = (State.DONE, State.REFUSED, State.HELD, State.FAILED)
"""The outcomes that say how a source is: a sync that was cancelled or interrupted says nothing of it."""


OVERDUE = timedelta(hours=1)
"""A sync that was due so long ago and did not come leaves its source stale."""
OLD = timedelta(days=30)
"""So is what was last read so long ago, where no schedule says otherwise."""


class Health(StrEnum):
    """How a source is, in the word that is shown."""

    SYNCING = "syncing"
    FAILING = "failing"
    INCOMPLETE = "incomplete"
    STALE = "stale"
    NEVER = "never synced"
    PAUSED = "paused"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a source: it is FAILING or INCOMPLETE, and why, in few words."""

    health: Health
    reason: str


def health_of(
    problem: Problem | None, *, paused: bool, active: bool, ever: bool, stale: bool = False
) -> Health:
    """The one word, where several things are so. `active`: a sync of it runs or waits; `ever`: it was synced
    before; `stale`: that was too long ago."""
    if paused:
        return Health.PAUSED
    if active:
        return Health.SYNCING
    if problem is not None:
        return problem.health
    if not ever:
        return Health.NEVER
    return Health.STALE if stale else Health.OK


def is_stale(good_at: datetime | None, next_at: datetime | None, now: datetime) -> bool:
    """Whether a source should have been read since. `good_at` is when a sync of it last went well, `next_at`
    when the next one is due by itself; None where that never was, or is not to be."""
    if next_at is not None:
        return now - next_at > OVERDUE
    return good_at is None or now - good_at > OLD


def problem_of(source: str, newest: Run | None) -> Problem | None:
    """What the newest sync of a source says is wrong with it. `newest` ended in one of TELLING for it and was
    no dry run; None when there is no such sync."""
    part = newest.of_sources.get(source) if newest else None
    if newest is None or part is None:
        return None
    match part.outcome:
        case State.FAILED:
            return _failing(str(part.report.get("unlisted") or newest.error or "it failed"))
        case State.REFUSED:
            refused = part.report.get("refused") or {}
            counts = f"{refused.get('removals', 0):,} of {refused.get('documents', 0):,}"
            return _failing(f"{counts} documents are gone there")
        case State.HELD:
            return _failing("held back by golden questions")
        case State.DONE if found := lacking(part.report):
            first, more = found[0], len(found) - 1
            why = f"{first.path}: {first.reason}" if first.path else first.reason
            rest = f" (and {more:,} more)" if more else ""
            return Problem(Health.INCOMPLETE, f"not listed whole, so nothing is removed: {why}{rest}")
        case _:
            return None


def lacking(report: Mapping[str, Any]) -> tuple[Failure, ...]:
    """Why parts of a source could not be listed, by its part of a run's report: what is known of them stays,
    though it may be gone there. `path` is the folder or space, empty where it is all of the source.

    Nothing lacks where the reader itself goes on with the rest at the next sync.
    """
    reasons = () if report.get("goes_on") else report.get("incomplete") or ()
    folders = (one for one in report.get("failed") or () if str(one["path"]).endswith("/"))
    return (
        *(Failure("", str(reason)) for reason in reasons),
        *(Failure(str(one["path"]), str(one["reason"])) for one in folders),
    )


def _failing(reason: str) -> Problem:
    return Problem(Health.FAILING, reason)

"""Runs by who owns them and when they were at work: looked up in the record, without their whole series."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import revisions, run_metrics, run_points, runs


@dataclass(frozen=True, slots=True)
class OwnedRun:
    """A run as its log has it; `last` is the last value of each metric that has one, those first of which
    the log says whether more or less is better, else in its order."""

    document_id: str
    name: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    last: tuple[tuple[str, float], ...]


def owned_runs(
    database: Database,
    version: int,
    audiences: Collection[str],
    owners: Collection[str],
    since: datetime,
    until: datetime,
    most: int = 20,
) -> list[OwnedRun]:
    """The runs of these owners (in small letters) that ended or, without an end, started in a stretch of
    time, `since` left out; the newest first. Only documents with one of these audience keys are looked at."""
    at = func.coalesce(runs.c.ended_at, runs.c.started_at)
    wanted = (
        select(revisions.c.id, revisions.c.document_id, runs)
        .join(runs, runs.c.revision_id == revisions.c.id)
        .where(
            alive(version),
            revisions.c.audience_key.in_(audiences),
            func.lower(revisions.c.owner).in_(owners),
            at > since,
            at <= until,
        )
        .order_by(at.desc(), revisions.c.id.desc())
        .limit(most)
    )
    with database.reading() as connection:
        return [
            OwnedRun(
                document_id=row.document_id,
                name=row.name,
                status=row.status or "",
                started_at=row.started_at,
                ended_at=row.ended_at,
                last=_last_values(connection, row.id),
            )
            for row in connection.execute(wanted)
        ]


def _last_values(connection: Connection, revision_id: int) -> tuple[tuple[str, float], ...]:
    ends = (
        select(run_points.c.metric, func.max(run_points.c.ordinal).label("ordinal"))
        .where(run_points.c.revision_id == revision_id)
        .group_by(run_points.c.metric)
        .subquery()
    )
    found = connection.execute(
        select(run_metrics.c.name, run_points.c.value)
        .join(
            run_points,
            and_(
                run_points.c.revision_id == run_metrics.c.revision_id,
                run_points.c.metric == run_metrics.c.ordinal,
            ),
        )
        .join(ends, and_(ends.c.metric == run_points.c.metric, ends.c.ordinal == run_points.c.ordinal))
        .where(run_metrics.c.revision_id == revision_id, run_points.c.value.is_not(None))
        .order_by(run_metrics.c.direction.is_(None), run_metrics.c.ordinal)
    )
    return tuple((row.name, row.value) for row in found)

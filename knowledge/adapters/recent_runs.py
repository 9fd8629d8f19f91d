"""Runs with the last value of each of their metrics, and others that they may be compared with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from knowledge.adapters.database import Database
from knowledge.adapters.store import alive
from knowledge.adapters.tables import revisions, run_labels, run_metrics, run_params, run_points, runs

UNDER_WAY = frozenset({"running", "pending", "queued", "started", "scheduled", "created", "initialising"})
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class LastValue:
    """The last value of a metric as the log has it, None where it is no number; `direction` is "min", "max"
    or None."""

    metric: str
    direction: str | None
    value: float | None


@dataclass(frozen=True, slots=True)
class RecentRun:
    """A run without its series; `at` is when it ended, or else started."""

    document_id: str
    source: str
    audience_key: str
    url: str | None
    name: str
    status: str
    notes: str
    at: datetime | None
    params: Mapping[str, Any]
    tags: tuple[str, ...]
    last: tuple[LastValue, ...]


def runs_over(database: Database, revision_ids: Collection[int]) -> Mapping[int, bool]:
    """Which of these revisions are of runs, and whether each is over."""
    wanted = select(runs.c.revision_id, runs.c.status, runs.c.ended_at)
    with database.reading() as connection:
        found = connection.execute(wanted.where(runs.c.revision_id.in_(list(revision_ids))))
        return {
            row.revision_id: row.ended_at is not None or (row.status or "").strip().lower() not in UNDER_WAY
            for row in found
        }


def recent_runs(
    database: Database,
    version: int,
    audiences: Collection[str],
    document_ids: Collection[str],
) -> Sequence[RecentRun]:
    """Those of these runs that the version has with one of these audience keys, the newest first."""
    wanted = sorted(set(document_ids))
    found: list[RecentRun] = []
    for start in range(0, len(wanted), _AT_ONCE):
        some = revisions.c.document_id.in_(wanted[start : start + _AT_ONCE])
        found += _runs(database, version, audiences, some)
    return sorted(found, key=lambda one: (one.at is None, -(one.at.timestamp() if one.at else 0.0)))


def runs_before(
    database: Database, version: int, audiences: Collection[str], source: str, most: int
) -> Sequence[RecentRun]:
    """The newest runs of a source that carry one of these audience keys, and every one called a baseline."""
    at = func.coalesce(runs.c.ended_at, runs.c.started_at)
    of_source = revisions.c.source == source
    newest = _runs(database, version, audiences, of_source, order=at.desc(), most=most)
    called = func.lower(runs.c.name).like("%baseline%")
    baselines = _runs(database, version, audiences, and_(of_source, called), most=most)
    return list({one.document_id: one for one in (*newest, *baselines)}.values())


def _runs(
    database: Database,
    version: int,
    audiences: Collection[str],
    which: ColumnElement[bool],
    order: ColumnElement[Any] | None = None,
    most: int | None = None,
) -> list[RecentRun]:
    wanted = (
        select(
            *(revisions.c[name] for name in ("id", "document_id", "source", "audience_key", "url")),
            *(runs.c[name] for name in ("name", "status", "notes", "started_at", "ended_at")),
        )
        .join(runs, runs.c.revision_id == revisions.c.id)
        .where(alive(version), revisions.c.audience_key.in_(list(audiences)), which)
        .order_by(*(() if order is None else (order,)), revisions.c.id.desc())
        .limit(most)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).all()
        params: dict[int, dict[str, Any]] = {}
        tags: dict[int, list[str]] = {}
        last: dict[int, list[LastValue]] = {}
        for start in range(0, len(rows), _AT_ONCE):
            ids = [row.id for row in rows[start : start + _AT_ONCE]]
            for one in connection.execute(select(run_params).where(run_params.c.revision_id.in_(ids))):
                params.setdefault(one.revision_id, {})[one.name] = one.value
            tagged = (run_labels.c.revision_id.in_(ids), run_labels.c.role == "tag")
            for one in connection.execute(select(run_labels).where(*tagged)):
                tags.setdefault(one.revision_id, []).append(one.value)
            for revision_id, value in _last_values(connection, ids):
                last.setdefault(revision_id, []).append(value)
    return [
        RecentRun(
            document_id=row.document_id,
            source=row.source,
            audience_key=row.audience_key,
            url=row.url,
            name=row.name,
            status=row.status or "",
            notes=row.notes,
            at=row.ended_at or row.started_at,
            params=params.get(row.id, {}),
            tags=tuple(tags.get(row.id, ())),
            last=tuple(last.get(row.id, ())),
        )
        for row in rows
    ]


def _last_values(connection: Connection, ids: Sequence[int]) -> Sequence[tuple[int, LastValue]]:
    """The last point of each metric, in the order of the log."""
    ends = (
        select(
            run_points.c.revision_id,
            run_points.c.metric,
            func.max(run_points.c.ordinal).label("ordinal"),
        )
        .where(run_points.c.revision_id.in_(ids))
        .group_by(run_points.c.revision_id, run_points.c.metric)
        .subquery()
    )
    of_metric = and_(
        run_points.c.revision_id == run_metrics.c.revision_id, run_points.c.metric == run_metrics.c.ordinal
    )
    at_end = and_(
        ends.c.revision_id == run_points.c.revision_id,
        ends.c.metric == run_points.c.metric,
        ends.c.ordinal == run_points.c.ordinal,
    )
    found = connection.execute(
        select(run_metrics.c.revision_id, run_metrics.c.name, run_metrics.c.direction, run_points.c.value)
        .join(run_points, of_metric)
        .join(ends, at_end)
        .order_by(run_metrics.c.revision_id, run_metrics.c.ordinal)
    )
    return [(row.revision_id, LastValue(row.name, row.direction, row.value)) for row in found]

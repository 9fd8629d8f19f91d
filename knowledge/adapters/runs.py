"""Experiment runs as rows: written with a document's revision, and read back the same."""

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from knowledge.adapters.tables import run_labels, run_metrics, run_params, run_points, runs
from knowledge.documents import MetricPoint, Run


def write_run(connection: Connection, revision_id: int, run: Run) -> None:
    """Store a run as rows of the revision."""
    key = {"revision_id": revision_id}
    connection.execute(
        insert(runs).values(
            **key,
            name=run.name,
            notes=run.notes,
            status=run.status,
            started_at=run.started_at,
            ended_at=run.ended_at,
            code_version=run.code_version,
        )
    )
    params = [{**key, "ordinal": n, "name": k, "value": v} for n, (k, v) in enumerate(run.params.items())]
    names = list(dict.fromkeys((*run.metrics, *run.direction)))
    metrics = [
        {**key, "ordinal": n, "name": name, "direction": run.direction.get(name)}
        for n, name in enumerate(names)
    ]
    points = [
        {**key, "metric": n, "ordinal": at, "step": point.step, "value": point.value}
        for n, name in enumerate(names)
        for at, point in enumerate(run.metrics.get(name, ()))
    ]
    labels = [
        {**key, "role": role, "ordinal": n, "value": value}
        for role, values in (("tag", run.tags), ("link", run.links))
        for n, value in enumerate(values)
    ]
    for table, rows in (
        (run_params, params),
        (run_metrics, metrics),
        (run_points, points),
        (run_labels, labels),
    ):
        if rows:
            connection.execute(insert(table), rows)


def read_run(connection: Connection, revision_id: int) -> Run | None:
    """The run of a revision, or None when the document is not a run."""
    row = connection.execute(select(runs).where(runs.c.revision_id == revision_id)).one_or_none()
    if row is None:
        return None
    metrics = _rows(connection, run_metrics, revision_id, run_metrics.c.ordinal)
    points: dict[int, list[MetricPoint]] = {metric.ordinal: [] for metric in metrics}
    for point in _rows(connection, run_points, revision_id, run_points.c.metric, run_points.c.ordinal):
        value = math.nan if point.value is None else point.value
        points[point.metric].append(MetricPoint(point.step, value))
    labels = _rows(connection, run_labels, revision_id, run_labels.c.role, run_labels.c.ordinal)
    return Run(
        name=row.name,
        params={
            param.name: param.value
            for param in _rows(connection, run_params, revision_id, run_params.c.ordinal)
        },
        metrics={metric.name: tuple(points[metric.ordinal]) for metric in metrics if points[metric.ordinal]},
        direction={metric.name: metric.direction for metric in metrics if metric.direction},
        tags=tuple(label.value for label in labels if label.role == "tag"),
        notes=row.notes,
        status=row.status,
        started_at=row.started_at,
        ended_at=row.ended_at,
        code_version=row.code_version,
        links=tuple(label.value for label in labels if label.role == "link"),
    )


def _rows(connection: Connection, table: Any, revision_id: int, *order: Any) -> Sequence[Any]:
    return connection.execute(select(table).where(table.c.revision_id == revision_id).order_by(*order)).all()

"""Syncs that were asked for, from whatever side: stored, claimed, ended and looked up, in transactions.

A run is `waiting` until somebody works it off, then `running` under a lease, and ends as `done`, `refused`
(published, but removals wait for an admin), `held` (golden questions dropped, nothing is published),
`failed`, `cancelled` or `interrupted` (whoever worked it off is gone). Names of people are Slack ids, or
what the side that asked calls them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select, update

from bot.journal.sync_tables import sync_messages, sync_run_sources, sync_runs
from bot.messages import new_key

SYNC, DRY_RUN, REMOVE, PUBLISH = "sync", "dry run", "sync and remove", "publish in spite of a drop"
LEASE_S = 20.0
"""A run that was not renewed for so long is worked off by nobody any more."""


class State(StrEnum):
    """Where a run is; what each means is said above."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    HELD = "held"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


ACTIVE = (State.WAITING, State.RUNNING)


class Side(StrEnum):
    """From where a sync was asked for."""

    SLACK = "slack"
    COMMAND_LINE = "command line"
    SCHEDULE = "schedule"
    WEBHOOK = "webhook"
    START = "start"


BY_PEOPLE = (Side.SLACK, Side.COMMAND_LINE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sync that somebody asks for.

    `sources` are all that it is to sync, by name. `asked_by` is a Slack id, or what the side calls who asks.
    `removals` names the sources that may lose any number of documents; with `accept_drop` golden questions
    hold nothing back. `channel` is the conversation where it was asked. `follows` is the run whose question
    this one answers ("remove them", "publish anyway", "again"). The same `id` is stored once.
    """

    sources: tuple[str, ...]
    asked_by: str
    side: Side
    dry_run: bool = False
    removals: frozenset[str] = frozenset()
    accept_drop: bool = False
    channel: str = ""
    follows: str = ""
    id: str = field(default_factory=new_key)

    def includes(self, other: "Wanted") -> bool:
        """Whether this will do all that the other wants."""
        same = (self.dry_run, self.removals, self.accept_drop)
        return set(other.sources) <= set(self.sources) and same == (
            other.dry_run,
            other.removals,
            other.accept_drop,
        )

    @property
    def act(self) -> tuple[str, str]:
        """What the audit calls it, and to what it is done."""
        names = ", ".join(self.sources)
        if self.dry_run:
            return DRY_RUN, names
        if self.accept_drop:
            return PUBLISH, names
        return (REMOVE, ", ".join(sorted(self.removals))) if self.removals else (SYNC, names)


@dataclass(frozen=True, slots=True)
class OfSource:
    """What came of one source of a run; `outcome` is None while the run has not ended."""

    outcome: str | None
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """A sync that was asked for. Times are in UTC; `progress` is what `bot.sync_progress` makes of it,
    `report` that of the whole run and `of_sources` its part of each."""

    wanted: Wanted
    state: State
    progress: Mapping[str, Any]
    report: Mapping[str, Any]
    error: str
    version: int | None
    cancelled_by: str
    decision: str
    decided_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    of_sources: Mapping[str, OfSource]

    @property
    def id(self) -> str:
        return self.wanted.id

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.state in ACTIVE


def put(connection: Connection, wanted: Wanted, now: float, claim: str | None = None) -> None:
    """Store a run that waits, or with a `claim` one that is begun at once."""
    row = {
        "id": wanted.id,
        "dry_run": int(wanted.dry_run),
        "removals": sorted(wanted.removals),
        "accept_drop": int(wanted.accept_drop),
        "asked_by": wanted.asked_by,
        "side": wanted.side.value,
        "channel": wanted.channel,
        "follows": wanted.follows or None,
        "state": State.WAITING.value,
        "progress": {},
        "judged": 0,
        "asked_at": now,
    }
    connection.execute(insert(sync_runs), row)
    parts = [{"run_id": wanted.id, "source": name} for name in dict.fromkeys(wanted.sources)]
    connection.execute(insert(sync_run_sources), parts)
    if claim is not None:
        begin(connection, wanted.id, claim, now)


def begin(connection: Connection, run_id: str, claim: str, now: float) -> bool:
    """Make a waiting run ours; False when it waits no more."""
    begun = (
        update(sync_runs)
        .where(sync_runs.c.id == run_id, sync_runs.c.state == State.WAITING)
        .values(state=State.RUNNING.value, claim=claim, leased_until=now + LEASE_S, started_at=now)
    )
    return bool(connection.execute(begun).rowcount)


def renew(connection: Connection, run_id: str, claim: str, now: float, progress: Mapping[str, Any]) -> bool:
    """Keep a run and store how far it is; False when it is not ours any more."""
    mine = _ours(run_id, claim)
    values = {"leased_until": now + LEASE_S, "progress": dict(progress)}
    return bool(connection.execute(update(sync_runs).where(mine).values(values)).rowcount)


def end(
    connection: Connection,
    run_id: str,
    claim: str | None,
    state: State,
    now: float,
    outcomes: Mapping[str, OfSource],
    **values: Any,
) -> bool:
    """End a run with what came of it and of each source; False when it is not ours (`claim` None: when
    it waits no more)."""
    whose = (
        _ours(run_id, claim) if claim else and_(sync_runs.c.id == run_id, sync_runs.c.state == State.WAITING)
    )
    values |= {"state": state.value, "claim": None, "leased_until": None, "ended_at": now}
    if not connection.execute(update(sync_runs).where(whose).values(values)).rowcount:
        return False
    parts = sync_run_sources
    connection.execute(update(parts).where(parts.c.run_id == run_id).values(outcome=state.value))
    for name, one in outcomes.items():
        part = and_(parts.c.run_id == run_id, parts.c.source == name)
        told = {"outcome": one.outcome or state.value, "report": dict(one.report)}
        connection.execute(update(parts).where(part).values(told))
    return True


def cancel(connection: Connection, run_id: str, by: str, now: float) -> bool:
    """Note that a run is to stop, and end one that waits; False when it has ended, or is to stop already."""
    told = (
        update(sync_runs)
        .where(sync_runs.c.id == run_id, sync_runs.c.state.in_(ACTIVE), sync_runs.c.cancelled_by.is_(None))
        .values(cancelled_by=by)
    )
    if not connection.execute(told).rowcount:
        return False
    end(connection, run_id, None, State.CANCELLED, now, {})
    return True


def end_left_behind(connection: Connection, now: float) -> list[str]:
    """End what a process worked off that has ended or stands still; the ids."""
    left = and_(sync_runs.c.state == State.RUNNING, func.coalesce(sync_runs.c.leased_until, 0.0) <= now)
    found = list(connection.execute(select(sync_runs.c.id, sync_runs.c.claim).where(left)))
    return [row.id for row in found if end(connection, row.id, row.claim, State.INTERRUPTED, now, {})]


def decide(connection: Connection, run_id: str, decision: str, by: str) -> bool:
    """Answer what an ended run asks, once; False when somebody has decided before."""
    told = (
        update(sync_runs)
        .where(sync_runs.c.id == run_id, sync_runs.c.decision.is_(None), sync_runs.c.state.not_in(ACTIVE))
        .values(decision=decision, decided_by=by)
    )
    return bool(connection.execute(told).rowcount)


def active(connection: Connection) -> list[Run]:
    """Everything that waits or runs, oldest first."""
    return _runs(connection, sync_runs.c.state.in_(ACTIVE), ascending=True)


def get(connection: Connection, run_id: str) -> Run | None:
    """One run, None when there is none of this id."""
    return next(iter(_runs(connection, sync_runs.c.id == run_id)), None)


def of_source(connection: Connection, source: str, most: int) -> list[Run]:
    """The newest runs of a source, newest first."""
    parts = sync_run_sources
    ids = select(parts.c.run_id).where(parts.c.source == source)
    return _runs(connection, sync_runs.c.id.in_(ids), most=most)


def newest_ended(connection: Connection, outcomes: Collection[str] = ()) -> dict[str, Run]:
    """For each source the run that ended last, dry runs aside; with `outcomes`, that ended so for it."""
    parts = sync_run_sources
    real = and_(sync_runs.c.ended_at.is_not(None), sync_runs.c.dry_run == 0)
    wanted = and_(real, parts.c.outcome.in_(outcomes)) if outcomes else real
    joined = select(parts.c.source, sync_runs.c.id, sync_runs.c.ended_at).join(
        sync_runs, sync_runs.c.id == parts.c.run_id
    )
    all_ended = joined.where(wanted).subquery()
    last = (
        select(all_ended.c.source, func.max(all_ended.c.ended_at).label("at"))
        .group_by(all_ended.c.source)
        .subquery()
    )
    query = select(all_ended.c.source, all_ended.c.id).join(
        last, and_(all_ended.c.source == last.c.source, all_ended.c.ended_at == last.c.at)
    )
    newest = {row.source: row.id for row in connection.execute(query)}
    found = {one.id: one for one in _runs(connection, sync_runs.c.id.in_(set(newest.values())))}
    return {source: found[run_id] for source, run_id in newest.items()}


def sweep(connection: Connection, before: float) -> int:
    """Forget runs that ended before a time; returns how many."""
    old = select(sync_runs.c.id).where(sync_runs.c.ended_at < before)
    connection.execute(delete(sync_messages).where(sync_messages.c.run_id.in_(old)))
    connection.execute(delete(sync_run_sources).where(sync_run_sources.c.run_id.in_(old)))
    return connection.execute(delete(sync_runs).where(sync_runs.c.ended_at < before)).rowcount


def _ours(run_id: str, claim: str | None) -> ColumnElement[bool]:
    return and_(sync_runs.c.id == run_id, sync_runs.c.claim == claim, sync_runs.c.state == State.RUNNING)


def _runs(
    connection: Connection, which: ColumnElement[bool], most: int | None = None, *, ascending: bool = False
) -> list[Run]:
    order = sync_runs.c.asked_at.asc() if ascending else sync_runs.c.asked_at.desc()
    rows = connection.execute(
        select(sync_runs).where(which).order_by(order, sync_runs.c.id).limit(most)
    ).all()
    of_runs: dict[str, dict[str, OfSource]] = {row.id: {} for row in rows}
    query = select(sync_run_sources).where(sync_run_sources.c.run_id.in_(list(of_runs)))
    for part in connection.execute(query.order_by(sync_run_sources.c.source)):
        of_runs[part.run_id][part.source] = OfSource(part.outcome, part.report or {})
    return [_run(row, of_runs[row.id]) for row in rows]


def _run(row: Row[Any], of_sources: Mapping[str, OfSource]) -> Run:
    return Run(
        wanted=Wanted(
            sources=tuple(of_sources),
            asked_by=row.asked_by,
            side=Side(row.side),
            dry_run=bool(row.dry_run),
            removals=frozenset(row.removals),
            accept_drop=bool(row.accept_drop),
            channel=row.channel,
            follows=row.follows or "",
            id=row.id,
        ),
        state=State(row.state),
        progress=row.progress,
        report=row.report or {},
        error=row.error or "",
        version=row.version,
        cancelled_by=row.cancelled_by or "",
        decision=row.decision or "",
        decided_by=row.decided_by or "",
        asked_at=datetime.fromtimestamp(row.asked_at, UTC),
        started_at=_time(row.started_at),
        ended_at=_time(row.ended_at),
        of_sources=of_sources,
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

"""Messages that show a sync and are kept up to date, and what admins were told of its sources."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from bot.journal.sync_runs import Side
from bot.journal.sync_tables import sync_alerts, sync_messages, sync_runs

FAR_S = 24 * 3600.0
_CHANGED = {"settled": 0, "due_at": sync_messages.c.due_at + 0.001}
"""Of a message that is to show something else: whoever is showing what was so before still has it for
themselves, and sees by `due_at` that this was not all."""


@dataclass(frozen=True, slots=True)
class Following:
    """A message of the outbox (`key`) that is to show a run for as long as it changes.

    `channel` is where it was said to (a person's id: in the direct message with them), `person` whom it is
    for; empty for a channel. `shown` is the digest of what it shows now, `gone` that somebody deleted it.
    `due_at` is when it was to be looked at, or until when it is ours.
    """

    key: str
    run_id: str
    channel: str
    person: str = ""
    shown: str = ""
    gone: bool = False
    due_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Alert:
    """A problem of a source that admins have been told of: how a run of it ended."""

    source: str
    problem: str
    run_id: str


def follow(connection: Connection, one: Following) -> None:
    """Keep a message up to date from now on; known ones are left alone."""
    known = select(sync_messages.c.key).where(sync_messages.c.key == one.key)
    if connection.execute(known).first() is None:
        row = {
            "key": one.key,
            "run_id": one.run_id,
            "channel": one.channel,
            "person": one.person,
            "shown": one.shown,
            "gone": 0,
            "settled": 0,
            "due_at": 0.0,
        }
        connection.execute(insert(sync_messages), row)


def take_over(connection: Connection, old_run: str, new_run: str) -> int:
    """Have the messages of one run show another, which follows it; returns how many."""
    moved = update(sync_messages).where(sync_messages.c.run_id == old_run)
    return connection.execute(moved.values({**_CHANGED, "run_id": new_run})).rowcount


def unshown(connection: Connection, since: float) -> list[str]:
    """The ids of runs that somebody asked for in Slack since then and that no message shows yet; one that
    another follows has been shown."""
    shown = select(sync_messages.c.key).where(sync_messages.c.run_id == sync_runs.c.id).exists()
    later = sync_runs.alias()
    followed = select(later.c.id).where(later.c.follows == sync_runs.c.id).exists()
    wanted = select(sync_runs.c.id).where(
        sync_runs.c.side == Side.SLACK.value, sync_runs.c.asked_at >= since, ~shown, ~followed
    )
    return list(connection.execute(wanted.order_by(sync_runs.c.asked_at)).scalars())


def is_shown(connection: Connection, run_id: str) -> bool:
    """Whether a message shows this run, or is to."""
    mine = select(sync_messages.c.key).where(sync_messages.c.run_id == run_id)
    return connection.execute(mine).first() is not None


def look_again(connection: Connection, run_id: str) -> None:
    """Something about a run has changed after its end."""
    mine = update(sync_messages).where(sync_messages.c.run_id == run_id)
    connection.execute(mine.values(_CHANGED))


def due(connection: Connection, now: float) -> list[Following]:
    """The messages that may have to be updated now."""
    wanted = select(sync_messages).where(sync_messages.c.settled == 0, _is_due(now))
    return [
        Following(row.key, row.run_id, row.channel, row.person, row.shown or "", bool(row.gone), row.due_at)
        for row in connection.execute(wanted.order_by(sync_messages.c.due_at))
    ]


def _is_due(now: float) -> ColumnElement[bool]:
    """What is due much later was told by a clock that has been put right since."""
    return (sync_messages.c.due_at <= now) | (sync_messages.c.due_at > now + FAR_S)


def take(connection: Connection, one: Following, until: float) -> Following | None:
    """A due message, ours until then; None when another process has it, or it was settled or changed."""
    mine = update(sync_messages).where(_as_it_was(one), sync_messages.c.settled == 0)
    taken = connection.execute(mine.values(due_at=until)).rowcount
    return replace(one, due_at=until) if taken else None


def put_back(
    connection: Connection, one: Following, due_at: float, *, settled: bool, gone: bool = False
) -> None:
    """What a message shows now, and when to look at it again; what was decided meanwhile, and a run that took
    it over, are still to be shown."""
    values = {"shown": one.shown, "due_at": due_at, "settled": int(settled), "gone": int(gone)}
    if not connection.execute(update(sync_messages).where(_as_it_was(one)).values(values)).rowcount:
        mine = update(sync_messages).where(sync_messages.c.key == one.key)
        connection.execute(mine.values(shown=one.shown, gone=int(gone), due_at=0.0))


def _as_it_was(one: Following) -> ColumnElement[bool]:
    table = sync_messages.c
    return (table.key == one.key) & (table.run_id == one.run_id) & (table.due_at == one.due_at)


def say_anew(connection: Connection, one: Following, key: str) -> None:
    """The message was deleted: another one stands for it, with another key."""
    connection.execute(delete(sync_messages).where(sync_messages.c.key == one.key))
    follow(connection, Following(key, one.run_id, one.channel, one.person))


def unjudged(connection: Connection) -> list[str]:
    """The ids of ended runs about which it is not decided yet whether admins are told, oldest first."""
    wanted = select(sync_runs.c.id).where(sync_runs.c.judged == 0, sync_runs.c.ended_at.is_not(None))
    return list(connection.execute(wanted.order_by(sync_runs.c.ended_at)).scalars())


def judge(connection: Connection, run_id: str) -> bool:
    """Whether it is ours to decide, once."""
    mine = update(sync_runs).where(sync_runs.c.id == run_id, sync_runs.c.judged == 0)
    return bool(connection.execute(mine.values(judged=1)).rowcount)


def alerts(connection: Connection) -> dict[str, Alert]:
    """What admins were told of and is not put right yet, by source."""
    rows = connection.execute(select(sync_alerts))
    return {row.source: Alert(row.source, row.problem, row.run_id) for row in rows}


def alert(connection: Connection, one: Alert, now: float) -> None:
    """Remember that admins are told, in place of what they were told of the source before."""
    end_alerts(connection, [one.source])
    row = {"source": one.source, "problem": one.problem, "run_id": one.run_id, "told_at": now}
    connection.execute(insert(sync_alerts), row)


def end_alerts(connection: Connection, sources: Iterable[str]) -> None:
    """These sources are well again."""
    connection.execute(delete(sync_alerts).where(sync_alerts.c.source.in_(list(sources))))

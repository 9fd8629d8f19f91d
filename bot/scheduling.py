"""Asks for the syncs that are due: by each source's schedule, and because a webhook has asked."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.journal import duties, hooks
from bot.journal.sync_runs import Run, Side, State, Wanted
from bot.schedules import LEAST, Past, Start, next_at, spread_of
from bot.source_kinds import KINDS
from bot.source_settings import SourceSettings
from bot.sources_now import BROKEN, Now
from bot.sync_runs import Asked, SyncRuns
from knowledge.adapters.database import Database
from knowledge.errors import LoreError

SETTLE = timedelta(seconds=5)
"""How long after a webhook others of the same source are waited for: they come in swarms."""

LOOKED_BACK = 12
_TURN_S = 10.0
_FAILED = (State.FAILED.value, State.INTERRUPTED.value)

log = logging.getLogger(__name__)


class Scheduling:
    """A duty of the heartbeat. Paused sources and those that are being synced are left alone.

    Of several processes that share the journal, one looks at a time; what it asks for, all of them see.
    """

    def __init__(
        self, runs: SyncRuns, sources: Now, database: Database, zone: ZoneInfo, started_at: datetime
    ) -> None:
        self._runs = runs
        self._sources = sources
        self._database = database
        self._zone = zone
        self._started_at = started_at

    def __call__(self, now: datetime) -> None:
        if not self._is_our_turn(now):
            return
        try:
            listed = self._sources().listed
        except LoreError as error:
            log.error("nothing is scheduled, since the settings are wrong: %s", error)
            return
        self._ask(self._asked_by_webhooks(listed, now), Side.WEBHOOK)
        due = [one.name for one in sorted(listed, key=_is_remote) if self._is_due(one, now)]
        at_start = [name for name in due if self._is_first(name, now)]
        self._ask(at_start, Side.START)
        self._ask([name for name in due if name not in at_start], Side.SCHEDULE)

    def next_at(self, one: SourceSettings, now: datetime) -> datetime | None:
        """When the source will be synced by itself, in UTC; None where it will not be, or rests."""
        if one.name in self._runs.paused():
            return None
        start = Start(self._started_at, spread_of(one.name, _is_remote(one)))
        return next_at(one.schedule, self._past(one.name, now), start, self._zone)

    def _is_due(self, one: SourceSettings, now: datetime) -> bool:
        found = self.next_at(one, now)
        return found is not None and found <= now

    def _is_first(self, name: str, now: datetime) -> bool:
        """Whether this Lore has just started, and nobody has asked for it since."""
        asked = self._past(name, now).asked_at
        return now - self._started_at < LEAST and (asked is None or asked < self._started_at)

    def _past(self, name: str, now: datetime) -> Past:
        return past_of(name, self._runs.recent(name, LOOKED_BACK), now)

    def _is_our_turn(self, now: datetime) -> bool:
        if not self._database.shared:
            return True
        with self._database.writing() as connection:
            return duties.begin(connection, "schedules", _TURN_S, now.timestamp())

    def _asked_by_webhooks(self, listed: Sequence[SourceSettings], now: datetime) -> list[str]:
        with self._database.reading() as connection:
            wanted = hooks.wanted(connection, (now - SETTLE).timestamp())
        if not wanted:
            return []
        waiting = {n for run in self._runs.active() if run.state is State.WAITING for n in run.wanted.sources}
        names = {one.name for one in listed if one.source.kind != BROKEN}
        left = [name for name in wanted if name in names and name not in waiting]
        with self._database.writing() as connection:
            hooks.satisfied(connection, [name for name in wanted if name not in left])
        return left

    def _ask(self, names: Sequence[str], side: Side) -> None:
        """Ask for a sync of each of these that nobody syncs and that does not rest. Each is published by
        itself: what takes long holds up no other source."""
        taken = {name for run in self._runs.active() for name in run.wanted.sources}
        paused = self._runs.paused()
        for name in names:
            if name in taken or name in paused:
                continue
            if isinstance(self._runs.ask(Wanted((name,), side.value, side)), Asked):
                log.info("a sync of %s is asked for (%s)", name, side.value)
                with self._database.writing() as connection:
                    hooks.satisfied(connection, [name])


def _is_remote(one: SourceSettings) -> bool:
    kind = KINDS.get(one.source.kind)
    return kind is not None and kind.remote


def past_of(name: str, runs: Sequence[Run], now: datetime) -> Past:
    """What the runs of a source, newest first, say of it.

    Dry runs do not count, nor does what a clock that has been put right since has dated later than now.
    """
    real = [run for run in runs if not run.wanted.dry_run and run.asked_at <= now + LEAST]
    if not real:
        return Past()
    ended = [run for run in real if not run.active]
    failures = 0
    for run in ended:
        if not _has_failed(name, run):
            break
        failures += 1
    return Past(real[0].asked_at, ended[0].ended_at if ended else None, failures)


def _has_failed(name: str, run: Run) -> bool:
    part = run.of_sources.get(name)
    return part is not None and (part.outcome in _FAILED or bool(part.report.get("unlisted")))

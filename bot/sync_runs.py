"""Every sync goes through here: asked for by anybody, worked off by one process, told to all who look."""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from bot.journal import records, resting, sync_messages, sync_runs
from bot.journal.records import Audit
from bot.journal.resting import Paused
from bot.journal.sync_runs import BY_PEOPLE, OfSource, Run, State, Wanted
from bot.journal.sync_tables import sync_runs as runs
from bot.messages import new_key
from bot.sync_keeping import Keeping
from ingest.report import OnProgress, Progress
from knowledge.adapters.database import Database
from knowledge.errors import LoreError, StoreError
from knowledge.ports import Clock

KEEP_S = 180 * 24 * 3600.0
CANCEL, LEAVE, PAUSE, RESUME = "cancel sync", "leave as it is", "pause source", "resume source"
AGAIN, LEFT = "again", "left"
"""What is decided about a run: another one follows it, or nothing does."""

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run: how it ended, the whole report and the part of each source, as JSON.

    `error` is why it failed, for people.
    """

    state: State
    report: Mapping[str, Any] = field(default_factory=dict)
    of_sources: Mapping[str, OfSource] = field(default_factory=dict)
    version: int | None = None
    error: str = ""


Perform = Callable[[Run, OnProgress, Callable[[], bool]], Outcome]
"""Syncs what a run wants, says how far it is, and asks now and then whether to stop. Raises LoreError."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that waits for its turn, or was begun at once."""

    run: Run


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Refused: these sources are being synced, or wait to be, by that run."""

    run: Run
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """Refused: these sources are paused; each with who paused it."""

    paused_by: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """Refused: what the run asked that this one follows was decided before, and by whom."""

    decision: str
    by: str


class SyncRuns:
    """The syncs of one journal; several processes may have one each.

    What is `ask`ed for waits until some process `run`s it; with `begin` it is this one's from the start.
    A process that works a run off renews it; when it is gone, `end_left_behind` says so. Acts of people
    are audited in the transaction that carries them out. Raises StoreError when the journal cannot be used.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._claims: dict[str, str] = {}
        self._stopping = threading.Event()

    # asking

    def ask(
        self, wanted: Wanted, *, begin: bool = False, queue: bool = False
    ) -> Asked | UnderWay | Resting | Decided:
        """Store a sync that is wanted, unless a source of it is paused (then there is but a dry run), or is
        synced already. One that follows a run is its answer, and the first answer counts.

        With `queue` it waits until the run under way has ended; a run that waits already and will do as much
        stands for it.
        """
        claim = new_key() if begin else None

        def change(connection: Connection) -> Asked | UnderWay | Resting | Decided:
            if (known := sync_runs.get(connection, wanted.id)) is not None:
                return Asked(known)
            at_rest = {n: one.by for n, one in resting.paused(connection).items() if n in wanted.sources}
            if at_rest and not wanted.dry_run:
                return Resting(at_rest)
            for other in sync_runs.active(connection):
                shared = tuple(name for name in wanted.sources if name in other.wanted.sources)
                if queue and other.state is State.WAITING and other.wanted.includes(wanted):
                    return Asked(other)
                if shared and not (queue and not begin):
                    return UnderWay(other, shared)
            if wanted.follows and not sync_runs.decide(connection, wanted.follows, AGAIN, wanted.asked_by):
                before = sync_runs.get(connection, wanted.follows)
                return Decided(before.decision if before else "", before.decided_by if before else "")
            sync_runs.put(connection, wanted, self._now(), claim)
            if wanted.side in BY_PEOPLE:
                place = wanted.channel or wanted.side.value
                records.write(connection, Audit(wanted.asked_by, *wanted.act, place=place), None, self._now())
            made = sync_runs.get(connection, wanted.id)
            assert made is not None, "it was stored in this transaction"
            return Asked(made)

        outcome = self._write(change)
        if claim is not None and isinstance(outcome, Asked):
            self._claims[outcome.run.id] = claim
        return outcome

    def cancel(self, run_id: str, by: str, place: str = "") -> bool:
        """Have a run stop; False when it has ended already. Whoever works it off notices within seconds."""
        act = Audit(by, CANCEL, run_id, place=place)
        return self._act(lambda connection: sync_runs.cancel(connection, run_id, by, self._now()), act)

    def leave(self, run_id: str, by: str, place: str = "") -> bool:
        """Leave things as an ended run left them: nothing is removed, nothing published. False when somebody
        has decided before."""
        act = Audit(by, LEAVE, run_id, place=place)
        return self._act(lambda connection: sync_runs.decide(connection, run_id, LEFT, by), act)

    def look_again(self, run_id: str) -> None:
        """Have the messages that show a run be compared with it once more."""
        self._write(lambda connection: sync_messages.look_again(connection, run_id))

    # working off

    def waiting(self) -> list[Run]:
        """What can be worked off now: the oldest waiting runs none of whose sources is being synced."""
        ready: list[Run] = []
        taken: set[str] = set()
        for one in self.active():
            if one.state is State.WAITING and not taken.intersection(one.wanted.sources):
                ready.append(one)
            taken.update(one.wanted.sources)
        return ready

    def run(self, run_id: str, perform: Perform, on_progress: OnProgress | None = None) -> Run | None:
        """Work a run off and store what came of it; None when it is not ours to work off.

        What is raised on purpose (LoreError) becomes the reason of a failed run; whatever else is raised is
        stored too and raised again.
        """
        claim = self._claims.pop(run_id, None) or self._begin(run_id)
        run = self.get(run_id)
        if claim is None or run is None:
            return None
        outcome = Outcome(State.FAILED)
        with Keeping(lambda progress: self._keep(run_id, claim, progress), self._stopping) as keeping:

            def told(progress: Progress) -> None:
                keeping.tally.add(progress, self._clock())
                if on_progress is not None:
                    on_progress(progress)

            try:
                outcome = self._outcome(run, perform, told, keeping)
            except Exception as error:
                outcome = Outcome(State.FAILED, error=f"{type(error).__name__}: {error}")
                raise
            finally:
                keeping.let_go()
                self._end(run_id, claim, outcome, keeping.tally.as_json())
        return self.get(run_id)

    def end_left_behind(self) -> list[str]:
        """End as interrupted what a process worked off that is gone; the ids of those runs."""
        return self._write(lambda connection: sync_runs.end_left_behind(connection, self._now()))

    def stop(self) -> None:
        """Have what this process works off stop within seconds; it is told as interrupted."""
        self._stopping.set()

    # looking

    def get(self, run_id: str) -> Run | None:
        return self._read(lambda connection: sync_runs.get(connection, run_id))

    def active(self) -> list[Run]:
        """What waits or runs, oldest first."""
        return self._read(sync_runs.active)

    def running(self) -> list[Run]:
        """What is being worked off, by any process."""
        return [one for one in self.active() if one.state is State.RUNNING]

    def recent(self, source: str, most: int = 20) -> list[Run]:
        """The newest runs of a source, newest first."""
        return self._read(lambda connection: sync_runs.of_source(connection, source, most))

    def newest(self, outcomes: Collection[str] = ()) -> dict[str, Run]:
        """For each source the run that ended last, dry runs aside; with `outcomes`, that ended so for it."""
        return self._read(lambda connection: sync_runs.newest_ended(connection, outcomes))

    # pausing

    def pause(self, source: str, by: str, place: str = "") -> bool:
        """Have nobody sync a source until it is resumed; False when it rests already."""
        act = Audit(by, PAUSE, source, place=place)
        return self._act(lambda connection: resting.pause(connection, source, by, self._now()), act)

    def resume(self, source: str, by: str, place: str = "") -> bool:
        """End a pause; False when there was none."""
        act = Audit(by, RESUME, source, place=place)
        return self._act(lambda connection: resting.resume(connection, source), act)

    def paused(self) -> Mapping[str, Paused]:
        """The sources that rest."""
        return self._read(resting.paused)

    def sweep(self) -> int:
        """Forget what ended long ago; returns how many runs."""
        return self._write(lambda connection: sync_runs.sweep(connection, self._now() - KEEP_S))

    # within

    def _begin(self, run_id: str) -> str | None:
        claim = new_key()

        def change(connection: Connection) -> bool:
            run = sync_runs.get(connection, run_id)
            others = [one for one in sync_runs.active(connection) if one.state is State.RUNNING]
            names = set(run.wanted.sources) if run is not None else set()
            if any(names.intersection(one.wanted.sources) for one in others):
                return False
            return sync_runs.begin(connection, run_id, claim, self._now())

        return claim if self._write(change) else None

    def _keep(self, run_id: str, claim: str, progress: Mapping[str, Any] | None) -> bool:
        """Whether the run goes on; with `progress` the lease is renewed too."""
        if progress is not None:
            now = self._now()
            if not self._write(lambda c: sync_runs.renew(c, run_id, claim, now, progress)):
                return False
        look = select(runs.c.cancelled_by, runs.c.claim).where(runs.c.id == run_id)
        row = self._read(lambda connection: connection.execute(look).first())
        return row is not None and row.claim == claim and not row.cancelled_by

    def _outcome(self, run: Run, perform: Perform, told: OnProgress, keeping: Keeping) -> Outcome:
        try:
            return perform(run, told, keeping.stopped)
        except LoreError as error:
            if not keeping.stopped():
                return Outcome(State.FAILED, error=str(error))
            return Outcome(State.INTERRUPTED if self._stopping.is_set() else State.CANCELLED)

    def _end(self, run_id: str, claim: str, outcome: Outcome, progress: Mapping[str, Any]) -> None:
        values = {"progress": dict(progress), "report": dict(outcome.report), "version": outcome.version}
        ended = self._write(
            lambda connection: sync_runs.end(
                connection,
                run_id,
                claim,
                outcome.state,
                self._now(),
                outcome.of_sources,
                error=outcome.error or None,
                **values,
            )
        )
        if not ended:
            log.warning("the sync %s was taken for dead before it ended (%s)", run_id, outcome.state)

    def _now(self) -> float:
        return self._clock().timestamp()

    def _act(self, change: Callable[[Connection], bool], act: Audit) -> bool:
        """Whether the change changed anything; then it is audited with it."""

        def acted(connection: Connection) -> bool:
            changed = change(connection)
            if changed:
                records.write(connection, act, None, self._now())
            return changed

        return self._write(acted)

    def _write(self, change: Callable[[Connection], T]) -> T:
        try:
            with self._database.writing() as connection:
                return change(connection)
        except SQLAlchemyError as error:
            raise StoreError(f"the journal cannot be written: {type(error).__name__}") from error

    def _read(self, look: Callable[[Connection], T]) -> T:
        try:
            with self._database.reading() as connection:
                return look(connection)
        except SQLAlchemyError as error:
            raise StoreError(f"the journal cannot be read: {type(error).__name__}") from error

"""Brings the record up to date with its sources: gather, plan, apply, check, publish; or takes that back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ingest.apply import Applying, Cut, go_on
from ingest.gathering import Gathered, Gathering, Read
from ingest.golden_gate import GoldenGate
from ingest.looking_back import LookingBack
from ingest.plan import Making, SyncPlan, plan
from ingest.publishing import Publisher, Publishing
from ingest.report import Held, LastSync, OnProgress, PlanReport, Progress, Published, SyncReport
from ingest.reporting import last_syncs, plan_report, report_of, states_after, totals
from ingest.rolling_back import Limits, Older, roll_back
from ingest.sources import Source, never
from ingest.staged import Staged, sweep
from ingest.turns import Turn, in_turn, lock_of, one_at_a_time
from knowledge.adapters.source_states import SourceStates
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import Known, StoreWriter
from knowledge.errors import Cancelled, SettingsError
from knowledge.ports import Clock, Embedder

RECIPE = "3"
"""Raised when reading, redacting or cutting changes: documents are then read again at the next sync."""

PATIENCE_S = 600.0
"""What took long to fetch waits so long to be published, however little whoever asked for it waits."""


def no_progress(_: Progress) -> None:
    """Tell nobody."""


def none_is_remote(_: Source) -> bool:
    """Everything is on this machine."""
    return False


def none_is_retractable(_: Source) -> bool:
    """Nobody takes words back."""
    return False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One sync as it was asked for: the `chosen` of all `sources`."""

    sources: Sequence[Source]
    chosen: Sequence[Source]
    allow_removals: bool | frozenset[str]
    on_progress: OnProgress
    stopped: Callable[[], bool]
    accept_drop: bool
    why: str

    @property
    def set_up(self) -> frozenset[str]:
        return frozenset(source.name for source in self.sources)

    @property
    def others(self) -> frozenset[str]:
        """Sources that are set up and not part of this sync."""
        return self.set_up - {source.name for source in self.chosen}


@dataclass(frozen=True, slots=True)
class Syncer:
    """Everything a sync needs. `read` lists a source, `cut` makes a document's chunks.

    `built_in` sources are synced beside those that admins list. `remote` says whether a source comes over a
    network: it is fetched before anybody has to wait for it. From a `retractable` one people take words back,
    so a roll back leaves it as it is. `gate` may hold a version back.
    """

    data: Path
    store: SqlStore
    generations: Publishing
    embedder: Embedder
    read: Read
    cut: Cut
    clock: Clock
    recipe: str = RECIPE
    built_in: tuple[Source, ...] = ()
    remote: Callable[[Source], bool] = none_is_remote
    retractable: Callable[[Source], bool] = none_is_retractable
    gate: GoldenGate | None = None

    def sync(
        self,
        sources: Sequence[Source],
        only: frozenset[str] | None = None,
        allow_removals: bool | frozenset[str] = False,
        on_progress: OnProgress = no_progress,
        wait_s: float = 0.0,
        stopped: Callable[[], bool] = never,
        accept_drop: bool = False,
        why: str = "",
    ) -> SyncReport:
        """Sync all sources, or `only` those named. Safe to kill at any point and to run again.

        `allow_removals` names the sources that may lose more than a fifth of their documents, True all.
        `accept_drop` publishes also what no longer answers golden questions. `why` is kept with the version.

        Raises Busy when another process syncs one of the sources, or publishes, and does not end within
        `wait_s` seconds; Cancelled when `stopped` says so (what was fetched and embedded stays for the next
        time); SettingsError for an unknown name, IndexDamaged when no sound generation can be built,
        ModelError and StoreError. After any of them, readers go on seeing the version before.
        """
        wanted = self._wanted(sources, only, allow_removals, on_progress, stopped)
        wanted = replace(wanted, accept_drop=accept_drop, why=why)
        remote = [source for source in wanted.chosen if self.remote(source)]
        started = self.clock()
        with Turn(wait_s, stopped) as turn:
            for source in in_turn(remote):
                turn.take(lock_of(self.data, self.store.database, source))
            gathering = self._gathering(wanted)
            fetched = gathering.fetched(remote, _by_source(self._published()))
            if remote:
                turn.wait_at_least(PATIENCE_S)
            turn.take(lambda wait_s: self.generations.lock("sync", wait_s))
            StoreWriter(self.store.database).sweep()
            report = self._carry_out(wanted, fetched, gathering)
            if report.held is None:
                for source in remote:
                    Staged(self.data, source, self.recipe).clear()
            for room in ("staged", "kept"):
                sweep(self.data / room, self.clock())
        return replace(report, seconds=(self.clock() - started).total_seconds())

    def planned(
        self,
        sources: Sequence[Source],
        only: frozenset[str] | None = None,
        allow_removals: bool | frozenset[str] = False,
        on_progress: OnProgress = no_progress,
        stopped: Callable[[], bool] = never,
    ) -> PlanReport:
        """What a sync would do now: lists, and changes nothing. Raises as `sync` does, but for Busy."""
        wanted = self._wanted(sources, only, allow_removals, on_progress, stopped)
        gathering = replace(self._gathering(wanted), keeping=False)
        version, known = self.store.published(), self._published()
        gathered = self._all_gathered(wanted, (), gathering, known)
        made = self._plan(wanted, gathered, known)
        return plan_report(made, [source.name for source in wanted.chosen], version)

    def history(self, source: str | None = None, limit: int = 20) -> list[Published]:
        """What was published, newest first; of a source, the versions in which anything of it changed, and
        those that it can be rolled back to."""
        return self._looking_back().history(source, limit)

    def older(self, name: str, sources: Sequence[Source]) -> list[Older]:
        """The versions that a source can be rolled back to, newest first, each with what changed since; those
        since which nothing changed are left out.

        Raises SettingsError for an unknown source, and for one that is never rolled back.
        """
        wanted = self._wanted(sources, frozenset({name}), False, no_progress, never)
        self._check_lasting(wanted.chosen)
        return self._looking_back().older(wanted.chosen[0])

    def last_syncs(self) -> Mapping[str, LastSync]:
        """How the last sync of each source went, by its name."""
        return last_syncs(SourceStates(self.store.database).all())

    def roll_back(
        self,
        version: int,
        sources: Sequence[Source],
        why: str = "",
        on_progress: OnProgress = no_progress,
        wait_s: float = 0.0,
        only: frozenset[str] | None = None,
    ) -> SyncReport:
        """Publish a new version with the contents of an older one that is still stored; nothing is embedded.

        A document is for those alone who might read it then and may now, and does not come back where it may
        be shown to nobody. Documents of sources that are no longer set up stay gone; built-in and retractable
        sources stay as they are, and so do those that were set up since, and all but `only` those named. The
        next sync reads the sources as they are then.

        Raises SettingsError for a version that is not stored, or that a named source cannot be rolled back
        to, ModelError for one of another embedding model, and otherwise as `sync` does.
        """
        wanted = self._wanted(sources, only, False, on_progress, never)
        if only is not None:
            self._check_lasting(wanted.chosen)
        started = self.clock()
        with self.generations.lock("roll back", wait_s):
            publisher = self._publisher(self._lasting(wanted.sources))
            publisher.writer.sweep()
            back = publisher.can_go_back(version, only)
            limits = self._looking_back().limits(version, wanted.set_up - back)
            now = publisher.writer.known()
            made = roll_back(publisher.writer.known_in(version), now, wanted.sources, limits)
            failed = [failure for one in made.reports for failure in one.failed]
            published = self.store.published()
            report = replace(totals(made.reports, failed, 0, 0.0, published, why), rolled_back_to=version)
            SourceStates(self.store.database).forget_notes()
            report = publisher.republish(made, report, wanted.on_progress)
            self.generations.settle()
        return replace(report, seconds=(self.clock() - started).total_seconds())

    def forget(self, but: frozenset[str], why: str = "", wait_s: float = 0.0) -> SyncReport:
        """Publish a version without the documents of all sources `but` these. Raises as `sync` does."""
        with self.generations.lock("forget", wait_s):
            publisher = self._publisher(but)
            publisher.writer.sweep()
            made = roll_back((), publisher.writer.known(), (), Limits(self.recipe, but))
            report = totals(made.reports, (), 0, 0.0, self.store.published(), why)
            SourceStates(self.store.database).forget(but=but)
            report = publisher.republish(made, report)
            self.generations.settle()
        return report

    def audiences_differ(self, sources: Sequence[Source]) -> bool:
        """Whether any document is published under another audience than its source has now, or has none."""
        now = {source.name: source.audience.key for source in (*sources, *self.built_in)}
        return any(now.get(one.source) != one.source_audience for one in self._published())

    def _wanted(
        self,
        sources: Sequence[Source],
        only: frozenset[str] | None,
        allow_removals: bool | frozenset[str],
        on_progress: OnProgress,
        stopped: Callable[[], bool],
    ) -> _Wanted:
        """Built-in sources are never away: what is gone from them is meant to be."""
        every = (*sources, *self.built_in)
        unknown = sorted((only or frozenset()) - {source.name for source in every})
        if unknown:
            raise SettingsError(f"there is no source named {unknown[0]}: see `lore sources`")
        chosen = [source for source in every if only is None or source.name in only]
        if not isinstance(allow_removals, bool):
            allow_removals |= {source.name for source in self.built_in}
        elif not allow_removals:
            allow_removals = frozenset(source.name for source in self.built_in)
        return _Wanted(every, chosen, allow_removals, one_at_a_time(on_progress), stopped, False, "")

    def _carry_out(self, wanted: _Wanted, fetched: Sequence[Gathered], gathering: Gathering) -> SyncReport:
        """Plan, apply and publish, under the lock."""
        started, states = self.clock(), SourceStates(self.store.database)
        known = StoreWriter(self.store.database).known()
        gathered = self._all_gathered(wanted, fetched, gathering, known)
        made = self._plan(wanted, gathered, known)
        done = self._applying(wanted).apply(made)
        go_on(wanted.stopped)
        states.forget(but=wanted.set_up)

        def reported(version: int, held: Held | None = None) -> SyncReport:
            seconds = (self.clock() - started).total_seconds()
            return replace(report_of(made, done, gathered, seconds, version, wanted.why), held=held)

        if done.version is None:
            self.generations.settle()
            report = reported(self.store.published())
        else:
            wanted.on_progress(Progress("publish", 0, 1, done.chunks_embedded))
            report = self._published_or_held(wanted, done.version, made, reported)
            wanted.on_progress(Progress("publish", 1, 1, done.chunks_embedded))
        states.keep(states_after(states.all(), report, gathered, self.clock()))
        return report

    def _published_or_held(
        self,
        wanted: _Wanted,
        version: int,
        made: SyncPlan,
        reported: Callable[[int, Held | None], SyncReport],
    ) -> SyncReport:
        publisher = self._publisher(self._lasting(wanted.sources))
        generation = self.generations.build(version)
        try:
            go_on(wanted.stopped)
            held = None if wanted.accept_drop else publisher.held(version, generation, wanted.on_progress)
            go_on(wanted.stopped)
        except Cancelled:
            self.generations.discard(generation)
            raise
        if held is None:
            publisher.publish(version, generation, reported(version, None))
            return reported(version, None)
        narrowed = publisher.hold_back(version, generation, made, wanted.set_up, wanted.why)
        return reported(self.store.published(), replace(held, narrowed=narrowed))

    def _all_gathered(
        self, wanted: _Wanted, fetched: Sequence[Gathered], gathering: Gathering, known: Sequence[Known]
    ) -> list[Gathered]:
        """In the order of the sources; those that were not fetched are listed now."""
        ready = {one.listing.source.name: one for one in fetched}
        of_source = _by_source(known)
        gathered = []
        for at, source in enumerate(wanted.chosen):
            wanted.on_progress(Progress("list", at, len(wanted.chosen)))
            found = ready.get(source.name) or gathering.listed(source, of_source.get(source.name, ()))
            gathered.append(found)
        return gathered

    def _plan(self, wanted: _Wanted, gathered: Sequence[Gathered], known: Sequence[Known]) -> SyncPlan:
        listed = [one.listing for one in gathered]
        return plan(known, listed, self._making(), wanted.others, wanted.allow_removals)

    def _gathering(self, wanted: _Wanted) -> Gathering:
        return Gathering(
            self.data,
            self.read,
            SourceStates(self.store.database),
            self._making(),
            self.clock,
            wanted.on_progress,
            wanted.stopped,
        )

    def _applying(self, wanted: _Wanted) -> Applying:
        return Applying(
            self.store,
            self.embedder,
            self.cut,
            self._making(),
            self.clock,
            wanted.on_progress,
            wanted.stopped,
        )

    def _publisher(self, lasting: frozenset[str]) -> Publisher:
        fingerprint = self.embedder.fingerprint
        return Publisher(self.store, self.generations, fingerprint, self.clock, lasting, self.gate)

    def _lasting(self, sources: Sequence[Source]) -> frozenset[str]:
        """Those that can be rolled back."""
        return frozenset(
            one.name for one in sources if one not in self.built_in and not self.retractable(one)
        )

    def _check_lasting(self, sources: Sequence[Source]) -> None:
        if named := sorted({one.name for one in sources} - self._lasting(sources)):
            raise SettingsError(f"what people delete in {named[0]} stays deleted, so it is not rolled back")

    def _looking_back(self) -> LookingBack:
        return LookingBack(self.store, self.recipe)

    def _published(self) -> list[Known]:
        """The documents that readers see now, whatever another process is writing."""
        return StoreWriter(self.store.database).known_in(self.store.published())

    def _making(self) -> Making:
        return Making(self.recipe, self.embedder.fingerprint)


def _by_source(known: Sequence[Known]) -> dict[str, list[Known]]:
    """By source, of documents that are sorted by it."""
    return {name: list(some) for name, some in groupby(known, key=lambda one: one.source)}

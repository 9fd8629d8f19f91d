"""Brings the record up to date with its sources: plan, apply, publish."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.apply import Applying, Cut, Done
from ingest.plan import Listing, Making, SyncPlan, plan
from ingest.report import (
    Failure,
    LastSync,
    OnProgress,
    PlanReport,
    Progress,
    Published,
    SyncReport,
)
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Source, Withheld, never
from knowledge.adapters.generations import KEEP
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import Known, StoreWriter
from knowledge.errors import SettingsError, Unreadable
from knowledge.ports import Clock, Embedder

RECIPE = "1"
"""Raised when reading or cutting changes: documents are then read again at the next sync."""


class Publishing(Protocol):
    """What a sync asks of the index generations; `knowledge.adapters.generations.Generations` is one."""

    def lock(self, purpose: str, wait_s: float) -> AbstractContextManager[None]: ...

    def build(self, version: int) -> str: ...

    def point_to(self, name: str) -> None: ...

    def settle(self) -> None: ...

    def sweep(self) -> None: ...


Read = Callable[[Source, Reading], Iterable[Listed]]


def no_progress(_: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Syncer:
    """Everything a sync needs. `read` lists a source, `cut` makes a document's chunks.

    `built_in` sources are synced beside those that admins list.
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
        sources = (*sources, *self.built_in)
        unknown = sorted((only or frozenset()) - {source.name for source in sources})
        if unknown:
            raise SettingsError(f"there is no source named {unknown[0]}: see `lore sources`")
        started = self.clock()
        with self.generations.lock("sync", wait_s):
            StoreWriter(self.store.database).sweep()
            applying = self._applying(on_progress)
            done = applying.apply(self._planned(sources, only, allow_removals, on_progress))

            def reported(version: int) -> SyncReport:
                seconds = (self.clock() - started).total_seconds()
                return _report(done, applying.failed, seconds, version)

            if done.version is None:
                self.generations.settle()
                return reported(self.store.published())
            on_progress(Progress("publish", 0, 1, done.chunks_embedded))
            self._publish(done.version, reported)
            on_progress(Progress("publish", 1, 1, done.chunks_embedded))
            return reported(done.version)

    def planned(
        self,
        sources: Sequence[Source],
        only: frozenset[str] | None = None,
        allow_removals: bool | frozenset[str] = False,
        on_progress: OnProgress = no_progress,
        stopped: Callable[[], bool] = never,
    ) -> PlanReport:
        """What a sync would do now: lists and hashes, and changes nothing. Raises as `sync` does, but Busy."""
        raise NotImplementedError

    def history(self, source: str | None = None, limit: int = 20) -> list[Published]:
        """What was published, newest first; of a source, the versions in which anything of it changed."""
        raise NotImplementedError

    def last_syncs(self) -> Mapping[str, LastSync]:
        """How the last sync of each source went, by its name."""
        raise NotImplementedError

    def roll_back(
        self,
        version: int,
        sources: Sequence[Source],
        why: str = "",
        on_progress: OnProgress = no_progress,
        wait_s: float = 0.0,
    ) -> SyncReport:
        """Publish a new version with the contents of an older one that is still kept; nothing is embedded.

        A document is for those alone who might read it then and may now; documents of sources that are no
        longer set up stay gone. The next sync reads the sources as they are then.

        Raises SettingsError for a version that is not kept, and otherwise as `sync` does.
        """
        raise NotImplementedError

    def _planned(
        self,
        sources: Sequence[Source],
        only: frozenset[str] | None,
        allow_removals: bool | frozenset[str],
        on_progress: OnProgress,
    ) -> SyncPlan:
        chosen = [source for source in sources if only is None or source.name in only]
        known = StoreWriter(self.store.database).known()
        listed = []
        for at, source in enumerate(chosen):
            on_progress(Progress("list", at, len(chosen)))
            listed.append(self._listed(source, known))
        others = frozenset(source.name for source in sources) - {source.name for source in chosen}
        return plan(known, listed, self._making(), others, allow_removals)

    def audiences_differ(self, sources: Sequence[Source]) -> bool:
        """Whether any document is published under another audience than its source has now, or has none."""
        now = {source.name: source.audience.key for source in (*sources, *self.built_in)}
        known = StoreWriter(self.store.database).known()
        return any(now.get(one.source) != one.source_audience for one in known)

    def _publish(self, version: int, reported: Callable[[int], SyncReport]) -> None:
        """Readers see the version when the record says so; the pointer follows at once."""
        writer = StoreWriter(self.store.database)
        generation = self.generations.build(version)
        writer.publish(version, reported(version).as_json(), self.clock())
        self.generations.point_to(generation)
        writer.purge(KEEP)
        self.generations.sweep()

    def _listed(self, source: Source, known: Sequence[Known]) -> Listing:
        reading = Reading(known={one.path: one.digest for one in known if one.source == source.name})
        listing = Listing(source, [], [], [])
        try:
            for one in self.read(source, reading):
                match one:
                    case Item():
                        listing.items.append(one)
                    case Skipped():
                        listing.skipped.append(one)
                    case Withheld():
                        listing.withheld.append(one)
                    case Incomplete(reason):
                        listing.incomplete.append(reason)
                    case Remember():
                        pass
        except Unreadable as error:
            return Listing(source, failure=str(error))
        return listing

    def _making(self) -> Making:
        return Making(self.recipe, self.embedder.fingerprint)

    def _applying(self, on_progress: OnProgress) -> Applying:
        return Applying(self.store, self.embedder, self.cut, self._making(), self.clock, on_progress)


def _report(done: Done, failed: Sequence[Failure], seconds: float, version: int) -> SyncReport:
    return SyncReport(
        added=done.added,
        changed=done.changed,
        moved=done.moved,
        removed=done.removed,
        kept=done.kept,
        failed=tuple(failed),
        chunks_embedded=done.chunks_embedded,
        seconds=seconds,
        version=version,
    )

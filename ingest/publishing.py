"""A version that was written comes before readers, is held back, or is made of older ones."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from ingest.golden_gate import GoldenGate
from ingest.plan import SyncPlan
from ingest.report import Held, OnProgress, Progress, SyncReport
from ingest.reporting import totals
from ingest.rolling_back import Republishing, narrowing
from knowledge.adapters.generations import KEEP
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import StoreWriter
from knowledge.adapters.versions import stored_versions
from knowledge.errors import ModelError, SettingsError
from knowledge.ports import Clock, Index


class Publishing(Protocol):
    """What a sync asks of the index generations; `knowledge.adapters.generations.Generations` is one."""

    def lock(self, purpose: str, wait_s: float) -> AbstractContextManager[None]: ...

    def current(self) -> Index: ...

    def build(self, version: int) -> str: ...

    def trial(self, name: str, version: int) -> AbstractContextManager[Index]: ...

    def discard(self, name: str) -> None: ...

    def point_to(self, name: str) -> None: ...

    def settle(self) -> None: ...

    def sweep(self) -> None: ...


NIGHTS = 7
"""What readers saw at so many midnights can be rolled back to, beside the newest KEEP versions."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """For the holder of the lock. `embedder` is the fingerprint of the one of now. `lasting` names the
    sources that can be rolled back: of these, what readers saw at the last midnights is stored too."""

    store: SqlStore
    generations: Publishing
    embedder: str
    clock: Clock
    lasting: frozenset[str]
    gate: GoldenGate | None = None

    @property
    def writer(self) -> StoreWriter:
        return StoreWriter(self.store.database)

    def publish(self, version: int, generation: str, report: SyncReport) -> None:
        """Readers see the version when the record says so; the pointer follows at once."""
        now = self.clock()
        self.writer.publish(version, report.as_json(), now, self.lasting)
        self.generations.point_to(generation)
        self.writer.purge(KEEP, last_midnights(now), self.lasting)
        self.generations.sweep()

    def held(self, version: int, generation: str, on_progress: OnProgress) -> Held | None:
        """Why this version may not be published; None when it may. Raises as retrieval does."""
        if self.gate is None:
            return None
        with self.generations.trial(generation, version) as index:
            return self.gate.held(self.store, self.generations.current, index, on_progress)

    def hold_back(
        self, version: int, generation: str, made: SyncPlan, set_up: frozenset[str], why: str
    ) -> bool:
        """Take a version back that is not to be published; whether something of it was nevertheless, because
        fewer people may read it."""
        held_back = self.writer.known_in(version)
        self.generations.discard(generation)
        self.writer.sweep()
        moved = {
            f"{step.source.name}/{step.known.path}": f"{step.source.name}/{step.item.path}"
            for step in made.move
        }
        withheld = frozenset(one.revision_id for one in made.withheld)
        narrower = narrowing(self.writer.known(), held_back, moved, withheld, set_up)
        return self.republish(narrower, totals(narrower.reports, (), 0, 0.0, 0, why)).version > 0

    def republish(
        self, made: Republishing, report: SyncReport, on_progress: OnProgress = lambda _: None
    ) -> SyncReport:
        """Publish what was republished as a new version; without any, the report as it is."""
        if not made.copies and not made.end:
            return report
        version = self.writer.begin(self.embedder, self.clock())
        self.writer.copy(version, made.copies)
        self.writer.end(version, [one.revision_id for one in made.end])
        on_progress(Progress("publish", 0, 1))
        generation = self.generations.build(version)
        report = replace(report, version=version)
        self.publish(version, generation, report)
        on_progress(Progress("publish", 1, 1))
        return report

    def can_go_back(self, version: int, only: frozenset[str] | None) -> frozenset[str]:
        """The sources that can be rolled back to a version, of all or of `only` those named.

        Raises SettingsError for a version that is not stored, or that does not hold one of those named, and
        ModelError for one of another model.
        """
        older = stored_versions(self.store.database, KEEP)[1:]
        found = next((one for one in older if one.version == version), None)
        if found is None:
            kept = ", ".join(str(one.version) for one in reversed(older)) or "none"
            raise SettingsError(f"version {version} cannot be rolled back to: those that are kept are {kept}")
        made_by = self.store.embedder(version)
        if made_by != self.embedder:
            raise ModelError(
                f"version {version} was made with the model {made_by}, not {self.embedder}: "
                "set that model up again, or sync"
            )
        held = frozenset(name for name in self.lasting if found.holds(name))
        if only is not None and (named := sorted(only - held)):
            raise SettingsError(f"{named[0]} was set up after version {version}, or anew since")
        return held if only is None else only


def last_midnights(now: datetime) -> list[datetime]:
    """The beginnings of today and of the days before, NIGHTS of them, in UTC."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=days) for days in range(NIGHTS)]

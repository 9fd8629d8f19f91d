"""How a sync that was asked for becomes one of `ingest`, with the sources as they are set up then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.journal.sync_runs import OfSource, Run, State
from bot.sync_runs import Outcome
from ingest.report import OnProgress, PlanReport, SourceReport, SyncReport
from ingest.rolling_back import Older
from ingest.sources import Source
from ingest.sync import Syncer

LONGEST_WAIT_S = 6 * 3600.0
"""How long a sync waits for the index while others build it: a large source is embedded for hours once."""
ROLL_BACK_WAIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Syncing:
    """Carries runs out, and versions back. `sources` gives those that are set up at that moment: an audience
    that was narrowed since is never widened again."""

    syncer: Syncer
    sources: Callable[[], Sequence[Source]]

    def perform(self, run: Run, on_progress: OnProgress, stopped: Callable[[], bool]) -> Outcome:
        """Sync what a run wants, or say what that would do. Raises LoreError."""
        wanted = run.wanted
        sources, only = self.sources(), frozenset(wanted.sources)
        if wanted.dry_run:
            plan = self.syncer.planned(sources, only, wanted.removals, on_progress, stopped)
            return planned(plan)
        report = self.syncer.sync(
            sources,
            only,
            wanted.removals,
            on_progress,
            LONGEST_WAIT_S,
            stopped,
            wanted.accept_drop,
            why=f"{wanted.asked_by}, {wanted.side}",
        )
        return synced(report, only)

    def older(self, source: str) -> list[Older]:
        """The versions that a source can be rolled back to, newest first. Raises LoreError."""
        return self.syncer.older(source, self.sources())

    def roll_back(self, version: int, why: str, only: frozenset[str] | None = None) -> SyncReport:
        """Publish anew what an older version held, of all sources or `only` those. Raises LoreError."""
        return self.syncer.roll_back(version, self.sources(), why, wait_s=ROLL_BACK_WAIT_S, only=only)


def synced(report: SyncReport, names: frozenset[str]) -> Outcome:
    """How a sync ended: held back, refused in part, failed as a whole, or done."""
    parts = {one.name: OfSource(_ended(one, report), one.as_json()) for one in report.sources}
    mine = [one for one in report.sources if one.name in names]
    state = State.DONE
    if report.held:
        state = State.HELD
    elif mine and all(one.unlisted for one in mine):
        state = State.FAILED
    elif report.refused:
        state = State.REFUSED
    error = str(mine[0].unlisted) if state is State.FAILED else ""
    return Outcome(state, report.as_json(), parts, report.version, error)


def planned(plan: PlanReport) -> Outcome:
    """A dry run is done, whatever it found."""
    parts = {str(one["name"]): OfSource(State.DONE, one) for one in plan.as_json()["sources"]}
    return Outcome(State.DONE, {"version": plan.version}, parts, plan.version)


def _ended(one: SourceReport, report: SyncReport) -> State:
    if report.held:
        return State.HELD
    if one.unlisted:
        return State.FAILED
    return State.REFUSED if one.refused else State.DONE

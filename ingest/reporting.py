"""Reports as they are made: of a plan, of what was carried out, and of how each source's last sync went."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ingest.apply import Done
from ingest.gathering import Gathered
from ingest.plan import SyncPlan
from ingest.report import (
    Failure,
    LastSync,
    PlanReport,
    SourcePlan,
    SourceReport,
    SyncReport,
)
from ingest.sources import Skipped, Withheld
from ingest.staged import settings_digest
from knowledge.adapters.source_states import SourceState


def report_of(
    made: SyncPlan, done: Done, gathered: Sequence[Gathered], seconds: float, version: int, why: str
) -> SyncReport:
    """What a sync did: first the sources that were synced, in their order, then those that went."""
    names = [one.listing.source.name for one in gathered]
    names += sorted(done.sources.keys() - set(names))
    of_listing = {one.listing.source.name: one for one in gathered}
    sources = tuple(_of_source(name, made, done, of_listing.get(name)) for name in names)
    refused = (Failure(one.source, one.reason, one.source) for one in made.refused)
    loads = (failure for name in names for failure in done.of(name).failed)
    failed = (*made.unlisted, *made.incomplete, *made.failed, *refused, *loads)
    return totals(sources, failed, done.chunks_embedded, seconds, version, why)


def totals(
    sources: tuple[SourceReport, ...],
    failed: Iterable[Failure],
    chunks_embedded: int,
    seconds: float,
    version: int,
    why: str,
) -> SyncReport:
    """The report whose counts are those of its sources."""
    return SyncReport(
        added=sum(one.added for one in sources),
        changed=sum(one.changed for one in sources),
        moved=sum(one.moved for one in sources),
        removed=sum(one.removed for one in sources),
        kept=sum(one.kept for one in sources),
        failed=tuple(failed),
        chunks_embedded=chunks_embedded,
        seconds=seconds,
        version=version,
        sources=sources,
        why=why,
    )


def _of_source(name: str, made: SyncPlan, done: Done, gathered: Gathered | None) -> SourceReport:
    of = done.of(name)
    mine = [one for one in made.failed if one.source == name]
    return SourceReport(
        name=name,
        added=of.added,
        changed=of.changed,
        moved=of.moved,
        removed=of.removed,
        kept=of.kept,
        failed=(*mine, *of.failed),
        refused=next((one for one in made.refused if one.source == name), None),
        unlisted=next((one.reason for one in made.unlisted if one.source == name), None),
        incomplete=tuple(one.reason for one in made.incomplete if one.source == name),
        goes_on=gathered is not None and gathered.listing.goes_on,
        seconds=of.seconds + (gathered.seconds if gathered else 0.0),
        fetched=gathered.fetched if gathered else None,
        findings=of.findings,
    )


def plan_report(made: SyncPlan, names: Sequence[str], version: int) -> PlanReport:
    """What a plan would do, source by source; sources that are no longer set up come last."""
    gone = sorted({one.source for one in made.remove} - set(names))
    return PlanReport(version, tuple(_planned(name, made) for name in (*names, *gone)))


def _planned(name: str, made: SyncPlan) -> SourcePlan:
    revised = [step for step in made.revise if step.source is not None and step.source.name == name]
    changed = [step.item.path for step in made.change if step.source.name == name]
    return SourcePlan(
        name=name,
        add=tuple(step.item.path for step in made.add if step.source.name == name),
        change=tuple(sorted([*changed, *(step.known.path for step in revised)])),
        move=tuple((step.known.path, step.item.path) for step in made.move if step.source.name == name),
        remove=tuple(one.path for one in made.remove if one.source == name),
        keep=sum(one.source == name for one in made.keep),
        failed=tuple(one for one in made.failed if one.source == name),
        refused=next((one for one in made.refused if one.source == name), None),
        unlisted=next((one.reason for one in made.unlisted if one.source == name), None),
        incomplete=tuple(one.reason for one in made.incomplete if one.source == name),
    )


def states_after(
    before: Mapping[str, SourceState], report: SyncReport, gathered: Sequence[Gathered], now: datetime
) -> dict[str, SourceState]:
    """What is kept of each source that was synced.

    A note takes the place of the one before only where all that was listed is published: what a reader knows
    must never be newer than what the record holds.
    """
    reports = {one.name: one for one in report.sources}
    states = {}
    for one in gathered:
        source = one.listing.source
        said, old = reports[source.name], before.get(source.name)
        state = SourceState(
            synced_at=now,
            succeeded_at=old.succeeded_at if old else None,
            report=said.as_json(),
            settings=old.settings if old else None,
            note=old.note if old else None,
        )
        if said.unlisted is None and not said.incomplete:
            state = replace(state, succeeded_at=now)
        if said.unlisted is None and (said.goes_on or not said.incomplete):
            unread = set(said.failed) - _listed(one)
            if one.note is not None and not (unread or said.refused or report.held):
                state = replace(state, settings=settings_digest(source), note=one.note)
        states[source.name] = state
    return states


def _listed(one: Gathered) -> frozenset[Failure]:
    """Failures of which the reader itself knows."""
    name = one.listing.source.name
    told: tuple[Skipped | Withheld, ...] = (*one.listing.skipped, *one.listing.withheld)
    return frozenset(Failure(each.path, each.reason, name) for each in told)


def last_syncs(states: Mapping[str, SourceState]) -> dict[str, LastSync]:
    """How the last sync of each source went."""
    return {
        name: LastSync(state.synced_at, SourceReport.from_json(state.report), state.succeeded_at)
        for name, state in states.items()
    }

"""`lore sources`: how each is, what was published; pausing, resuming and cancelling."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from shlex import quote
from typing import Any, Self

from rich.table import Table

from bot.built_in import NAMES
from bot.cli.output import console, print_json
from bot.cli.syncing import said_of
from bot.cli.whoever import PLACE, whoever
from bot.journal.resting import Paused
from bot.journal.sync_runs import Run, State
from bot.schedules import Start, next_at
from bot.scheduling import LOOKED_BACK, past_of
from bot.settings import load_settings
from bot.source_health import TELLING, Health, Problem, health_of, is_stale, problem_of
from bot.source_settings import SourceSettings, in_words
from bot.sources_now import SourcesNow, sources_now
from bot.sync_runs import SyncRuns
from bot.wiring import Knowledge, now, open_knowledge
from ingest.report import Published
from knowledge.errors import SettingsError

_LONG_AGO = Start(datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Opened:
    """What commands about sources work with."""

    knowledge: Knowledge
    runs: SyncRuns
    now: SourcesNow

    def one(self, name: str) -> SourceSettings:
        """Raises SettingsError for an unknown name."""
        found = self.now.named(name)
        if found is None:
            raise SettingsError(f"there is no source named {name}: see `lore sources`")
        return found


@contextmanager
def opened() -> Iterator[Opened]:
    """Settings, data folder and journal, for one command."""
    settings = load_settings()
    knowledge = open_knowledge(settings, repair=False)
    try:
        yield Opened(knowledge, SyncRuns(knowledge.database, now), sources_now(settings, knowledge.database))
    finally:
        knowledge.close()


def list_sources(*, as_json: bool) -> None:
    """Each source with its audience, what is published of it, and how its syncs go."""
    with opened() as lore:
        syncs = _Syncs.of(lore.runs)
        held = lore.knowledge.store.holdings(lore.knowledge.store.published())
        rows = [_row(lore, one, held.get(one.name, (0, 0)), syncs) for one in lore.now]
    if as_json:
        print_json(rows)
        return
    columns = ("source", "health", "kind", "audience", "documents", "chunks", "last sync", "read", "next")
    table = Table(*columns, "path", box=None, pad_edge=False)
    for row in rows:
        table.add_row(*_cells(row))
    out = console()
    out.print(table)
    for row in rows:
        if row["problem"]:
            out.print(f"{row['name']}: {row['problem']}")
    for name in lore.now.overruled:
        out.print(f"{name}: stands in lore.toml too, which has it; `lore sources remove` ends the other")


def show_history(name: str | None, limit: int, *, as_json: bool) -> None:
    """Versions, newest first; of one source also its syncs, those that changed nothing among them."""
    with opened() as lore:
        if name is not None:
            lore.one(name)
        versions = lore.knowledge.syncer.history(name, limit)
        syncs = [] if name is None else lore.runs.recent(name, limit)
        since = {} if name is None else _since(lore, name)
    rows = [{**_version_row(one), "since": since.get(one.version)} for one in versions]
    told = {"versions": rows, "syncs": [_run_row(one) for one in syncs]}
    if as_json:
        print_json(told)
        return
    out = console()
    table = Table("version", "published", "added", "changed", "removed", "failed", "why", "", box=None)
    for row in told["versions"]:
        kept = "can be rolled back to" if row["kept"] else ""
        if row["since"]:
            counts_since = ", ".join(f"{count} {word}" for word, count in row["since"].items() if count)
            kept += f"; since then {counts_since}"
        counts = (str(row[key]) for key in ("added", "changed", "removed", "failed"))
        table.add_row(str(row["version"]), row["published_at"], *counts, row["why"], kept)
    out.print(table)
    for row in told["syncs"]:
        said = f"{row['asked_at']}  {row['state']}  {row['side']}, {row['asked_by']}  {row['error']}"
        out.print(said.rstrip())


def _since(lore: Opened, name: str) -> dict[int, dict[str, int]]:
    """What changed in a source since each version that it can be rolled back to, where anything did."""
    try:
        older = lore.knowledge.syncer.older(name, lore.now.sources)
    except SettingsError:
        return {}  # what people delete there stays deleted
    return {
        one.version: {"added": one.since.added, "changed": one.since.changed, "removed": one.since.removed}
        for one in older
    }


def pause_source(name: str) -> None:
    """Have nobody sync it."""
    with opened() as lore:
        lore.one(name)
        done = lore.runs.pause(name, whoever(), PLACE)
    print(f"{name} rests now" if done else f"{name} rested already")


def resume_source(name: str) -> None:
    """End the pause of a source, also of one that is gone."""
    with opened() as lore:
        done = lore.runs.resume(name, whoever(), PLACE)
    print(f"{name} is synced again" if done else f"{name} did not rest")


def cancel_sync(name: str) -> None:
    """Have every sync of a source stop that waits or is under way, whoever asked for it."""
    with opened() as lore:
        if name not in NAMES:
            lore.one(name)
        lore.runs.end_left_behind()
        found = [run for run in lore.runs.active() if name in run.wanted.sources]
        told = [(run, lore.runs.cancel(run.id, whoever(), PLACE)) for run in found]
    if not told:
        print(f"nobody syncs {name}")
    for run, done in told:
        which = f"{said_of(run, run.wanted.sources)} stops"
        print(which if done else f"{which} already")


@dataclass(frozen=True, slots=True)
class _Syncs:
    """The syncs that count, by source: those that ended last, that said how it is, that went well."""

    newest: Mapping[str, Run]
    telling: Mapping[str, Run]
    good: Mapping[str, Run]
    active: frozenset[str]
    paused: Mapping[str, Paused]

    @classmethod
    def of(cls, runs: SyncRuns) -> Self:
        return cls(
            newest=runs.newest(),
            telling=runs.newest(TELLING),
            good=runs.newest((State.DONE, State.REFUSED)),
            active=frozenset(name for run in runs.active() for name in run.wanted.sources),
            paused=runs.paused(),
        )


def _row(lore: Opened, one: SourceSettings, held: tuple[int, int], syncs: _Syncs) -> dict[str, Any]:
    name, source = one.name, one.source
    newest, good, paused = syncs.newest.get(name), syncs.good.get(name), syncs.paused.get(name)
    past = past_of(name, lore.runs.recent(name, LOOKED_BACK), now())
    upcoming = None if paused else next_at(one.schedule, past, _LONG_AGO, lore.now.zone)
    broken = lore.now.broken.get(name)
    problem = Problem(Health.FAILING, broken) if broken else problem_of(name, syncs.telling.get(name))
    health = health_of(
        problem,
        paused=paused is not None,
        active=name in syncs.active,
        ever=newest is not None,
        stale=is_stale(good.ended_at if good else None, upcoming, now()),
    )
    added = lore.now.added.get(one.name)
    local = bool(source.path.parts)
    return {
        "name": one.name,
        "kind": str(one.table.get("kind") or source.kind),
        "path": str(source.path) if local else "",
        "found": not local or source.path.exists(),
        "audience": "everyone" if source.audience.everyone else sorted(source.audience.principals),
        "documents": held[0],
        "chunks": held[1],
        "health": health.value,
        "problem": problem.reason + _way_out(name, syncs.telling.get(name)) if problem else "",
        "paused_by": paused.by if paused else None,
        "added_by": added.by if added else None,
        "schedule": in_words(one.schedule),
        "last_sync": _run_row(newest) if newest else None,
        "failures": _failures(name, newest),
        "next_sync": upcoming.isoformat() if upcoming and past.asked_at else None,
        "webhook": one.webhook is not None and bool(one.webhook.secret),
    }


def _cells(row: dict[str, Any]) -> list[str]:
    audience = row["audience"] if row["audience"] == "everyone" else ", ".join(row["audience"])
    last = row["last_sync"]
    path = row["path"] if row["found"] else f"{row['path']} (is not there)"
    failed = f" ({row['failures']} failed)" if row["failures"] else ""
    return [
        *(row["name"], row["health"], row["kind"], audience, str(row["documents"]), str(row["chunks"])),
        f"{last['ended_at'][:16]} {last['state']}{failed}" if last else "never",
        *(row["schedule"], (row["next_sync"] or "–")[:16], path),
    ]


def _way_out(name: str, newest: Run | None) -> str:
    part = newest.of_sources.get(name) if newest else None
    match part.outcome if part else None:
        case State.REFUSED:
            return f": `lore sync {quote(name)} --allow-removals` removes them"
        case State.HELD:
            return f": `lore sync {quote(name)} --publish-anyway` publishes it all the same"
        case _:
            return ""


def _failures(name: str, newest: Run | None) -> int:
    part = newest.of_sources.get(name) if newest else None
    return 0 if part is None else len(part.report.get("failed") or ())


def _run_row(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "state": run.state.value,
        "side": run.wanted.side.value,
        "asked_by": run.wanted.asked_by,
        "dry_run": run.wanted.dry_run,
        "asked_at": run.asked_at.isoformat(timespec="seconds"),
        "ended_at": run.ended_at.isoformat(timespec="seconds") if run.ended_at else None,
        "version": run.version,
        "error": run.error,
    }


def _version_row(one: Published) -> dict[str, Any]:
    counts = {key: getattr(one.report, key) for key in ("added", "changed", "moved", "removed", "kept")}
    return {
        "version": one.version,
        "published_at": one.at.isoformat(timespec="seconds"),
        **counts,
        "failed": len(one.report.failed),
        "why": one.report.why,
        "rolled_back_to": one.report.rolled_back_to,
        "kept": one.kept,
    }

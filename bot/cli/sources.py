"""`lore sources`: how each is, what was published, and going back to it; pausing and resuming."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.table import Table

from bot.cli.output import console, print_json
from bot.cli.whoever import PLACE, whoever
from bot.journal import records
from bot.journal.records import Audit
from bot.journal.sync_runs import Run
from bot.schedules import Start, next_at
from bot.scheduling import LOOKED_BACK, past_of
from bot.settings import load_settings
from bot.source_settings import SourceSettings, in_words
from bot.sources_now import SourcesNow, sources_now
from bot.sync_runs import SyncRuns
from bot.syncing import Syncing
from bot.wiring import Knowledge, now, open_knowledge
from ingest.report import Published
from knowledge.errors import SettingsError

ROLL_BACK = "roll back"
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
        held = lore.knowledge.store.holdings(lore.knowledge.store.published())
        rows = [_row(lore, one, held.get(one.name, (0, 0))) for one in lore.now]
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
    told = {"versions": [_version_row(one) for one in versions], "syncs": [_run_row(one) for one in syncs]}
    if as_json:
        print_json(told)
        return
    out = console()
    table = Table("version", "published", "added", "changed", "removed", "failed", "why", "", box=None)
    for row in told["versions"]:
        kept = "can be rolled back to" if row["kept"] else ""
        counts = (str(row[key]) for key in ("added", "changed", "removed", "failed"))
        table.add_row(str(row["version"]), row["published_at"], *counts, row["why"], kept)
    out.print(table)
    for row in told["syncs"]:
        said = f"{row['asked_at']}  {row['state']}  {row['side']}, {row['asked_by']}  {row['error']}"
        out.print(said.rstrip())


def roll_back(version: int, *, as_json: bool) -> None:
    """Publish an older version's contents anew. Raises SettingsError for one that is not kept."""
    with opened() as lore:
        syncing = Syncing(lore.knowledge.syncer, lambda: lore.now.sources)
        report = syncing.roll_back(version, f"{whoever()}, {PLACE}")
        with lore.knowledge.database.writing() as connection:
            audit = Audit(whoever(), ROLL_BACK, str(version), place=PLACE)
            records.write(connection, audit, None, now().timestamp())
    if as_json:
        print_json(report.as_json())
        return
    print(f"version {report.version} has the contents of version {version}; the next sync reads anew")


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


def _row(lore: Opened, one: SourceSettings, held: tuple[int, int]) -> dict[str, Any]:
    source, runs = one.source, lore.runs.recent(one.name, LOOKED_BACK)
    ended = [run for run in runs if not run.active and not run.wanted.dry_run]
    active = any(run.active for run in runs)
    paused = lore.runs.paused().get(one.name)
    past = past_of(one.name, runs, now())
    upcoming = None if paused else next_at(one.schedule, past, _LONG_AGO, lore.now.zone)
    problem = lore.now.broken.get(one.name) or _problem(one.name, ended)
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
        "health": _health(paused is not None, active, problem, bool(past.asked_at)),
        "problem": problem,
        "paused_by": paused.by if paused else None,
        "added_by": added.by if added else None,
        "schedule": in_words(one.schedule),
        "last_sync": _run_row(ended[0]) if ended else None,
        "failures": _failures(one.name, ended),
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


def _health(paused: bool, active: bool, problem: str, ever: bool) -> str:
    if paused:
        return "paused"
    if active:
        return "syncing"
    if problem:
        return "failing"
    return "ok" if ever else "never synced"


def _problem(name: str, ended: list[Run]) -> str:
    part = ended[0].of_sources.get(name) if ended else None
    if part is None:
        return ""
    refused = "removals wait for `lore sync --allow-removals`" if part.report.get("refused") else ""
    return str(part.report.get("unlisted") or refused or ended[0].error)


def _failures(name: str, ended: list[Run]) -> int:
    part = ended[0].of_sources.get(name) if ended else None
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

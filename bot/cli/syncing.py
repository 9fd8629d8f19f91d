"""`lore sync` and `lore sources`: bring the sources in, and say what each holds."""

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.output import print_json, progress
from bot.settings import load_settings
from bot.wiring import open_knowledge
from ingest.report import Held, PlanReport, SyncReport
from knowledge.errors import SettingsError

WAIT_FOR_ANOTHER_S = 3600.0
SHOWN_FAILURES = 50


def sync_here(
    names: list[str],
    *,
    allow_removals: bool,
    as_json: bool,
    publish_anyway: bool = False,
    dry_run: bool = False,
) -> None:
    """Sync the named sources, or all, or say what that would do; exits 1 when a version was held back."""
    settings = load_settings()
    if not settings.sources:
        raise SettingsError(f"{settings.config} lists no [[sources]]: add one (see docs/settings.md).")
    knowledge = open_knowledge(settings)
    only = frozenset(names) or None
    try:
        with progress(quiet=as_json) as on_progress:
            if dry_run:
                made = knowledge.syncer.planned(settings.sources, only, allow_removals, on_progress)
            else:
                report = knowledge.syncer.sync(
                    settings.sources,
                    only,
                    allow_removals,
                    on_progress,
                    WAIT_FOR_ANOTHER_S,
                    accept_drop=publish_anyway,
                    why="lore sync",
                )
    finally:
        knowledge.close()
    if dry_run:
        print_json(made.as_json()) if as_json else print_plan(made)
        return
    print_json(report.as_json()) if as_json else print_report(report)
    if report.held:
        raise SystemExit(1)


def list_sources(*, as_json: bool) -> None:
    """Each source with its audience and what is published of it."""
    settings = load_settings()
    knowledge = open_knowledge(settings)
    try:
        held = knowledge.store.holdings(knowledge.store.published())
    finally:
        knowledge.close()
    rows: list[dict[str, Any]] = [
        {
            "name": source.name,
            "kind": source.kind,
            "path": str(source.path),
            "audience": "everyone" if source.audience.everyone else sorted(source.audience.principals),
            "documents": held.get(source.name, (0, 0))[0],
            "chunks": held.get(source.name, (0, 0))[1],
            "found": source.path.exists(),
        }
        for source in settings.sources
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("source", "kind", "audience", "documents", "chunks", "path", box=None, pad_edge=False)
    for row in rows:
        audience = row["audience"] if row["audience"] == "everyone" else ", ".join(row["audience"])
        path = row["path"] if row["found"] else f"{row['path']} (is not there)"
        table.add_row(row["name"], row["kind"], audience, str(row["documents"]), str(row["chunks"]), path)
    Console(highlight=False, markup=False).print(table)


def print_plan(made: PlanReport) -> None:
    """What a sync would do, source by source, each document by its path."""
    for one in made.sources:
        print(
            f"{one.name}: {len(one.add)} to be added, {len(one.change)} to be read again, "
            f"{len(one.move)} moved, {len(one.remove)} to be removed, {one.keep} to be kept"
        )
        for word, paths in (("add", one.add), ("read", one.change), ("remove", one.remove)):
            for path in paths:
                print(f"  {word} {path}")
        for before, after in one.move:
            print(f"  move {before} to {after}")
        reasons = [one.unlisted, *one.incomplete, one.refused and one.refused.reason]
        for reason in filter(None, reasons):
            print(f"  {reason}", file=sys.stderr)
        for failure in one.failed:
            print(f"  not to be read: {failure.path}: {failure.reason}", file=sys.stderr)


def print_report(report: SyncReport) -> None:
    """What a sync did, with every failure (the first SHOWN_FAILURES) and what held a version back."""
    print(
        f"version {report.version}: {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.removed} removed, {report.kept} kept, {len(report.failed)} failed; "
        f"{report.chunks_embedded} chunks embedded in {report.seconds:.1f} s"
    )
    if report.held:
        _print_held(report.held)
    for failure in report.failed[:SHOWN_FAILURES]:
        print(f"  failed: {failure.path}: {failure.reason}", file=sys.stderr)
    if len(report.failed) > SHOWN_FAILURES:
        print(f"  and {len(report.failed) - SHOWN_FAILURES} more: see `lore sync --json`", file=sys.stderr)


def _print_held(held: Held) -> None:
    print(
        f"NOT PUBLISHED: {len(held.questions)} of {held.asked} golden questions would no longer be answered. "
        "The version before goes on answering; `lore sync --publish-anyway` publishes it all the same.",
        file=sys.stderr,
    )
    if held.narrowed:
        print("  What fewer people may read now was published.", file=sys.stderr)
    for one in held.questions:
        print(f"  {one.question}", file=sys.stderr)
        print(f"    expected: {', '.join(one.expect)}", file=sys.stderr)
        print(f"    found before (place {one.rank_before}): {', '.join(one.before)}", file=sys.stderr)
        print(f"    found now: {', '.join(one.now) or 'nothing'}", file=sys.stderr)

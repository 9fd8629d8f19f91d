"""`lore sync` and `lore sources`: bring the sources in, and say what each holds."""

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.output import print_json, progress
from bot.settings import load_settings
from bot.wiring import open_knowledge
from ingest.report import SyncReport
from knowledge.errors import SettingsError

WAIT_FOR_ANOTHER_S = 3600.0
SHOWN_FAILURES = 50


def sync_here(names: list[str], *, allow_removals: bool, as_json: bool) -> None:
    """Sync the named sources, or all; exits 1 when something failed to be read."""
    settings = load_settings()
    if not settings.sources:
        raise SettingsError(f"{settings.config} lists no [[sources]]: add one (see docs/settings.md).")
    knowledge = open_knowledge(settings)
    try:
        with progress(quiet=as_json) as on_progress:
            report = knowledge.syncer.sync(
                settings.sources,
                only=frozenset(names) or None,
                allow_removals=allow_removals,
                on_progress=on_progress,
                wait_s=WAIT_FOR_ANOTHER_S,
            )
    finally:
        knowledge.close()
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report)


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


def _print_report(report: SyncReport) -> None:
    print(
        f"version {report.version}: {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.removed} removed, {report.kept} kept, {len(report.failed)} failed; "
        f"{report.chunks_embedded} chunks embedded in {report.seconds:.1f} s"
    )
    for failure in report.failed[:SHOWN_FAILURES]:
        print(f"  failed: {failure.path}: {failure.reason}", file=sys.stderr)
    if len(report.failed) > SHOWN_FAILURES:
        print(f"  and {len(report.failed) - SHOWN_FAILURES} more: see `lore sync --json`", file=sys.stderr)

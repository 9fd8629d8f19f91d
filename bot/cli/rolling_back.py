"""`lore sources rollback`: sources become again what an older version held, and rest if that is wanted."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli.output import print_json
from bot.cli.sources import Opened, opened
from bot.cli.whoever import PLACE, whoever
from bot.journal import records
from bot.journal.records import Audit
from bot.syncing import Syncing
from bot.wiring import now
from ingest.report import SyncReport
from knowledge.errors import LoreError

ROLL_BACK = "roll back"


def roll_back(version: int, names: list[str], *, pause: bool, as_json: bool) -> None:
    """Publish an older version's contents anew, of all sources or those named; with `pause` nobody syncs
    these until they are resumed. Raises SettingsError for an unknown name, and for a version not kept."""
    with opened() as lore:
        for name in names:
            lore.one(name)
        chosen = names or [one.name for one in lore.now]
        with _at_rest(lore, chosen if pause else []):
            report = _rolled_back(lore, version, frozenset(names) or None)
    if as_json:
        print_json(report.as_json())
        return
    said = ", ".join(names) + " as in" if names else "the contents of"
    print(f"version {report.version} has {said} version {version}")
    for failure in report.failed:
        print(f"  not rolled back: {failure.path}: {failure.reason}", file=sys.stderr)
    if pause:
        print(f"nobody syncs {', '.join(chosen)} until `lore sources resume NAME`")
    else:
        print("the next sync reads anew; `--pause` has nobody sync until you say so")


def _rolled_back(lore: Opened, version: int, only: frozenset[str] | None) -> SyncReport:
    syncing = Syncing(lore.knowledge.syncer, lambda: lore.now.sources)
    report = syncing.roll_back(version, f"{whoever()}, {PLACE}", only)
    of = f"{', '.join(sorted(only))} to " if only else ""
    with lore.knowledge.database.writing() as connection:
        audit = Audit(whoever(), ROLL_BACK, f"{of}version {version}", place=PLACE)
        records.write(connection, audit, None, now().timestamp())
    return report


@contextmanager
def _at_rest(lore: Opened, names: list[str]) -> Iterator[None]:
    """Pauses sources before what is done, so that no sync comes between; not when it fails."""
    begun = [name for name in names if lore.runs.pause(name, whoever(), PLACE)]
    try:
        yield
    except LoreError:
        for name in begun:
            lore.runs.resume(name, whoever(), PLACE)
        raise

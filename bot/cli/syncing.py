"""`lore sync`: bring the sources in, in one history with the syncs that others ask for."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer

from bot.built_in import NAMES
from bot.cli.output import print_json, progress
from bot.cli.reports import print_plan, print_report
from bot.cli.whoever import PLACE, whoever
from bot.journal.sync_runs import Run, Side, State, Wanted
from bot.settings import Settings, load_settings
from bot.sources_now import SourcesNow, from_the_file, sources_now
from bot.sync_runs import Asked, Decided, Resting, SyncRuns, UnderWay
from bot.syncing import Syncing
from bot.wiring import Knowledge, now, open_knowledge
from ingest.report import SyncReport
from knowledge.errors import Busy, LoreError, SettingsError

WAIT_FOR_ANOTHER_S = 3600.0
LOOK_EVERY_S = 0.5
FAILED, REFUSED, INTERRUPTED = 1, 3, 130


def sync_here(
    names: list[str], *, dry_run: bool, allow_removals: bool, publish_anyway: bool, as_json: bool
) -> None:
    """Sync the named sources, or all that do not rest.

    Exits 1 when something failed to be read, 3 when removals wait for a word or golden questions hold the
    version back, 130 when it was interrupted.
    """
    settings = load_settings()
    knowledge = open_knowledge(settings)
    try:
        runs = SyncRuns(knowledge.database, now)
        listed = sources_now(settings, knowledge.database)
        chosen = _chosen(names, listed, runs, settings, dry_run=dry_run)
        wanted = Wanted(
            sources=chosen,
            asked_by=whoever(),
            side=Side.COMMAND_LINE,
            dry_run=dry_run,
            removals=frozenset(chosen if allow_removals else ()),
            accept_drop=publish_anyway,
        )
        ended = _carry_out(knowledge, runs, _begun(runs, wanted), as_json)
    finally:
        knowledge.close()
    _tell(ended, as_json)
    if code := exit_code(ended):
        raise typer.Exit(code)


def exit_code(run: Run) -> int:
    """What a script learns of how a sync ended."""
    match run.state:
        case State.DONE:
            return FAILED if run.report.get("failed") else 0
        case State.REFUSED | State.HELD:
            return REFUSED
        case State.CANCELLED | State.INTERRUPTED:
            return INTERRUPTED
        case State.FAILED | State.WAITING | State.RUNNING:
            return FAILED


def _chosen(
    names: list[str], listed: SourcesNow, runs: SyncRuns, settings: Settings, *, dry_run: bool
) -> tuple[str, ...]:
    """The sources that are meant. Raises SettingsError for an unknown one, Busy for one that rests, unless it
    is only a dry run."""
    if not listed.listed:
        raise SettingsError(
            f"{settings.config} lists no [[sources]]: add one (see docs/settings.md), or use `lore add`."
        )
    known = [one.name for one in listed]
    unknown = sorted(set(names) - {*known, *NAMES})
    if unknown:
        raise SettingsError(f"there is no source named {unknown[0]}: see `lore sources`")
    paused = runs.paused()
    for name in names:
        if name in paused and not dry_run:
            raise Busy(f"{name} is paused by {paused[name].by}: `lore sources resume {name!r}` ends that")
    if names:
        return tuple(dict.fromkeys(names))
    for name in known:
        if name in paused:
            print(f"left out: {name} is paused by {paused[name].by}", file=sys.stderr)
    return (*(name for name in known if name not in paused), *NAMES)


def _begun(runs: SyncRuns, wanted: Wanted) -> Run:
    """The run, once it is ours; waits for others that sync the same, and says for whom. Raises Busy."""
    ends = time.monotonic() + WAIT_FOR_ANOTHER_S
    told = ""
    while True:
        match runs.ask(wanted, begin=True):
            case Asked(run):
                return run
            case Resting(paused_by):
                name, by = next(iter(paused_by.items()))
                raise Busy(f"{name} is paused by {by}: `lore sources resume {name!r}` ends that")
            case Decided(_, by):
                raise Busy(f"{by} has decided about it before")
            case UnderWay(run, sources):
                if time.monotonic() > ends:
                    raise Busy(f"{', '.join(sources)} are being synced for an hour already: try again later")
                if run.id != told:
                    told = run.id
                    print(f"waiting for {said_of(run, sources)}", file=sys.stderr)
        runs.end_left_behind()
        time.sleep(LOOK_EVERY_S)


def said_of(run: Run, sources: Sequence[str]) -> str:
    """A sync as somebody at the command line is told of it: of what, by whom, since when."""
    return (
        f"the sync of {', '.join(sources)} that {run.wanted.asked_by} ({run.wanted.side}) asked for "
        f"at {run.asked_at:%H:%M:%S} UTC"
    )


def _carry_out(knowledge: Knowledge, runs: SyncRuns, run: Run, as_json: bool) -> Run:
    listed = from_the_file(knowledge.database)
    syncing = Syncing(knowledge.syncer, lambda: listed().sources)
    with _cancelled_by_hand(runs, run.id), progress(quiet=as_json) as on_progress:
        ended = runs.run(run.id, syncing.perform, on_progress)
    if ended is None:
        raise Busy("another process has taken this sync for dead: try again")
    return ended


@contextmanager
def _cancelled_by_hand(runs: SyncRuns, run_id: str) -> Iterator[None]:
    """Ctrl-C has the sync stop where nothing is lost; a second one ends the process on the spot."""

    def cancel(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
        print("\nstopping; what is published stays as it is (Ctrl-C again: at once)", file=sys.stderr)
        # Not on this thread: it may be in the middle of a transaction.
        threading.Thread(target=runs.cancel, args=(run_id, whoever(), PLACE), daemon=True).start()

    before = signal.signal(signal.SIGINT, cancel)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(run: Run, as_json: bool) -> None:
    """Raises LoreError for a sync that failed before there was anything to tell."""
    if as_json:
        print_json(_as_json(run))
        return
    if run.state is State.FAILED and not run.report:
        raise LoreError(run.error)
    if run.wanted.dry_run:
        for one in run.of_sources.values():
            if one.report:
                print_plan(one.report)
    elif run.report:
        print_report(SyncReport.from_json(run.report))
    else:
        print(f"the sync was {run.state}; what was published before stays", file=sys.stderr)


def _as_json(run: Run) -> dict[str, Any]:
    """The report, or the plan, with how it ended."""
    told: dict[str, Any] = {"run": run.id, "state": run.state.value}
    if run.error:
        told["error"] = run.error
    if run.wanted.dry_run:
        told["sources"] = [dict(one.report) for one in run.of_sources.values() if one.report]
    return {**run.report, **told}

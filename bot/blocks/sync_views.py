"""What opens from a sync's message and from the list of sources: details, removals, history, rolling back."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from bot.blocks.modals import button, choice, form, line, tick
from bot.blocks.pages import context, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block
from bot.blocks.source_list import ago, outcome_words
from bot.blocks.sync_words import duration, who_asked
from bot.journal.sync_runs import Run, State
from ingest.findings import Findings, lines_of
from ingest.report import SourceReport
from ingest.rolling_back import Older
from prompts.calm import in_words

REMOVALS_FORM = "sync_removals"
ROLL_BACK_FORM = "roll_back_form"
DETAILS_PREVIOUS, DETAILS_NEXT = "sync_details_previous", "sync_details_next"
VERSION, PAUSE = "version", "pause"
ROWS = 20
MOST_SHOWN = 80
MOST_VERSIONS = 10
_LONGEST_ROW = 700


def details_view(run: Run, number: int = 0) -> dict[str, Any]:
    """What could not be read and why, where secrets stood, what would be answered worse: page by page."""
    rows = _plan_rows(run) if run.wanted.dry_run else _detail_rows(run)
    last = max(0, math.ceil(len(rows) / ROWS) - 1)
    number = max(0, min(number, last))
    shown = rows[number * ROWS : (number + 1) * ROWS]
    blocks = [line(row) for row in shown] or [line("There is nothing more to tell.")]
    turning = []
    if number:
        turning.append(button(DETAILS_PREVIOUS, "Previous", f"{run.id}:{number - 1}"))
    if number < last:
        turning.append(button(DETAILS_NEXT, "Next", f"{run.id}:{number + 1}"))
    if turning:
        blocks += [{"type": "actions", "elements": turning}, context(f"page {number + 1:,} of {last + 1:,}")]
    return _look("What a sync would do" if run.wanted.dry_run else "Details", blocks)


def _detail_rows(run: Run) -> list[str]:
    rows: list[str] = []
    for name, one in run.of_sources.items():
        report = one.report
        if report.get("unlisted"):
            rows.append(_row(f"{name} could not be read: {report['unlisted']}"))
        rows += [_row(f"{name}: {reason}") for reason in report.get("incomplete") or ()]
        rows += [_row(f"{name}: {each['path']}: {each['reason']}") for each in report.get("failed") or ()]
        if refused := report.get("refused"):
            rows += [_row(f"{name}: gone there: {path}") for path in refused.get("paths") or ()]
        findings = Findings.from_json(report.get("findings") or {})
        for path, lines in lines_of(findings.redacted).items():
            where = ", ".join(f"{number:,}" for number in sorted(set(lines))[:20])
            rows.append(_row(f"{name}: {path}: a secret was taken out, line {where}"))
    for one in (run.report.get("held") or {}).get("questions") or ():
        before = ", ".join(one.get("before") or ()) or "nothing"
        now = ", ".join(one.get("now") or ()) or "nothing"
        expected = ", ".join(one.get("expect") or ())
        rows.append(_row(f"“{one['question']}” expects {expected}; found before: {before}; now: {now}"))
    return rows


def _plan_rows(run: Run) -> list[str]:
    rows: list[str] = []
    for name, one in run.of_sources.items():
        report = one.report
        for key in ("add", "change", "remove"):
            rows += [_row(f"{name}: {key} {path}") for path in report.get(key) or ()]
        rows += [_row(f"{name}: move {old} to {new}") for old, new in report.get("move") or ()]
        rows += [_row(f"{name}: {each['path']}: {each['reason']}") for each in report.get("failed") or ()]
        if refused := report.get("refused"):
            rows += [_row(f"{name}: ask before removing {path}") for path in refused.get("paths") or ()]
    return rows


def _row(text: str) -> str:
    return shorten(one_line(text), _LONGEST_ROW)


def removals_view(run: Run, metadata: str) -> dict[str, Any]:
    """Everything that would go, to be confirmed."""
    blocks: list[Block] = []
    for name, one in run.of_sources.items():
        refused = one.report.get("refused")
        if not refused:
            continue
        count, of = int(refused["removals"]), int(refused["documents"])
        blocks.append(line(f"{count:,} of {of:,} documents of {one_line(name)} go from what I know:"))
        paths = [_row(str(path)) for path in refused.get("paths") or ()]
        room = max(0, MOST_SHOWN - len(blocks))
        blocks += [context(path) for path in paths[:room]]
        if count > min(len(paths), room):
            blocks.append(context(f"… and {count - min(len(paths), room):,} more."))
    blocks.append(context("The sources are read once more; what is there again then stays."))
    return form(REMOVALS_FORM, "Remove them?", "Remove", metadata, blocks)


def history_view(source: str, runs: Sequence[Run], names: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """The newest syncs of a source."""
    blocks: list[Block] = [line(f"The newest syncs of {one_line(source)}:")]
    for run in runs:
        part = run.of_sources[source]
        state = State(part.outcome) if part.outcome else run.state
        told = "dry run" if run.wanted.dry_run else outcome_words(state, part.report, run.error)
        about = [ago(run.asked_at, now), who_asked(run, names)]
        if run.started_at and run.ended_at:
            about.append(duration((run.ended_at - run.started_at).total_seconds()))
        if run.version:
            about.append(f"version {run.version}")
        blocks.append(context(told, " · ".join(about)))
    if not runs:
        blocks.append(context("It was never synced."))
    return _look("History", blocks)


def roll_back_view(source: str, older: Sequence[Older], metadata: str, zone: tzinfo) -> dict[str, Any]:
    """The versions that a source can be rolled back to, each with its time and what changed since."""
    shown = older[:MOST_VERSIONS]
    if not shown:
        nothing = f"{one_line(source)} is as it was in all versions that are kept of it."
        return _look("Roll back", [line(nothing)])
    options = {str(one.version): f"{_at(one.at, zone)} · version {one.version}" for one in shown}
    blocks = [
        line(f"What I know of {one_line(source)} becomes again what it was, for those who may read it now."),
        choice(VERSION, "As of when?", options),
        tick(
            PAUSE, "The next sync reads the source as it is then", "Pause it until I resume it", ticked=True
        ),
        context("What changed since, and is taken back:"),
    ]
    blocks += [context(f"version {one.version}: {_changes(one.since)}") for one in shown]
    return form(ROLL_BACK_FORM, "Roll back", "Roll back", metadata, blocks)


def _at(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{in_words(local.date())} at {local:%H:%M}"


def _changes(since: SourceReport) -> str:
    counts = {"added": since.added, "changed": since.changed, "removed": since.removed}
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def _look(title: str, blocks: Sequence[Block]) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain_text(title, 24),
        "close": plain_text("Close", 24),
        "blocks": list(blocks)[:100],
    }

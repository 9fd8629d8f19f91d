"""What a sync did, or would do, on the terminal: results to standard output, troubles to standard error."""

import sys
from collections.abc import Mapping
from typing import Any

from ingest.findings import Findings, lines_of
from ingest.report import Held, Refusal, SyncReport

SHOWN_FAILURES = 50
SHOWN_LINES = 20


def print_plan(plan: Mapping[str, Any]) -> None:
    """What a sync would do to one source, as JSON has it, each document by its path."""
    print(
        f"{plan['name']}: {len(plan['add'])} to be added, {len(plan['change'])} to be read again, "
        f"{len(plan['move'])} moved, {len(plan['remove'])} to be removed, {plan['keep']} to be kept"
    )
    for word, key in (("add", "add"), ("read", "change"), ("remove", "remove")):
        for path in plan[key]:
            print(f"  {word} {path}")
    for before, after in plan["move"]:
        print(f"  move {before} to {after}")
    refused = plan["refused"] and Refusal(plan["name"], **plan["refused"]).reason
    for reason in filter(None, [plan["unlisted"], *plan["incomplete"], refused]):
        print(f"  {reason}", file=sys.stderr)
    for failure in plan["failed"]:
        print(f"  not to be read: {failure['path']}: {failure['reason']}", file=sys.stderr)


def print_report(report: SyncReport) -> None:
    """What a sync did, with every failure (the first SHOWN_FAILURES) and what held a version back."""
    print(
        f"version {report.version}: {report.added} added, {report.changed} changed, {report.moved} moved, "
        f"{report.removed} removed, {report.kept} kept, {len(report.failed)} failed; "
        f"{report.chunks_embedded} chunks embedded in {report.seconds:.1f} s"
    )
    if report.held:
        print_held(report.held)
    for failure in report.failed[:SHOWN_FAILURES]:
        print(f"  failed: {failure.path}: {failure.reason}", file=sys.stderr)
    if len(report.failed) > SHOWN_FAILURES:
        print(f"  and {len(report.failed) - SHOWN_FAILURES} more: see `lore sync --json`", file=sys.stderr)
    for source in report.sources:
        print_findings(source.findings)


def print_findings(findings: Findings) -> None:
    """Where secrets were taken out, and what else an admin should know of how documents were read."""
    told = [
        f"secrets taken out: {path}: line {', '.join(str(line) for line in sorted(set(lines))[:SHOWN_LINES])}"
        for path, lines in lines_of(findings.redacted).items()
    ]
    told += [f"noted: {one.path}: {one.note}" for one in findings.noted]
    for words in told[:SHOWN_FAILURES]:
        print(f"  {words}", file=sys.stderr)
    if len(told) > SHOWN_FAILURES:
        print(f"  and {len(told) - SHOWN_FAILURES} more: see `lore sync --json`", file=sys.stderr)


def print_held(held: Held) -> None:
    """Which golden questions would no longer be answered."""
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

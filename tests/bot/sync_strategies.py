"""Syncs and sources with whatever text may come from places and people."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.journal.sync_runs import OfSource, Run, Side, State, Wanted
from bot.source_cards import Card
from bot.source_health import Health

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LONG = st.one_of(
    st.text(max_size=200),
    st.sampled_from(["<!channel> <@U0000ADA1>", "x" * 3_000, "ß" * 3_000, "", "\u202e\x00", "`*_~"]),
)
NAMES = st.from_regex(r"[a-zA-Z0-9äß][a-zA-Z0-9 ._-]{0,62}[a-zA-Z0-9_]", fullmatch=True)
COUNT = st.integers(0, 10**7)
FAILED = st.lists(st.fixed_dictionaries({"path": LONG, "reason": LONG}), max_size=40)
REFUSED = st.none() | st.fixed_dictionaries(
    {"removals": COUNT, "documents": COUNT, "paths": st.lists(LONG, max_size=200)}
)
FINDINGS = st.fixed_dictionaries(
    {
        "redactions": st.integers(0, 50),
        "redacted": st.lists(
            st.fixed_dictionaries({"path": LONG, "kind": LONG, "line": st.integers(1, 10**6)}), max_size=20
        ),
        "noted": st.just([]),
    }
)
REPORT: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        **dict.fromkeys(("added", "changed", "moved", "removed", "kept"), COUNT),
        "failed": FAILED,
        "refused": REFUSED,
        "unlisted": st.none() | LONG,
        "incomplete": st.lists(LONG, max_size=3),
        "findings": FINDINGS,
    }
)
PLAN: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        **dict.fromkeys(("add", "change", "remove"), st.lists(LONG, max_size=50)),
        "move": st.lists(st.tuples(LONG, LONG), max_size=5),
        "keep": COUNT,
        "failed": FAILED,
        "refused": REFUSED,
        "unlisted": st.none() | LONG,
    }
)
STAGE = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["list", "fetch", "read", "publish", "check"]),
        **dict.fromkeys(("done", "total", "chunks", "from"), COUNT),
        "since": st.floats(0, 10**9),
        "at": st.floats(0, 2 * 10**9),
    }
)
QUESTION = st.fixed_dictionaries(
    {"question": LONG, **dict.fromkeys(("expect", "before", "now"), st.lists(LONG, max_size=5))}
)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """A run in any state, of a few sources or many."""
    sources = draw(st.lists(NAMES, min_size=1, max_size=30, unique=True))
    dry_run = draw(st.booleans())
    report = PLAN if dry_run else REPORT
    parts = {name: OfSource(draw(st.sampled_from([*State])), draw(report | st.just({}))) for name in sources}
    asked_by = draw(st.sampled_from(["U0000ADA1", "mira", "schedule"]))
    return Run(
        wanted=Wanted(tuple(sources), asked_by, draw(st.sampled_from([*Side])), dry_run=dry_run),
        state=draw(st.sampled_from([*State])),
        progress=draw(st.dictionaries(NAMES | st.just(""), STAGE, max_size=20)),
        report=draw(REPORT)
        | {"held": {"asked": 9, "questions": draw(st.lists(QUESTION, max_size=30))}, "chunks_embedded": 7},
        error=draw(LONG),
        version=draw(st.none() | COUNT),
        cancelled_by=draw(st.sampled_from(["", "U0000ADA1"])),
        decision=draw(st.sampled_from(["", "left", "again"])),
        decided_by=draw(st.sampled_from(["", "U0000ADA1"])),
        asked_at=NOW - timedelta(minutes=5),
        started_at=draw(st.none() | st.just(NOW - timedelta(minutes=4))),
        ended_at=draw(st.none() | st.just(NOW)),
        of_sources=parts,
    )


@st.composite
def cards(draw: st.DrawFn) -> Card:
    """A source as admins see it."""
    name = draw(NAMES)
    run = draw(st.none() | runs())
    return Card(
        name=name,
        kind=draw(LONG),
        health=draw(st.sampled_from([*Health])),
        documents=draw(COUNT),
        chunks=draw(COUNT),
        newest=run,
        good_at=draw(st.none() | st.just(NOW - timedelta(days=3))),
        next_at=draw(st.none() | st.just(NOW + timedelta(hours=3))),
        paused_by=draw(LONG),
        added=draw(st.booleans()),
        problem=draw(LONG),
    )


CARDS = cards()
RUNS = runs()

"""Messages that follow syncs, and what admins are told: one process at a time, nothing twice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.journal import sync_messages, sync_runs
from bot.journal.sync_messages import FAR_S, Alert, Following
from bot.journal.sync_runs import OfSource, Run, Side, State, Wanted
from bot.journal.writer import JournalWriter
from bot.source_health import Health, Problem, health_of, problem_of
from bot.sync_alerts import LASTS, syncs_in_a_row, verdict

DATABASES = ("sqlite", "postgresql")
ONE = Following("sync r1", "r1", "U1", "U1")


def taken(connection: Connection, one: Following, until: float) -> Following:
    """Ours, after nobody else had it."""
    mine = sync_messages.take(connection, one, until)
    assert mine is not None
    return mine


def test_one_process_at_a_time_updates_a_message(writer: JournalWriter) -> None:
    def change(connection: Connection) -> None:
        sync_messages.follow(connection, ONE)
        sync_messages.follow(connection, ONE)
        [one] = sync_messages.due(connection, 10.0)
        assert one == ONE
        mine = taken(connection, one, 30.0)
        assert sync_messages.take(connection, one, 31.0) is None, "another one has it"
        assert sync_messages.due(connection, 11.0) == []
        sync_messages.put_back(connection, replace(mine, shown="d"), 13.0, settled=False)
        assert sync_messages.due(connection, 12.0) == []
        [again] = sync_messages.due(connection, 13.0)
        assert again.shown == "d"
        sync_messages.put_back(connection, again, 0.0, settled=True)
        assert sync_messages.due(connection, 99.0) == []

    writer.write(change)


def test_what_a_clock_of_the_future_put_off_is_due(writer: JournalWriter) -> None:
    def change(connection: Connection) -> None:
        sync_messages.follow(connection, ONE)
        taken(connection, ONE, 30.0 + 2 * FAR_S)
        [late] = sync_messages.due(connection, 10.0)
        taken(connection, late, 30.0)

    writer.write(change)


def test_a_run_that_follows_takes_the_messages_over_even_while_one_is_updated(writer: JournalWriter) -> None:
    def change(connection: Connection) -> None:
        sync_messages.follow(connection, ONE)
        mine = taken(connection, ONE, 30.0)
        assert sync_messages.take_over(connection, "r1", "r2") == 1
        assert sync_messages.due(connection, 10.0) == [], "one at a time, still"
        sync_messages.put_back(connection, replace(mine, shown="old"), 10.0, settled=True)
        [now] = sync_messages.due(connection, 10.0)
        assert (now.run_id, now.shown) == ("r2", "old"), "it is still to be shown"

    writer.write(change)


def test_what_is_decided_while_a_message_is_updated_is_shown_after_that(writer: JournalWriter) -> None:
    def change(connection: Connection) -> None:
        sync_messages.follow(connection, ONE)
        mine = taken(connection, ONE, 30.0)
        sync_messages.look_again(connection, "r1")
        assert sync_messages.due(connection, 10.0) == [], "one at a time, still"
        sync_messages.put_back(connection, replace(mine, shown="undecided"), 10.0, settled=True)
        [again] = sync_messages.due(connection, 10.0)
        assert again.shown == "undecided"
        sync_messages.look_again(connection, "r1")
        sync_messages.put_back(connection, again, 10.0, settled=True)
        [once_more] = sync_messages.due(connection, 10.0)
        sync_messages.put_back(connection, once_more, 10.0, settled=True)
        assert sync_messages.due(connection, 99.0) == []
        sync_messages.look_again(connection, "r1")
        assert len(sync_messages.due(connection, 10.1)) == 1

    writer.write(change)


def test_a_run_is_judged_once(writer: JournalWriter) -> None:
    wanted = Wanted(("wiki",), "schedule", Side.SCHEDULE, id="r1")

    def change(connection: Connection) -> None:
        sync_runs.put(connection, wanted, 1.0, "claim")
        assert sync_messages.unjudged(connection) == []
        sync_runs.end(connection, "r1", "claim", State.FAILED, 2.0, {})
        assert sync_messages.unjudged(connection) == ["r1"]
        assert sync_messages.judge(connection, "r1")
        assert not sync_messages.judge(connection, "r1")
        assert sync_messages.unjudged(connection) == []

    writer.write(change)


def test_only_what_was_asked_for_in_slack_is_begun_to_be_shown(writer: JournalWriter) -> None:
    def change(connection: Connection) -> None:
        for side in Side:
            sync_runs.put(connection, Wanted((side.value,), "U1", side, id=side.value), 100.0)
        assert sync_messages.unshown(connection, 50.0) == ["slack"]
        assert sync_messages.unshown(connection, 150.0) == [], "that is long ago"
        sync_messages.follow(connection, Following("sync slack", "slack", "U1", "U1"))
        assert sync_messages.unshown(connection, 50.0) == []

    writer.write(change)


def run(
    side: Side = Side.SCHEDULE,
    *,
    dry_run: bool = False,
    report: Mapping[str, Any] | None = None,
    **outcomes: str,
) -> Run:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    parts = {name: OfSource(outcome, report or {}) for name, outcome in outcomes.items()}
    wanted = Wanted(tuple(outcomes), "x", side, dry_run=dry_run, id="r9")
    return Run(wanted, State.DONE, {}, {}, "", 1, "", "", "", now, now, now, parts)


@pytest.mark.parametrize(
    ("ended", "known", "worse", "well"),
    [
        (run(Side.SCHEDULE, wiki="failed", logs="done"), {}, ["wiki"], []),
        (run(Side.SCHEDULE, wiki="failed"), {"wiki": "failed"}, [], []),
        (run(Side.SCHEDULE, wiki="refused"), {"wiki": "failed"}, ["wiki"], []),
        (run(Side.WEBHOOK, wiki="held", mail="failed"), {"mail": "failed"}, ["wiki"], []),
        (run(Side.START, wiki="done", logs="done"), {"wiki": "failed"}, [], ["wiki"]),
        (run(Side.SLACK, wiki="failed"), {}, [], []),
        (run(Side.SLACK, wiki="done"), {"wiki": "failed"}, [], ["wiki"]),
        (run(Side.SCHEDULE, wiki="cancelled"), {"wiki": "failed"}, [], []),
        (run(Side.SCHEDULE, wiki="interrupted"), {}, [], []),
        (run(Side.SCHEDULE, dry_run=True, wiki="failed"), {}, [], []),
    ],
)
def test_what_is_news_to_admins(ended: Run, known: dict[str, str], worse: list[str], well: list[str]) -> None:
    found = verdict(ended, {name: Alert(name, problem, "r1") for name, problem in known.items()}, {})
    assert [one.source for one in found.worse] == worse
    assert list(found.well) == well
    assert found.tell_well == (ended.wanted.side is not Side.SLACK and not ended.wanted.dry_run)


CUT = {"incomplete": ["page 3 of 10 is empty"]}
CLOSED = {"failed": [{"path": "TEAM/", "reason": "the space cannot be listed: 403"}]}
PLANNED = {"incomplete": ["there is more than is read at once"], "goes_on": True}


@pytest.mark.parametrize(
    ("known", "in_a_row", "side", "lasting", "well"),
    [
        ({}, LASTS - 1, Side.SCHEDULE, [], []),
        ({}, LASTS, Side.SCHEDULE, ["wiki"], []),
        ({}, LASTS, Side.SLACK, [], []),
        ({"wiki": "incomplete"}, LASTS + 1, Side.SCHEDULE, [], []),
        ({"wiki": "failed"}, 1, Side.SCHEDULE, [], []),
        ({"wiki": "failed"}, LASTS, Side.SCHEDULE, ["wiki"], []),
        ({"wiki": "incomplete"}, 0, Side.SCHEDULE, [], ["wiki"]),
    ],
)
def test_what_is_never_listed_whole_is_news_when_it_lasts(
    known: dict[str, str], in_a_row: int, side: Side, lasting: list[str], well: list[str]
) -> None:
    counts = {"wiki": in_a_row} if in_a_row else {}
    ended = run(side, wiki="done")
    found = verdict(ended, {name: Alert(name, problem, "r1") for name, problem in known.items()}, counts)
    assert (list(found.lasting), list(found.well), found.worse) == (lasting, well, ())
    assert found.told == bool(lasting or well)


def test_syncs_in_a_row_are_those_that_told_what_a_source_lacks() -> None:
    cut, whole = run(report=CUT, wiki="done"), run(wiki="done")
    others = [run(wiki="failed"), run(wiki="cancelled"), run(dry_run=True, wiki="done")]
    assert syncs_in_a_row("wiki", [cut, *others, run(report=CLOSED, wiki="done"), whole, cut]) == 2
    assert syncs_in_a_row("wiki", [run(report=PLANNED, wiki="done"), cut]) == 0


@pytest.mark.parametrize(
    ("ended", "health", "reason"),
    [
        (run(wiki="done"), None, ""),
        (run(wiki="cancelled"), None, ""),
        (run(report=PLANNED, wiki="done"), None, ""),
        (run(report=CUT, wiki="done"), Health.INCOMPLETE, "page 3 of 10 is empty"),
        (run(report=CLOSED | CUT, wiki="done"), Health.INCOMPLETE, "page 3 of 10 is empty (and 1 more)"),
        (run(report=CLOSED, wiki="done"), Health.INCOMPLETE, "TEAM/: the space cannot be listed: 403"),
        (run(report=CUT, wiki="held"), Health.FAILING, "held back by golden questions"),
        (run(report={"unlisted": "503"}, wiki="failed"), Health.FAILING, "503"),
    ],
)
def test_what_is_wrong_with_a_source(ended: Run, health: Health | None, reason: str) -> None:
    found = problem_of("wiki", ended)
    assert (found.health if found else None) == health
    assert reason in (found.reason if found else "")
    assert health_of(found, paused=False, active=False, ever=True) == (health or Health.OK)


def test_the_word_for_a_source_of_which_several_things_are_so() -> None:
    lacks = Problem(Health.INCOMPLETE, "cut")
    assert health_of(lacks, paused=True, active=True, ever=True) is Health.PAUSED
    assert health_of(lacks, paused=False, active=True, ever=True) is Health.SYNCING
    assert health_of(lacks, paused=False, active=False, ever=True, stale=True) is Health.INCOMPLETE
    assert health_of(None, paused=False, active=False, ever=False, stale=True) is Health.NEVER
    assert health_of(None, paused=False, active=False, ever=True, stale=True) is Health.STALE

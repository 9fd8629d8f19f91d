"""Every sync is a row: asked for once, worked off by one, cancelled, lost, decided and remembered."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.journal.migrate import migrate
from bot.journal.sync_runs import LEASE_S, OfSource, Run, Side, State, Wanted
from bot.journal.tables import audit
from bot.sync_keeping import Keeping
from bot.sync_runs import AGAIN, LEFT, Asked, Decided, Outcome, Resting, SyncRuns, UnderWay
from ingest.report import OnProgress, Progress
from knowledge.adapters.database import Database, open_database
from knowledge.errors import Cancelled, LoreError
from tests.bot.conftest import HandClock

WIKI = Wanted(("wiki",), "U1", Side.SLACK)
DONE = Outcome(State.DONE, {"added": 1}, {"wiki": OfSource("done", {"added": 1})}, 7)


@pytest.fixture(params=("sqlite", "postgresql"))
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    address = str(tmp_path / "lore.db")
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_server").new_database(migrated=True)
    database = open_database(address)
    migrate(database)
    yield database
    database.close()
    if request.param == "postgresql":
        request.getfixturevalue("postgres_server").drop(address)


@pytest.fixture
def runs(database: Database, clock: HandClock) -> SyncRuns:
    return SyncRuns(database, clock)


def asked(runs: SyncRuns, wanted: Wanted, *, begin: bool = False, queue: bool = False) -> Run:
    outcome = runs.ask(wanted, begin=begin, queue=queue)
    assert isinstance(outcome, Asked)
    return outcome.run


def performing(outcome: Outcome) -> Callable[[Run, OnProgress, Callable[[], bool]], Outcome]:
    return lambda _run, _told, _stopped: outcome


def new(wanted: Wanted, **fields: object) -> Wanted:
    """The same wish, as another one."""
    return replace(wanted, id=Wanted(("x",), "", Side.SLACK).id, **fields)  # type: ignore[arg-type]


def test_a_run_ends_with_what_came_of_it(runs: SyncRuns) -> None:
    run = asked(runs, WIKI)
    assert run.state is State.WAITING
    assert runs.waiting() == [run]
    ended = runs.run(run.id, performing(DONE))
    assert ended is not None
    assert (ended.state, ended.version, ended.report) == (State.DONE, 7, {"added": 1})
    assert ended.of_sources == {"wiki": OfSource("done", {"added": 1})}
    assert runs.active() == []
    assert runs.run(run.id, performing(DONE)) is None, "it is worked off once"


def test_the_same_wish_is_stored_once(runs: SyncRuns) -> None:
    first = asked(runs, WIKI)
    assert asked(runs, WIKI).id == first.id
    assert len(runs.recent("wiki")) == 1


def test_one_at_a_time_for_each_source_and_others_beside_it(runs: SyncRuns, clock: HandClock) -> None:
    first = asked(runs, replace(WIKI, sources=("wiki", "logs")))
    refused = runs.ask(new(WIKI, sources=("mail", "logs")))
    assert refused == UnderWay(first, ("logs",))
    clock.forward(1)
    other = asked(runs, new(WIKI, sources=("mail",)))
    assert [one.id for one in runs.waiting()] == [first.id, other.id]


def test_what_is_queued_waits_and_an_equal_wish_joins_it(runs: SyncRuns, clock: HandClock) -> None:
    first = asked(runs, WIKI)
    clock.forward(1)
    later = asked(runs, new(WIKI, side=Side.WEBHOOK), queue=True)
    assert later.id == first.id, "the one that waits will do it"
    begun = threading.Event()
    go_on = threading.Event()

    def perform(_run: Run, _told: OnProgress, _stopped: Callable[[], bool]) -> Outcome:
        begun.set()
        go_on.wait()
        return DONE

    thread = threading.Thread(target=runs.run, args=(first.id, perform))
    thread.start()
    begun.wait()
    queued = asked(runs, new(WIKI, side=Side.WEBHOOK), queue=True)
    assert queued.id != first.id, "what changed since it began is not seen by it"
    assert runs.waiting() == []
    assert runs.run(queued.id, performing(DONE)) is None
    go_on.set()
    thread.join()
    assert [one.id for one in runs.waiting()] == [queued.id]


def test_a_paused_source_rests_but_for_a_dry_run(runs: SyncRuns) -> None:
    assert runs.pause("wiki", "U1")
    assert not runs.pause("wiki", "U2")
    assert runs.ask(WIKI) == Resting({"wiki": "U1"})
    assert asked(runs, new(WIKI, dry_run=True)).wanted.dry_run
    assert runs.resume("wiki", "U2")
    assert not runs.resume("wiki", "U2")


def test_cancelling_one_that_waits_and_one_that_runs(runs: SyncRuns) -> None:
    waiting = asked(runs, WIKI)
    assert runs.cancel(waiting.id, "U2")
    assert not runs.cancel(waiting.id, "U2")
    ended = runs.get(waiting.id)
    assert ended is not None
    assert (ended.state, ended.cancelled_by) == (State.CANCELLED, "U2")
    running = asked(runs, new(WIKI))

    def perform(run: Run, _told: OnProgress, stopped: Callable[[], bool]) -> Outcome:
        assert runs.cancel(run.id, "U3")
        while not stopped():
            pass
        raise Cancelled("stopped")

    after = runs.run(running.id, perform)
    assert after is not None
    assert (after.state, after.cancelled_by, after.error) == (State.CANCELLED, "U3", "")


def test_what_is_raised_is_stored(runs: SyncRuns) -> None:
    def fail(_run: Run, _told: OnProgress, _stopped: Callable[[], bool]) -> Outcome:
        raise LoreError("the model is away")

    def break_down(_run: Run, _told: OnProgress, _stopped: Callable[[], bool]) -> Outcome:
        raise ZeroDivisionError("oh")

    failed = runs.run(asked(runs, WIKI).id, fail)
    assert failed is not None
    assert (failed.state, failed.error) == (State.FAILED, "the model is away")
    broken = asked(runs, new(WIKI))
    with pytest.raises(ZeroDivisionError):
        runs.run(broken.id, break_down)
    after = runs.get(broken.id)
    assert after is not None
    assert (after.state, after.error) == (State.FAILED, "ZeroDivisionError: oh")


def test_a_run_whose_process_is_gone_is_interrupted_and_its_late_end_ignored(
    runs: SyncRuns, database: Database, clock: HandClock
) -> None:
    run = asked(runs, WIKI, begin=True)
    assert runs.end_left_behind() == []
    other = SyncRuns(database, clock)
    assert other.run(run.id, performing(DONE)) is None, "it is somebody else's"
    clock.forward(LEASE_S + 1)
    assert other.end_left_behind() == [run.id]
    runs.run(run.id, performing(DONE))
    after = other.get(run.id)
    assert after is not None
    assert after.state is State.INTERRUPTED


def test_progress_is_there_for_other_processes(runs: SyncRuns, database: Database, clock: HandClock) -> None:
    run = asked(runs, WIKI)
    looking = SyncRuns(database, clock)
    seen: list[Run] = []

    def perform(_run: Run, told: OnProgress, _stopped: Callable[[], bool]) -> Outcome:
        told(Progress("fetch", 3, 10, source="wiki"))
        while not seen:
            seen.extend(one for one in looking.running() if one.progress)
        return DONE

    runs.run(run.id, perform)
    assert seen[0].progress["wiki"]["done"] == 3


def test_of_two_answers_the_first_counts(runs: SyncRuns) -> None:
    run = asked(runs, WIKI)
    runs.run(run.id, performing(replace(DONE, state=State.REFUSED)))
    assert runs.leave(run.id, "U1")
    assert not runs.leave(run.id, "U2")
    follow = new(WIKI, follows=run.id, asked_by="U2", removals=frozenset({"wiki"}))
    assert runs.ask(follow) == Decided(LEFT, "U1")
    assert runs.active() == []


def test_a_run_that_follows_is_the_answer(runs: SyncRuns) -> None:
    run = asked(runs, WIKI)
    runs.run(run.id, performing(replace(DONE, state=State.REFUSED)))
    asked(runs, new(WIKI, follows=run.id, asked_by="U2"))
    before = runs.get(run.id)
    assert before is not None
    assert (before.decision, before.decided_by) == (AGAIN, "U2")
    assert not runs.leave(run.id, "U1")


def test_the_newest_of_each_source_dry_runs_aside(runs: SyncRuns, clock: HandClock) -> None:
    both = asked(runs, replace(WIKI, sources=("wiki", "logs")))
    parts = {"wiki": OfSource("done", {}), "logs": OfSource("failed", {})}
    runs.run(both.id, performing(replace(DONE, of_sources=parts)))
    clock.forward(60)
    later = asked(runs, new(WIKI))
    runs.run(later.id, performing(replace(DONE, of_sources={"wiki": OfSource("held", {})})))
    clock.forward(60)
    dry = asked(runs, new(WIKI, dry_run=True))
    runs.run(dry.id, performing(DONE))
    assert {name: run.id for name, run in runs.newest().items()} == {"wiki": later.id, "logs": both.id}
    assert {name: run.id for name, run in runs.newest(("done",)).items()} == {"wiki": both.id}


def test_acts_of_people_are_audited_and_those_of_machines_are_not(runs: SyncRuns, database: Database) -> None:
    run = asked(runs, replace(WIKI, channel="C1"))
    runs.cancel(run.id, "U2", "C2")
    asked(runs, new(WIKI, side=Side.SCHEDULE, sources=("logs",)))
    asked(runs, new(WIKI, side=Side.COMMAND_LINE, asked_by="mira", sources=("mail",)))
    runs.pause("wiki", "U3")
    with database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    assert [(row.person, row.action, row.place) for row in rows] == [
        ("U1", "sync", "C1"),
        ("U2", "cancel sync", "C2"),
        ("mira", "sync", "command line"),
        ("U3", "pause source", None),
    ]


def test_what_ended_long_ago_is_forgotten(runs: SyncRuns, clock: HandClock) -> None:
    runs.run(asked(runs, WIKI).id, performing(DONE))
    clock.now += timedelta(days=100)
    assert runs.sweep() == 0
    clock.now += timedelta(days=100)
    assert runs.sweep() == 1
    assert runs.recent("wiki") == []


def test_keeping_stops_when_the_run_is_not_ours_any_more() -> None:
    ours = True
    with Keeping(lambda _progress: ours, threading.Event()) as keeping:
        assert not keeping.stopped()
        ours = False
        while not keeping.stopped():
            pass

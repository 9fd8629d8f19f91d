"""The duty that asks for syncs: by schedule and for webhooks, once, and never what rests or is under way."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.journal import hooks
from bot.journal.migrate import migrate
from bot.journal.sync_runs import OfSource, Run, Side, State, Wanted
from bot.schedules import BACK_OFF, AtStart
from bot.scheduling import SETTLE, Scheduling, past_of
from bot.sources_now import BROKEN, SourcesNow
from bot.sync_runs import Asked, Outcome, SyncRuns
from knowledge.adapters.database import Database, open_database
from knowledge.errors import SettingsError
from tests.bot.conftest import HandClock
from tests.bot.listed import listed, listed_now

BOTH_AT_START = [("start", ("practices",)), ("start", ("wiki",))]
BOTH_BY_SCHEDULE = [("schedule", ("practices",)), ("schedule", ("wiki",))]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    yield database
    database.close()


class Team:
    """Sources, their syncs, and the duty that looks after them; time is moved by hand."""

    def __init__(self, database: Database, clock: HandClock, sources: SourcesNow) -> None:
        self.database = database
        self.clock = clock
        self.sources = sources
        self.runs = SyncRuns(database, clock)
        self.scheduling = self.begun()

    def begun(self) -> Scheduling:
        """As when Lore starts."""
        return Scheduling(self.runs, lambda: self.sources, self.database, ZoneInfo("UTC"), self.clock())

    def beat(self) -> list[tuple[str, tuple[str, ...]]]:
        """What is asked for at a beat, and from which side."""
        known = {run.id for run in self.runs.active()}
        self.scheduling(self.clock())
        asked = [run.wanted for run in self.runs.active() if run.id not in known]
        return sorted((one.side.value, one.sources) for one in asked)

    def work(self, state: State = State.DONE, seconds: float = 10.0) -> None:
        """Work everything off that waits."""

        def perform(run: Run, *_: object) -> Outcome:
            self.clock.forward(seconds)
            return Outcome(state, of_sources={name: OfSource(state, {}) for name in run.wanted.sources})

        for run in self.runs.waiting():
            self.runs.run(run.id, perform)

    def hook(self, source: str) -> None:
        with self.database.writing() as connection:
            hooks.want(connection, source, self.clock().timestamp())


@pytest.fixture
def team(database: Database, clock: HandClock) -> Team:
    return Team(database, clock, listed_now("practices", "wiki"))


def test_each_is_synced_at_the_start_and_then_by_the_hour(team: Team) -> None:
    assert team.beat() == BOTH_AT_START
    assert team.beat() == []
    team.work()
    assert team.beat() == []
    team.clock.forward(3600)
    assert team.beat() == BOTH_BY_SCHEDULE


class Ticking(HandClock):
    """Moves on whenever somebody looks."""

    def __call__(self) -> datetime:
        self.forward(0.001)
        return self.now


def test_what_lies_here_is_asked_for_before_what_comes_over_a_network(database: Database) -> None:
    far = [listed(name, kind="git") for name in ("a", "b")]
    team = Team(database, Ticking(), listed_now(more=(*far, listed("notes"))))
    team.clock.forward(60)
    team.scheduling(team.clock())
    first, *rest = (run.wanted.sources for run in team.runs.active())
    assert first == ("notes",)
    assert sorted(rest) == [("a",), ("b",)]


def test_what_rests_is_left_alone_until_it_is_resumed(team: Team) -> None:
    team.runs.pause("wiki", "ana")
    assert team.beat() == [("start", ("practices",))]
    assert team.scheduling.next_at(team.sources.listed[1], team.clock()) is None
    team.runs.resume("wiki", "ana")
    assert team.beat() == [("start", ("wiki",))]


def test_what_somebody_syncs_is_not_asked_for_too(team: Team) -> None:
    team.runs.ask(Wanted(("wiki",), "U1", Side.SLACK), begin=True)
    assert team.beat() == [("start", ("practices",))]


def test_a_sync_by_hand_counts(team: Team) -> None:
    team.beat()
    team.work()
    team.clock.forward(1800)
    team.runs.ask(Wanted(("wiki",), "U1", Side.SLACK))
    team.work()
    team.clock.forward(1800)
    assert team.beat() == [("schedule", ("practices",))]


def test_a_dry_run_does_not_count(team: Team) -> None:
    team.runs.ask(Wanted(("wiki",), "U1", Side.SLACK, dry_run=True))
    team.work()
    assert team.beat() == BOTH_AT_START


def test_sc_08_a_failure_is_tried_again_sooner_and_then_slower(team: Team) -> None:
    team.sources = listed_now("wiki")
    team.beat()
    for wait in (*BACK_OFF, BACK_OFF[-1]):
        team.work(State.FAILED)
        team.clock.forward(wait.total_seconds() - 30)
        assert team.beat() == []
        team.clock.forward(30)
        assert team.beat() == [("schedule", ("wiki",))]
    team.work()
    team.clock.forward(3599)
    assert team.beat() == [("schedule", ("wiki",))], "the hour is counted from when it was asked for"


def test_a_source_that_could_not_be_listed_has_failed_though_the_sync_went_on(team: Team) -> None:
    team.runs.ask(Wanted(("practices", "wiki"), "U1", Side.SLACK))

    def perform(run: Run, *_: object) -> Outcome:
        away = OfSource(State.DONE, {"unlisted": "503"})
        return Outcome(State.DONE, of_sources={"practices": OfSource(State.DONE, {}), "wiki": away})

    [run] = team.runs.waiting()
    team.runs.run(run.id, perform)
    now = team.clock()
    assert past_of("wiki", team.runs.recent("wiki"), now).failures == 1
    assert past_of("practices", team.runs.recent("practices"), now).failures == 0


def test_sc_05_a_clock_that_was_put_back_by_a_year_stops_nothing(team: Team) -> None:
    team.clock.forward(365 * 86400)
    team.runs.ask(Wanted(("practices", "wiki"), "U1", Side.SLACK))
    team.work()
    team.clock.forward(-365 * 86400)
    assert team.beat() == BOTH_AT_START
    team.work()
    team.clock.forward(3600)
    assert team.beat() == BOTH_BY_SCHEDULE


def test_sc_05_after_a_leap_of_the_clock_each_comes_once(team: Team) -> None:
    team.beat()
    team.work()
    team.clock.forward(3 * 86400)
    assert team.beat() == BOTH_BY_SCHEDULE
    team.work()
    assert team.beat() == []


def test_sc_02_sc_13_restarts_lose_and_double_nothing(team: Team) -> None:
    team.beat()
    team.work()
    for _ in range(50):
        team.scheduling = team.begun()
        assert team.beat() == []
        team.clock.forward(1)
    team.clock.forward(3600)
    team.scheduling = team.begun()
    assert team.beat() == BOTH_AT_START


def test_many_webhooks_are_one_sync_soon(team: Team) -> None:
    team.beat()
    team.work()
    for _ in range(20):
        team.hook("wiki")
        team.clock.forward(0.1)
    assert team.beat() == []
    team.clock.forward(SETTLE.total_seconds())
    assert team.beat() == [("webhook", ("wiki",))]
    team.work()
    assert team.beat() == []


def test_a_webhook_during_a_sync_asks_for_another_and_before_one_for_none(team: Team) -> None:
    team.runs.ask(Wanted(("wiki", "practices"), "U1", Side.SLACK))
    team.hook("wiki")
    team.clock.forward(60)
    assert team.beat() == [], "what waits will read it"
    asked = team.runs.ask(Wanted(("wiki",), "U1", Side.SLACK), begin=True)
    assert not isinstance(asked, Asked)
    team.work()
    begun = team.runs.ask(Wanted(("wiki",), "U1", Side.SLACK), begin=True)
    assert isinstance(begun, Asked)
    team.hook("wiki")
    team.clock.forward(15)
    assert team.beat() == []
    team.runs.run(begun.run.id, lambda *_: Outcome(State.DONE))
    assert team.beat() == [("webhook", ("wiki",))]


def test_a_webhook_of_a_source_that_rests_waits_for_it(team: Team) -> None:
    team.beat()
    team.work()
    team.runs.pause("wiki", "ana")
    team.hook("wiki")
    team.clock.forward(60)
    assert team.beat() == []
    team.runs.resume("wiki", "ana")
    assert team.beat() == [("webhook", ("wiki",))]


def test_a_webhook_of_a_source_that_is_gone_is_forgotten(team: Team) -> None:
    team.beat()
    team.work()
    team.hook("gone")
    team.clock.forward(60)
    assert team.beat() == []
    with team.database.reading() as connection:
        assert hooks.wanted(connection, team.clock().timestamp()) == []


def test_only_when_asked_is_at_the_start_alone(team: Team) -> None:
    team.sources = listed_now(more=(listed("wiki", AtStart()),))
    assert team.beat() == [("start", ("wiki",))]
    team.work()
    team.clock.forward(7 * 86400)
    assert team.beat() == []


def test_broken_settings_schedule_nothing_and_are_told(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    def wrong() -> SourcesNow:
        raise SettingsError("lore.toml is not valid TOML")

    scheduling = Scheduling(team.runs, wrong, team.database, ZoneInfo("UTC"), team.clock())
    scheduling(team.clock())
    assert team.runs.active() == []
    assert "not valid TOML" in caplog.text


def test_a_broken_source_is_tried_so_that_admins_hear_of_it(team: Team) -> None:
    team.sources = listed_now(more=(listed("wiki", kind=BROKEN),))
    assert team.beat() == [("start", ("wiki",))]

"""Drafts: for who asked for them, from what they may read, kept for a day and then forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.journal import drafts, entries, personal
from bot.journal.entries import Entry
from bot.journal.migrate import migrate
from bot.journal.rituals import Ritual
from bot.people import Person
from bot.rituals.drafting import ON, WISH, Drafting, kept_draft
from bot.rituals.giving import give
from bot.rituals.repositories import Repository
from knowledge.adapters.database import open_database
from knowledge.adapters.store import SqlStore
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import MetricPoint, Run
from prompts.ritual import Prompt, Role, Standup
from tests.fakes import MONDAY, FakeClock, HashEmbedder
from tests.ingest.test_commits import commit, git
from tests.records import document, publish

ANA, BEN = "U00000ANA0", "U00000BEN0"
DAY = date(2026, 3, 2)
SETTINGS = Standup(
    name="Daily",
    team=(ANA, BEN),
    prompts=(
        Prompt("done", "What did you do?", role=Role.DONE),
        Prompt("plan", "What is next?", role=Role.PLAN),
    ),
    rule="FREQ=DAILY",
    at=time(9, 0),
    drafts=True,
)
RITUAL = Ritual(SETTINGS, owner=BEN, id="r")


class Everybody:
    """Ana and Ben, full members; Ana alone is in #ana-only."""

    def person(self, user_id: str) -> Person | None:
        names = {ANA: "ana", BEN: "ben"}
        if user_id not in names:
            return None
        email = f"{names[user_id]}@heron.example"
        return Person(user_id, names[user_id], email, ZoneInfo("UTC"), True, False, False, False, False)

    def members(self, principal: str) -> frozenset[str] | None:
        return {"#ana-only": frozenset({ANA}), "#ben-only": frozenset({BEN})}.get(principal)


@dataclass
class Desk:
    """A drafting over a record with runs, and the repository that it looks at."""

    drafting: Drafting
    store: SqlStore
    clock: FakeClock
    repository: Path
    embedder: HashEmbedder

    def wish(self, person: str, value: str = ON) -> None:
        with self.store.database.writing() as connection:
            personal.prefer(connection, person, WISH, value, self.clock.seconds())

    def run(self, name: str, owner: str, ended: datetime, audience: Audience = EVERYONE) -> None:
        points = tuple(MetricPoint(float(step), value) for step, value in enumerate((0.5, 0.9666)))
        log = Run(
            name=name,
            metrics={"train_loss": points[:1], "val_accuracy": points},
            direction={"val_accuracy": "max"},
            status="finished",
            ended_at=ended,
        )
        made = document(f"{name}.json", name, source="runs", audience=audience)
        publish(self.store, self.embedder, [replace(made, kind="run", owner=owner, run=log)])

    def rows(self) -> int:
        with self.store.database.reading() as connection:
            return len(connection.execute(select(drafts.drafts)).all())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    repository = tmp_path / "trainer"
    repository.mkdir()
    git(repository, "init", "--quiet")
    store, clock = SqlStore(database), FakeClock(MONDAY)
    drafting = Drafting(
        Everybody(),  # type: ignore[arg-type]
        store,
        database,
        clock,
        lambda: (Repository("trainer", repository),),
    )
    yield Desk(drafting, store, clock, repository, HashEmbedder())
    database.close()


def test_a_draft_copies_ones_own_runs_and_commits_since_the_last_entry(desk: Desk) -> None:
    with desk.store.database.writing() as connection:
        before = MONDAY - timedelta(days=1)
        entries.put(connection, Entry("r", DAY - timedelta(days=1), ANA), before.timestamp())
    desk.run("old", "ana@heron.example", MONDAY - timedelta(days=2))
    desk.run("digits-wide", "Ana@Heron.example", MONDAY - timedelta(hours=2))
    desk.run("bens", "ben@heron.example", MONDAY - timedelta(hours=2))
    commit(desk.repository, "Fix the loader", MONDAY - timedelta(hours=1))
    commit(desk.repository, "Not mine", MONDAY - timedelta(hours=1), email="ben@heron.example")
    desk.wish(ANA)
    draft = desk.drafting.draft_for(ANA, RITUAL, DAY)
    assert draft is not None
    assert draft.replies == {
        "done": "- Run digits-wide (finished): val_accuracy 0.9666, train_loss 0.5\n- trainer: Fix the loader"
    }
    assert (draft.runs, draft.commits) == (1, 1)
    with desk.store.database.reading() as connection:
        assert kept_draft(connection, ANA, "r", DAY, desk.clock()) == draft
        assert kept_draft(connection, BEN, "r", DAY, desk.clock()) is None


def test_nobody_has_a_draft_who_did_not_ask_nor_where_the_owner_wants_none(desk: Desk) -> None:
    desk.run("digits-wide", "ana@heron.example", MONDAY - timedelta(hours=2))
    assert desk.drafting.draft_for(ANA, RITUAL, DAY) is None
    desk.wish(ANA)
    without = replace(RITUAL, settings=replace(SETTINGS, drafts=False))
    assert desk.drafting.draft_for(ANA, without, DAY) is None
    assert desk.drafting.draft_for(BEN, RITUAL, DAY) is None
    assert desk.rows() == 0
    assert desk.drafting.draft_for(ANA, RITUAL, DAY) is not None


def test_nothing_comes_from_what_the_person_may_not_read(desk: Desk) -> None:
    desk.run(
        "secret", "ana@heron.example", MONDAY - timedelta(hours=2), Audience(False, frozenset({"#ben-only"}))
    )
    desk.wish(ANA)
    assert desk.drafting.draft_for(ANA, RITUAL, DAY) is None
    commit(desk.repository, "Hers", MONDAY - timedelta(hours=1))
    closed = Repository("trainer", desk.repository, Audience(False, frozenset({"#ben-only"})))
    shut = replace(desk.drafting, repositories=lambda: (closed,))
    assert shut.draft_for(ANA, RITUAL, DAY) is None
    own = replace(closed, audience=Audience(False, frozenset({"#ana-only"})))
    opened = replace(desk.drafting, repositories=lambda: (own,))
    assert opened.draft_for(ANA, RITUAL, DAY) is not None


def test_a_draft_that_is_not_sent_is_gone_after_a_day(desk: Desk) -> None:
    desk.run("digits-wide", "ana@heron.example", MONDAY - timedelta(hours=2))
    desk.wish(ANA)
    assert desk.drafting.draft_for(ANA, RITUAL, DAY) is not None
    desk.clock.advance(timedelta(hours=23))
    desk.drafting.sweep(desk.clock())
    assert desk.rows() == 1
    desk.clock.advance(timedelta(hours=1))
    with desk.store.database.reading() as connection:
        assert kept_draft(connection, ANA, "r", DAY, desk.clock()) is None
    desk.drafting.sweep(desk.clock())
    assert desk.rows() == 0


def test_a_draft_is_gone_when_the_entry_is_given_and_stays_nobodys_elses(desk: Desk) -> None:
    desk.run("digits-wide", "ana@heron.example", MONDAY - timedelta(hours=2))
    desk.run("bens", "ben@heron.example", MONDAY - timedelta(hours=2))
    for person in (ANA, BEN):
        desk.wish(person)
        assert desk.drafting.draft_for(person, RITUAL, DAY) is not None
    with desk.store.database.writing() as connection:
        give(connection, Entry("r", DAY, ANA, replies={"done": "My own words"}), desk.clock.seconds())
        assert kept_draft(connection, ANA, "r", DAY, desk.clock()) is None
        assert kept_draft(connection, BEN, "r", DAY, desk.clock()) is not None


def test_the_first_draft_looks_back_over_a_weekend_and_no_further(desk: Desk) -> None:
    desk.run("friday", "ana@heron.example", MONDAY - timedelta(days=2, hours=20))
    desk.run("thursday", "ana@heron.example", MONDAY - timedelta(days=3, hours=20))
    desk.wish(ANA)
    draft = desk.drafting.draft_for(ANA, RITUAL, DAY)
    assert draft is not None
    assert "friday" in draft.replies["done"]
    assert "thursday" not in draft.replies["done"]


def test_times_of_runs_are_compared_in_any_zone(desk: Desk) -> None:
    desk.run("tokyo", "ana@heron.example", (MONDAY - timedelta(hours=1)).astimezone(ZoneInfo("Asia/Tokyo")))
    desk.wish(ANA)
    assert desk.drafting.draft_for(ANA, RITUAL, DAY) is not None
    assert desk.clock().tzinfo is UTC

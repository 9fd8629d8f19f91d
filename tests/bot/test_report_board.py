"""The messages of a report against what Slack says of them: said once, changed in place, taken away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks.pages import Page, context, page
from bot.journal import outgoing, report_messages
from bot.journal.migrate import migrate
from bot.journal.report_messages import ENTRY, HEAD, Spot
from bot.journal.tables import outbox
from bot.messages import Check, Place
from bot.rituals.report_board import AT_MOST_EVERY_S, Board, Wanted
from knowledge.adapters.database import Database, open_database

CHECK = Check(Place("C1"), ("everyone",))
HERE, FIRST = Spot(HEAD), Spot(ENTRY, 1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lore.db")
    migrate(opened)
    yield opened
    opened.close()


class Slack:
    """Says what is queued, or refuses it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = 100.0
        self.serial = 0
        self.count = 0

    def bring(self, *wanted: Wanted, again: bool = False, after_s: float = AT_MOST_EVERY_S) -> bool:
        self.now += after_s
        self.serial += 1
        with self.database.writing() as connection:
            return Board(connection, 1, self.serial, self.now).bring(wanted, again=again)

    def settles(self, *wanted: Wanted, after_s: float = AT_MOST_EVERY_S) -> bool:
        """What is learnt at one look counts at the next."""
        self.bring(*wanted, after_s=after_s)
        return self.bring(*wanted, after_s=0)

    def queued(self) -> list[Any]:
        with self.database.reading() as connection:
            rows = connection.execute(select(outbox).where(outbox.c.state == "queued").order_by(outbox.c.id))
            return list(rows)

    def say(self, error: str = "") -> list[tuple[str, str]]:
        """Settle all that is queued; the kinds and threads of it."""
        rows = self.queued()
        with self.database.writing() as connection:
            for row in rows:
                self.count += 1
                if error:
                    outgoing.mark(connection, row.id, "failed", self.now, error=error)
                else:
                    outgoing.mark(
                        connection, row.id, "sent", self.now, ts=f"{self.count}.000000", said_in="C1"
                    )
        return [(row.kind, row.thread_ts) for row in rows]

    def standing(self) -> dict[Spot, str]:
        with self.database.reading() as connection:
            return {one.spot: one.gone or one.ts for one in report_messages.of_occurrence(connection, 1)}


@pytest.fixture
def slack(database: Database) -> Slack:
    return Slack(database)


def head(text: str = "head") -> Wanted:
    return Wanted(HERE, "C1", shows(text), CHECK)


def entry(text: str = "entry", revision: int = 1) -> Wanted:
    return Wanted(FIRST, "C1", shows(text), CHECK, revision, thread=True)


def shows(text: str) -> Page:
    return page(context(text))


def put_out(slack: Slack) -> None:
    slack.bring(head(), entry())
    slack.say()
    slack.bring(head(), entry())
    slack.say()
    assert slack.settles(head(), entry())


def test_entries_wait_for_the_thread_and_nothing_is_said_twice(slack: Slack) -> None:
    assert not slack.bring(head(), entry())
    assert not slack.bring(head(), entry())
    assert slack.say() == [("post", "")]
    assert not slack.bring(head(), entry())
    assert slack.say() == [("post", "1.000000")]
    assert slack.settles(head(), entry())
    assert slack.queued() == []


def test_t45_a_message_is_changed_once_however_often_it_is_asked_for(slack: Slack) -> None:
    put_out(slack)
    for number in range(500):
        slack.bring(head(f"{number} answered"), entry(), after_s=0.01)
    assert [kind for kind, _ in slack.say()] == ["update"]
    assert not slack.settles(head("499 answered"), entry(), after_s=1)  # too soon after the last change
    assert slack.queued() == []
    slack.bring(head("499 answered"), entry())
    assert [kind for kind, _ in slack.say()] == ["update"]
    assert slack.settles(head("499 answered"), entry())


def test_t50_what_is_withdrawn_is_taken_away_and_may_come_back(slack: Slack) -> None:
    put_out(slack)
    slack.bring(head())
    assert [kind for kind, _ in slack.say()] == ["delete"]
    assert slack.standing() == {HERE: "1.000000"}
    slack.bring(head(), entry("again", 3))
    assert slack.say() == [("post", "1.000000")]


def test_t50_what_nobody_has_seen_yet_is_never_said(slack: Slack) -> None:
    slack.bring(head())
    slack.say()
    slack.bring(head(), entry())
    slack.bring(head())
    assert slack.say() == []
    assert slack.standing() == {HERE: "1.000000"}


def test_what_a_person_deleted_in_slack_stays_deleted(slack: Slack) -> None:
    put_out(slack)
    slack.bring(head(), entry("edited", 2))
    slack.say("message_not_found")
    assert slack.settles(head(), entry("edited", 2))
    assert slack.settles(head(), entry("edited again", 3))
    assert slack.queued() == []


def test_a_head_that_was_deleted_is_said_once_more_and_only_once(slack: Slack) -> None:
    put_out(slack)
    slack.bring(head("changed"), entry())
    slack.say("message_not_found")
    slack.bring(head("changed"), entry())
    assert slack.say() == [("post", "")]
    slack.bring(head("changed again"), entry())
    slack.say("message_not_found")
    slack.bring(head("changed again"), entry())
    assert slack.settles(head("changed again"), entry())
    assert slack.queued() == []


def test_t40_what_an_archived_channel_refused_is_said_when_it_can_be(slack: Slack) -> None:
    slack.bring(head())
    slack.say("is_archived")
    assert slack.settles(head(), entry())
    assert slack.standing() == {HERE: "is_archived"}
    slack.bring(head(), entry(), again=True)
    assert slack.say() == [("post", "")]

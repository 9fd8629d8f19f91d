"""Messages of syncs, kept up to date by several processes at a time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from bot.journal import sync_messages
from bot.journal.migrate import migrate
from bot.journal.sync_messages import Following
from bot.journal.sync_runs import Run, Side, State, Wanted
from bot.journal.tables import outbox
from bot.journal.writer import JournalWriter
from bot.people import People
from bot.sending import Sender
from bot.sync_alerts import SyncAlerts
from bot.sync_board import SyncBoard
from bot.sync_runs import Asked, Outcome, SyncRuns
from knowledge.adapters.database import Database, open_database
from tests.bot.conftest import HandClock
from tests.bot.test_outbox import PaperSlack


def now() -> datetime:
    return datetime.now(UTC)


class Names:
    """Tells what people are called, once it is let."""

    def __init__(self, *, slowly: bool = False) -> None:
        self.asked, self.let = threading.Event(), threading.Event()
        if not slowly:
            self.let.set()

    def name_of(self, _person: str) -> str:
        self.asked.set()
        assert self.let.wait(10)
        return "Ada"

    def admins(self) -> frozenset[str]:
        return frozenset()


@contextmanager
def board(
    writer: JournalWriter, runs: SyncRuns, names: Names, slack: PaperSlack | None = None
) -> Iterator[None]:
    """That of one process, at work."""
    people = cast(People, names)
    alerts = SyncAlerts(writer, people, now)
    made = SyncBoard(
        runs,
        writer,
        cast(Sender, slack or PaperSlack(HandClock())),
        people,
        alerts,
        now,
        lambda: None,
        lambda *_: None,
        every_s=0.1,
    )
    made.start()
    try:
        yield
    finally:
        made.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def writer(database: Database) -> Iterator[JournalWriter]:
    writer = JournalWriter(database)
    writer.start()
    yield writer
    writer.close()


def asked(runs: SyncRuns, **more: Any) -> Run:
    found = runs.ask(Wanted(("wiki",), "U0000ADA1", Side.SLACK, **more))
    assert isinstance(found, Asked)
    return found.run


def said(writer: JournalWriter) -> int:
    """How many messages are said, or to be."""
    return len(writer.read(lambda connection: connection.execute(select(outbox.c.id)).all()))


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def shown(writer: JournalWriter, run: Run) -> bool:
    return writer.read(lambda connection: sync_messages.is_shown(connection, run.id))


def test_what_follows_a_sync_is_shown_in_its_message_by_however_many_processes(
    database: Database, writer: JournalWriter
) -> None:
    runs = SyncRuns(database, now)
    first = asked(runs)
    message = Following("sync of Ada", first.id, "U0000ADA1", "U0000ADA1")
    writer.write(lambda connection: sync_messages.follow(connection, message))
    runs.run(first.id, lambda *_: Outcome(State.FAILED, error="503"))
    writer.write(lambda connection: sync_messages.judge(connection, first.id))
    again = asked(runs, follows=first.id)
    slow = Names(slowly=True)
    with board(writer, runs, slow):
        assert slow.asked.wait(10), "it has seen that no message shows the run"
        with board(writer, runs, Names()):
            until(lambda: shown(writer, again))
        slow.let.set()
    assert shown(writer, again)
    assert said(writer) == 0, "the message of the first one shows it, and there is no other"


class SayingBetween(JournalWriter):
    """Lore's outbox says a message just after somebody has looked for it, and found that it is not said."""

    def read(self, look: Callable[[Any], Any]) -> Any:
        found = super().read(look)
        if found is None or found is False:
            self.write(
                lambda connection: connection.execute(
                    update(outbox).values(state="sent", said_in="D1", ts="7.0")
                )
            )
        return found


def test_a_message_that_is_said_while_it_is_looked_for_is_kept_up_to_date(
    database: Database, writer: JournalWriter
) -> None:
    runs, slack = SyncRuns(database, now), PaperSlack(HandClock())
    saying = SayingBetween(database)
    saying.start()
    run = asked(runs)
    with board(saying, runs, Names(), slack):
        until(lambda: shown(writer, run))
        runs.run(run.id, lambda *_: Outcome(State.DONE))
        until(lambda: slack.edits)
    saying.close()
    [*_, (ts, text)] = slack.edits
    assert ts == "7.0"
    assert text.startswith("Sync done.")

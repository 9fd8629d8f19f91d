"""Committed before it is acknowledged, and once, however often Slack sends it."""

import random
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.inbox import Inbox, Receipt, Received, from_command, from_event
from bot.journal import outgoing, work
from bot.journal.migrate import migrate
from bot.journal.records import Question
from bot.journal.tables import inbox as inbox_table
from bot.journal.tables import outbox, questions
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter, NotCommitted
from bot.messages import Message
from bot.pacing import Pace
from knowledge.adapters.database import open_database
from tests.bot.conftest import HandClock

DATABASES = ("sqlite", "postgresql")


def busy(received: Received) -> Message | None:
    return Message(received.channel, "I have too much to do just now.", thread_ts=received.thread_ts)


@pytest.fixture
def inbox(writer: JournalWriter, clock: HandClock) -> Inbox:
    return Inbox(writer, clock, busy)


def event(event_id: str = "Ev1", ts: str = "100.1", kind: str = "app_mention", **more: Any) -> dict[str, Any]:
    return {
        "team_id": "T1",
        "event_id": event_id,
        "event": {"type": kind, "channel": "C1", "user": "U1", "ts": ts, "text": "what is our rate?", **more},
    }


def changed(event_id: str, ts: str, text: str) -> dict[str, Any]:
    message = {"ts": ts, "user": "U1", "text": text}
    return {
        "team_id": "T1",
        "event_id": event_id,
        "event": {"type": "message", "subtype": "message_changed", "channel": "C1", "message": message},
    }


def claim(writer: JournalWriter, now: float = 0.0) -> Item | None:
    return writer.write(lambda connection: work.claim(connection, {"question"}, now))


def finish(writer: JournalWriter, item: Item, done: Done) -> bool:
    return writer.write(lambda connection: work.finish(connection, item, done, 0.0))


def items(writer: JournalWriter) -> int:
    return int(writer.read(lambda c: c.execute(select(func.count()).select_from(inbox_table)).scalar_one()))


def test_sp01_an_event_delivered_four_times_is_one_item(inbox: Inbox, writer: JournalWriter) -> None:
    receipts = [inbox.receive(from_event(event(), "question")) for _ in range(4)]
    assert receipts == [Receipt.NEW, Receipt.AGAIN, Receipt.AGAIN, Receipt.AGAIN]
    assert items(writer) == 1


def test_sp01_the_four_may_arrive_at_the_same_moment(inbox: Inbox, writer: JournalWriter) -> None:
    receipts: list[Receipt] = []
    gate = threading.Barrier(8)

    def deliver() -> None:
        gate.wait()
        receipts.append(inbox.receive(from_event(event(), "question")))

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert receipts.count(Receipt.NEW) == 1
    assert items(writer) == 1


def test_sp02_repeats_are_known_after_a_restart_and_after_25_hours(tmp_path: Path, clock: HandClock) -> None:
    for hours in (0, 1, 24):
        clock.forward(hours * 3600)
        database = open_database(tmp_path / "lore.db")
        migrate(database)
        writer = JournalWriter(database)
        writer.start()
        again = Inbox(writer, clock, busy)
        again.sweep()
        receipt = again.receive(from_event(event(), "question"))
        assert receipt is (Receipt.AGAIN if hours else Receipt.NEW)
        item = claim(writer)
        if item is not None:
            assert finish(writer, item, Done())
        writer.close()
        database.close()


def test_sp02_keys_are_kept_for_72_hours_and_swept_later(
    inbox: Inbox, writer: JournalWriter, clock: HandClock
) -> None:
    inbox.receive(from_event(event(), "question"))
    item = claim(writer)
    assert item is not None
    finish(writer, item, Done())
    clock.forward(timedelta(hours=72).total_seconds())
    assert inbox.sweep() == 0
    assert inbox.receive(from_event(event(), "question")) is Receipt.AGAIN
    clock.forward(timedelta(hours=25).total_seconds())
    assert inbox.sweep() == 2
    assert items(writer) == 0


def test_what_waits_is_never_swept(inbox: Inbox, writer: JournalWriter, clock: HandClock) -> None:
    inbox.receive(from_event(event(), "question"))
    clock.forward(timedelta(days=30).total_seconds())
    assert inbox.sweep() == 0
    assert claim(writer) is not None


def test_sp03_a_repeat_while_the_first_is_worked_on_is_the_same(inbox: Inbox, writer: JournalWriter) -> None:
    inbox.receive(from_event(event(), "question"))
    assert claim(writer) is not None
    assert inbox.receive(from_event(event(), "question")) is Receipt.AGAIN
    assert claim(writer) is None


@pytest.mark.parametrize("first", ["app_mention", "message"])
def test_sp04_mention_and_message_are_one(inbox: Inbox, writer: JournalWriter, first: str) -> None:
    second = "message" if first == "app_mention" else "app_mention"
    assert inbox.receive(from_event(event("Ev1", kind=first), "question")) is Receipt.NEW
    assert inbox.receive(from_event(event("Ev2", kind=second), "question")) is Receipt.AGAIN
    assert inbox.receive(from_event(event("Ev2", kind=second), "question")) is Receipt.AGAIN
    assert items(writer) == 1


def test_the_same_ts_in_another_channel_or_team_is_something_else(inbox: Inbox) -> None:
    assert inbox.receive(from_event(event("Ev1"), "question")) is Receipt.NEW
    other_channel = event("Ev2", channel="C2")
    other_team = {**event("Ev3"), "team_id": "T2"}
    assert inbox.receive(from_event(other_channel, "question")) is Receipt.NEW
    assert inbox.receive(from_event(other_team, "question")) is Receipt.NEW


def test_sp05_an_edit_before_the_answer_replaces_the_question(inbox: Inbox, writer: JournalWriter) -> None:
    inbox.receive(from_event(event(), "question"))
    worked_on = claim(writer)
    assert worked_on is not None
    assert inbox.revise(from_event(changed("Ev2", "100.1", "and for 13B?"), "question")) is Receipt.REVISED
    assert inbox.revise(from_event(changed("Ev2", "100.1", "and for 13B?"), "question")) is Receipt.AGAIN
    assert not finish(writer, worked_on, Done(say=(Message("C1", "old answer"),)))
    item = claim(writer)
    assert item is not None
    assert item.text == "and for 13B?"
    assert claim(writer) is None


def test_sp05_an_edit_drops_an_answer_that_nobody_has_seen(inbox: Inbox, writer: JournalWriter) -> None:
    inbox.receive(from_event(event(), "question"))
    _answer(writer)
    assert inbox.revise(from_event(changed("Ev2", "100.1", "other"), "question")) is Receipt.REVISED
    assert _states(writer) == ["dropped"]
    assert _questions(writer) == 0


def test_sp05_an_edit_after_the_answer_or_with_the_same_text_changes_nothing(
    inbox: Inbox, writer: JournalWriter
) -> None:
    inbox.receive(from_event(event(), "question"))
    same = from_event(changed("Ev2", "100.1", "what is our rate?"), "question")
    assert inbox.revise(same) is Receipt.AGAIN
    _answer(writer)
    _say_all(writer)
    assert inbox.revise(from_event(changed("Ev3", "100.1", "other"), "question")) is Receipt.AGAIN
    assert claim(writer) is None


def test_sp05_an_edit_that_makes_a_message_a_question_is_asked_once(inbox: Inbox) -> None:
    edit = from_event(changed("Ev2", "100.1", "<@UBOT> what is our rate?"), "question")
    assert inbox.revise(edit) is Receipt.NEW
    assert inbox.receive(from_event(event("Ev3"), "question")) is Receipt.AGAIN
    assert inbox.revise(edit) is Receipt.AGAIN


@pytest.mark.parametrize("moment", ["waiting", "worked on", "answered, unsent"])
def test_sp05_a_question_deleted_before_its_answer_is_forgotten(
    inbox: Inbox, writer: JournalWriter, moment: str
) -> None:
    inbox.receive(from_event(event(text="a secret question"), "question"))
    item = None
    if moment == "worked on":
        item = claim(writer)
    elif moment == "answered, unsent":
        _answer(writer)
    inbox.withdraw("T1", "C1", "100.1")
    if item is not None:
        assert not finish(writer, item, Done(say=(Message("C1", "too late"),)))
    assert claim(writer) is None
    assert "queued" not in _states(writer)
    assert _questions(writer) == 0
    row = writer.read(lambda c: c.execute(select(inbox_table)).one())
    assert (row.text, row.payload) == ("", {})
    assert inbox.receive(from_event(event(), "question")) is Receipt.AGAIN


def test_sp05_a_deletion_that_overtakes_its_message_counts(inbox: Inbox, writer: JournalWriter) -> None:
    inbox.withdraw("T1", "C1", "100.1")
    assert inbox.receive(from_event(event(), "question")) is Receipt.AGAIN
    assert inbox.revise(from_event(changed("Ev2", "100.1", "x"), "question")) is Receipt.AGAIN
    assert items(writer) == 0


def test_sp05_a_deletion_after_the_answer_keeps_the_record(inbox: Inbox, writer: JournalWriter) -> None:
    inbox.receive(from_event(event(), "question"))
    _answer(writer)
    _say_all(writer)
    inbox.withdraw("T1", "C1", "100.1")
    assert _states(writer) == ["sent"]
    assert _questions(writer) == 1


def test_sp06_shuffled_and_repeated_deliveries_are_as_many_items_as_posts(
    inbox: Inbox, writer: JournalWriter
) -> None:
    chance = random.Random(6)
    deliveries = [
        from_event(event(f"Ev{n}{kind}", ts=f"{n}.0", kind=kind), "question")
        for n in range(300)
        for kind in ("message", "app_mention")
        for _ in range(chance.randint(1, 4))
    ]
    chance.shuffle(deliveries)

    def deliver(part: list[Received]) -> None:
        for one in part:
            inbox.receive(one)

    threads = [threading.Thread(target=deliver, args=(deliveries[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert items(writer) == 300


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["message", "app_mention"])), max_size=20))
def test_any_order_of_deliveries_gives_one_item_per_post(
    tmp_path_factory: pytest.TempPathFactory, deliveries: list[tuple[int, str]]
) -> None:
    database = open_database(tmp_path_factory.mktemp("any") / "lore.db")
    inbox_table.metadata.create_all(database.engine)
    writer = JournalWriter(database)
    writer.start()
    inbox = Inbox(writer, HandClock(), busy)
    for n, kind in deliveries:
        inbox.receive(from_event(event(f"{n}{kind}", ts=f"{n}.0", kind=kind), "question"))
    assert items(writer) == len({n for n, _ in deliveries})
    writer.close()
    database.close()


def test_sp08_events_with_fields_missing_are_taken_as_they_are(inbox: Inbox) -> None:
    assert inbox.receive(from_event({}, "question")) is Receipt.NEW
    assert inbox.receive(from_event({"event": None, "event_id": "Ev9"}, "question")) is Receipt.NEW
    assert (
        inbox.receive(from_event({"event": {"type": "message"}, "event_id": "E"}, "question")) is Receipt.NEW
    )


def test_sp08_text_that_sql_cannot_hold_is_held(inbox: Inbox, writer: JournalWriter) -> None:
    inbox.receive(from_event(event(text="half a \ud83d pair" + "x" * 1_000_000), "question"))
    item = claim(writer)
    assert item is not None
    assert item.text.startswith("half a ? pair")


def test_slash_commands_are_one_per_trigger(inbox: Inbox, writer: JournalWriter) -> None:
    body = {
        "team_id": "T1",
        "channel_id": "C1",
        "user_id": "U1",
        "command": "/ask",
        "text": "what is our rate?",
        "trigger_id": "1.2",
        "response_url": "https://hooks.slack.com/commands/1",
        "token": "kept nowhere",
    }
    assert inbox.receive(from_command(body, "question")) is Receipt.NEW
    assert inbox.receive(from_command(body, "question")) is Receipt.AGAIN
    item = claim(writer)
    assert item is not None
    assert item.payload["response_url"] == body["response_url"]
    assert "token" not in item.payload


def test_beyond_the_limit_the_reply_is_an_honest_one_and_nothing_is_worked(
    writer: JournalWriter, clock: HandClock
) -> None:
    inbox = Inbox(writer, clock, busy, most_queued=2)
    receipts = [inbox.receive(from_event(event(f"Ev{n}", ts=f"{n}.0"), "question")) for n in range(4)]
    assert receipts == [Receipt.NEW, Receipt.NEW, Receipt.REFUSED, Receipt.REFUSED]
    assert _states(writer) == ["queued", "queued"]
    assert inbox.receive(from_event(event("Ev3", ts="3.0"), "question")) is Receipt.AGAIN
    assert _states(writer) == ["queued", "queued"]


def test_st08_a_full_disk_refuses_and_then_recovers(tmp_path: Path, clock: HandClock) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    inbox = Inbox(writer, clock, busy)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    big = "x" * 200_000
    with pytest.raises(NotCommitted, match="full"):
        inbox.receive(from_event(event(text=big), "question"))
    assert not writer.healthy
    assert items(writer) == 0
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    assert inbox.receive(from_event(event(text=big), "question")) is Receipt.NEW
    assert writer.healthy
    writer.close()
    database.close()


def _answer(writer: JournalWriter) -> None:
    item = claim(writer)
    assert item is not None
    asked = Question("T1", "C1", item.ts, item.thread_ts, "U1", item.text, {}, [], 1)
    assert finish(writer, item, Done(say=(Message("C1", "an answer"),), record=(asked,)))


def _say_all(writer: JournalWriter) -> None:
    while (taken := writer.write(lambda c: outgoing.take(c, 1e12, Pace(1000, 1000)))) is not None:
        row_id = taken.id
        writer.write(lambda c, at=row_id: outgoing.mark(c, at, "sent", 0.0, ts="1.1"))  # type: ignore[misc]


def _states(writer: JournalWriter) -> list[str]:
    return list(
        writer.read(lambda c: c.execute(select(outbox.c.state).order_by(outbox.c.id)).scalars().all())
    )


def _questions(writer: JournalWriter) -> int:
    return int(writer.read(lambda c: c.execute(select(func.count()).select_from(questions)).scalar_one()))

"""Work is fair, in order within a conversation, done once, and never ends in silence."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bot.inbox import Inbox, Received
from bot.journal import work
from bot.journal.records import Audit
from bot.journal.tables import audit, outbox, troubles
from bot.journal.tables import inbox as inbox_table
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.workers import MOST_ATTEMPTS, Workers
from tests.bot.conftest import HandClock

DATABASES = ("sqlite", "postgresql")


def asked(person: str, conversation: str, text: str, kind: str = "question") -> Received:
    return Received(
        kind=kind,
        keys=frozenset({f"{person}{conversation}{text}"}),
        team="T1",
        channel="C1",
        person=person,
        text=text,
        conversation=conversation,
    )


def answer(item: Item) -> Done:
    return Done(say=(Message(item.channel, f"answer to {item.text}"),), record=(Audit(item.person, "asked"),))


def crashed(item: Item, error_id: str) -> Message:
    return Message(item.channel, f"sorry {item.text} {error_id}")


def late(item: Item, error_id: str) -> Message:
    return Message(item.channel, f"late {item.text} {error_id}")


def real_clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def inbox(writer: JournalWriter) -> Inbox:
    return Inbox(writer, real_clock, lambda _: None)


@contextmanager
def working(
    writer: JournalWriter, inbox: Inbox, handler: Callable[[Item], Done], **options: object
) -> Iterator[Workers]:
    workers = Workers(writer, {"question"}, handler, crashed, late, real_clock, **options)  # type: ignore[arg-type]
    inbox.arrived = workers.wake
    workers.start()
    try:
        yield workers
    finally:
        workers.stop(2)


def said(writer: JournalWriter) -> list[str]:
    rows = writer.read(lambda c: c.execute(select(outbox.c.message).order_by(outbox.c.id)).scalars().all())
    return [row["text"] for row in rows]


def until(true: Callable[[], bool], within_s: float = 15.0) -> None:
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


def test_an_item_its_words_and_its_records_end_together(writer: JournalWriter, inbox: Inbox) -> None:
    with working(writer, inbox, answer):
        inbox.receive(asked("U1", "c1", "one"))
        until(lambda: len(said(writer)) == 1)
    assert said(writer) == ["answer to one"]
    assert writer.read(lambda c: c.execute(select(audit.c.action)).scalars().all()) == ["asked"]
    assert writer.read(lambda c: c.execute(select(inbox_table.c.state)).scalars().all()) == ["done"]


def test_a_conversation_is_worked_in_order_and_one_at_a_time(writer: JournalWriter, inbox: Inbox) -> None:
    at_work, most = 0, 0
    guard = threading.Lock()

    def slow(item: Item) -> Done:
        nonlocal at_work, most
        with guard:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.01)
        with guard:
            at_work -= 1
        return answer(item)

    for n in range(12):
        inbox.receive(asked(f"U{n % 3}", "one thread", f"{n:02}"))
    with working(writer, inbox, slow, size=4):
        until(lambda: len(said(writer)) == 12)
    assert said(writer) == [f"answer to {n:02}" for n in range(12)]
    assert most == 1


def test_one_persons_flood_does_not_starve_another(writer: JournalWriter, inbox: Inbox) -> None:
    for n in range(40):
        inbox.receive(asked("flood", f"f{n}", f"flood {n}"))
    for n in range(2):
        inbox.receive(asked("calm", f"c{n}", f"calm {n}"))
    with working(writer, inbox, answer, size=1):
        until(lambda: len(said(writer)) == 42)
    order = said(writer)
    assert order.index("answer to calm 0") <= 2
    assert order.index("answer to calm 1") <= 4


def test_a_crash_is_one_apology_with_an_id_that_the_journal_has(
    writer: JournalWriter, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(item: Item) -> Done:
        raise ZeroDivisionError("secret detail")

    with working(writer, inbox, fail):
        inbox.receive(asked("U1", "c1", "one"))
        until(lambda: len(said(writer)) == 1)
    error_id = writer.read(lambda c: c.execute(select(troubles.c.id)).scalar())
    assert said(writer) == [f"sorry one {error_id}"]
    assert f"trouble {error_id}" in caplog.text


def test_an_item_that_keeps_ending_the_process_is_given_up(writer: JournalWriter, inbox: Inbox) -> None:
    inbox.receive(asked("U1", "c1", "poison"))
    for _ in range(MOST_ATTEMPTS):
        writer.write(lambda c: work.give_back(c, {"question"}))
        assert writer.write(lambda c: work.claim(c, {"question"}, 0.0)) is not None
    with working(writer, inbox, answer):
        until(lambda: len(said(writer)) == 1)
    assert said(writer)[0].startswith("sorry poison")


def test_what_a_killed_process_had_claimed_is_worked_at_once(writer: JournalWriter, inbox: Inbox) -> None:
    inbox.receive(asked("U1", "c1", "one"))
    assert writer.write(lambda c: work.claim(c, {"question"}, 0.0)) is not None
    with working(writer, inbox, answer):
        until(lambda: len(said(writer)) == 1)
    assert said(writer) == ["answer to one"]


def test_sp20_when_every_handler_hangs_everybody_is_told_in_time(writer: JournalWriter, inbox: Inbox) -> None:
    hang = threading.Event()

    def hanging(item: Item) -> Done:
        hang.wait()
        return answer(item)

    with working(writer, inbox, hanging, size=4, deadline_s=1.0):
        for n in range(30):
            inbox.receive(asked(f"U{n % 5}", f"c{n}", f"{n:02}"))
        until(lambda: len(said(writer)) == 30)
        words = sorted(text.rsplit(" ", 1)[0] for text in said(writer))
        assert words == [f"late {n:02}" for n in range(30)]
        hang.set()
        time.sleep(0.1)
        inbox.receive(asked("U1", "after", "after"))
        until(lambda: "answer to after" in said(writer))
    assert len(said(writer)) == 31


def test_one_hanging_handler_does_not_hold_up_the_others(writer: JournalWriter, inbox: Inbox) -> None:
    hang = threading.Event()

    def one_hangs(item: Item) -> Done:
        if item.text == "hang":
            hang.wait()
        return answer(item)

    with working(writer, inbox, one_hangs, size=1, deadline_s=0.5):
        inbox.receive(asked("U1", "c1", "hang"))
        time.sleep(0.05)
        inbox.receive(asked("U2", "c2", "other"))
        until(lambda: len(said(writer)) == 2)
        assert said(writer)[0].startswith("late hang")
        hang.set()
    assert len(said(writer)) == 2


def test_what_waited_for_a_restart_is_answered_and_not_apologised_for(
    writer: JournalWriter, clock: HandClock
) -> None:
    Inbox(writer, clock, lambda _: None).receive(asked("U1", "c1", "from before"))  # months ago
    inbox = Inbox(writer, real_clock, lambda _: None)
    with working(writer, inbox, answer, deadline_s=0.2):
        until(lambda: len(said(writer)) == 1)
    assert said(writer) == ["answer to from before"]


def test_patient_kinds_have_their_own_workers(writer: JournalWriter, inbox: Inbox) -> None:
    inbox.receive(asked("U1", "c1", "sync", kind="sync"))
    inbox.receive(asked("U1", "c2", "one"))
    with working(writer, inbox, answer):
        until(lambda: len(said(writer)) == 1)
        time.sleep(0.1)
        assert said(writer) == ["answer to one"]
    patient = Workers(writer, {"sync"}, answer, crashed, late, real_clock, size=1, deadline_s=None)
    patient.start()
    until(lambda: len(said(writer)) == 2)
    assert patient.stop(2)


def test_what_an_item_leaves_for_others_is_told_at_its_end_though_nothing_is_said(
    writer: JournalWriter, inbox: Inbox
) -> None:
    ends: list[str] = []

    def told() -> None:
        states = writer.read(lambda c: c.execute(select(inbox_table.c.state)).scalars().all())
        ends.extend(states)

    with working(writer, inbox, lambda _: Done(), finished=told):
        inbox.receive(asked("U1", "c1", "one"))
        until(lambda: ends == ["done"])


def test_stopping_lets_what_is_being_worked_on_finish(writer: JournalWriter, inbox: Inbox) -> None:
    begun = threading.Event()

    def slow(item: Item) -> Done:
        begun.set()
        time.sleep(0.2)
        return answer(item)

    with working(writer, inbox, slow, size=1) as workers:
        inbox.receive(asked("U1", "c1", "one"))
        inbox.receive(asked("U1", "c2", "two"))
        begun.wait(5)
        assert workers.stop(5)
    assert said(writer) == ["answer to one"]

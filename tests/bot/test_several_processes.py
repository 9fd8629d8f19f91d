"""Several processes at one journal: each thing is worked once and said once, whoever ends or stands still."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import PoolProxiedConnection, select, text

from bot.hearsay import Hearsay
from bot.inbox import Inbox, Receipt, Received
from bot.journal import duties, outgoing, work
from bot.journal.migrate import migrate
from bot.journal.tables import inbox as inbox_table
from bot.journal.tables import outbox as outbox_table
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter, NotCommitted
from bot.messages import Kind, Message
from bot.outbox import LONGEST_CALL_S, Outbox
from bot.scheduling import Scheduling
from bot.sending import RateLimited
from bot.sync_runs import SyncRuns
from bot.workers import Workers
from knowledge.adapters.database import Database, open_database
from knowledge.errors import Busy, StoreError
from tests.bot.conftest import HandClock
from tests.bot.listed import listed_now
from tests.bot.test_outbox import PaperSlack, run, told
from tests.servers import Postgres

KINDS = {"question"}


class Processes:
    """Processes of one journal on a server: writers over connections of their own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._made: list[tuple[Database, JournalWriter]] = []
        database = open_database(address)
        migrate(database)
        database.close()

    def writer(self) -> JournalWriter:
        database = open_database(self.address)
        writer = JournalWriter(database)
        writer.start()
        self._made.append((database, writer))
        return writer

    def database(self, writer: JournalWriter) -> Database:
        return next(database for database, one in self._made if one is writer)

    def end(self) -> None:
        for database, writer in self._made:
            writer.close()
            database.close()


@pytest.fixture
def processes(postgres_server: Postgres) -> Iterator[Processes]:
    address = postgres_server.new_database(migrated=True)
    made = Processes(address)
    yield made
    made.end()
    postgres_server.drop(address)


def asked(n: int, conversation: str = "", person: str = "U1") -> Received:
    key = frozenset({f"message {n}"})
    return Received("question", key, "T1", "C1", person, f"{n}", conversation=conversation or f"c{n}")


def answer(item: Item) -> Done:
    return Done(say=(Message(item.channel, f"answer to {item.text}"),))


def apologise(item: Item, _error_id: str) -> Message:
    return Message(item.channel, f"sorry about {item.text}")


def now() -> datetime:
    return datetime.now(UTC)


def said(writer: JournalWriter) -> list[str]:
    return [
        row["text"]
        for row in writer.read(lambda c: c.execute(select(outbox_table.c.message)).scalars().all())
    ]


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def claim(writer: JournalWriter, at: float) -> Item | None:
    return writer.write(lambda c: work.claim(c, KINDS, at))


def test_a_conversation_is_worked_by_one_process_at_a_time(processes: Processes) -> None:
    first, second = processes.writer(), processes.writer()
    inbox = Inbox(first, now, lambda _: None)
    for n in range(3):
        inbox.receive(asked(n, "one thread"))
    inbox.receive(asked(3, "another"))
    mine, others = claim(first, 0.0), claim(second, 0.0)
    assert mine is not None
    assert others is not None
    assert (mine.text, others.text) == ("0", "3")
    assert claim(second, 0.0) is None
    first.write(lambda c: work.finish(c, mine, answer(mine), 1.0))
    following = claim(second, 1.0)
    assert following is not None
    assert following.text == "1"


def test_turns_of_people_are_shared(processes: Processes) -> None:
    first, second = processes.writer(), processes.writer()
    inbox = Inbox(first, now, lambda _: None)
    for n in range(4):
        inbox.receive(asked(n, person="flood"))
    inbox.receive(asked(9, person="calm"))
    order = [claim(writer, 0.0) for writer in (first, second, second)]
    assert [item.person for item in order if item] == ["flood", "calm", "flood"]


def test_what_an_ended_process_had_claimed_is_worked_by_another_when_its_lease_ends(
    processes: Processes,
) -> None:
    ended, living = processes.writer(), processes.writer()
    Inbox(ended, now, lambda _: None).receive(asked(1))
    item = claim(ended, 100.0)
    assert item is not None
    before = 100.0 + work.LEASE_S - 1
    assert living.write(lambda c: work.give_back_expired(c, KINDS, before)) == 0
    ended.write(lambda c: work.renew(c, [item.claim], before))
    assert living.write(lambda c: work.give_back_expired(c, KINDS, before + 2)) == 0
    after = before + work.LEASE_S
    assert living.write(lambda c: work.give_back_expired(c, KINDS, after)) == 1
    again = claim(living, after)
    assert again is not None
    assert (again.id, again.attempts) == (item.id, 2)
    assert not ended.write(lambda c: work.finish(c, item, answer(item), after)), "it comes too late"
    assert living.write(lambda c: work.finish(c, again, answer(again), after))
    assert said(living) == ["answer to 1"]


def test_workers_keep_their_lease_while_a_handler_is_at_work(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "LEASE_S", 1.0)
    monkeypatch.setattr("bot.workers.RENEW_EVERY_S", 0.2)
    runs = Counter[str]()

    def slow(item: Item) -> Done:
        runs[item.text] += 1
        time.sleep(2.5)
        return answer(item)

    sides = [Workers(processes.writer(), KINDS, slow, apologise, apologise, now, size=1) for _ in range(2)]
    writer = processes.writer()
    Inbox(writer, now, lambda _: None).receive(asked(1))
    for side in sides:
        side.start()
    until(lambda: said(writer))
    for side in sides:
        side.stop(5)
    assert runs == {"1": 1}
    assert said(writer) == ["answer to 1"]


def test_what_was_taken_over_is_answered_and_not_apologised_for(
    processes: Processes, clock: HandClock
) -> None:
    ended, living = processes.writer(), processes.writer()
    clock.now = now()
    workers = Workers(living, KINDS, answer, apologise, apologise, clock, size=1, deadline_s=20.0)
    inbox = Inbox(ended, clock, lambda _: None)
    clock.forward(1)
    inbox.receive(asked(1))
    assert claim(ended, clock().timestamp()) is not None
    clock.forward(work.LEASE_S + 30)
    workers.start()
    until(lambda: said(living))
    workers.stop(2)
    assert said(living) == ["answer to 1"]


def boxes(processes: Processes, clock: HandClock, slack: PaperSlack, count: int = 2) -> list[Outbox]:
    made = [
        Outbox(processes.writer(), slack, lambda message: message, told, clock)  # type: ignore[arg-type]
        for _ in range(count)
    ]
    for one in made:
        one.resume()
    return made


def test_a_lane_has_one_sender_among_all_processes(processes: Processes, clock: HandClock) -> None:
    slack = PaperSlack(clock)
    first, second = boxes(processes, clock, slack)
    first.say(Message("C1", "one"), Message("C1", "two"), Message("C2", "elsewhere"))
    taken = first._take()
    assert taken is not None
    assert taken.message.text == "one"
    other = second._take()
    assert other is not None
    assert other.message.text == "elsewhere"
    assert second._take() is None
    first._deliver(taken)
    assert second.step()
    assert [text for _, text, _, _ in slack.posts] == ["one", "two"]


def test_the_pace_of_a_channel_is_shared(processes: Processes, clock: HandClock) -> None:
    slack = PaperSlack(clock)
    both = boxes(processes, clock, slack)
    both[0].say(*(Message("C1", f"{n}") for n in range(8)))
    started = clock().timestamp()
    for turn in range(80):
        while both[turn % 2].step():
            pass
        clock.forward(0.1)
    assert [text for _, text, _, _ in slack.posts] == [f"{n}" for n in range(8)]
    times = [at - started for *_, at in slack.posts]
    for earlier, later in zip(times, times[2:], strict=False):
        assert later - earlier >= 0.99, "two at once, then one a second, whoever sends"


def test_sp09_the_rest_that_one_process_was_told_is_kept_by_all(
    processes: Processes, clock: HandClock
) -> None:
    slack = PaperSlack(clock, plan=[(RateLimited(30), False)])
    first, second = boxes(processes, clock, slack)
    first.say(Message("C1", "one"), Message("C2", "two"))
    first.step()
    run(second, clock, 29)
    assert slack.posts == []
    run(second, clock, 5)
    assert sorted(text for _, text, _, _ in slack.posts) == ["one", "two"]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_message_of_an_ended_process_is_looked_for_before_it_is_sent_again(
    processes: Processes, clock: HandClock, arrived: bool
) -> None:
    slack = PaperSlack(clock)
    ended, living = boxes(processes, clock, slack)
    ended.say(Message("C1", "once"))
    taken = ended._take()
    assert taken is not None
    if arrived:
        slack.send(taken.message, taken.token)
    living._keep_leases()
    run(living, clock, outgoing.LEASE_S - 1)
    assert len(slack.posts) == arrived, "its lease still holds"
    clock.forward(2)
    living._keep_leases()
    run(living, clock, 5)
    assert [text for _, text, _, _ in slack.posts] == ["once"]


def test_a_process_that_stood_still_posts_nothing_that_was_taken_over(
    processes: Processes, clock: HandClock
) -> None:
    """It is stopped just before the call, another one posts, and it wakes up."""
    slack = PaperSlack(clock)
    still, living = boxes(processes, clock, slack)
    still.say(Message("C1", "once"))
    taken = still._take()
    assert taken is not None
    clock.forward(outgoing.LEASE_S + 1)
    living._keep_leases()
    run(living, clock, 5)
    still._keep_leases()  # whichever of its threads wakes up first
    still._deliver(taken)
    run(still, clock, 5)
    assert [text for _, text, _, _ in slack.posts] == ["once"]


def test_a_lease_that_ends_before_the_call_could_is_not_used(processes: Processes, clock: HandClock) -> None:
    slack = PaperSlack(clock)
    (outbox,) = boxes(processes, clock, slack, 1)
    outbox.say(Message("C1", "once"))
    taken = outbox._take()
    assert taken is not None
    clock.forward(outgoing.LEASE_S - LONGEST_CALL_S + 1)
    outbox._deliver(taken)
    assert slack.calls == []
    run(outbox, clock, 10)
    assert [text for _, text, _, _ in slack.posts] == ["once"]


def test_an_ephemeral_of_an_ended_process_is_given_up(processes: Processes, clock: HandClock) -> None:
    slack = PaperSlack(clock)
    ended, living = boxes(processes, clock, slack)
    ended.say(Message("C1", "psst", kind=Kind.EPHEMERAL, person="U1"))
    assert ended._take() is not None
    clock.forward(outgoing.LEASE_S + 1)
    living._keep_leases()
    run(living, clock, 5)
    assert slack.calls == []


def test_what_one_process_hears_of_people_all_forget(processes: Processes) -> None:
    told_here: list[object] = []
    told_there: list[object] = []
    here = Hearsay(processes.writer(), told_here.append, now)
    there = Hearsay(processes.writer(), told_there.append, now)
    there.follow()
    here.heard({"type": "member_left_channel", "channel": "C1", "user": "U1"})
    here.heard({"type": "user_change", "user": {"id": "U2", "profile": {"email": "kept@out.example"}}})
    here.heard({"type": "subteam_updated", "subteam": {"id": "S1"}})
    assert len(told_here) == 3
    there.follow()
    assert told_there == [
        {"type": "member_left_channel", "channel": "C1"},
        {"type": "user_change", "user": "U2"},
        {"type": "subteam_updated", "channel": ""},
    ]
    there.follow()
    assert len(told_there) == 3


def test_a_duty_is_begun_by_one_process(processes: Processes) -> None:
    first, second = processes.writer(), processes.writer()

    def begins(writer: JournalWriter, at: float) -> bool:
        return writer.write(lambda c: duties.begin(c, "resync", 600.0, at))

    assert [begins(first, 1000.0), begins(second, 1000.0), begins(first, 1599.0)] == [True, False, False]
    assert [begins(second, 1600.0), begins(first, 1601.0)] == [True, False]
    assert begins(first, 500.0), "a clock that was put back does not stop the duty"


def test_many_processes_that_start_at_once_sync_once(processes: Processes) -> None:
    databases = [processes.database(processes.writer()) for _ in range(4)]
    start = threading.Barrier(4)

    def begin(database: Database) -> None:
        runs = SyncRuns(database, now)
        scheduling = Scheduling(runs, lambda: listed_now("wiki"), database, ZoneInfo("UTC"), now())
        start.wait()
        scheduling(now())

    threads = [threading.Thread(target=begin, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [asked_for] = SyncRuns(databases[0], now).active()
    assert asked_for.wanted.sources == ("wiki",)


def test_one_process_owns_the_record_and_a_dead_connection_owns_nothing(
    processes: Processes, tmp_path: Path, postgres_server: Postgres
) -> None:
    first, second = (processes.database(processes.writer()) for _ in range(2))
    with first.owning("sync", tmp_path):
        with pytest.raises(Busy, match=r"cannot rebuild the index: lore: sync \(.*\) is at work; wait"):
            second.owning("rebuild the index", tmp_path).__enter__()
        with pytest.raises(Busy, match="this process is at it already"):
            first.owning("sync", tmp_path).__enter__()
    with second.owning("sync", tmp_path), postgres_server.admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lore: sync'"
        )
        with first.owning("sync", tmp_path, wait_s=5):
            pass


def kill_at_commit(processes: Processes, writer: JournalWriter, postgres: Postgres, after: bool) -> None:
    """Break the next commit's connection, before the server has it or after it has stored it."""
    engine = processes.database(writer).engine
    real = engine.dialect.do_commit

    def commit(connection: PoolProxiedConnection) -> None:
        if threading.current_thread().name != "journal-writer":
            real(connection)
            return
        engine.dialect.do_commit = real  # type: ignore[method-assign]
        driver: Any = connection.driver_connection
        pid = driver.info.backend_pid
        if after:
            real(connection)
        with postgres.admin() as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (pid,))
        until(lambda: _is_gone(postgres, pid))
        driver.execute("SELECT 1")

    engine.dialect.do_commit = commit  # type: ignore[method-assign]


def _is_gone(postgres: Postgres, pid: int) -> bool:
    with postgres.admin() as admin:
        return admin.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is None


@pytest.mark.parametrize("stored", [True, False])
def test_st18_an_event_whose_commit_broke_is_known_or_taken_in_when_it_is_sent_again(
    processes: Processes, postgres_server: Postgres, stored: bool
) -> None:
    writer = processes.writer()
    inbox = Inbox(writer, now, lambda _: None)
    kill_at_commit(processes, writer, postgres_server, after=stored)
    with pytest.raises(NotCommitted):
        inbox.receive(asked(1))
    assert inbox.receive(asked(1)) is (Receipt.AGAIN if stored else Receipt.NEW)
    assert writer.read(lambda c: c.execute(select(inbox_table.c.text)).scalars().all()) == ["1"]


@pytest.mark.parametrize("stored", [True, False])
def test_st18_an_answer_whose_commit_broke_is_said_once(
    processes: Processes, postgres_server: Postgres, stored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, looking = processes.writer(), processes.writer()
    Inbox(writer, now, lambda _: None).receive(asked(1))

    def breaks(item: Item) -> Done:
        kill_at_commit(processes, writer, postgres_server, after=stored)
        return answer(item)

    workers = Workers(writer, KINDS, breaks, apologise, apologise, now, size=1, deadline_s=None)
    workers.start()
    until(lambda: looking.read(lambda c: c.execute(select(inbox_table.c.state)).scalar()) == "done")
    workers.stop(5)
    assert said(looking) == ["answer to 1"]


@pytest.mark.parametrize("stored", [True, False])
def test_st18_a_message_that_was_taken_when_the_commit_broke_is_said_once(
    processes: Processes, postgres_server: Postgres, stored: bool, clock: HandClock
) -> None:
    slack = PaperSlack(clock)
    writer = processes.writer()
    outbox = Outbox(writer, slack, lambda message: message, told, clock)  # type: ignore[arg-type]
    outbox.say(Message("C1", "once"), Message("C1", "next"))
    kill_at_commit(processes, writer, postgres_server, after=stored)
    with pytest.raises(NotCommitted):
        outbox.step()
    run(outbox, clock, 5)
    clock.forward(outgoing.LEASE_S)
    outbox._keep_leases()
    run(outbox, clock, 5)
    assert [text for _, text, _, _ in slack.posts] == ["once", "next"]


@pytest.mark.parametrize("stored", [True, False])
def test_st18_a_post_whose_outcome_could_not_be_stored_is_said_once(
    processes: Processes, postgres_server: Postgres, stored: bool, clock: HandClock
) -> None:
    slack = PaperSlack(clock)
    writer = processes.writer()
    outbox = Outbox(writer, slack, lambda message: message, told, clock)  # type: ignore[arg-type]
    outbox.say(Message("C1", "once"), Message("C1", "next"))
    taken = outbox._take()
    assert taken is not None
    kill_at_commit(processes, writer, postgres_server, after=stored)
    outbox._deliver(taken)
    run(outbox, clock, 5)
    assert [text for _, text, _, _ in slack.posts] == ["once", "next"]


def test_a_process_suspended_in_a_transaction_holds_up_nobody_for_long(
    processes: Processes, postgres_address: str
) -> None:
    database = processes.database(processes.writer())
    with database.reading() as connection:
        assert connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar() == "15s"
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "10s"
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
    with database.writing() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://host/name", "mysql is no database that Lore knows"),
        ("postgresql://127.0.0.1:1/lore", "cannot open the database lore at 127.0.0.1: .*refused"),
    ],
)
def test_a_server_that_cannot_be_used_is_one_line(address: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as raised:
        open_database(address)
    assert "\n" not in str(raised.value)

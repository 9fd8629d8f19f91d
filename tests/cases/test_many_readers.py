"""Many readers beside two writers of one database: nobody is told that it is locked (ST-06)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.inbox import Inbox
from bot.journal.migrate import migrate
from bot.journal.tables import inbox as inbox_table
from bot.journal.writer import JournalWriter
from knowledge.adapters.database import open_database
from knowledge.adapters.store import SqlStore
from tests.bot.conftest import HandClock
from tests.bot.test_inbox import event, from_event
from tests.fakes import HashEmbedder
from tests.records import document, publish

READERS = 8
SYNCS = 5
EVENTS_A_SYNC = 25
AUTOCHECKPOINT_BYTES = 1000 * 4096
"""SQLite copies the write-ahead log into the database whenever it holds this much, unless somebody reads."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    database.close()
    return tmp_path / "lore.db"


def write_a_round(path: Path, clock: HandClock, first: int) -> None:
    """Syncs in one thread and events in another, as `lore sync` beside a running bot."""
    embedder = HashEmbedder()

    def sync() -> None:
        store = SqlStore(open_database(path))
        for n in range(first, first + SYNCS):
            publish(store, embedder, [document(f"{n}.md", f"Page {n}. " + "word " * 2000)])
        store.database.close()

    def receive() -> None:
        database = open_database(path)
        writer = JournalWriter(database)
        writer.start()
        inbox = Inbox(writer, clock, lambda _: None, most_queued=10_000)
        for n in range(first * EVENTS_A_SYNC, (first + SYNCS) * EVENTS_A_SYNC):
            inbox.receive(from_event(event(f"Ev{n}", ts=f"{n}.0"), "question"))
        writer.close()
        database.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(sync), pool.submit(receive)]:
            done.result()


def read_until(stop: threading.Event, path: Path) -> int:
    """Read the record and the journal over and over; how often it was possible."""
    store = SqlStore(open_database(path))
    times = 0
    while not stop.wait(0.01):
        version = store.published()
        keys = store.audience_keys(version)
        assert store.searched(version, keys).documents == version, "each sync adds one page"
        with store.database.reading() as connection:
            connection.execute(select(func.count()).select_from(inbox_table)).scalar_one()
        times += 1
    store.database.close()
    return times


def beside(readers: Callable[[threading.Event], int], work: Callable[[], None]) -> list[int]:
    stop = threading.Event()
    with ThreadPoolExecutor(READERS) as pool:
        reading = [pool.submit(readers, stop) for _ in range(READERS)]
        try:
            work()
        finally:
            stop.set()
        return [each.result() for each in reading]


def test_st06_readers_writers_and_a_long_read_never_meet_a_lock(path: Path, clock: HandClock) -> None:
    log = path.with_name("lore.db-wal")
    holder = open_database(path)
    with holder.reading() as connection:
        connection.execute(select(func.count()).select_from(inbox_table)).scalar_one()
        times = beside(lambda stop: read_until(stop, path), lambda: write_a_round(path, clock, 0))
        seen = connection.execute(select(func.count()).select_from(inbox_table)).scalar_one()
    assert all(times)
    assert seen == 0, "a reading transaction sees one state, however long it lasts"
    held_back = log.stat().st_size

    write_a_round(path, clock, SYNCS)
    assert log.stat().st_size <= held_back + AUTOCHECKPOINT_BYTES, "the log is used again from its beginning"
    with holder.reading() as connection:
        count = connection.execute(select(func.count()).select_from(inbox_table)).scalar_one()
    assert count == 2 * SYNCS * EVENTS_A_SYNC
    holder.close()

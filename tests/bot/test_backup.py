"""Backups are one consistent state, taken while Lore works; a restore gives it back, on either database."""

import json
import sqlite3
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, event, func, select, text

from bot.backup import SCHEMA_TABLE, back_up
from bot.inbox import Inbox, Received
from bot.journal import outgoing, work
from bot.journal.migrate import HEAD, migrate, schema_of
from bot.journal.records import Question
from bot.journal.tables import inbox as inbox_table
from bot.journal.tables import outbox as outbox_table
from bot.journal.work import Done
from bot.journal.writer import JournalWriter
from bot.messages import Kind, Message
from bot.outbox import Outbox
from bot.restoring import SKIPPED_IDS, empty, read_manifest, refuse_while_used, restore
from knowledge.adapters.database import Database, open_database
from knowledge.adapters.store import SqlStore
from knowledge.adapters.tables import versions
from knowledge.documents import MetricPoint, Run
from knowledge.errors import Busy, StoreError
from tests.bot.conftest import HandClock
from tests.bot.test_outbox import PaperSlack, run, told
from tests.fakes import HashEmbedder
from tests.old_records import leave_in
from tests.records import NOON, RESEARCH, document, publish
from tests.servers import Postgres

EMBEDDER = HashEmbedder()
BOTH = ("sqlite", "postgresql")
SECRET = "https://hooks.slack.example/commands/secret"


@pytest.fixture
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Makes empty databases."""
    made: list[tuple[Database, Postgres | None]] = []

    def make(kind: str) -> Database:
        server: Postgres | None = None
        address = str(tmp_path / f"{len(made)}.db")
        if kind == "postgresql":
            server = request.getfixturevalue("postgres_server")
            address = server.new_database()
        made.append((open_database(address), server))
        return made[-1][0]

    yield make
    for database, server in made:
        database.close()
        if server is not None:
            server.drop(database.address)


def lived_in(database: Database) -> None:
    """A database with documents, runs, questions, and things still to be answered and said."""
    migrate(database)
    store = SqlStore(database)
    run_log = Run(
        "r1",
        params={"lr": 0.1, "resume": None},
        metrics={"loss": (MetricPoint(1.0, float("inf")), MetricPoint(2.0, float("nan")))},
        started_at=NOON,
    )
    publish(store, EMBEDDER, [document("old.md", "Gone.")])
    publish(
        store,
        EMBEDDER,
        [
            document("a.md", "Words, ünïcode and \x00 and \ud800.\n\nMore."),
            document("b.md", "Lab.", audience=RESEARCH),
            replace(document("r.json", "A run."), run=run_log),
        ],
        removed=["wiki/old.md"],
    )
    writer = JournalWriter(database)
    writer.start()
    inbox = Inbox(writer, lambda: NOON, lambda _: None)
    for n in range(3):
        payload = {"response_url": SECRET, "trigger_id": "1.2.secret", "deep": [{"response_url": SECRET}]}
        inbox.receive(
            Received(
                "ask", frozenset({f"k{n}"}), "T1", "C1", "U1", f"q{n}", conversation=f"{n}", payload=payload
            )
        )
    item = writer.write(lambda c: work.claim(c, {"ask"}, 1.0))
    assert item is not None
    question = Question("T1", "C1", "1.1", "1.1", "U1", "q0", {"outcome": "x"}, [{"a": None}], 5)
    private = Message("C1", "psst", Kind.RESPOND, response_url=SECRET)
    posted = Message("C1", "posted")
    done = Done(say=(Message("C1", "waiting"), private, posted), record=(question,))
    writer.write(lambda c: work.finish(c, item, done, 2.0))
    writer.write(lambda c: work.claim(c, {"ask"}, 3.0))
    writer.close()


def content(database: Database, without: frozenset[str] = frozenset()) -> dict[str, list[Any]]:
    with database.reading() as connection:
        found = MetaData()
        found.reflect(connection)
        return {
            table.name: [
                tuple(None if v != v else v for v in row)  # SQLite has no NaN, and keeps NULL for it
                for row in connection.execute(select(table).order_by(*table.primary_key.columns))
            ]
            for table in found.sorted_tables
            if table.name not in without | {SCHEMA_TABLE}
        }


CHANGED = frozenset({"inbox", "outbox"})


@pytest.mark.parametrize("there", BOTH)
@pytest.mark.parametrize("here", BOTH)
def test_st13_a_restore_on_an_empty_machine_gives_everything_back(
    new: Callable[[str], Database], tmp_path: Path, here: str, there: str
) -> None:
    before = new(here)
    lived_in(before)
    file = tmp_path / "backup.zip"
    written = back_up(before, file, lambda: NOON)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    manifest = read_manifest(file)
    assert manifest == written
    after = new(there)
    assert restore(after, file, manifest) == 2
    assert content(after, CHANGED) == content(before, CHANGED)
    with after.reading() as connection:
        assert schema_of(connection) == HEAD
        assert dict(connection.execute(select(inbox_table.c.text, inbox_table.c.state)).all()) == {
            "q0": "done",
            "q1": "refused",
            "q2": "refused",
        }
    store, old = SqlStore(after), SqlStore(before)
    assert store.document("wiki/a.md") == old.document("wiki/a.md")
    assert repr(store.run("wiki/r.json")) == repr(old.run("wiki/r.json"))


@pytest.mark.parametrize("kind", BOTH)
def test_no_id_is_ever_given_out_again_after_a_restore(
    new: Callable[[str], Database], tmp_path: Path, kind: str
) -> None:
    before = new(kind)
    lived_in(before)
    back_up(before, tmp_path / "b.zip", lambda: NOON)
    lost = publish(SqlStore(before), EMBEDDER, [document("c.md", "Lost.")])
    after = new(kind)
    restore(after, tmp_path / "b.zip", read_manifest(tmp_path / "b.zip"))
    again = publish(SqlStore(after), EMBEDDER, [document("c.md", "Found.")])
    assert lost < again
    assert again > SKIPPED_IDS


@pytest.mark.parametrize("kind", BOTH)
def test_st13_what_was_said_after_the_backup_is_not_said_again(
    new: Callable[[str], Database], tmp_path: Path, clock: HandClock, kind: str
) -> None:
    before = new(kind)
    lived_in(before)
    slack = PaperSlack(clock)
    back_up(before, tmp_path / "b.zip", clock)
    said_by(before, slack, clock)
    assert sorted(text for _, text, _, _ in slack.posts) == ["posted", "psst", "waiting"]
    after = new(kind)
    restore(after, tmp_path / "b.zip", read_manifest(tmp_path / "b.zip"))
    clock.forward(1)
    said_by(after, slack, clock)
    assert len(slack.posts) == 3
    with after.reading() as connection:
        states = connection.execute(select(outbox_table.c.kind, outbox_table.c.state)).all()
    assert sorted(states) == [("post", "sent"), ("post", "sent"), ("respond", "failed")]


def said_by(database: Database, slack: PaperSlack, clock: HandClock) -> None:
    writer = JournalWriter(database)
    writer.start()
    outbox = Outbox(writer, slack, lambda message: message, told, clock)  # type: ignore[arg-type]
    run(outbox, clock, 10)
    writer.close()


@pytest.mark.parametrize("kind", BOTH)
def test_st13_a_backup_taken_while_everybody_writes_is_one_state(
    new: Callable[[str], Database], tmp_path: Path, kind: str
) -> None:
    """Each change writes three rows; a backup holds all three of as many changes as there were, or none."""
    database = new(kind)
    migrate(database)
    stop = threading.Event()

    def write(worker: int) -> None:
        writer = JournalWriter(database)
        writer.start()
        n = 0
        while not stop.is_set():
            say = (Message("C1", "one", key=f"{worker} {n} 1"), Message("C1", "two", key=f"{worker} {n} 2"))
            asked = Question("T1", "C1", "1.1", "1.1", "U1", "q", {}, [], 5, id=f"{worker} {n}")
            writer.write(lambda c, say=say, asked=asked: _three_rows(c, say, asked))  # type: ignore[misc]
            n += 1
        writer.close()

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    files = [tmp_path / f"{n}.zip" for n in range(5)]
    for file in files:
        back_up(database, file, lambda: NOON)
    stop.set()
    for thread in threads:
        thread.join()
    counts = []
    for file in files:
        tables = read_manifest(file).tables
        assert tables["outbox"].rows == 2 * tables["questions"].rows
        counts.append(tables["questions"].rows)
    assert counts == sorted(counts)
    assert counts[-1] > 0


def _three_rows(connection: Any, say: tuple[Message, ...], asked: Question) -> None:
    from bot.journal import records

    outgoing.put(connection, say, None, 0.0)
    records.write(connection, asked, None, 0.0)


def test_a_backup_holds_nothing_that_would_answer_in_our_place(
    new: Callable[[str], Database], tmp_path: Path
) -> None:
    database = new("sqlite")
    lived_in(database)
    back_up(database, tmp_path / "b.zip", lambda: NOON)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"psst" in everything
    assert b"secret" not in everything


def test_a_folder_gets_a_file_named_after_the_time_and_no_file_is_overwritten(
    new: Callable[[str], Database], tmp_path: Path
) -> None:
    database = new("sqlite")
    lived_in(database)
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(database, folder, lambda: NOON)
    (file,) = folder.iterdir()
    assert file.name == "lore-20260302T120000Z.zip"
    with pytest.raises(StoreError, match="there already"):
        back_up(database, file, lambda: NOON)
    with pytest.raises(StoreError, match=r"cannot write .*No such file"):
        back_up(database, tmp_path / "nowhere" / "b.zip", lambda: NOON)
    with pytest.raises(StoreError, match="nothing to back up"):
        back_up(new("sqlite"), tmp_path / "empty.zip", lambda: NOON)
    assert not (tmp_path / "empty.zip").exists()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    database = open_database(folder / "lore.db")
    lived_in(database)
    back_up(database, folder / "b.zip", lambda: NOON)
    database.close()
    return folder / "b.zip"


def test_a_damaged_backup_is_refused_before_anything_is_touched(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    damaged = tmp_path / "damaged.zip"
    refused = 0
    for at in range(0, len(whole), max(1, len(whole) // 60)):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            read_manifest(damaged)
        except StoreError:
            refused += 1
    assert refused > 30, "only what a zip says twice, or nobody reads, may be damaged unseen"
    damaged.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StoreError, match="damaged, or no backup"):
        read_manifest(damaged)
    with pytest.raises(StoreError, match="cannot read"):
        read_manifest(tmp_path / "missing.zip")


def altered(archive: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(target, "w") as made:
        for name in old.namelist():
            content = old.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            made.writestr(name, content)
    return target


def test_st12_a_backup_of_a_newer_lore_is_refused(archive: Path, tmp_path: Path) -> None:
    newer = altered(archive, tmp_path / "newer.zip", lambda manifest: manifest.update(schema="9999"))
    with pytest.raises(StoreError, match="of a newer Lore \\(schema 9999\\): install that one"):
        read_manifest(newer)
    form = altered(archive, tmp_path / "form.zip", lambda manifest: manifest.update(format=2))
    with pytest.raises(StoreError, match="of form 2"):
        read_manifest(form)
    other = altered(archive, tmp_path / "other.zip", lambda manifest: manifest.clear())
    with pytest.raises(StoreError, match="not a backup of Lore"):
        read_manifest(other)


@pytest.mark.parametrize("kind", BOTH)
def test_a_database_that_holds_something_is_left_alone_unless_forced(
    new: Callable[[str], Database], archive: Path, kind: str
) -> None:
    database = new(kind)
    migrate(database)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE of_others (id INTEGER)"))
    manifest = read_manifest(archive)
    with pytest.raises(StoreError, match="not empty: restore with --force"):
        restore(database, archive, manifest)
    empty(database, manifest)
    restore(database, archive, manifest)
    assert SqlStore(database).published() == manifest.published
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM of_others")).scalar() == 0


def test_a_restore_that_fails_leaves_nothing_behind(new: Callable[[str], Database], archive: Path) -> None:
    def full(_cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("UPDATE outbox"):
            raise sqlite3.OperationalError("database or disk is full")

    database, manifest = new("sqlite"), read_manifest(archive)
    event.listen(database.engine, "do_execute", full)
    with pytest.raises(StoreError, match="cannot be put back: database or disk is full"):
        restore(database, archive, manifest)
    event.remove(database.engine, "do_execute", full)
    assert content(database) == {}
    restore(database, archive, manifest)


def test_a_server_that_others_are_connected_to_is_not_restored(new: Callable[[str], Database]) -> None:
    database = new("postgresql")
    refuse_while_used(database)
    other = open_database(database.address)
    with other.reading(), pytest.raises(Busy, match="stop them first"):
        refuse_while_used(database)
    other.close()


def test_st19_one_version_back_is_the_backup_of_before_the_upgrade(
    new: Callable[[str], Database], tmp_path: Path
) -> None:
    """What the older Lore restores is what it had; what the newer one restores is brought up to date."""
    old = new("sqlite")
    leave_in(old, "0001")
    file = tmp_path / "before the upgrade.zip"
    back_up(old, file, lambda: NOON)
    was = content(old, CHANGED)
    migrate(old)
    again = new("sqlite")
    restore(again, file, read_manifest(file), upto="0001")
    assert content(again, CHANGED) == was
    for kind in BOTH:
        newer = new(kind)
        restore(newer, file, read_manifest(file))
        with newer.reading() as connection:
            assert schema_of(connection) == HEAD
            assert connection.scalar(select(func.count()).select_from(versions)) == 1
        assert SqlStore(newer).document("wiki/a.md") == SqlStore(old).document("wiki/a.md")

"""Generations on a real Chroma server: every process follows, and while it is away the record answers."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge.adapters import server_generations
from knowledge.adapters.chroma import ChromaServer
from knowledge.adapters.server_generations import KEEP, ServerGenerations
from knowledge.adapters.store import SqlStore
from knowledge.adapters.tables import generations as table
from tests import servers
from tests.fakes import HashEmbedder
from tests.records import RESEARCH, document, open_store, publish

EMBEDDER = HashEmbedder()
ALL = frozenset({"everyone", RESEARCH.key})


@pytest.fixture
def store(tmp_path: Path, postgres_address: str) -> Iterator[SqlStore]:
    opened = open_store(tmp_path / "record", postgres_address)
    yield opened
    opened.database.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_generations, "LOOK_AGAIN_S", 0.2)


class Machine:
    """A process on a machine of its own: the record is shared, the folder is not."""

    def __init__(self, folder: Path, store: SqlStore, url: str, repair: bool = False) -> None:
        folder.mkdir()
        self.store = store
        self.generations = ServerGenerations(
            folder,
            store,
            lambda: EMBEDDER.fingerprint,
            ChromaServer(url, patience_s=1.0),
            lambda: datetime.now(UTC),
            repair,
        )

    def nearest(self, words: str) -> str:
        index = self.generations.current()
        (hit,) = index.dense(EMBEDDER.embed([words])[0], ALL, 1)
        (named,) = index.lexical(words, ALL, 1)
        assert named.id == hit.id
        return self.store.passages([hit.id])[hit.id].chunk.text

    def settle(self) -> None:
        with self.generations.lock("settle"):
            self.generations.settle()


@pytest.fixture
def machine(
    tmp_path: Path, store: SqlStore, chroma: servers.ChromaServer
) -> Iterator[Callable[..., Machine]]:
    made: list[Machine] = []

    def make(name: str, repair: bool = False, url: str = chroma.url) -> Machine:
        made.append(Machine(tmp_path / name, store, url, repair))
        return made[-1]

    yield make
    for one in made:
        one.generations.close()


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_every_machine_follows_what_one_has_published(
    store: SqlStore, machine: Callable[..., Machine]
) -> None:
    here, there = machine("here"), machine("there")
    publish(store, EMBEDDER, [document("a.md", "Old words."), document("b.md", "Lab.", audience=RESEARCH)])
    here.settle()
    assert (here.nearest("old words"), there.nearest("old words")) == ("Old words.", "Old words.")
    assert here.generations.serving() == there.generations.serving()
    publish(store, EMBEDDER, [document("a.md", "New words.")])
    here.settle()
    assert there.nearest("new words") == "New words."
    assert here.nearest("lab") == "Lab."
    assert there.generations.serving() == here.generations.serving()
    assert there.generations.damage is None


def test_nobody_is_answered_from_nothing_while_the_first_version_is_opened(
    store: SqlStore, machine: Callable[..., Machine]
) -> None:
    here, there = machine("here"), machine("there")
    assert there.generations.current().version == 0
    publish(store, EMBEDDER, [document("a.md", "Old words.")])
    here.settle()
    with ThreadPoolExecutor(8) as asking:
        seen = list(asking.map(lambda _: there.generations.current().version, range(8)))
    assert seen == [1] * 8


def test_while_the_server_is_away_the_record_answers_and_a_sync_publishes(
    store: SqlStore, machine: Callable[..., Machine], chroma: servers.ChromaServer, quick: None
) -> None:
    here = machine("here", repair=True)
    publish(store, EMBEDDER, [document("a.md", "Old words."), document("b.md", "Others.")])
    here.settle()
    assert here.nearest("old words") == "Old words."
    served = here.generations.serving()
    chroma.stop()
    try:
        assert here.nearest("old words") == "Old words."
        assert here.generations.serving() is None
        assert "does not answer" in (here.generations.damage or "")
        publish(store, EMBEDDER, [document("a.md", "New words.")])
        here.settle()
        assert here.nearest("new words") == "New words."
    finally:
        chroma.start()
    until(here.generations.serving)
    assert here.generations.serving() != served
    assert here.nearest("new words") == "New words."
    assert here.generations.damage is None


def test_a_server_that_stands_still_is_not_waited_for_twice(
    store: SqlStore, machine: Callable[..., Machine], chroma: servers.ChromaServer
) -> None:
    here = machine("here")
    publish(store, EMBEDDER, [document("a.md", "Words.")])
    here.settle()
    here.nearest("words")
    chroma.pause()
    try:
        assert here.nearest("words") == "Words."
        assert here.generations.serving() is None
        started = time.monotonic()
        assert here.nearest("words") == "Words."
        assert time.monotonic() - started < 1.0, "the record answers without asking the server"
    finally:
        chroma.go_on()


def test_a_server_that_lost_everything_is_filled_again_by_one_of_two(
    store: SqlStore, machine: Callable[..., Machine], chroma: servers.ChromaServer, quick: None
) -> None:
    publish(store, EMBEDDER, [document("a.md", "Words."), document("b.md", "Others.")])
    both = [machine("here", repair=True), machine("there", repair=True)]
    both[0].settle()
    for one in both:
        assert one.nearest("words") == "Words."
    lost = both[0].generations.serving()
    assert lost is not None
    server = ChromaServer(chroma.url)
    server.generation(lost).drop_all()
    server.close()
    for one in both:
        assert one.nearest("words") == "Words."
    until(lambda: all(one.generations.serving() not in (None, lost) for one in both))
    assert both[0].generations.serving() == both[1].generations.serving()
    with store.database.reading() as connection:
        assert lost not in connection.scalars(select(table.c.name)).all()


def test_damaged_and_missing_words_are_made_again_from_the_record(
    store: SqlStore, machine: Callable[..., Machine], tmp_path: Path
) -> None:
    publish(store, EMBEDDER, [document("a.md", "Words.")])
    first = machine("here")
    first.settle()
    assert first.nearest("words") == "Words."
    for file in (tmp_path / "here" / "words").rglob("*"):
        if file.is_file() and file.suffix != ".json":
            file.write_bytes(b"torn")
    again = machine("elsewhere")
    (tmp_path / "here" / "words").rename(tmp_path / "elsewhere" / "words")
    assert again.nearest("words") == "Words."


def test_many_threads_ask_while_versions_come_and_go(
    store: SqlStore, machine: Callable[..., Machine]
) -> None:
    here, there = machine("here"), machine("there")
    publish(store, EMBEDDER, [document("a.md", "Words that stay.")])
    here.settle()
    wrong: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        try:
            while not stop.is_set():
                assert there.nearest("words that stay") == "Words that stay."
        except BaseException as error:  # noqa: BLE001
            wrong.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    for n in range(4):
        publish(store, EMBEDDER, [document("b.md", f"Number {n}.")])
        here.settle()
    stop.set()
    for thread in asking:
        thread.join()
    assert wrong == []


def test_st17_generations_that_were_dropped_leave_nothing_on_the_server(
    store: SqlStore, machine: Callable[..., Machine], chroma: servers.ChromaServer, tmp_path: Path
) -> None:
    here = machine("here")
    for n in range(KEEP + 3):
        publish(store, EMBEDDER, [document("a.md", f"Words {n}."), document("b.md", "B.", audience=RESEARCH)])
        here.settle()
        here.nearest("words")
    with store.database.reading() as connection:
        names = set(connection.scalars(select(table.c.name)))
    assert len(names) == KEEP
    server = ChromaServer(chroma.url)
    held = {
        name for name in server.collections() if name.split("-audience")[0].removeprefix("lore-") in names
    }
    server.close()
    assert len(held) == KEEP * 2
    assert len(list((tmp_path / "here" / "words").iterdir())) <= KEEP


def test_a_build_that_was_killed_is_swept_from_the_server(
    store: SqlStore, machine: Callable[..., Machine], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine("here")
    publish(store, EMBEDDER, [document("a.md", "Words.")])

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(server_generations, "probe_vectors", killed)
        with pytest.raises(KeyboardInterrupt):
            here.settle()
    with store.database.reading() as connection:
        (left,) = connection.scalars(select(table.c.name)).all()
    here.settle()
    with store.database.reading() as connection:
        assert left not in connection.scalars(select(table.c.name)).all()
    assert here.nearest("words") == "Words."

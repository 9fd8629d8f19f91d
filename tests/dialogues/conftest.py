"""Conversations with the whole bot, in a workspace on this machine, over a small wiki."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore
from tests.dialogues.small_wiki import SERVERS, open_in, with_an_empty_journal, without_an_index
from tests.dialogues.team import SECRETS, WIKI, team
from tests.fakes import FakeClock

ACK_S = 10.0
"""Slack waits 3 s: a busy machine may be slower. How soon Lore does it is measured elsewhere."""
CORE = {
    "test_questions": ("socket", "http"),
    "test_commands": ("socket", "http"),
    "test_audiences": ("socket", "http", "several-http"),
}
"""How these are held unless `--connection` says otherwise; the rest in Socket Mode."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked = metafunc.config.getoption("--connection")
    usual = {
        "core": CORE.get(metafunc.module.__name__.rpartition(".")[2], ("socket",)),
        "both": ("socket", "http"),
    }
    held = usual.get(asked, (asked,))
    given = {"connection": held, "several": [one.startswith("several") for one in held]}
    names = [name for name in given if name in metafunc.fixturenames]
    if names:
        values = list(zip(*(given[name] for name in names), strict=True))
        metafunc.parametrize(names, values, indirect=[name for name in names if name == "several"], ids=held)


@pytest.fixture
def clock() -> FakeClock:
    """For dialogues in which time matters: `slack` of such a test is on it; give it to `at_work`, too.

    with at_work(slack, knowledge, clock=clock) as lore:
        lore.at(clock, datetime(2026, 3, 3, 9, 0, tzinfo=UTC))
    """
    return FakeClock(flowing=True)


@pytest.fixture
def slack(connection: str, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    description = team()
    description.app.socket_mode = not connection.endswith("http")
    seconds = request.getfixturevalue("clock").seconds if "clock" in request.fixturenames else time.time
    with Workspace(description, ack_seconds=ACK_S, redelivery=(0.0, 0.2, 0.4), clock=seconds) as workspace:
        yield workspace


Share = Callable[[Path], bool]


@pytest.fixture(scope="session")
def several(request: pytest.FixtureRequest) -> bool:
    """Whether the dialogue is held with several bots."""
    return bool(request.param)


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest, several: bool) -> Share:
    """Gives a folder a database and an index on servers, where the dialogues are held with several bots."""

    def give(folder: Path) -> bool:
        if several:
            address = request.getfixturevalue("postgres_server").new_database(migrated=True)
            chroma = request.getfixturevalue("chroma").url
            (folder / SERVERS).write_text(json.dumps({"database_url": address, "chroma_url": chroma}))
        return several

    return give


@pytest.fixture(scope="session")
def synced(tmp_path_factory: pytest.TempPathFactory, share: Share) -> Path:
    """A folder with sources and a data folder that was synced once, to be copied, and never opened again.

    To read the files of a database that this process has open drops the locks of the process on it; the
    next process that opens it (such as the one that builds an index) then takes it for one that nobody has
    open, and truncates the memory it is shared by: a bus error here. https://sqlite.org/howtocorrupt.html
    (2.2) has the locks, `unixLockSharedMemory` in SQLite's os_unix.c the truncation.
    """
    folder = tmp_path_factory.mktemp("synced")
    share(folder)
    for source, pages in (("wiki", WIKI), ("secrets", SECRETS)):
        (folder / source).mkdir()
        for name, text in pages.items():
            (folder / source / name).write_text(text)
    knowledge = open_in(folder)
    report = knowledge.syncer.sync(knowledge.settings.sources)
    assert (report.added, report.failed) == (3, ())
    knowledge.close()
    return folder


@pytest.fixture(scope="session")
def opened(synced: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """Opened once: probing and opening a generation takes longer than a conversation."""
    knowledge = open_in(shutil.copytree(synced, tmp_path_factory.mktemp("opened"), dirs_exist_ok=True))
    yield knowledge
    knowledge.close()


@pytest.fixture(scope="session")
def bare(synced: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knowledge]:
    """The same without an index: building one for every entry takes longer than all the rest."""
    knowledge = open_in(shutil.copytree(synced, tmp_path_factory.mktemp("bare"), dirs_exist_ok=True))
    yield without_an_index(knowledge)
    knowledge.close()


@pytest.fixture
def knowledge(request: pytest.FixtureRequest, several: bool) -> Iterator[Knowledge]:
    """With an index, but in dialogues of one bot in which time matters: they are about rituals.

    `several` is named here so that pytest knows of it: what depends on it is asked for below.
    """
    if "clock" in request.fixturenames:
        yield with_an_empty_journal(request.getfixturevalue("bare"))
        return
    shared = with_an_empty_journal(request.getfixturevalue("opened"))
    version = shared.generations.current().version
    yield shared
    assert shared.generations.current().version == version, "who changes what is indexed takes `own_lore`"


@pytest.fixture
def own_knowledge(tmp_path: Path, synced: Path, share: Share) -> Iterator[Knowledge]:
    """For tests that change the sources."""
    shutil.copytree(synced, tmp_path, dirs_exist_ok=True)
    empty = share(tmp_path)
    knowledge = with_an_empty_journal(open_in(tmp_path))
    if empty:
        knowledge.syncer.sync(knowledge.settings.sources)
    yield knowledge
    knowledge.close()


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge) -> Iterator[Lore]:
    with at_work(slack, knowledge) as lore:
        yield lore


@pytest.fixture
def own_lore(slack: Workspace, own_knowledge: Knowledge) -> Iterator[Lore]:
    """For tests that change the sources."""
    with at_work(slack, own_knowledge) as lore:
        yield lore

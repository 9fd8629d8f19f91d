"""What the tests of the Slack edge share: a journal, and a clock that is moved by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.journal.migrate import migrate
from bot.journal.writer import JournalWriter
from knowledge.adapters.database import open_database
from tests.servers import Postgres


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A module that names DATABASES has its journal on each of them."""
    if "writer" in metafunc.fixturenames:
        kinds = getattr(metafunc.module, "DATABASES", ("sqlite",))
        metafunc.parametrize("writer", kinds, indirect=True, ids=None if len(kinds) > 1 else [""])


@pytest.fixture
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalWriter]:
    address: str = str(tmp_path / "lore.db")
    kind = getattr(request, "param", "sqlite")
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("postgres_server")
        address = server.new_database(migrated=True)
    database = open_database(address)
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    yield writer
    writer.close()
    database.close()
    if kind == "postgresql":
        server.drop(address)

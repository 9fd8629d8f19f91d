"""What the tests of the Slack edge share: a journal, and a clock that is moved by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.journal.migrate import migrate
from bot.journal.writer import JournalWriter
from knowledge.adapters.database import open_database


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


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[JournalWriter]:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    yield writer
    writer.close()
    database.close()

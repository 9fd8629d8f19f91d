"""Windows of digests: whatever is lost, late or turned off, nothing is told twice and nothing left out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.digests import switching
from bot.digests.windows import begins, settle
from bot.journal import digests, outgoing
from bot.journal.complete import metadata
from bot.journal.digests import LOST, TOLD, DigestSettings, Telling
from bot.journal.tables import outbox
from bot.messages import Message
from knowledge.adapters.database import Database, open_database

NUMBERS = count()
HOUR = 3600
BEGIN = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
STEPS = st.lists(
    st.tuples(st.sampled_from(["told", "lost", "nothing new", "off", "on"]), st.integers(1, 400)),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened: Database = open_database(Path(tmp_path_factory.mktemp("windows")) / "lore.db")
    with opened.writing() as connection:
        metadata.create_all(connection)
    yield opened
    opened.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(STEPS)
def test_t72_windows_have_no_hole_and_no_overlap(database: Database, steps: list[tuple[str, int]]) -> None:
    number = next(NUMBERS)
    recipient = f"U{number:08}"
    now, utc = BEGIN, ZoneInfo("UTC")
    turned_on: list[float] = []
    told: list[tuple[float, float]] = []
    with database.writing() as connection:

        def turn_on() -> None:
            at = datetime.fromtimestamp(now, UTC)
            kept = switching.turn_on(connection, recipient, recipient, utc, DigestSettings(), at)
            turned_on.append(kept.since)

        turn_on()
        for step, (fate, hours) in enumerate(steps):
            now += hours * HOUR
            digest = digests.digest_of(connection, recipient)
            assert digest is not None
            if fate == "off":
                switching.turn_off(connection, digest, datetime.fromtimestamp(now, UTC))
            elif fate == "on":
                turn_on()
            elif digest.is_on and fate != "nothing new":
                key, since = f"{recipient} {step}", begins(connection, digest)
                outgoing.put(connection, [Message(recipient, "new", key=key)], None, now)
                digests.note(connection, Telling(recipient, key, since, now, now + HOUR, key=key))
                row = connection.execute(outbox.select().where(outbox.c.key == key)).one()
                end = {"state": "sent", "ts": "1.0"} if fate == "told" else {"state": "dropped"}
                outgoing.mark(connection, row.id, now=now, **end)
                [telling] = digests.on_their_way(connection, recipient)
                assert settle(connection, telling) == (TOLD if fate == "told" else LOST)
                if fate == "told":
                    told.append((since, now))
    for (_, end), (start, _) in pairwise(told):
        assert start >= end, "nothing is told twice"
        assert start == end or start in turned_on, "nothing is left out while it is on"
    if told:
        assert told[0][0] in turned_on

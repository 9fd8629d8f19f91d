"""Whatever is changed, and whenever people can be told: they hear what is so, and nothing that they know."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.journal import notices, talks
from bot.journal.migrate import migrate
from bot.journal.notices import PLANNED, SAID
from bot.journal.talks import ANNOUNCED, CANCELLED, YES, Reply, Talk
from bot.learning.reminding import CHANGES, tell_change
from bot.messages import new_key
from knowledge.adapters.database import Database, open_database
from prompts.attending import Facts

PEOPLE = (0, 1)
STATES = (
    Facts(1_000_000.0, 45, "Room 1", "Caches"),
    Facts(2_000_000.0, 45, "Room 1", "Caches"),
    Facts(1_000_000.0, 45, "Room 2", "Caches"),
    Facts(1_000_000.0, 45, "Room 1", "Caches", cancelled=True),
)
STEPS = st.lists(st.sampled_from(STATES) | st.sampled_from(PEOPLE), max_size=14)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(tmp_path_factory.mktemp("told") / "lore.db")
    migrate(opened)
    yield opened
    opened.close()


@settings(max_examples=30, deadline=None)
@given(STEPS)
def test_t63_everybody_hears_what_is_so_now_and_nothing_that_they_know(
    database: Database, steps: list[Facts | int]
) -> None:
    talk = Talk("s", new_key()[:10], STATES[0].starts_at, 45, "UTC", state=ANNOUNCED)
    people = [f"U{new_key()[:10].upper()}" for _ in PEOPLE]
    told, heard = {0: STATES[0]}, dict.fromkeys(people, STATES[0])
    with database.writing() as connection:
        talks.put(connection, replace(talk, series_id=talk.id), 0.0)
        for person in people:
            talks.put_reply(connection, Reply(talk.id, person, YES, 0.0))
    for step in (*steps, *PEOPLE):
        with database.writing() as connection:
            if isinstance(step, Facts):
                state = CANCELLED if step.cancelled else ANNOUNCED
                talk = replace(talk, sequence=talk.sequence + 1, starts_at=step.starts_at, state=state)
                told[talk.sequence] = step
                tell_change(connection, talk, told, 0.0)
            else:
                _say(connection, talk, people[step], told, heard)
    assert set(heard.values()) == {told[talk.sequence]}


def _say(
    connection: Connection, talk: Talk, person: str, told: dict[int, Facts], heard: dict[str, Facts]
) -> None:
    """Somebody can be told now."""
    waiting = [
        one
        for one in notices.of_recipient(connection, person, 100)
        if one.state == PLANNED and one.kind in CHANGES
    ]
    assert len(waiting) <= 1, "all changes together"
    for one in waiting:
        _, since, to = one.about.split(":")
        assert told[int(since)] == heard[person], "told from what they heard last"
        assert int(to) == talk.sequence
        assert told[int(to)] != heard[person]
        claim, _ = notices.claim(connection, [one.id], 0.0)
        assert notices.end(connection, replace(one, state=SAID), claim, 0.0)
        heard[person] = told[int(to)]

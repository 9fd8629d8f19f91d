"""Drafts in whole conversations: asked for, offered to one person, used in the form, and gone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks.standup_drafts import USE_DRAFT
from bot.journal import entries, rituals
from bot.journal.drafts import drafts
from bot.journal.rituals import Ritual
from bot.journal.tables import outbox
from bot.rituals.repositories import Repository
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.ritual import Prompt, Role, Standup
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import MONDAY, FakeClock
from tests.ingest.test_commits import commit, git

NINE = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
SUBJECT = "Shift the digits by two pixels"


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock, tmp_path: Path) -> Iterator[Lore]:
    """Lore with a stand-up of Ben and Chloe, who both committed to a repository that it looks at."""
    place = tmp_path / "trainer"
    place.mkdir()
    git(place, "init", "--quiet")
    for name in ("ben", "chloe"):
        commit(place, f"{SUBJECT} ({name})", NINE - timedelta(hours=20), email=f"{name}@heron.example")
    looked_at = (Repository("trainer", place),)
    with at_work(slack, knowledge, clock=clock, repositories=lambda: looked_at) as lore:
        team = tuple(slack.person(name).id for name in ("ben", "chloe"))
        asked = (Prompt("done", "What did you do?", role=Role.DONE), Prompt("plan", "What is next?"))
        settings = Standup("Daily", team, asked, "FREQ=DAILY", time(9, 0), zone="UTC", drafts=True)
        with knowledge.database.writing() as connection:
            rituals.put(connection, Ritual(settings, owner=team[0], id="daily"), MONDAY.timestamp())
        yield lore


def kept(lore: Lore) -> Sequence[Any]:
    with lore.knowledge.database.reading() as connection:
        return connection.execute(select(drafts)).all()


def newest(lore: Lore, person: str) -> dict[str, Any]:
    return lore.slack.said_by_app(lore.slack.dm(person))[-1]


def test_a_draft_is_offered_used_and_gone_when_it_is_sent(lore: Lore, clock: FakeClock) -> None:
    lore.slack.slash("ben", "#general", "/standup", "drafts on")
    assert "on" in words(lore.private_reply("ben", "#general"))
    lore.at(clock, NINE - timedelta(hours=1))
    lore.at(clock, NINE + timedelta(seconds=30))
    asked = newest(lore, "ben")
    assert "I have a draft from your 1 commit" in words(asked)
    assert SUBJECT not in words(asked)
    assert "draft" not in words(newest(lore, "chloe"))
    [row] = kept(lore)
    assert row.person == lore.slack.person("ben").id

    lore.slack.click("ben", lore.slack.dm("ben"), asked["ts"], USE_DRAFT)
    [form] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    shown = lore.slack.wait_for(lambda: _filled(lore.slack.views_open("ben")))
    assert f"- trainer: {SUBJECT} (ben)" in shown
    assert lore.slack.submit_view("ben", form["id"]).ok
    lore.settle()
    assert kept(lore) == []
    with lore.knowledge.database.reading() as connection:
        given = entries.entry_of(connection, "daily", date(2026, 3, 3), lore.slack.person("ben").id)
    assert given is not None
    assert given.replies["done"] == f"- trainer: {SUBJECT} (ben)"


def test_a_draft_that_nobody_sends_is_in_no_message_and_gone_after_a_day(
    lore: Lore, clock: FakeClock
) -> None:
    lore.slack.slash("ben", "#general", "/standup", "drafts on")
    lore.private_reply("ben", "#general")
    lore.at(clock, NINE - timedelta(hours=1))
    lore.at(clock, NINE + timedelta(seconds=30))
    assert len(kept(lore)) == 1
    with lore.knowledge.database.reading() as connection:
        said = connection.execute(select(outbox.c.message)).scalars().all()
    assert not any(SUBJECT in str(one) for one in said)
    lore.slack.slash("ben", "#general", "/standup", "drafts off")
    lore.private_reply("ben", "#general", 2)
    lore.settle()
    assert kept(lore) == []


def _filled(views: Sequence[dict[str, Any]]) -> str:
    """What stands in the fields of the form on top."""
    blocks = views[-1]["blocks"] if views else []
    found = [block["element"].get("initial_value", "") for block in blocks if block["type"] == "input"]
    return "\n".join(one for one in found if isinstance(one, str) and one)

"""A source that takes long to read, beside one that does not: nobody waits for the slow one who need not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.journal import hooks
from bot.journal.sync_runs import State
from bot.scheduling import SETTLE, Scheduling
from bot.sync_desk import Syncs
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore
from tests.dialogues.syncing import Gate, dm_message, gated

SNACKS = "# Snacks\n\nThe snack shelf of the leads is refilled on Thursdays.\n"


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def slow_wiki(slack: Workspace, own_knowledge: Knowledge) -> Iterator[tuple[Lore, Syncs, Gate]]:
    """The wiki comes over a network that stands still until the gate is open; `secrets` is a folder here."""
    syncs, gate = gated(own_knowledge, clock)
    far = replace(syncs.syncing.syncer, remote=lambda source: source.name == "wiki")
    syncs = replace(syncs, syncing=replace(syncs.syncing, syncer=far))
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        yield lore, syncs, gate
        gate.open.set()


def state_of(syncs: Syncs, source: str) -> State | None:
    newest = syncs.runs.recent(source, 1)
    return newest[0].state if newest else None


def test_a_folder_answers_before_a_slow_source_that_was_due_with_it_has_ended(
    slow_wiki: tuple[Lore, Syncs, Gate],
) -> None:
    lore, syncs, gate = slow_wiki
    (lore.wiki / "far.md").write_text("# Far\n\nThis page is long on its way.\n")
    (lore.wiki.parent / "secrets" / "snacks.md").write_text(SNACKS)
    database = lore.knowledge.database
    scheduling = Scheduling(syncs.runs, syncs.sources, database, ZoneInfo("UTC"), clock())
    scheduling(clock())
    assert lore.slack.wait_for(lambda: gate.waiting.is_set())
    lore.slack.wait_for(lambda: state_of(syncs, "secrets") is State.DONE)
    assert "Thursdays" in lore.reply(
        "#leads", lore.mention("ana", "#leads", "When is the snack shelf refilled?")
    )

    with database.writing() as connection:
        hooks.want(connection, "secrets", clock().timestamp())
    scheduling(clock() + 2 * SETTLE)
    lore.slack.wait_for(lambda: [run.state for run in syncs.runs.recent("secrets")] == [State.DONE] * 2)
    lore.slack.slash("ana", "#general", "/lore", "sync secrets")
    dm_message(lore, "ana", "Sync done.")

    assert state_of(syncs, "wiki") is State.RUNNING, "it stands at the gate all the time"
    gate.open.set()
    lore.slack.wait_for(lambda: state_of(syncs, "wiki") is State.DONE)
    assert "on its way" in lore.reply("#general", lore.mention("ben", "#general", "What is long on its way?"))

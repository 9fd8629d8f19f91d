"""Admins hear of syncs that nobody was looking at: once when they go wrong, once when all is well again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from bot.blocks import sync_message
from bot.journal.sync_runs import Run, Side, Wanted
from bot.sync_desk import Syncs
from bot.sync_runs import Asked
from bot.wiring import Knowledge
from bot.workspace import Workspace
from ingest.golden_gate import GoldenGate
from ingest.sources import Incomplete, Listed, Reading, Skipped, Source
from knowledge.golden import GoldenQuestion
from tests.dialogues.joined import at_work, syncs_of
from tests.dialogues.lore import Lore, words
from tests.dialogues.syncing import acts, dm_message, press


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def watched(slack: Workspace, own_knowledge: Knowledge) -> Iterator[tuple[Lore, Syncs]]:
    syncs = syncs_of(own_knowledge, clock)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        yield lore, syncs


def synced(lore: Lore, syncs: Syncs, side: Side = Side.SCHEDULE, *sources: str) -> Run:
    """A sync that nobody looks at, once it has ended."""
    asked = syncs.runs.ask(Wanted(sources or ("wiki",), side.value, side))
    assert isinstance(asked, Asked)

    def look() -> Run | None:
        run = syncs.runs.get(asked.run.id)
        return None if run is None or run.active else run

    return lore.slack.wait_for(look)  # type: ignore[return-value]


def told(lore: Lore, person: str = "ana") -> list[str]:
    return [words(one) for one in lore.slack.said_by_app(lore.slack.dm(person))]


def everything_is_told(lore: Lore, syncs: Syncs) -> None:
    """A sync that an admin asks for is shown after all that was to be said before."""
    count = len(lore.slack.ephemerals("ana", "#general"))
    lore.slack.slash("ana", "#general", "/lore", "sync secrets --dry-run")
    lore.private_reply("ana", "#general", count + 1)
    lore.slack.wait_for(lambda: not syncs.runs.active())
    dm_message(lore, "ana", "Dry run: ")


def test_a_failing_schedule_is_told_once_and_its_recovery_once(watched: tuple[Lore, Syncs]) -> None:
    lore, syncs = watched
    away = lore.wiki.rename(lore.wiki.with_name("away"))
    synced(lore, syncs)
    message = dm_message(lore, "ana", "The sync failed.", "asked for by the schedule")
    synced(lore, syncs)
    synced(lore, syncs, Side.WEBHOOK)
    everything_is_told(lore, syncs)
    assert len([one for one in told(lore) if "The sync failed." in one]) == 1
    away.rename(lore.wiki)
    synced(lore, syncs)
    dm_message(lore, "ana", "wiki: all is well again")
    synced(lore, syncs)
    everything_is_told(lore, syncs)
    assert len([one for one in told(lore) if "all is well again" in one]) == 1
    assert told(lore, "ben") == []
    assert message["ts"]


@dataclass
class Lacking:
    """Reads sources as ever; the wiki lacks what it says."""

    read: Callable[[Source, Reading], Iterable[Listed]]
    lacks: Skipped | Incomplete | None

    def __call__(self, source: Source, reading: Reading) -> Iterator[Listed]:
        yield from self.read(source, reading)
        if source.name == "wiki" and self.lacks is not None:
            yield self.lacks


def lacking(knowledge: Knowledge, lacks: Skipped | Incomplete) -> tuple[Syncs, Lacking]:
    reader = Lacking(knowledge.syncer.read, lacks)
    syncs = syncs_of(knowledge, clock)
    syncer = replace(knowledge.syncer, read=reader)
    return replace(syncs, syncing=replace(syncs.syncing, syncer=syncer)), reader


def listed_for_admins(lore: Lore) -> str:
    """The list of sources as an admin gets it now."""
    count = len(lore.slack.ephemerals("ana", "#general"))
    lore.slack.slash("ana", "#general", "/lore", "sources")
    return words(lore.private_reply("ana", "#general", count + 1))


def test_in_23_a_space_that_is_refused_for_long_is_told_once_and_shown(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    closed = Skipped("TEAM/", "the space cannot be listed: wiki.example refuses access (403)")
    syncs, reader = lacking(own_knowledge, closed)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        synced(lore, syncs)
        synced(lore, syncs)
        everything_is_told(lore, syncs)
        assert len(told(lore)) == 1, "two syncs may be a hiccup"
        shown = listed_for_admins(lore)
        assert "wiki\n · incomplete" in shown
        assert "nothing is removed: TEAM/: the space cannot be listed: wiki.example refuses" in shown
        synced(lore, syncs)
        message = dm_message(lore, "ana", "wiki could not be listed whole in its last 3 syncs")
        assert "refuses access (403). Until it can" in words(message)
        assert "TEAM" not in words(message), "in a channel others would read it"
        synced(lore, syncs)
        everything_is_told(lore, syncs)
        assert len([one for one in told(lore) if "listed whole" in one]) == 1
        reader.lacks = None
        synced(lore, syncs)
        dm_message(lore, "ana", "wiki: all is well again")
        assert "wiki\n · incomplete" not in listed_for_admins(lore)


def test_in_23_whoever_syncs_what_is_not_listed_whole_reads_that_in_the_report(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    syncs, _ = lacking(own_knowledge, Incomplete("only the first 2000 pages are read (`most_pages`)"))
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        lore.slack.slash("ana", "#general", "/lore", "sync wiki")
        report = dm_message(lore, "ana", "Sync done, but not everything could be listed.")
        assert "so nothing was removed: only the first 2000 pages are read" in words(report)


def test_what_a_reader_goes_on_with_by_itself_is_no_trouble(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    more = Incomplete("#small: there is more than is read at once", goes_on=True)
    syncs, _ = lacking(own_knowledge, more)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        for _ in range(3):
            synced(lore, syncs)
        everything_is_told(lore, syncs)
        assert len(told(lore)) == 1
        assert "wiki\n · ok" in listed_for_admins(lore)


def test_what_an_admin_presses_there_goes_on_in_that_message(watched: tuple[Lore, Syncs]) -> None:
    lore, syncs = watched
    away = lore.wiki.rename(lore.wiki.with_name("away"))
    synced(lore, syncs)
    message = dm_message(lore, "ana", "The sync failed.")
    away.rename(lore.wiki)
    press(lore, "ana", message, sync_message.AGAIN)
    report = dm_message(lore, "ana", "Sync done.")
    assert report["ts"] == message["ts"]
    synced(lore, syncs)
    everything_is_told(lore, syncs)
    assert not any("all is well again" in one for one in told(lore)), "she has seen it"


def test_a_channel_hears_instead_where_one_is_set(slack: Workspace, own_knowledge: Knowledge) -> None:
    syncs = replace(syncs_of(own_knowledge, clock), channel="#leads")
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        lore.wiki.rename(lore.wiki.with_name("away"))
        synced(lore, syncs)
        [message] = lore.slack.wait_for(lambda: lore.slack.said_by_app("#leads")) or []
        assert "The sync failed." in words(message)
        assert lore.slack.click("ben", "#leads", message["ts"], sync_message.AGAIN).ok
        assert "Only admins" in words(lore.private_reply("ben", "#leads"))
        assert told(lore) == []
        assert acts(lore) == [("ben", "again", syncs.runs.recent("wiki", 1)[0].id, 0)]


def test_az_30_all_admins_are_told_and_one_decides_for_all(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    slack.change_person("chloe", is_admin=True)
    syncs = syncs_of(own_knowledge, clock)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        for number in range(30):
            (lore.wiki / f"page-{number:02}.md").write_text(f"# Page {number}\n\nPage number {number}.\n")
        synced(lore, syncs)
        for number in range(30):
            (lore.wiki / f"page-{number:02}.md").unlink()
        synced(lore, syncs)
        hers = dm_message(lore, "ana", "30 of 32 documents are gone there")
        other = dm_message(lore, "chloe", "30 of 32 documents are gone there")
        first = lore.slack.click_soon("ana", lore.slack.dm("ana"), hers["ts"], sync_message.KEEP)
        second = lore.slack.click_soon("chloe", lore.slack.dm("chloe"), other["ts"], sync_message.KEEP)
        assert first.result().ok
        assert second.result().ok
        after = dm_message(lore, "chloe", " keeps them")
        assert after["ts"] == other["ts"]
        assert dm_message(lore, "ana", " keeps them")["ts"] == hers["ts"]
        assert sum(act[1] == "leave as it is" for act in acts(lore)) == 1
        loser = "chloe" if acts(lore)[-1][0] == "ana" else "ana"
        dm_message(lore, loser, "has decided about it before")


def test_held_back_by_golden_questions_and_published_anyway(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    golden = (GoldenQuestion("How long did the restore drill take?", ("wiki/checkpoints.md",)),)
    syncs = syncs_of(own_knowledge, clock)
    gate = GoldenGate(lambda: golden, own_knowledge.embedder)
    syncing = replace(syncs.syncing, syncer=replace(own_knowledge.syncer, gate=gate))
    with at_work(slack, own_knowledge, syncs=replace(syncs, syncing=syncing)) as lore:
        before = own_knowledge.store.published()
        (lore.wiki / "checkpoints.md").unlink()
        synced(lore, syncs)
        message = dm_message(lore, "ana", "Nothing was published", "How long did the restore drill take?")
        assert own_knowledge.store.published() == before
        press(lore, "ana", message, sync_message.FAILURES)
        [view] = lore.slack.views_open("ana")
        assert "found before: wiki/checkpoints.md" in words(view)
        press(lore, "ana", message, sync_message.PUBLISH)
        report = dm_message(lore, "ana", "Sync done.", "1 removed")
        assert report["ts"] == message["ts"]
        assert acts(lore) == [("ana", "publish in spite of a drop", "wiki", 1)]

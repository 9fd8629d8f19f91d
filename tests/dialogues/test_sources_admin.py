"""Admins look after sources in Slack: syncs in one message that follows them, pauses, history, refusals."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.blocks import source_list, sync_message, sync_views
from bot.sources_now import SourcesNow
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.adapters.generations import KEEP
from knowledge.errors import SettingsError
from tests.dialogues.joined import at_work, syncs_of
from tests.dialogues.lore import Lore, words
from tests.dialogues.syncing import Gate, acts, dm_message, ended, gated, has_button, press

SNACKS = "# Snacks\n\nThe snack shelf is refilled on Thursdays.\n"


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def at_the_gate(slack: Workspace, own_knowledge: Knowledge) -> Iterator[tuple[Lore, Gate]]:
    syncs, gate = gated(own_knowledge, clock)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        yield lore, gate
        gate.open.set()


def test_a_sync_is_one_message_from_its_beginning_to_its_report(at_the_gate: tuple[Lore, Gate]) -> None:
    lore, gate = at_the_gate
    (lore.wiki / "new.md").write_text(SNACKS)
    (lore.wiki / "broken.md").write_bytes(b"\x00\x01\x02" * 100)
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    assert "our direct message" in words(lore.private_reply("ana", "#general"))
    message = dm_message(lore, "ana", "Syncing wiki", "reading")
    assert has_button(message, sync_message.CANCEL)
    gate.open.set()
    report = dm_message(lore, "ana", "Sync done.", "1 added")
    assert report["ts"] == message["ts"]
    assert "asked for by ana" in words(report)
    assert not has_button(report, sync_message.CANCEL)
    press(lore, "ana", report, sync_message.FAILURES)
    [view] = lore.slack.views_open("ana")
    assert "broken.md" in words(view)
    assert len(lore.slack.said_by_app(lore.slack.dm("ana"))) == 1
    assert acts(lore) == [("ana", "sync", "wiki", 1)]


def test_a_cancelled_sync_publishes_nothing_and_can_be_started_again(at_the_gate: tuple[Lore, Gate]) -> None:
    lore, gate = at_the_gate
    before = lore.knowledge.store.published()
    (lore.wiki / "new.md").write_text(SNACKS)
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    message = dm_message(lore, "ana", "Syncing wiki", "reading")
    press(lore, "ana", message, sync_message.CANCEL)
    report = dm_message(lore, "ana", "The sync was cancelled.", "ana stopped it")
    assert report["ts"] == message["ts"]
    assert lore.knowledge.store.published() == before
    gate.open.set()
    press(lore, "ana", report, sync_message.AGAIN)
    again = dm_message(lore, "ana", "Sync done.", "1 added")
    assert again["ts"] == message["ts"]
    assert [act[1] for act in acts(lore)] == ["sync", "cancel sync", "sync"]


def test_one_at_a_time_for_each_source_refused_by_name(at_the_gate: tuple[Lore, Gate]) -> None:
    lore, gate = at_the_gate
    (lore.wiki / "new.md").write_text(SNACKS)
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    dm_message(lore, "ana", "Syncing wiki", "reading")
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    told = words(lore.private_reply("ana", "#general", 2))
    assert "wiki: a sync is under way already, asked for by you" in told
    lore.slack.slash("ana", "#general", "/lore", "sync secrets")
    dm_message(lore, "ana", "Syncing secrets")
    gate.open.set()
    lore.slack.wait_for(
        lambda: (
            ["Sync done." in words(one) for one in lore.slack.said_by_app(lore.slack.dm("ana"))] == [True] * 2
        )
    )


def test_a_dry_run_says_what_would_happen_and_changes_nothing(own_lore: Lore) -> None:
    before = own_lore.knowledge.store.published()
    (own_lore.wiki / "new.md").write_text(SNACKS)
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki —dry-run")
    report = dm_message(own_lore, "ana", "Dry run:", "add 1")
    press(own_lore, "ana", report, sync_message.PLAN)
    [view] = own_lore.slack.views_open("ana")
    assert "wiki: add new.md" in words(view)
    assert own_lore.knowledge.store.published() == before
    assert acts(own_lore) == [("ana", "dry run", "wiki", 1)]


def test_names_that_there_are_not_get_a_hint(own_lore: Lore) -> None:
    own_lore.slack.slash("ana", "#general", "/lore", "sync wikki")
    assert "no source named “wikki”; there is “wiki”" in words(own_lore.private_reply("ana", "#general"))


def test_the_list_shows_each_source_with_what_can_be_done(own_lore: Lore) -> None:
    own_lore.slack.slash("ana", "#general", "/lore", "sources")
    listed = own_lore.private_reply("ana", "#general")
    said = words(listed)
    assert "wiki" in said
    assert "2 documents" in said
    assert "never synced" in said
    assert own_lore.slack.click("ana", "#general", listed["ts"], source_list.PAUSE, "wiki").ok
    own_lore.slack.wait_for(
        lambda: "paused by ana" in words(own_lore.slack.ephemerals("ana", "#general")[-1])
    )
    [after] = own_lore.slack.ephemerals("ana", "#general")
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    assert "Paused" in words(own_lore.private_reply("ana", "#general", 2))
    assert own_lore.slack.click("ana", "#general", after["ts"], source_list.RESUME, "wiki").ok
    own_lore.slack.wait_for(lambda: "paused" not in words(own_lore.slack.ephemerals("ana", "#general")[0]))
    [first, *_] = own_lore.slack.ephemerals("ana", "#general")
    assert own_lore.slack.click("ana", "#general", first["ts"], source_list.SYNC, "wiki").ok
    dm_message(own_lore, "ana", "Sync done.")
    own_lore.slack.slash("ana", "#general", "/lore", "sources")
    own_lore.slack.wait_for(
        lambda: "last sync just now (ana" in words(own_lore.slack.ephemerals("ana", "#general")[-1])
    )
    listed = own_lore.slack.ephemerals("ana", "#general")[-1]
    assert own_lore.slack.click("ana", "#general", listed["ts"], source_list.HISTORY, "wiki").ok
    [view] = own_lore.slack.views_open("ana")
    assert "2 kept" in words(view)
    assert [act[:3] for act in acts(own_lore)] == [
        ("ana", "pause source", "wiki"),
        ("ana", "resume source", "wiki"),
        ("ana", "sync", "wiki"),
    ]


def gone(lore: Lore, count: int = 40, left: int = 10) -> None:
    """The wiki had many pages, and most of them are gone."""
    for number in range(count):
        (lore.wiki / f"page-{number:02}.md").write_text(f"# Page {number}\n\nThis is page number {number}.\n")
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    dm_message(lore, "ana", "Sync done.", f"{count} added")
    for number in range(left, count):
        (lore.wiki / f"page-{number:02}.md").unlink()


def test_refused_removals_are_shown_and_removed_by_an_admin(own_lore: Lore) -> None:
    gone(own_lore)
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    report = dm_message(own_lore, "ana", "removals wait for you", "30 of 42 documents are gone there")
    press(own_lore, "ana", report, sync_message.REMOVE)
    [view] = own_lore.slack.views_open("ana")
    assert "30 of 42 documents of wiki go" in words(view)
    assert "page-39.md" in words(view)
    assert own_lore.slack.submit_view("ana", view["id"]).ok
    after = dm_message(own_lore, "ana", "Sync done.", "30 removed")
    assert after["ts"] == report["ts"]
    assert acts(own_lore)[-1] == ("ana", "sync and remove", "wiki", 1)


def test_az_30_kept_is_kept_and_the_second_decision_is_told(own_lore: Lore) -> None:
    gone(own_lore)
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    report = dm_message(own_lore, "ana", "removals wait for you")
    press(own_lore, "ana", report, sync_message.REMOVE)
    [view] = own_lore.slack.views_open("ana")
    press(own_lore, "ana", report, sync_message.KEEP)
    after = dm_message(own_lore, "ana", "ana keeps them")
    assert not has_button(after, sync_message.REMOVE)
    assert own_lore.slack.submit_view("ana", view["id"]).ok
    dm_message(own_lore, "ana", "ana has decided about it before")
    assert own_lore.knowledge.store.holdings(own_lore.knowledge.store.published())["wiki"][0] == 42


def test_a_deleted_message_does_not_lose_the_report(at_the_gate: tuple[Lore, Gate]) -> None:
    lore, gate = at_the_gate
    (lore.wiki / "new.md").write_text(SNACKS)
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    message = dm_message(lore, "ana", "Syncing wiki", "reading")
    lore.slack.delete(lore.slack.dm("ana"), message["ts"])
    gate.open.set()
    report = dm_message(lore, "ana", "Sync done.", "1 added")
    assert report["ts"] != message["ts"]


def test_what_others_press_is_refused_and_audited(own_lore: Lore) -> None:
    own_lore.slack.change_person("ben", is_admin=True)
    own_lore.slack.slash("ben", "#general", "/lore", "sources")
    listed = own_lore.private_reply("ben", "#general")
    assert source_list.SYNC in str(listed)
    own_lore.slack.change_person("ben", is_admin=False)
    own_lore.slack.wait_for(lambda: all(one.acked for one in own_lore.slack.ledger.events("user_change")))
    for action in (source_list.SYNC, source_list.PAUSE):
        assert own_lore.slack.click("ben", "#general", listed["ts"], action, "wiki").ok
    assert own_lore.slack.click("ben", "#general", listed["ts"], source_list.HISTORY, "wiki").ok
    [view] = own_lore.slack.views_open("ben")
    assert "Only admins" in words(view)
    own_lore.slack.wait_for(lambda: len(acts(own_lore)) == 2)
    assert acts(own_lore) == [("ben", "sync", "wiki", 0), ("ben", "pause", "wiki", 0)]
    assert own_lore.slack.said_by_app(own_lore.slack.dm("ben")) == []


def roll_back_form(lore: Lore, source: str, listed: int) -> tuple[str, dict[str, str]]:
    """The form as ana sees it after `/lore sources`: its id, and its options by value."""
    lore.slack.slash("ana", "#general", "/lore", "sources")
    message = lore.private_reply("ana", "#general", listed)
    assert lore.slack.click("ana", "#general", message["ts"], source_list.ROLL_BACK, source).ok
    [view] = lore.slack.views_open("ana")
    radios = [block for block in view["blocks"] if block.get("block_id") == sync_views.VERSION]
    options = [option for radio in radios for option in radio["element"]["options"]]
    return view["id"], {option["value"]: option["text"]["text"] for option in options}


def test_rolling_back_a_source(own_lore: Lore) -> None:
    (own_lore.wiki / "new.md").write_text(SNACKS)
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    dm_message(own_lore, "ana", "Sync done.", "1 added")
    form, options = roll_back_form(own_lore, "wiki", 2)
    version = list(options)[-1]
    assert own_lore.slack.submit_view("ana", form, {sync_views.VERSION: version}).ok
    dm_message(own_lore, "ana", "wiki is again as in version")
    held = own_lore.knowledge.store.holdings(own_lore.knowledge.store.published())
    assert held["wiki"][0] == 2
    assert ("ana", "pause source", "wiki", 1) in acts(own_lore)


def test_a_source_is_rolled_back_past_what_others_published_since(own_lore: Lore) -> None:
    syncer, sources = own_lore.knowledge.syncer, own_lore.knowledge.settings.sources
    secrets = own_lore.wiki.parent / "secrets"
    for number in range(2):
        (secrets / f"run-{number}.md").write_text(f"# Run {number}\n\nIt went well.\n")
        good = syncer.sync(sources).version
    page = next(own_lore.wiki.glob("*.md"))
    page.write_text("# Broken\n\nAn import went wrong.\n")
    syncer.sync(sources)
    form, options = roll_back_form(own_lore, "wiki", 1)
    assert next(iter(options)) == str(good)
    assert re.fullmatch(rf"\w+day, .* at \d\d:\d\d · version {good}", options[str(good)])
    [view] = own_lore.slack.views_open("ana")
    assert f"version {good}: 1 changed" in words(view)
    assert own_lore.slack.submit_view("ana", form, {sync_views.VERSION: str(good)}).ok
    dm_message(own_lore, "ana", f"wiki is again as in version {good}")
    published = own_lore.knowledge.store.published()
    assert own_lore.knowledge.store.holdings(published)["secrets"][0] >= 2
    found = own_lore.knowledge.store.document(f"wiki/{page.name}")
    assert found is not None
    assert "went wrong" not in found.text


def test_a_roll_back_that_is_refused_leaves_no_pause(own_lore: Lore) -> None:
    syncer, sources = own_lore.knowledge.syncer, own_lore.knowledge.settings.sources
    (own_lore.wiki / "new.md").write_text(SNACKS)
    syncer.sync(sources)
    form, options = roll_back_form(own_lore, "wiki", 1)
    for number in range(KEEP):
        (own_lore.wiki.parent / "secrets" / f"run-{number}.md").write_text(f"# Run {number}\n\nFine.\n")
        syncer.sync(sources)
    assert own_lore.slack.submit_view("ana", form, {sync_views.VERSION: next(iter(options))}).ok
    dm_message(own_lore, "ana", "wiki could not be rolled back", "cannot be rolled back to")
    assert [act[1] for act in acts(own_lore)] == ["pause source", "resume source", "roll back"]


def test_what_does_not_come_back_is_told(own_lore: Lore) -> None:
    syncer, sources = own_lore.knowledge.syncer, own_lore.knowledge.settings.sources
    page, *_ = sorted(own_lore.wiki.glob("*.md"))
    page.write_bytes(b"\x00\x01\x02" * 100)
    (own_lore.wiki / "new.md").write_text(SNACKS)
    syncer.sync(sources)
    page.unlink()
    syncer.sync(sources)
    form, options = roll_back_form(own_lore, "wiki", 1)
    assert own_lore.slack.submit_view("ana", form, {sync_views.VERSION: list(options)[-1]}).ok
    told = ("wiki is again as in version", "Not as they were then: 1 document (it could not be read since")
    dm_message(own_lore, "ana", *told)
    assert own_lore.knowledge.store.document(f"wiki/{page.name}") is None


def test_what_was_the_same_in_all_versions_is_not_rolled_back(own_lore: Lore) -> None:
    _, options = roll_back_form(own_lore, "wiki", 1)
    assert options == {}
    [view] = own_lore.slack.views_open("ana")
    assert "wiki is as it was in all versions that are kept of it" in words(view)


def test_an_expired_trigger_asks_to_press_again(own_lore: Lore) -> None:
    own_lore.slack.slash("ana", "#general", "/lore", "sources")
    listed = own_lore.private_reply("ana", "#general")
    own_lore.slack.faults.error("views.open", "expired_trigger_id", times=1)
    assert own_lore.slack.click("ana", "#general", listed["ts"], source_list.HISTORY, "wiki").ok
    assert "Press the button once more" in words(own_lore.private_reply("ana", "#general", 2))


def test_the_audit_for_admins_and_nobody_else(own_lore: Lore) -> None:
    own_lore.slack.slash("ben", "#general", "/lore", "sync")
    assert "Only admins" in words(own_lore.private_reply("ben", "#general"))
    own_lore.slack.slash("ben", "#general", "/lore", "audit")
    assert "Only admins" in words(own_lore.private_reply("ben", "#general", 2))
    own_lore.slack.slash("ana", "#general", "/lore", "audit")
    said = words(own_lore.private_reply("ana", "#general"))
    assert "ben: was refused: sync" in said
    assert "from #general" in said


def test_a_restart_in_the_middle_is_told_and_can_be_started_again(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    syncs, gate = gated(own_knowledge, clock)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        (lore.wiki / "new.md").write_text(SNACKS)
        lore.slack.slash("ana", "#general", "/lore", "sync wiki")
        message = dm_message(lore, "ana", "Syncing wiki", "reading")
    gate.open.set()
    with at_work(slack, own_knowledge, syncs=syncs_of(own_knowledge, clock)) as lore:
        report = dm_message(lore, "ana", "The sync was interrupted.")
        assert report["ts"] == message["ts"]
        press(lore, "ana", report, sync_message.AGAIN)
        dm_message(lore, "ana", "Sync done.", "1 added")
        assert ended(syncs, lore).wanted.follows


def test_settings_that_are_wrong_are_said_and_nothing_is_synced(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    def broken() -> SourcesNow:
        raise SettingsError("lore.toml is not valid TOML")

    syncs = replace(syncs_of(own_knowledge, clock), sources=broken)
    with at_work(slack, own_knowledge, syncs=syncs) as lore:
        for count, command in enumerate(("sources", "sync"), 1):
            lore.slack.slash("ana", "#general", "/lore", command)
            assert "lore.toml is not valid TOML" in words(lore.private_reply("ana", "#general", count))
        lore.slack.open_home("ana")
        view = lore.slack.wait_for(lambda: lore.slack.home("ana")) or {}
        assert "lore.toml is not valid TOML" in words(view)
        assert acts(lore) == []


def updates_have_ended(lore: Lore, within_s: float = 30.0) -> None:
    """Nothing is updated any more, though the sync goes on: thirty looks of those that show it."""
    end = time.monotonic() + within_s
    before = -1
    while (now := len(lore.slack.ledger.calls_of("chat.update"))) != before:
        assert time.monotonic() < end, "what does not change is updated again and again"
        before = now
        time.sleep(3.0)


def test_progress_is_updated_no_more_than_it_changes(at_the_gate: tuple[Lore, Gate]) -> None:
    lore, gate = at_the_gate
    (lore.wiki / "new.md").write_text(SNACKS)
    lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    dm_message(lore, "ana", "Syncing wiki", "reading")
    updates_have_ended(lore)
    gate.open.set()
    dm_message(lore, "ana", "Sync done.")
    updates_have_ended(lore)


def test_an_update_that_fails_is_made_again(own_lore: Lore) -> None:
    own_lore.slack.faults.error("chat.update", "internal_error", times=2)
    (own_lore.wiki / "new.md").write_text(SNACKS)
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki")
    dm_message(own_lore, "ana", "Sync done.", "1 added")
    assert len(own_lore.slack.said_by_app(own_lore.slack.dm("ana"))) == 1

"""Whole conversations about adding, changing and removing sources in Slack."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.journal import added_sources
from bot.journal.added_sources import AddedSource
from bot.journal.tables import audit
from bot.source_settings import SourceReader, SourcesInSlack
from bot.sources_now import sources_now
from bot.wiring import Knowledge
from bot.workspace import Workspace
from bot.workspace.interactions import Shown
from knowledge.errors import SettingsError
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words

PAGE = "# Zebra\n\nThe zebra cluster needs NCCL_IB_HCA set to mlx5_3 or all-reduce hangs.\n"
ASK = "What does the zebra cluster need NCCL_IB_HCA set to?"
PATH = "option:path"


@contextmanager
def with_folders(slack: Workspace, knowledge: Knowledge, *folders: Path) -> Iterator[Lore]:
    allowed = SourcesInSlack(folders=folders, secrets=frozenset({"ZEBRA_HOOK"}))
    reader = SourceReader(
        knowledge.settings.config.parent, {"ZEBRA_HOOK": "0123456789abcdef", "OTHER": "x"}, in_slack=allowed
    )
    set_up = replace(knowledge.settings, source_reader=reader)
    with at_work(slack, replace(knowledge, settings=set_up)) as lore:
        yield lore


@pytest.fixture
def pages(own_knowledge: Knowledge) -> Path:
    folder = own_knowledge.settings.config.parent / "clusters"
    (folder / "zebra").mkdir(parents=True)
    (folder / "zebra" / "nccl.md").write_text(PAGE)
    return folder


@pytest.fixture
def team(slack: Workspace, own_knowledge: Knowledge, pages: Path) -> Iterator[Lore]:
    with with_folders(slack, own_knowledge, pages) as lore:
        yield lore


def view(lore: Lore, person: str, having: str) -> dict[str, Any]:
    """The modal on top, once these words stand in it."""

    def look() -> dict[str, Any] | None:
        views = lore.slack.views_open(person)
        return views[-1] if views and having in said_in(views[-1]) else None

    return lore.slack.wait_for(look) or {}


def said_in(shown: dict[str, Any]) -> str:
    labels = [str((block.get("label") or {}).get("text")) for block in shown["blocks"]]
    return "\n".join([words(shown), *labels])


def form(lore: Lore, person: str = "ana", kind: str = "folder") -> dict[str, Any]:
    assert lore.slack.slash(person, "#general", "/lore", "add").ok
    chooser = view(lore, person, "What shall I learn from?")
    assert lore.slack.click_in_view(person, chooser["id"], "choose_source_kind", kind).ok
    return view(lore, person, "Who may be answered from it")


def fill(lore: Lore, shown: dict[str, Any], **values: Any) -> Shown:
    filled = {"source_name": "clusters", PATH: "clusters/zebra", **values}
    return lore.slack.submit_view("ana", shown["id"], filled)


def value(shown: dict[str, Any], block_id: str) -> Any:
    [block] = [block for block in shown["blocks"] if block.get("block_id") == block_id]
    element = block["element"]
    return next((element[key] for key in element if key.startswith("initial_")), None)


def listed(lore: Lore) -> list[AddedSource]:
    with lore.knowledge.database.reading() as connection:
        return list(added_sources.listed(connection))


def audited(lore: Lore) -> list[tuple[str, str, bool]]:
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.at)).all()
    return [(row.action, row.subject, bool(row.allowed)) for row in rows]


def answer(lore: Lore, person: str, channel: str = "#general") -> str:
    return lore.reply(channel, lore.mention(person, channel, ASK))


def published_after(lore: Lore, version: int) -> None:
    lore.slack.wait_for(lambda: lore.knowledge.store.published() > version, 60)


def add(lore: Lore, **values: Any) -> None:
    """A source that is in the index."""
    version = lore.knowledge.store.published()
    assert fill(lore, form(lore), **values).ok
    tried = view(lore, "ana", "documents found")
    assert lore.slack.submit_view("ana", tried["id"]).ok
    published_after(lore, version)


def test_a_source_is_added_tried_saved_synced_and_asked_about(team: Lore) -> None:
    assert "mlx5_3" not in answer(team, "chloe")
    assert fill(team, form(team)).ok
    tried = view(team, "ana", "1 documents found")
    assert "Zebra" in said_in(tried)
    assert listed(team) == []
    version = team.knowledge.store.published()
    assert team.slack.submit_view("ana", tried["id"]).ok
    assert team.slack.views_open("ana") == []
    published_after(team, version)
    [one] = listed(team)
    assert dict(one.table) == {
        "kind": "folder",
        "name": "clusters",
        "path": "clusters/zebra",
        "audience": "everyone",
    }
    assert one.by == team.slack.person("ana").id
    assert "mlx5_3" in answer(team, "chloe")
    assert ("add source", "clusters", True) in audited(team)


def test_save_alone_lists_it_and_reads_nothing(team: Lore) -> None:
    assert fill(team, form(team)).ok
    tried = view(team, "ana", "documents found")
    assert team.slack.click_in_view("ana", tried["id"], "save_source_only").ok
    view(team, "ana", "clusters is a source now")
    assert [one.name for one in listed(team)] == ["clusters"]
    assert team.bot is not None
    assert "mlx5_3" not in answer(team, "chloe")


def test_az_25_whoever_is_no_admin_sees_no_form_and_is_audited(team: Lore) -> None:
    assert team.slack.slash("ben", "#general", "/lore", "add").ok
    assert "Only admins" in said_in(view(team, "ben", "Only admins"))
    for text in ("edit clusters", "remove clusters"):
        assert team.slack.slash("ben", "#general", "/lore", text).ok
    team.slack.wait_for(lambda: len([one for one in audited(team) if not one[2]]) >= 3)
    assert {one[:1] for one in audited(team)} == {("add source",), ("remove source",)}
    assert listed(team) == []


def test_az_25_who_is_an_admin_no_more_saves_nothing(team: Lore) -> None:
    assert fill(team, form(team)).ok
    tried = view(team, "ana", "documents found")
    team.slack.change_person("ana", is_admin=False)
    team.slack.wait_for(lambda: any(each.acked for each in team.slack.ledger.events("user_change")))
    assert team.slack.submit_view("ana", tried["id"]).ok
    assert "Only admins" in words(team.private_reply("ana", "#general"))
    assert listed(team) == []
    assert ("save source", "", False) in audited(team)


def test_in_09_folders_of_the_server_are_refused_beyond_what_lore_toml_allows(
    team: Lore, pages: Path
) -> None:
    (pages / "out").symlink_to("/etc")
    shown = form(team)
    for path in ("/etc", "wiki", "clusters/../wiki", "clusters/../../..", "clusters/out"):
        assert "[sources_in_slack]" in fill(team, shown, **{PATH: path}).errors[PATH]
    assert listed(team) == []


def test_a_secret_that_is_not_listed_is_no_name_to_be_given(team: Lore) -> None:
    shown = form(team)
    for name in ("OTHER", "SLACK_BOT_TOKEN", "0123456789abcdef"):
        refused = fill(team, shown, source_hook=name)
        assert "`secrets` under [sources_in_slack]" in refused.errors["source_hook"]
    assert fill(team, shown, source_hook="ZEBRA_HOOK").ok


def test_what_is_wrong_is_told_where_it_was_typed(team: Lore) -> None:
    shown = form(team)
    assert "name" in fill(team, shown, source_name="!").errors["source_name"]
    assert "is taken" in fill(team, shown, source_name="wiki").errors["source_name"]
    assert "audience" in fill(team, shown, source_audience="some").errors["source_audience"]


def test_what_cannot_be_listed_says_why_and_keeps_what_was_typed(team: Lore, pages: Path) -> None:
    values = {PATH: "clusters/none", "source_often": "2h", "source_exclude": "drafts/*\nold/*"}
    assert fill(team, form(team), **values).ok
    shown = view(team, "ana", "It cannot be read yet")
    assert value(shown, PATH) == "clusters/none"
    assert value(shown, "source_name") == "clusters"
    assert value(shown, "source_often")["value"] == "2h"
    assert value(shown, "source_exclude") == "drafts/*\nold/*"
    assert listed(team) == []
    (pages / "zebra").rename(pages / "none")
    assert team.slack.submit_view("ana", shown["id"]).ok
    view(team, "ana", "documents found")


def test_a_form_that_was_closed_meanwhile_stays_closed(team: Lore) -> None:
    shown = form(team)
    assert fill(team, shown).ok
    for one in team.slack.views_open("ana"):
        team.slack.close_view("ana", one["id"])
    assert team.slack.slash("ana", "#general", "/lore", "help").ok
    assert listed(team) == []


def test_an_audience_of_channels_and_people_is_kept_and_narrows_answers(team: Lore) -> None:
    leads, ben = team.slack.channel("#leads").id, team.slack.person("ben").id
    add(team, source_audience="some", source_channels=[leads], source_people=[ben])
    [one] = listed(team)
    assert one.table["audience"] == [f"#{leads}", ben]
    assert "mlx5_3" in answer(team, "ana", "#leads")
    assert "mlx5_3" not in answer(team, "chloe")


def test_an_audience_that_nobody_is_known_to_be_is_said_before_it_is_saved(team: Lore) -> None:
    shown = form(team)
    assert fill(team, shown, source_audience="some", source_others="nobody@heron.example").ok
    assert "nobody@heron.example" in said_in(view(team, "ana", "Nobody is known"))


def test_edit_begins_with_what_is_known_and_replaces_it(team: Lore) -> None:
    add(team, source_often="daily", source_at="04:30")
    assert team.slack.slash("ana", "#general", "/lore", "edit clusters").ok
    shown = view(team, "ana", "Who may be answered from it")
    assert (value(shown, PATH), value(shown, "source_at")) == ("clusters/zebra", "04:30")
    version = team.knowledge.store.published()
    leads = team.slack.channel("#leads").id
    values = {"source_audience": "some", "source_channels": [leads], "source_often": "daily"}
    assert team.slack.submit_view("ana", shown["id"], values).ok
    assert team.slack.submit_view("ana", view(team, "ana", "documents found")["id"]).ok
    published_after(team, version)
    [one] = listed(team)
    assert dict(one.table) == {
        "kind": "folder",
        "name": "clusters",
        "path": "clusters/zebra",
        "audience": [f"#{leads}"],
        "at": "04:30",
    }
    assert "mlx5_3" not in answer(team, "chloe")


def test_what_stands_in_lore_toml_is_not_changed_here(team: Lore) -> None:
    assert team.slack.slash("ana", "#general", "/lore", "edit wiki").ok
    view(team, "ana", "changed there")
    assert team.slack.slash("ana", "#general", "/lore", "remove wiki").ok
    assert "changed there" in words(team.private_reply("ana", "#general"))


def test_removing_says_how_many_documents_go_asks_and_takes_them(team: Lore) -> None:
    add(team)
    version = team.knowledge.store.published()
    seen = len(team.slack.ephemerals("ana", "#general"))
    assert team.slack.slash("ana", "#general", "/lore", "remove clusters").ok
    asks = team.private_reply("ana", "#general", seen + 1)
    assert "1 documents go with it" in words(asks)
    assert [one.name for one in listed(team)] == ["clusters"]
    assert team.slack.click("ana", "#general", asks["ts"], "remove_source", "clusters").ok
    published_after(team, version)
    assert listed(team) == []
    assert "mlx5_3" not in answer(team, "chloe")
    assert ("remove source", "clusters", True) in audited(team)


def test_limits_that_are_drawn_closer_hold_for_what_was_added_before(
    slack: Workspace, own_knowledge: Knowledge, pages: Path
) -> None:
    with with_folders(slack, own_knowledge, pages) as lore:
        add(lore)
    with with_folders(slack, own_knowledge) as lore:
        now = sources_now(lore.knowledge.settings, lore.knowledge.database)
        assert "[sources_in_slack]" in now.broken["clusters"]
        version = lore.knowledge.store.published()
        report = lore.knowledge.syncer.sync(now.sources, wait_s=60)
        assert report.version == version, "what is known stays, under the audience that it had"
        assert any("[sources_in_slack]" in one.reason for one in report.failed)
        assert "mlx5_3" in answer(lore, "chloe")
    with pytest.raises(SettingsError):
        now.reader.read_from_slack(now.added["clusters"].table)

"""In Chromium: files are attached and fetched, and a message's menu holds the app's shortcuts."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from bot.workspace import Workspace

pytestmark = pytest.mark.page


def test_a_file_is_attached_shown_and_fetched(
    slack: Workspace, visit: Any, picture: Any, tmp_path: Path
) -> None:
    notes = tmp_path / "kestrel.md"
    notes.write_text("# Kestrel\n")
    page = visit("ana")
    page.locator("#channel .composer input[type=file]").set_input_files(str(notes))
    expect(page.locator("#channel .attached .chip")).to_have_text("kestrel.md")
    page.locator("#channel .composer textarea").fill("what is in this?")
    page.locator("#channel .composer textarea").press("Enter")

    row = page.locator("#channel .message", has_text="what is in this?")
    expect(row.locator(".file b")).to_have_text("kestrel.md")
    expect(row.locator(".file .note")).to_have_text("Markdown, 10 bytes")
    expect(page.locator("#channel .attached")).to_be_hidden()
    picture(page, "file-light")
    with page.expect_download() as download:
        row.locator("a.file").click()
    assert Path(download.value.path()).read_text() == "# Kestrel\n"

    slack.delete_file(next(iter(slack.team.files)))
    expect(row.locator(".file")).to_have_text("This file was deleted.")


def test_a_messages_menu_holds_the_apps_shortcuts(
    slack: Workspace, heard: list[Any], visit: Any, picture: Any
) -> None:
    page = visit("ana")
    slack.say("ben", "#general", "when is the drill?")
    row = page.locator("#channel .message", has_text="when is the drill?")
    row.hover()
    row.get_by_role("button", name="More actions").click()
    menu = page.get_by_role("menu")
    expect(menu.get_by_role("menuitem")).to_have_text(
        ["Copy link", "Answer this (Lore)", "Save to knowledge (Lore)", "Propose as a topic (Lore)"]
    )
    picture(page, "shortcuts-light")
    menu.get_by_role("menuitem", name="Answer this").click()
    slack.wait_for(
        lambda: any(each.payload.get("type") == "message_action" for each in slack.ledger.envelopes)
    )

"""In Chromium: the App Home with its inputs, suggested questions, what is looked at, and adding the app."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.workspace import Channel, Workspace

pytestmark = pytest.mark.page


def app_dm(page: Page) -> None:
    page.locator("#sidebar .item", has_text="Lore").click()


def test_the_home_is_used(slack: Workspace, heard: list[Any], visit: Any, picture: Any) -> None:
    page: Page = visit("ben")
    app_dm(page)
    page.get_by_role("tab", name="Home").click()
    home = page.get_by_role("region", name="App Home")
    expect(home).to_contain_text("Ask the team")
    home.get_by_role("combobox").select_option("Month")
    home.get_by_label("Answer me privately").check()
    home.get_by_label("Your question").fill("how?")
    home.get_by_label("Your question").press("Tab")
    slack.wait_for(lambda: heard == ["month", ["private"], "how?"])
    picture(page, "home-light")
    home.get_by_role("button", name="Tell us more").click()
    expect(page.get_by_role("dialog", name="Tell us more")).to_be_visible()


def test_a_suggestion_is_said_by_a_click_and_stays_after_a_reload(
    slack: Workspace, heard: list[Any], visit: Any, picture: Any
) -> None:
    page: Page = visit("ben")
    app_dm(page)
    suggestions = page.get_by_role("group", name="Suggestions")
    expect(suggestions).to_contain_text("You could ask")
    page.reload()
    expect(suggestions).to_be_visible()
    picture(page, "prompts-light")
    suggestions.get_by_role("button", name="When is the drill?").click()
    expect(page.locator("#channel .message", has_text="You said: when is the restore drill?")).to_be_visible()


def test_the_app_hears_what_is_on_the_screen(slack: Workspace, heard: list[Any], visit: Any) -> None:
    page: Page = visit("ben")
    app_dm(page)
    expect(page.get_by_role("group", name="Suggestions")).to_be_visible()
    page.locator("#sidebar .item", has_text="training").click()

    def seen() -> list[Any]:
        return [each.payload["event"]["context"] for each in slack.ledger.events("app_context_changed")]

    training = slack.channel("training").id
    slack.wait_for(lambda: seen() and seen()[-1]["entities"][0]["value"] == training)


def test_the_app_is_added_to_a_channel_by_its_members_button_and_by_invite(
    slack: Workspace, heard: list[Any], visit: Any
) -> None:
    slack.add_channel(Channel(name="empty", members=["ben", "chloe"]))
    page: Page = visit("ben", "empty")
    page.get_by_role("button", name="2 members. Add someone").click()
    page.get_by_role("combobox", name="Find a person or app").fill("Lore")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="3 members. Add someone")).to_be_visible()
    field = page.locator("#channel .composer textarea")
    field.fill("/remove @lore ")
    field.press("Enter")
    expect(page.get_by_role("button", name="2 members. Add someone")).to_be_visible()
    field.fill("/invite @nobody")
    field.press("Enter")
    expect(page.locator("#channel .composer [role=alert]")).to_contain_text("nobody of that name")


def test_guests_and_other_organisations_are_marked(slack: Workspace, heard: list[Any], visit: Any) -> None:
    page: Page = visit("ana", "visitors")
    expect(page.locator("#channel > header .external")).to_have_text("1 guest")
    slack.share_channel("#general")
    page.goto(f"{slack.url}/#/ana/general")
    expect(page.locator("#channel > header .external")).to_have_text("shared with another organisation")

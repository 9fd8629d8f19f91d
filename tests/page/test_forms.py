"""In Chromium: every kind of element of a form is filled in and reaches the app; statuses show."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.workspace import Workspace
from tests.workspace.test_forms import FIELDS, plain

pytestmark = pytest.mark.page


@pytest.fixture
def form(slack: Workspace, heard: list[Any], visit: Any) -> Page:
    """Ana's page with the form of all elements open."""
    page: Page = visit("ana")
    client = WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])
    view = {"type": "modal", "callback_id": "elements", "title": plain("Form"), "submit": plain("Send")}
    trigger = slack.site.triggers.issue(slack.person("ana").id)
    client.views_open(trigger_id=trigger, view=view | {"blocks": list(FIELDS)})
    expect(page.get_by_role("dialog", name="Form")).to_be_visible()
    return page


def test_every_element_can_be_filled_in(slack: Workspace, form: Page, heard: list[Any], picture: Any) -> None:
    dialog = form.get_by_role("dialog", name="Form")
    dialog.locator("input[type=date]").fill("2026-11-23")
    dialog.locator("input[type=time]").fill("10:15")
    dialog.get_by_role("spinbutton", name="count").fill("3")
    dialog.get_by_role("spinbutton", name="loss").fill("0.25")
    dialog.get_by_role("textbox", name="link").fill("https://example.org/run/1")
    dialog.get_by_role("textbox", name="mail").fill("ana@heron.example")
    dialog.get_by_role("textbox", name="notes").fill("two\nlines")
    dialog.get_by_role("radiogroup", name="mood").get_by_role("radio", name="Good").check()
    dialog.get_by_role("group", name="days").get_by_role("checkbox", name="Tue").check()
    dialog.get_by_role("combobox", name="form").select_option("compiled")
    dialog.get_by_role("group", name="tags").get_by_role("checkbox", name="B").check()
    dialog.get_by_role("combobox", name="lead").select_option(label="Ben Okafor")
    dialog.get_by_role("group", name="team").get_by_role("checkbox", name="Chloe Martin").check()
    dialog.get_by_role("combobox", name="place").select_option(label="#training")
    picture(form, "form-elements")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)
    [values] = heard
    got = {name: values[name][name] for name in values}
    assert got["day"]["selected_date"] == "2026-11-23"
    assert got["at"]["selected_time"] == "10:15"
    assert (got["count"]["value"], got["loss"]["value"]) == ("3", "0.25")
    assert got["notes"]["value"] == "two\nlines"
    assert got["mood"]["selected_option"]["value"] == "good"
    assert [one["value"] for one in got["days"]["selected_options"]] == ["mon", "tue"]
    assert got["form"]["selected_option"]["value"] == "compiled"
    assert got["lead"]["selected_user"] == slack.person("ben").id
    assert got["team"]["selected_users"] == [slack.person("chloe").id]
    assert got["place"]["selected_conversation"] == slack.channel("training").id


def test_a_menu_of_conversations_offers_what_its_filter_lets_through(form: Page) -> None:
    offered = form.get_by_role("dialog").get_by_role("combobox", name="place").locator("option")
    expect(offered.filter(has_text="#training")).to_have_count(1)
    expect(offered.filter(has_text="leads")).to_have_count(0)


def test_complaints_of_slack_itself_stand_below_the_element(form: Page, heard: list[Any]) -> None:
    dialog = form.get_by_role("dialog", name="Form")
    dialog.get_by_role("textbox", name="notes").fill("ab")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator(".error:visible")).to_have_text(["This must be at least 3 characters."])
    assert heard == []


def test_a_status_stands_beside_the_name_and_goes(slack: Workspace, heard: list[Any], visit: Any) -> None:
    slack.say("ben", "#general", "back on Monday")
    page: Page = visit("ana")
    slack.set_status("ben", "On holiday", ":palm_tree:")
    mark = page.locator("#channel").get_by_role("img", name="Status: On holiday")
    expect(mark).to_have_text("🌴")
    field = page.locator("#channel .composer textarea")
    field.fill("/status :bus: On the train ")
    field.press("Enter")
    slack.wait_for(lambda: slack.person("ana").status_text == "On the train")
    slack.set_status("ben", "")
    expect(mark).to_have_count(0)

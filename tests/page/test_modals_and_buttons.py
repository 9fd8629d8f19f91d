"""In Chromium: modals with inputs and errors, buttons that wait, ask back, fail."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.workspace import Workspace

pytestmark = pytest.mark.page


@pytest.fixture
def thread(slack: Workspace, heard: list[Any], visit: Any) -> Page:
    """Ben's page with the thread open in which the bot has posted its buttons."""
    ts = slack.say("ben", "#general", "@lore buttons please")
    slack.wait_for(lambda: slack.said_by_app("#general", ts))
    page: Page = visit("ben", f"general/{ts}")
    expect(page.locator("#thread").get_by_role("button", name="Tell us more")).to_be_visible()
    return page


def test_a_form_complains_keeps_what_was_typed_and_is_sent(
    thread: Page, heard: list[Any], picture: Any
) -> None:
    thread.get_by_role("button", name="Tell us more").click()
    form = thread.get_by_role("dialog", name="Tell us more")
    expect(form.get_by_role("textbox", name="What was wrong?")).to_be_focused()
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".error:visible")).to_have_text(["Please complete this required field."] * 2)
    expect(form.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    picture(thread, "form-light")

    form.get_by_role("textbox").fill("bad")
    form.get_by_role("combobox", name="Kind").select_option("Outdated")
    form.get_by_role("checkbox", name="The admins").check()
    form.get_by_role("radio", name="Now").check()
    form.get_by_role("button", name="Send").click()
    expect(form.locator(".error:visible")).to_have_text(["Say it kindly."])
    form.get_by_role("textbox").fill("The dates are old")
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_count(0)

    [values] = heard
    assert values["why"]["text"]["value"] == "The dates are old"
    assert values["kind"]["kind"]["selected_option"]["value"] == "old"
    assert [each["value"] for each in values["who"]["who"]["selected_options"]] == ["admins"]
    assert values["when"]["when"]["selected_option"]["value"] == "now"


def test_a_view_that_changes_keeps_what_was_typed(slack: Workspace, thread: Page, heard: list[Any]) -> None:
    thread.get_by_role("button", name="Tell us more").click()
    form = thread.get_by_role("dialog", name="Tell us more")
    form.get_by_role("textbox").fill("half a thought")
    [view] = slack.views_open("ben")
    sent = {name: view[name] for name in ("type", "callback_id", "title", "submit", "close", "blocks")}
    changed = sent | {"title": {"type": "plain_text", "text": "A new title"}}
    client = _client(slack)
    client.views_update(view_id=view["id"], view=changed)
    form = thread.get_by_role("dialog", name="A new title")
    expect(form.get_by_role("textbox")).to_have_value("half a thought")
    expect(form.get_by_role("textbox")).to_be_focused()


def test_a_button_that_nobody_answers_warns(thread: Page) -> None:
    silent = thread.get_by_role("button", name="Silent")
    silent.click()
    expect(silent).to_have_attribute("aria-busy", "true")
    expect(thread.get_by_role("alert").filter(has_text="did not respond")).to_be_visible()
    expect(silent).not_to_have_attribute("aria-busy", "true")


def test_a_confirmed_button_asks_first(thread: Page) -> None:
    thread.get_by_role("button", name="Forget").click()
    thread.get_by_role("dialog", name="Forget it?").get_by_role("button", name="Keep").click()
    expect(thread.get_by_role("button", name="Forget")).to_be_visible()
    thread.get_by_role("button", name="Forget").click()
    thread.get_by_role("dialog", name="Forget it?").get_by_role("button", name="Forget").click()
    expect(thread.locator("#thread .message").last).to_contain_text("Forgotten.")


def test_a_choice_in_a_message_reaches_the_bot(slack: Workspace, thread: Page, heard: list[Any]) -> None:
    thread.get_by_role("combobox", name="Period").select_option("Month")
    assert slack.wait_for(lambda: list(heard)) == ["month"]


def test_stacked_views_go_back_one_by_one_or_all_at_once(
    slack: Workspace, thread: Page, heard: list[Any]
) -> None:
    def stacked() -> None:
        thread.get_by_role("button", name="Tell us more").click()
        expect(thread.get_by_role("dialog", name="Tell us more")).to_be_visible()
        trigger = slack.site.triggers.issue(slack.person("ben").id)
        title = {"type": "plain_text", "text": "Second"}
        second = {"type": "modal", "title": title, "blocks": [{"type": "divider"}]}
        _client(slack).views_push(trigger_id=trigger, view=second)
        expect(thread.get_by_role("dialog", name="Second")).to_be_visible()

    stacked()
    thread.keyboard.press("Escape")
    expect(thread.get_by_role("dialog", name="Tell us more")).to_be_visible()
    thread.keyboard.press("Escape")
    expect(thread.get_by_role("dialog")).to_have_count(0)
    stacked()
    thread.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(thread.get_by_role("dialog")).to_have_count(0)
    slack.wait_for(lambda: not slack.views_open("ben"))


def _client(slack: Workspace) -> Any:
    from slack_sdk import WebClient

    return WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])

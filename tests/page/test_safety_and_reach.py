"""In Chromium: hostile text stays text; the page works by keyboard, in the dark and on a small screen."""

import re
import threading
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.workspace import Workspace
from tests.page.scripted_bot import HOSTILE

pytestmark = pytest.mark.page

BAD_LINKS = (
    "javascript:document.title='owned'",
    "data:text/html,<script>1</script>",
    "slack://open",
    "//x",
    "x",
)


def test_hostile_text_is_shown_literally_wherever_it_stands(
    slack: Workspace, heard: list[Any], visit: Any, picture: Any
) -> None:
    page = visit("ben")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field = page.locator("#channel .composer textarea")
    field.fill(f"@lore hostile {HOSTILE}")
    field.press("Enter")
    expect(page.locator("#channel .message").last).to_contain_text(HOSTILE)
    page.get_by_role("button", name="1 reply").click()
    reply = page.locator("#thread .message").last
    expect(reply.locator(".section").first).to_have_text(HOSTILE)
    expect(reply.locator(".header")).to_have_text(HOSTILE[:100])
    expect(reply.locator("pre")).to_have_text(HOSTILE)
    expect(reply.locator(".section").nth(1)).to_contain_text("click <script>alert(1)</script> fine")
    expect(reply.get_by_role("link", name="fine")).to_have_attribute("href", "https://ok.example/?a=1&b=2")
    expect(reply.get_by_role("link", name="click")).to_have_count(0)
    picture(page, "hostile-light")
    assert page.locator(".log img, .log script, dialog script").count() == 0
    assert "owned" not in page.title()
    assert [each for each in asked if not each.startswith((slack.url, slack.url.replace("http", "ws")))] == []


@pytest.mark.parametrize("address", BAD_LINKS)
def test_only_web_and_mail_addresses_become_links(slack: Workspace, visit: Any, address: str) -> None:
    element = {"type": "link", "url": address, "text": "look here"}
    section = {"type": "rich_text_section", "elements": [element]}
    blocks = [
        {"type": "rich_text", "elements": [section]},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"<{address}|or here>"}},
        {"type": "markdown", "text": f"[and here]({address})"},
        {"type": "actions", "elements": [{"type": "button", "action_id": "b", "url": address}]},
    ]
    blocks[-1]["elements"][0]["text"] = {"type": "plain_text", "text": "press"}  # type: ignore[index]
    slack.say("ana", "#general", "links", blocks=blocks)
    content = visit("ben").locator("#channel .message .content")
    expect(content).to_contain_text("look here")
    expect(content.locator("a")).to_have_count(0)


def test_the_policy_lets_nothing_of_strangers_in(slack: Workspace, visit: Any) -> None:
    page = visit("ben")
    headers = page.goto(slack.url).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_a_question_by_keyboard_alone(slack: Workspace, heard: list[Any], visit: Any) -> None:
    page: Page = visit("ana", "training")
    keys = page.keyboard
    keys.press("Control+k")
    keys.type("gen")
    keys.press("Enter")
    expect(page.locator("#channel h2")).to_have_text("#general")
    expect(page.locator("#channel .composer textarea")).to_be_focused()
    keys.type("@lo")
    expect(page.get_by_role("option", name="@lore")).to_be_visible()
    keys.press("Enter")
    keys.type("when is the drill?")
    keys.press("Shift+Enter")
    keys.type("I forgot")
    keys.press("Enter")
    row = page.locator("#channel .message")
    expect(row.get_by_role("button", name="1 reply")).to_be_visible()

    keys.press("Shift+Tab")  # what stands last in the list of messages
    row.focus()
    keys.press("t")
    expect(page.locator("#thread")).to_be_visible()
    expect(page.locator("#thread .message")).to_have_count(2)
    page.get_by_label("Open the passage of citation 1").focus()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Source 1")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("button", name="Close").last).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_label("Open the passage of citation 1")).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#thread")).to_be_hidden()
    expect(page.locator("#channel .composer textarea")).to_be_focused()


def test_arrow_keys_move_through_messages_and_channels(slack: Workspace, visit: Any) -> None:
    for text in ("one", "two", "three"):
        slack.say("ana", "#general", text)
    page: Page = visit("ben")
    rows = page.locator("#channel .message")
    rows.last.focus()
    page.keyboard.press("ArrowUp")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("Home")
    expect(rows.first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#channel .composer textarea")).to_be_focused()
    page.locator("#sidebar").get_by_role("link", name="general").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#channel h2")).to_have_text("leads")


def test_dark_by_system_and_by_choice(
    slack: Workspace, heard: list[Any], looking_up: threading.Event, visit: Any, picture: Any
) -> None:
    ts = slack.say("ana", "#general", "@lore when is the restore drill?")
    slack.wait_for(lambda: slack.said_by_app("#general", ts))
    page = visit("ben", f"general/{ts}", scheme="dark")
    expect(page.locator("#thread .message")).to_have_count(2)
    assert _lightness(page) < 60
    picture(page, "answer-dark")
    page.get_by_label("Open the passage of citation 1").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    picture(page, "passage-dark")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Theme: auto").click()
    assert _lightness(page) > 240
    page.reload()
    page.get_by_role("button", name="Theme: light").click()
    assert _lightness(page) < 60


def _lightness(page: Page) -> float:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(float(each) for each in re.findall(r"[\d.]+", colour)[:3]) / 3


def test_a_small_screen_shows_one_pane_and_no_sideways_scroll(
    slack: Workspace, heard: list[Any], visit: Any, picture: Any
) -> None:
    ts = slack.say("ana", "#general", "@lore when is the restore drill?")
    slack.wait_for(lambda: slack.said_by_app("#general", ts))
    page = visit("ben", "general", viewport={"width": 390, "height": 780})
    page.get_by_role("button", name="Channels").click()
    expect(page.locator("#sidebar")).to_be_visible()
    picture(page, "small-sidebar")
    page.locator("#sidebar").get_by_role("link", name="general").click()
    page.locator("#sidebar").wait_for(state="hidden")
    page.get_by_role("button", name="1 reply").click()
    expect(page.locator("#thread .message")).to_have_count(2)
    expect(page.locator("#channel")).to_be_hidden()
    picture(page, "small-thread")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate("document.querySelector('#thread .log').scrollWidth") <= 390


def test_long_channels_show_their_end_and_more_on_demand(slack: Workspace, visit: Any) -> None:
    for n in range(230):
        slack.say("ana" if n % 2 else "ben", "#general", f"message {n}")
    page = visit("ana")
    expect(page.locator("#channel .message")).to_have_count(200)
    expect(page.locator("#channel .message").last).to_be_in_viewport()
    page.get_by_role("button", name="Show 30 earlier messages").click()
    expect(page.locator("#channel .message")).to_have_count(230)
    slack.say("ben", "#general", "the newest")
    page.get_by_role("button", name="New messages").click()
    expect(page.locator("#channel .message").last).to_be_in_viewport()

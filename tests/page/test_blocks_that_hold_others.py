"""In Chromium: feedback and icon buttons, alerts, cards and containers."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.workspace import Workspace

pytestmark = pytest.mark.page


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def side(label: str, spoken: str, value: str) -> dict[str, Any]:
    return {"text": plain(label), "accessibility_label": spoken, "value": value}


JUDGING = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "judge",
            "positive_button": side("Helpful", "It helped", "good"),
            "negative_button": side("Not helpful", "It did not", "bad"),
        },
        {
            "type": "icon_button",
            "action_id": "bin",
            "icon": "trash",
            "text": plain("Delete"),
            "value": "1",
            "confirm": {
                "title": plain("Delete it?"),
                "text": plain("It is gone then."),
                "confirm": plain("Delete"),
                "deny": plain("Keep"),
            },
        },
    ],
}
CARD = {
    "type": "card",
    "title": plain("Drills"),
    "subtitle": plain("ops/drills.md"),
    "body": plain("First Tuesday of <b>every</b> month."),
    "actions": [{"type": "button", "action_id": "open", "text": plain("Open"), "value": "1"}],
}
BLOCKS = [
    {"type": "alert", "level": "warning", "text": plain("The newest source is 14 months old.")},
    JUDGING,
    CARD,
    {"type": "carousel", "elements": [CARD | {"title": plain("One")}, CARD | {"title": plain("Two")}]},
    {
        "type": "container",
        "title": plain("Sources"),
        "subtitle": plain("three pages"),
        "is_collapsible": True,
        "default_collapsed": True,
        "child_blocks": [{"type": "section", "text": plain("the first source")}],
    },
]


@pytest.fixture
def page(slack: Workspace, heard: list[Any], visit: Any) -> Page:
    client = WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])
    client.chat_postMessage(channel=slack.channel("general").id, text="blocks", blocks=BLOCKS)
    page: Page = visit("ben", "general")
    expect(page.get_by_role("group", name="Feedback")).to_be_visible()
    return page


def clicks(slack: Workspace, action_id: str) -> list[str]:
    sent = [envelope.payload for envelope in slack.ledger.envelopes if envelope.kind == "interactive"]
    actions = [each["actions"][0] for each in sent if each["type"] == "block_actions"]
    return [each["value"] for each in actions if each["action_id"] == action_id]


def test_every_click_on_feedback_is_told_and_the_last_one_shows(slack: Workspace, page: Page) -> None:
    good, bad = page.get_by_role("button", name="It helped"), page.get_by_role("button", name="It did not")
    for node, count in ((good, 1), (good, 2), (bad, 3)):
        node.click()
        slack.wait_for(lambda count=count: len(clicks(slack, "judge")) == count)  # type: ignore[misc]
        expect(node).not_to_have_attribute("aria-busy", "true")
    assert clicks(slack, "judge") == ["good", "good", "bad"]
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(good).to_have_attribute("aria-pressed", "false")


def test_an_icon_button_asks_back(slack: Workspace, page: Page, picture: Any) -> None:
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete it?")
    dialog.get_by_role("button", name="Keep").click()
    assert clicks(slack, "bin") == []
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog", name="Delete it?").get_by_role("button", name="Delete").click()
    slack.wait_for(lambda: clicks(slack, "bin") == ["1"])
    picture(page, "blocks-light")


def test_alerts_cards_and_containers_are_drawn_as_text(slack: Workspace, page: Page) -> None:
    expect(page.get_by_role("note")).to_have_text("The newest source is 14 months old.")
    card = page.locator(".block.card").first
    expect(card).to_contain_text("First Tuesday of <b>every</b> month.")
    card.get_by_role("button", name="Open").click()
    slack.wait_for(lambda: clicks(slack, "open") == ["1"])
    expect(page.locator(".cards .card")).to_have_count(2)
    inside = page.get_by_text("the first source")
    expect(inside).to_be_hidden()
    page.get_by_text("Sources", exact=True).click()
    expect(inside).to_be_visible()

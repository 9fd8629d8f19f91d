"""In Chromium: what the app has scheduled in a channel, for who looks after the app."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient

from bot.workspace import Workspace

pytestmark = pytest.mark.page


def test_an_admin_sees_what_is_scheduled_until_it_is_said_and_others_do_not(
    slack: Workspace, visit: Any, picture: Any
) -> None:
    client = WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])
    ana, ben = visit("ana"), visit("ben")
    line = ana.get_by_role("note")
    expect(line).to_be_hidden()
    soon = int(time.time()) + 3600
    client.chat_scheduleMessage(channel=slack.channel("#general").id, post_at=soon, text="The drill begins.")
    expect(line).to_have_text(re.compile(r"^Lore says .+ at \d\d:\d\d: The drill begins\.$"))
    picture(ana, "scheduled-light")
    slack.team.clock = lambda: soon + 1.0
    for page in (ana, ben):
        expect(page.locator("#channel .message", has_text="The drill begins.")).to_be_visible()
        expect(page.get_by_role("note")).to_be_hidden()


def test_nobody_else_is_told(slack: Workspace, visit: Any) -> None:
    client = WebClient(slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[])
    general, later = slack.channel("#general").id, int(time.time()) + 3600
    ben = visit("ben")
    client.chat_scheduleMessage(channel=general, post_at=later, text="The drill begins.")
    client.chat_postMessage(channel=general, text="Not yet.")
    expect(ben.locator("#channel .message", has_text="Not yet.")).to_be_visible()
    expect(ben.get_by_role("note")).to_be_hidden()

"""In Chromium: a message grows while it is written, with cards of what is being done, and can be stopped."""

from typing import Any

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient

from bot.workspace import Workspace

pytestmark = pytest.mark.page


def task(name: str, title: str, status: str) -> dict[str, Any]:
    return {"type": "task_update", "id": name, "title": title, "status": status}


def said(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "blocks", "blocks": [{"type": "rich_text", "elements": [section]}]}


class Stream:
    """The app's own hand on a stream in answer to Ana."""

    def __init__(self, slack: Workspace) -> None:
        self.client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        self.channel = slack.channel("general").id
        self.root = slack.say("ana", "#general", "@lore how long did it take?")
        self.ts = self.client.chat_startStream(
            channel=self.channel,
            thread_ts=self.root,
            recipient_user_id=slack.person("ana").id,
            recipient_team_id=slack.team.id,
            chunks=[task("search", "Searching 120 documents", "in_progress")],
        )["ts"]

    def append(self, *chunks: dict[str, Any]) -> None:
        self.client.chat_appendStream(channel=self.channel, ts=self.ts, chunks=list(chunks))


def test_a_message_grows_and_ends(slack: Workspace, visit: Any, picture: Any) -> None:
    stream = Stream(slack)
    ana, ben = visit("ana"), visit("ben")
    for page in (ana, ben):
        page.locator("#channel .message", has_text="how long").get_by_role("button", name="1 reply").click()
    growing = ana.locator("#thread .message").last
    expect(growing.get_by_role("img", name="at work")).to_be_visible()
    expect(growing.locator(".caret")).to_be_visible()
    expect(growing.locator(".task")).to_have_text("Searching 120 documents")

    stream.append(
        task("search", "Searching 120 documents", "complete"),
        task("check", "Checking each sentence", "in_progress"),
        said("The drill took 41 minutes. [1]"),
    )
    expect(growing.get_by_role("img", name="done")).to_be_visible()
    expect(growing).to_contain_text("41 minutes")
    expect(ben.locator("#thread .message").last).to_contain_text("41 minutes")
    picture(ana, "stream-light")
    stream.append(said("It was on 12 May 2026. [1]"))
    expect(growing).to_contain_text("12 May 2026")

    stream.client.chat_stopStream(channel=stream.channel, ts=stream.ts)
    stream.client.chat_update(channel=stream.channel, ts=stream.ts, text="All of it.", blocks=[])
    expect(growing).to_contain_text("All of it.")
    expect(ana.locator(".task, .caret, .working")).to_have_count(0)


def test_the_stop_button_is_there_while_the_app_is_at_work(
    slack: Workspace, visit: Any, picture: Any
) -> None:
    stream = Stream(slack)
    page = visit("ana", scheme="dark")
    root = page.locator("#channel .message", has_text="how long")
    expect(root.get_by_role("button", name="Stop")).to_be_visible()
    root.get_by_role("button", name="1 reply").click()
    stream.append(said("The drill took 41 minutes. [1]"))
    picture(page, "stream-dark")
    page.locator("#thread").get_by_role("button", name="Stop").click()
    expect(page.locator("#thread .caret")).to_have_count(0)
    [stopped] = slack.wait_for(lambda: slack.ledger.events("agent_session_stopped"))
    assert stopped.payload["event"]["streaming_message_ts"] == [stream.ts]
    where = {"channel_id": stream.channel, "thread_ts": stream.root}
    stream.client.agents_sessions_setStatus(**where, status="active")
    expect(page.locator(".working")).to_have_count(0)


def test_a_stream_that_slack_has_ended_says_so_until_it_is_put_right(slack: Workspace, visit: Any) -> None:
    stream = Stream(slack)
    page = visit("ana")
    page.locator("#channel .message", has_text="how long").get_by_role("button", name="1 reply").click()
    slack.expire_streams()
    expect(page.locator("#thread .broken")).to_have_text("Something went wrong")
    stream.client.chat_update(channel=stream.channel, ts=stream.ts, text="Found it.", blocks=[])
    expect(page.locator("#thread .message").last).to_contain_text("Found it.")
    expect(page.locator(".broken")).to_have_count(0)

"""Streams and agent sessions behave as Slack's: what they take, what they refuse, how they end."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from bot.workspace.team import NotThere

TASK = {"type": "task_update", "id": "1", "title": "Searching", "status": "in_progress"}


def rich(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "blocks", "blocks": [{"type": "rich_text", "elements": [section]}]}


class Bot:
    """The app's client with the thread that it streams in."""

    def __init__(self, slack: Workspace) -> None:
        self.slack = slack
        self.client = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        self.channel = slack.channel("general").id
        self.thread_ts = slack.say("ana", "#general", "how?")
        self.who = {"recipient_user_id": slack.person("ana").id, "recipient_team_id": slack.team.id}

    def start(self, **more: Any) -> str:
        where = {"channel": self.channel, "thread_ts": self.thread_ts} | self.who | more
        return str(self.client.chat_startStream(**where)["ts"])

    def refusal(self, method: str, **arguments: Any) -> str:
        with pytest.raises(SlackApiError) as refused:
            getattr(self.client, method)(**{"channel": self.channel} | arguments)
        return str(refused.value.response["error"])

    def message(self, ts: str) -> dict[str, Any]:
        found = self.client.conversations_replies(
            channel=self.channel, ts=self.thread_ts, include_all_metadata=True
        )["messages"]
        return next(each for each in found if each["ts"] == ts)


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace() as workspace:
        yield workspace


@pytest.fixture
def bot(slack: Workspace) -> Bot:
    return Bot(slack)


def test_a_stream_grows_with_cards_and_blocks_and_ends_with_what_is_below(bot: Bot) -> None:
    ts = bot.start(chunks=[TASK])
    message = bot.message(ts)
    assert message["thread_ts"] == bot.thread_ts
    assert message["streaming_state"] == "in_progress"
    assert [(each["type"], each["status"]) for each in message["blocks"]] == [("task_card", "in_progress")]

    bot.client.chat_appendStream(
        channel=bot.channel, ts=ts, chunks=[TASK | {"status": "complete"}, rich("One.")]
    )
    key = {"event_type": "lore_delivery", "event_payload": {"key": "k"}}
    bot.client.chat_stopStream(
        channel=bot.channel, ts=ts, chunks=[rich("Two.")], blocks=[{"type": "divider"}], metadata=key
    )
    message = bot.message(ts)
    kinds = [each["type"] for each in message["blocks"]]
    assert kinds == ["task_card", "rich_text", "rich_text", "divider"]
    assert message["blocks"][0]["status"] == "complete"
    assert message["metadata"]["event_payload"] == {"key": "k"}
    assert message["streaming_state"] == "completed"


def test_markdown_that_follows_markdown_is_one_text(bot: Bot) -> None:
    ts = bot.start(markdown_text="**One** ")
    bot.client.chat_appendStream(channel=bot.channel, ts=ts, markdown_text="two")
    assert bot.message(ts)["text"] == "**One** two"
    assert [each["text"] for each in bot.message(ts)["blocks"]] == ["**One** two"]
    assert bot.refusal("chat_appendStream", ts=ts, chunks=[TASK]) == "streaming_mode_mismatch"


def test_a_stream_is_a_reply_and_in_channels_for_one_person(bot: Bot, slack: Workspace) -> None:
    where = {"thread_ts": bot.thread_ts, "chunks": [TASK]}
    assert bot.refusal("chat_startStream", **where) == "missing_recipient_team_id"
    team = {"recipient_team_id": slack.team.id}
    assert bot.refusal("chat_startStream", **where, **team) == "missing_recipient_user_id"
    assert bot.refusal("chat_startStream", **where, **team, recipient_user_id="U1") == "user_not_found"
    assert bot.refusal("chat_startStream", **where | {"thread_ts": ""}, **bot.who) == "invalid_thread_ts"
    mine = slack.dm("ana")
    root = slack.say("ana", mine, "how?")
    assert bot.client.chat_startStream(channel=mine, thread_ts=root, chunks=[TASK])["ok"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"markdown_text": "a", "chunks": [TASK]}, "cannot_provide_both_markdown_text_and_chunks"),
        ({"markdown_text": "a" * 12_001}, "msg_too_long"),
        ({"chunks": [{"type": "task_update", "id": "1", "title": "x", "status": "done"}]}, "invalid_chunks"),
        ({"chunks": [{"type": "blocks", "blocks": [{"type": "nonsense"}]}]}, "invalid_blocks"),
        ({"chunks": [rich("a" * 10_700)]}, "msg_blocks_too_long"),
        ({"markdown_text": "a", "metadata": {"event_type": "e", "event_payload": {}}}, "invalid_arg_name"),
        ({"markdown_text": "a", "unfurl_links": False}, "invalid_arg_name"),
        ({"chunks": [TASK], "task_display_mode": "list"}, "invalid_arguments"),
    ],
)
def test_what_a_start_refuses(bot: Bot, arguments: dict[str, Any], error: str) -> None:
    where = {"thread_ts": bot.thread_ts} | bot.who
    assert bot.refusal("chat_startStream", **where, **arguments) == error
    assert bot.slack.said_by_app("#general", bot.thread_ts) == []


def test_all_of_a_message_must_not_be_too_long(bot: Bot) -> None:
    ts = bot.start(chunks=[rich("a" * 6_000)])
    assert bot.refusal("chat_appendStream", ts=ts, chunks=[rich("b" * 6_000)]) == "msg_blocks_too_long"
    assert len(bot.message(ts)["blocks"]) == 1
    bot.client.chat_appendStream(channel=bot.channel, ts=ts, chunks=[rich("c")])


def test_an_open_stream_cannot_be_changed_or_deleted_and_a_closed_one_not_appended_to(bot: Bot) -> None:
    ts = bot.start(chunks=[TASK])
    assert bot.refusal("chat_update", ts=ts, text="other") == "streaming_state_conflict"
    assert bot.refusal("chat_delete", ts=ts) == "cant_delete_message"
    bot.client.chat_stopStream(channel=bot.channel, ts=ts)
    assert bot.refusal("chat_appendStream", ts=ts, chunks=[TASK]) == "message_not_in_streaming_state"
    assert bot.refusal("chat_stopStream", ts=ts) == "message_not_in_streaming_state"
    bot.client.chat_update(channel=bot.channel, ts=ts, text="other", blocks=[])
    assert bot.message(ts)["text"] == "other"
    assert "blocks" not in bot.message(ts)


def test_a_stream_expires(bot: Bot, slack: Workspace) -> None:
    ts = bot.start(chunks=[TASK])
    slack.team.stream_seconds = 0.0
    assert bot.refusal("chat_appendStream", ts=ts, chunks=[TASK]) == "message_not_in_streaming_state"
    assert bot.message(ts)["streaming_state"] == "errored"
    bot.client.chat_update(channel=bot.channel, ts=ts, text="all of it")


def test_a_session_is_at_work_while_a_stream_is_open_and_can_be_stopped(bot: Bot, slack: Workspace) -> None:
    ts = bot.start(chunks=[TASK])
    assert slack.session("#general", bot.thread_ts)["status"] == "processing"
    slack.stop_agent("ana", "#general", bot.thread_ts)
    [stopped] = slack.ledger.events("agent_session_stopped")
    event = stopped.payload["event"]
    assert (event["user"], event["thread_ts"], event["streaming_message_ts"]) == (
        slack.person("ana").id,
        bot.thread_ts,
        [ts],
    )
    assert bot.refusal("chat_stopStream", ts=ts) == "message_not_in_streaming_state"
    assert slack.session("#general", bot.thread_ts)["status"] == "processing", "the app sets it"
    where = {"channel_id": bot.channel, "thread_ts": bot.thread_ts}
    bot.client.agents_sessions_setStatus(**where, status="active")
    assert slack.session("#general", bot.thread_ts)["status"] == "active"
    with pytest.raises(NotThere):
        slack.stop_agent("ana", "#general", bot.thread_ts)


def test_a_session_has_a_title_and_needs_an_agent(bot: Bot, slack: Workspace) -> None:
    where = {"channel_id": bot.channel, "thread_ts": bot.thread_ts}
    assert bot.refusal("agents_sessions_rename", **where, title="Drills") == "session_not_found"
    told = bot.client.agents_sessions_setStatus(**where, status="processing", title="Restore drills")
    assert (told["status"], told["title"]) == ("processing", "Restore drills")
    bot.client.agents_sessions_rename(**where, title="Drills")
    assert slack.session("#general", bot.thread_ts)["title"] == "Drills"
    slack.team.app.events.remove("agent_session_stopped")
    told = bot.client.agents_sessions_setStatus(**where, status="processing")
    assert told["warning"] == "missing_agent_session_stopped_event_subscription"
    with pytest.raises(NotThere):
        slack.stop_agent("ana", "#general", bot.thread_ts)
    slack.team.app.scopes.remove("assistant:write")
    assert bot.refusal("agents_sessions_setStatus", **where, status="active") == "not_authorized"

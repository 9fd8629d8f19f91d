"""Faults strike as they are laid, before or after the call took effect, and the ledger knows which."""

import http.client
import socket
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.workspace import Workspace

BROKEN = (URLError, ConnectionError, http.client.HTTPException, socket.timeout)


def post(client: WebClient) -> Any:
    return client.chat_postMessage(channel="#general", text="x")


@pytest.mark.parametrize("header", ["1", "30", "abc", "-5", "99999", None])
def test_429_with_any_retry_after(slack: Workspace, client: WebClient, header: str | None) -> None:
    fault = slack.faults.rate_limited("chat.postMessage", retry_after=header)
    with pytest.raises(SlackApiError) as caught:
        post(client)
    assert caught.value.response.status_code == 429
    assert caught.value.response["error"] == "ratelimited"
    assert caught.value.response.headers.get("retry-after") == header
    assert post(client)["ok"]
    assert (fault.hits, len(slack.messages("general"))) == (1, 1)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("reset", [False, True])
def test_connections_end_before_or_after_the_post_is_stored(
    slack: Workspace, client: WebClient, after: bool, reset: bool
) -> None:
    slack.faults.drop("chat.postMessage", after=after, reset=reset)
    with pytest.raises(BROKEN):
        post(client)
    assert len(slack.messages("general")) == int(after)
    [call] = slack.ledger.calls_of("chat.postMessage")
    assert (call.stored, call.fault) == (after, "reset" if reset else "closed")


def test_slack_sdks_default_client_says_it_twice(slack: Workspace) -> None:
    """What the ledger is for: the SDK's own retry after a reset makes two messages of one."""
    slack.faults.drop("chat.postMessage", after=True)
    post(WebClient(slack.bot_token, base_url=slack.api_url))
    assert len(slack.ledger.stored()) == len(slack.messages("general")) == 2


@pytest.mark.parametrize("after", [False, True])
def test_bodies_cut_in_half(slack: Workspace, client: WebClient, after: bool) -> None:
    slack.faults.cut("chat.postMessage", after=after)
    with pytest.raises((*BROKEN, SlackApiError)):
        post(client)
    assert len(slack.messages("general")) == 1


@pytest.mark.parametrize("after", [False, True])
def test_hanging_until_the_caller_gives_up(slack: Workspace, after: bool) -> None:
    hasty = WebClient(slack.bot_token, base_url=slack.api_url, timeout=1, retry_handlers=[])
    slack.faults.hang("chat.postMessage", after=after)
    with pytest.raises(BROKEN):
        post(hasty)
    assert len(slack.messages("general")) == int(after)


def test_errors_pages_and_broken_answers(slack: Workspace, client: WebClient) -> None:
    for status in (500, 502, 503):
        slack.faults.status("chat.postMessage", status)
        with pytest.raises(SlackApiError) as caught:
            post(client)
        assert caught.value.response.status_code == status
    slack.faults.html("chat.postMessage", after=True)
    with pytest.raises(SlackApiError, match="non-JSON"):
        post(client)
    assert len(slack.messages("general")) == 1
    slack.faults.error("chat.postMessage", "internal_error")
    with pytest.raises(SlackApiError, match="internal_error"):
        post(client)


def test_a_late_answer_still_comes(slack: Workspace, client: WebClient) -> None:
    slack.faults.delay("chat.postMessage", 0.2)
    assert post(client)["ok"]


def test_faults_choose_their_calls(slack: Workspace, client: WebClient) -> None:
    fault = slack.faults.error("*", "fatal_error", times=None, where=lambda args: args.get("text") == "bad")
    assert post(client)["ok"]
    for _ in range(3):
        with pytest.raises(SlackApiError, match="fatal_error"):
            client.chat_postMessage(channel="#general", text="bad")
    assert fault.hits == 3
    slack.faults.clear()
    assert client.chat_postMessage(channel="#general", text="bad")["ok"]


def test_response_urls_expire_and_fail_too() -> None:
    now = [1_800_000_000.0]
    with Workspace(clock=lambda: now[0]) as slack:
        url = slack.site.response_url(slack.person("ana").id, slack.channel("general").id)
        webhook = WebhookClient(url, retry_handlers=[])
        slack.faults.status("response_url", 500)
        assert webhook.send(text="lost").status_code == 500
        assert [webhook.send(text=str(n)).status_code for n in range(6)] == [200] * 5 + [404]
        assert len(slack.ephemerals("ana", "general")) == 5
        late = WebhookClient(slack.site.response_url(slack.person("ana").id, slack.channel("general").id))
        now[0] += 1801
        answer = late.send(text="late", response_type="in_channel")
        assert (answer.status_code, "expired_url" in answer.body) == (404, True)


def test_trigger_ids_work_once_and_for_three_seconds() -> None:
    now = [1_800_000_000.0]
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [{"type": "divider"}]}
    with Workspace(clock=lambda: now[0]) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        ana = slack.person("ana").id

        def error(trigger: str) -> str:
            with pytest.raises(SlackApiError) as caught:
                client.views_open(trigger_id=trigger, view=view)
            return str(caught.value.response["error"])

        trigger = slack.site.triggers.issue(ana)
        opened = client.views_open(trigger_id=trigger, view=view)["view"]
        assert error(trigger) == "exchanged_trigger_id"
        assert error("1.2.3") == "invalid_trigger_id"
        stale = slack.site.triggers.issue(ana)
        now[0] += 3.1
        assert error(stale) == "expired_trigger_id"

        client.views_update(view_id=opened["id"], hash=opened["hash"], view=view)
        with pytest.raises(SlackApiError, match="hash_conflict"):
            client.views_update(view_id=opened["id"], hash="old", view=view)
        for _ in range(2):
            client.views_push(trigger_id=slack.site.triggers.issue(ana), view=view)
        with pytest.raises(SlackApiError, match="push_limit_reached"):
            client.views_push(trigger_id=slack.site.triggers.issue(ana), view=view)
        slack.close_view("ana", slack.views_open("ana")[-1]["id"])
        assert len(slack.views_open("ana")) == 2

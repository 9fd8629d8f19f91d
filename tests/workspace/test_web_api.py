"""The Web API answers slack_sdk's client as Slack does: shapes, pages, scopes and refusals."""

import json
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace


def refusal(call: Any, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def test_who_am_i(slack: Workspace, client: WebClient) -> None:
    me = client.auth_test()
    assert me["user_id"] == slack.team.app.user_id
    assert me["bot_id"] == slack.team.app.bot_id
    assert "chat:write" in me.headers["x-oauth-scopes"]
    assert client.team_info()["team"]["id"] == me["team_id"]
    assert client.bots_info(bot=me["bot_id"])["bot"]["app_id"] == slack.team.app.id


def test_tokens_are_told_apart(slack: Workspace, client: WebClient) -> None:
    def with_token(token: str) -> WebClient:
        return WebClient(token, base_url=slack.api_url)

    channel = slack.channel("general").id
    assert refusal(with_token("").conversations_info, channel=channel) == "not_authed"
    assert refusal(with_token("xoxb-wrong").auth_test) == "invalid_auth"
    assert (
        refusal(with_token(slack.app_token).conversations_info, channel=channel) == "not_allowed_token_type"
    )
    assert refusal(client.apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
    assert client.apps_connections_open(app_token=slack.app_token)["url"].startswith("ws://127.0.0.1:")
    slack.team.token_refusal = "token_revoked"
    assert refusal(client.auth_test) == "token_revoked"
    assert client.api_test(a="b")["args"]["a"] == "b"


def test_scopes_are_asked_for(slack: Workspace, client: WebClient) -> None:
    slack.team.app.scopes = ["channels:read"]
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="#general", text="hello")
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "chat:write"
    assert caught.value.response["provided"] == "channels:read"
    assert client.conversations_info(channel=slack.channel("general").id)["ok"]
    assert refusal(client.conversations_info, channel=slack.channel("leads").id) == "missing_scope"
    slack.team.app.scopes = ["users:read"]
    assert "email" not in client.users_info(user=slack.person("ana").id)["user"]["profile"]


def test_unknown_methods_and_broken_bodies(slack: Workspace) -> None:
    headers = {"authorization": f"Bearer {slack.bot_token}"}

    def error(method: str, content: bytes, kind: str) -> str:
        answer = httpx.post(slack.api_url + method, content=content, headers=headers | {"content-type": kind})
        assert answer.status_code == 200
        return str(answer.json()["error"])

    assert error("chat.shout", b"", "application/json") == "unknown_method"
    assert error("chat.postMessage", b"{", "application/json") == "invalid_json"
    assert error("chat.postMessage", b"[]", "application/json") == "json_not_object"
    assert error("chat.postMessage", b"x", "image/png") == "invalid_post_type"
    assert error("chat.postMessage", b"{}", "application/json; charset=utf-8") == "invalid_arguments"


def test_forms_carry_json_arguments(slack: Workspace) -> None:
    form = {
        "token": slack.bot_token,
        "channel": slack.channel("general").id,
        "text": "x",
        "blocks": json.dumps([{"type": "divider"}]),
        "metadata": json.dumps({"event_type": "key", "event_payload": {"k": "1"}}),
    }
    body = httpx.post(slack.api_url + "chat.postMessage", data=form, verify=False).json()
    assert body["ok"]
    assert body["message"]["metadata"]["event_payload"] == {"k": "1"}
    assert body["message"]["blocks"][0]["block_id"]


def test_private_channels_are_invisible_to_outsiders(slack: Workspace, client: WebClient) -> None:
    leads = slack.channel("leads")
    assert client.conversations_info(channel=leads.id)["channel"]["is_private"]
    slack.kick("lore", "leads")
    for call in (client.conversations_info, client.conversations_members, client.conversations_history):
        assert refusal(call, channel=leads.id) == "channel_not_found"
    assert refusal(client.chat_postMessage, channel=leads.id, text="x") == "channel_not_found"
    kinds = "public_channel,private_channel"
    assert leads.id not in [each["id"] for each in client.conversations_list(types=kinds)["channels"]]


def test_channels_the_app_is_not_in(slack: Workspace, client: WebClient) -> None:
    random = slack.channel("random").id
    assert client.conversations_info(channel=random)["channel"]["is_member"] is False
    assert refusal(client.conversations_history, channel=random) == "not_in_channel"
    slack.team.app.scopes.remove("chat:write.public")
    assert refusal(client.chat_postMessage, channel=random, text="x") == "not_in_channel"
    assert client.conversations_join(channel=random)["channel"]["is_member"]
    assert client.chat_postMessage(channel=random, text="x")["ok"]
    slack.channel("random").archived = True
    assert refusal(client.chat_postMessage, channel=random, text="x") == "is_archived"


def test_lists_come_in_pages(slack: Workspace, client: WebClient) -> None:
    for number in range(7):
        client.chat_postMessage(channel="#general", text=str(number))
    general = slack.channel("general").id
    texts, pages = [], 0
    for page in client.conversations_history(channel=general, limit=3):
        texts += [each["text"] for each in page["messages"]]
        pages += 1
    assert (texts, pages) == (list("6543210"), 3)
    assert refusal(client.conversations_history, channel=general, cursor="???") == "invalid_cursor"

    people = [each["name"] for page in client.users_list(limit=2) for each in page["members"]]
    assert sorted(people) == ["ana", "ben", "chloe", "dev", "gus", "lore"]
    members = [
        one for page in client.conversations_members(channel=general, limit=2) for one in page["members"]
    ]
    assert set(members) == {slack.person(name).id for name in ("ana", "ben", "chloe", "dev", "lore")}


def test_history_between_two_moments(slack: Workspace, client: WebClient) -> None:
    general = slack.channel("general").id
    stamps = [slack.say("ana", "general", str(number)) for number in range(5)]

    def texts(**args: Any) -> list[str]:
        return [each["text"] for each in client.conversations_history(channel=general, **args)["messages"]]

    assert texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    assert texts(latest=stamps[2], inclusive=True, limit=1) == ["2"]


def test_a_thread_and_its_metadata(slack: Workspace, client: WebClient) -> None:
    general = slack.channel("general").id
    root = slack.say("ana", "general", "root")
    key = {"event_type": "lore", "event_payload": {"key": "abc"}}
    reply = client.chat_postMessage(channel=general, thread_ts=root, text="reply", metadata=key)
    assert [each["text"] for each in client.conversations_history(channel=general)["messages"]] == ["root"]

    plain = client.conversations_replies(channel=general, ts=root)["messages"]
    full = client.conversations_replies(channel=general, ts=root, include_all_metadata=True)["messages"]
    assert [each["text"] for each in plain] == ["root", "reply"]
    assert (plain[0]["reply_count"], plain[0]["latest_reply"]) == (1, reply["ts"])
    assert "metadata" not in plain[1]
    assert full[1]["metadata"] == key
    assert (
        refusal(client.conversations_replies, channel=general, ts="1111111111.000000") == "thread_not_found"
    )
    assert reply["ts"] > root


def test_updates_and_deletions(slack: Workspace, client: WebClient) -> None:
    general = slack.channel("general").id
    key = {"event_type": "lore", "event_payload": {"key": "abc"}}
    ts = client.chat_postMessage(channel=general, text="one", blocks=[{"type": "divider"}], metadata=key)[
        "ts"
    ]
    client.chat_update(channel=general, ts=ts, text="two")
    [message] = slack.messages("general")
    assert (message["text"], message["metadata"], "blocks" in message) == ("two", key, False)
    client.chat_update(channel=general, ts=ts, text="three", metadata={})
    assert "metadata" not in slack.messages("general")[0]
    assert refusal(client.chat_update, channel=general, ts=ts, text="x" * 4001) == "msg_too_long"

    theirs = slack.say("ana", "general", "mine")
    assert refusal(client.chat_update, channel=general, ts=theirs, text="x") == "cant_update_message"
    assert refusal(client.chat_delete, channel=general, ts=theirs) == "cant_delete_message"
    client.chat_delete(channel=general, ts=ts)
    assert refusal(client.chat_delete, channel=general, ts=ts) == "message_not_found"


def test_a_deleted_root_leaves_a_tombstone_while_it_has_replies(slack: Workspace, client: WebClient) -> None:
    root = slack.say("ana", "general", "root")
    slack.say("ben", "general", "reply", thread_ts=root)
    slack.delete("general", root)
    general = slack.channel("general").id
    found = client.conversations_replies(channel=general, ts=root)["messages"]
    assert [each.get("subtype") for each in found] == ["tombstone", None]
    assert found[0]["user"] == "USLACKBOT"


def test_people_and_groups(slack: Workspace, client: WebClient) -> None:
    gus = client.users_info(user=slack.person("gus").id)["user"]
    assert (gus["is_restricted"], gus["is_ultra_restricted"], gus["is_admin"]) == (True, False, False)
    assert client.users_lookupByEmail(email="ANA@heron.example")["user"]["id"] == slack.person("ana").id
    assert refusal(client.users_lookupByEmail, email="no@heron.example") == "users_not_found"
    assert refusal(client.users_info, user="U0000") == "user_not_found"
    [group] = client.usergroups_list(include_users=True)["usergroups"]
    assert group["users"] == client.usergroups_users_list(usergroup=group["id"])["users"]
    assert refusal(client.usergroups_users_list, usergroup="S0") == "no_such_subteam"
    mine = client.users_conversations(user=slack.person("gus").id)["channels"]
    assert [each["name"] for each in mine] == ["visitors"]


def test_direct_messages_are_opened_once(slack: Workspace, client: WebClient) -> None:
    ana, ben = slack.person("ana").id, slack.person("ben").id
    first = client.conversations_open(users=[ana])
    assert first["channel"]["id"].startswith("D")
    assert client.conversations_open(users=ana)["already_open"]
    assert client.chat_postMessage(channel=ana, text="psst")["channel"] == first["channel"]["id"]
    info = client.conversations_info(channel=first["channel"]["id"])["channel"]
    assert (info["is_im"], info["user"]) == (True, ana)
    assert client.conversations_open(users=[ana, ben])["channel"]["id"].startswith("G")
    assert refusal(client.conversations_open, users="U0") == "user_not_found"


def test_reactions_and_permalinks(slack: Workspace, client: WebClient) -> None:
    ts = slack.say("ana", "general", "good news")
    general = slack.channel("general").id
    client.reactions_add(channel=general, timestamp=ts, name="tada")
    assert refusal(client.reactions_add, channel=general, timestamp=ts, name="tada") == "already_reacted"
    assert slack.messages("general")[0]["reactions"][0]["count"] == 1
    client.reactions_remove(channel=general, timestamp=ts, name="tada")
    assert refusal(client.reactions_remove, channel=general, timestamp=ts, name="tada") == "no_reaction"
    link = client.chat_getPermalink(channel=general, message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/{general}/p{ts.replace('.', '')}")


def test_rate_limits_are_kept_when_asked_for() -> None:
    now = [1_800_000_000.0]
    with Workspace(enforce_rate_limits=True, clock=lambda: now[0]) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        client.chat_postMessage(channel="#general", text="one")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="#general", text="two")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["retry-after"] == "1"
        client.chat_postMessage(channel="#training", text="another channel")
        now[0] += 1
        client.chat_postMessage(channel="#general", text="two")
        assert len(slack.ledger.stored()) == 3
        for _ in range(20):
            client.users_list()
        with pytest.raises(SlackApiError) as caught:
            client.users_list()
        assert caught.value.response.headers["retry-after"] == "60"


def test_timestamps_are_unique_even_when_time_stands_still() -> None:
    with Workspace(clock=lambda: 1_800_000_000.0) as slack:
        stamps = [slack.say("ana", "general", "x") for _ in range(50)]
        assert len(set(stamps)) == 50
        assert stamps == sorted(stamps)

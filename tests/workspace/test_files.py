"""Files, message shortcuts and scheduled messages, as the app meets them with slack_sdk and slack_bolt."""

import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import NotThere, Workspace


def get(slack: Workspace, url: str, token: str | None = None) -> httpx.Response:
    headers = {"authorization": f"Bearer {token or slack.bot_token}"}
    return httpx.get(url, headers=headers, trust_env=False)


def last_event(slack: Workspace, kind: str) -> dict[str, Any]:
    [envelope] = slack.wait_for(lambda: slack.ledger.events(kind)[-1:])
    return dict(envelope.payload["event"])


def test_a_message_with_a_file_reaches_the_app(
    slack: Workspace, app: App, connect: Callable[[App], Any]
) -> None:
    connect(app)
    ts = slack.attach("ana", "#general", "what is this?", [("notes.md", b"# Notes\n")])
    event = last_event(slack, "message")
    [file] = event["files"]
    assert (event["subtype"], event["ts"], event["upload"]) == ("file_share", ts, False)
    assert (file["name"], file["size"], file["filetype"], file["mode"]) == (
        "notes.md",
        8,
        "markdown",
        "hosted",
    )
    shared = last_event(slack, "file_shared")
    assert (shared["file_id"], shared["channel_id"]) == (file["id"], slack.channel("#general").id)


def test_a_mention_with_a_file_has_the_file_too(
    slack: Workspace, app: App, connect: Callable[[App], Any]
) -> None:
    connect(app)
    slack.attach("ana", "#general", f"<@{slack.team.app.user_id}> and this?", [("a.txt", b"x")])
    assert last_event(slack, "app_mention")["files"][0]["name"] == "a.txt"


def test_bytes_are_for_the_token_alone(slack: Workspace, client: WebClient) -> None:
    slack.attach("ana", "#general", "", [("notes.md", b"# Notes\n")])
    [file_id] = slack.team.files
    url = client.files_info(file=file_id)["file"]["url_private_download"]
    assert get(slack, url).content == b"# Notes\n"
    for token in ("xoxb-wrong", slack.app_token):
        assert get(slack, url, token).status_code == 302
    assert httpx.get(url, trust_env=False).status_code == 302


def test_without_the_scope_there_is_a_sign_in_page_and_an_error(slack: Workspace, client: WebClient) -> None:
    slack.attach("ana", "#general", "", [("notes.md", b"# Notes\n")])
    [file_id] = slack.team.files
    url = client.files_info(file=file_id)["file"]["url_private_download"]
    slack.team.app.scopes.remove("files:read")
    assert get(slack, url).status_code == 302
    with pytest.raises(SlackApiError, match="missing_scope"):
        client.files_info(file=file_id)


def test_a_file_of_a_place_without_the_app_is_not_there(slack: Workspace, client: WebClient) -> None:
    slack.attach("ana", "#random", "", [("notes.md", b"x")])
    [file_id] = slack.team.files
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_info(file=file_id)


def test_a_deleted_file_leaves_a_tombstone(
    slack: Workspace, app: App, client: WebClient, connect: Callable[[App], Any]
) -> None:
    connect(app)
    ts = slack.attach("ana", "#general", "", [("notes.md", b"x")])
    [file_id] = slack.team.files
    url = client.files_info(file=file_id)["file"]["url_private_download"]
    slack.delete_file(file_id)
    assert slack.messages("#general", ts)[0]["files"] == [{"id": file_id, "mode": "tombstone"}]
    assert last_event(slack, "file_deleted")["file_id"] == file_id
    assert get(slack, url).status_code == 404
    with pytest.raises(SlackApiError, match="file_deleted"):
        client.files_info(file=file_id)


def test_the_app_uploads_in_three_steps(slack: Workspace, client: WebClient) -> None:
    said = client.files_upload_v2(
        channel=slack.channel("#general").id, content="a,b\n1,2\n", filename="t.csv", initial_comment="here"
    )
    assert said["files"][0]["title"] == "t.csv"
    [message] = slack.said_by_app("#general")
    assert (message["text"], message["files"][0]["name"]) == ("here", "t.csv")
    client.files_delete(file=said["files"][0]["id"])
    assert message_files(slack) == ["tombstone"]


def message_files(slack: Workspace) -> list[str]:
    return [file["mode"] for file in slack.said_by_app("#general")[0]["files"]]


def test_an_upload_of_another_length_is_refused(slack: Workspace, client: WebClient) -> None:
    told = client.files_getUploadURLExternal(filename="t.csv", length=3)
    assert httpx.post(told["upload_url"], content=b"four", trust_env=False).status_code == 400
    with pytest.raises(SlackApiError, match="file_not_found"):
        client.files_completeUploadExternal(files=[{"id": told["file_id"]}])


def test_a_shortcut_carries_the_message_wherever_it_is(
    slack: Workspace, app: App, client: WebClient, connect: Callable[[App], Any]
) -> None:
    seen: list[dict[str, Any]] = []

    @app.shortcut("answer_this")
    def answer_this(ack: Any, body: dict[str, Any]) -> None:
        seen.append(body)
        ack()

    connect(app)
    ts = slack.say("ana", "#random", "when is the drill?")
    assert slack.shortcut("ben", "#random", ts, "answer_this").ok
    [body] = seen
    assert (body["type"], body["message_ts"], body["message"]["text"]) == (
        "message_action",
        ts,
        "when is the drill?",
    )
    assert body["user"]["id"] == slack.person("ben").id
    assert httpx.post(body["response_url"], json={"text": "soon"}, trust_env=False).json()["ok"]
    assert slack.ephemerals("ben", "#random")[-1]["text"] == "soon"


def test_a_shortcut_that_nobody_acknowledges_fails(slack: Workspace) -> None:
    ts = slack.say("ana", "#general", "hm")
    with pytest.raises(NotThere):
        slack.shortcut("ben", "#general", ts, "no_such_shortcut")
    assert slack.shortcut("ben", "#general", ts, "answer_this").error == "dispatch_failed"


def test_scheduled_messages_wait_are_listed_and_taken_back(slack: Workspace, client: WebClient) -> None:
    general, now = slack.channel("#general").id, int(time.time())
    soon = client.chat_scheduleMessage(channel=general, post_at=now + 2, text="soon")
    later = client.chat_scheduleMessage(channel=general, post_at=now + 600, text="later")
    listed = client.chat_scheduledMessages_list(channel=general)["scheduled_messages"]
    assert [one["text"] for one in listed] == ["soon", "later"]
    with pytest.raises(SlackApiError, match="invalid_scheduled_message_id"):
        client.chat_deleteScheduledMessage(channel=general, scheduled_message_id=soon["scheduled_message_id"])
    client.chat_deleteScheduledMessage(channel=general, scheduled_message_id=later["scheduled_message_id"])
    with pytest.raises(SlackApiError, match="time_in_past"):
        client.chat_scheduleMessage(channel=general, post_at=now - 1, text="x")
    assert slack.said_by_app("#general") == []
    slack.team.clock = lambda: now + 3.0
    slack.wait_for(lambda: [each["text"] for each in slack.said_by_app("#general")] == ["soon"])


def test_what_is_scheduled_where_the_app_can_no_longer_speak_is_dropped(
    slack: Workspace, client: WebClient
) -> None:
    now = int(time.time())
    for name in ("training", "leads", "general"):
        client.chat_scheduleMessage(channel=slack.channel(name).id, post_at=now + 600, text=name)
    slack.delete_channel("training")
    slack.kick("lore", "leads")
    slack.team.clock = lambda: now + 601.0
    slack.wait_for(lambda: slack.said_by_app("#general"))
    assert slack.said_by_app("#leads") == []
    assert slack.team.scheduled == {}


def test_the_page_tells_admins_alone_what_is_scheduled(slack: Workspace, client: WebClient) -> None:
    general = slack.channel("#general").id
    client.chat_scheduleMessage(channel=general, post_at=int(time.time()) + 600, text="The drill begins.")

    def told(person: str) -> list[str]:
        address = f"{slack.url}/page/state?as={slack.person(person).id}"
        channels = httpx.get(address, trust_env=False).json()["channels"]
        [found] = [each for each in channels if each["id"] == general]
        return [each["text"] for each in found["scheduled"]]

    assert told("ana") == ["The drill begins."]
    assert told("ben") == []


def test_the_page_attaches_and_shows_files_to_those_who_see_them(slack: Workspace) -> None:
    def post(path: str, **body: Any) -> Any:
        return httpx.post(f"{slack.url}/page/{path}", json=body, trust_env=False).json()

    ana, gus = slack.person("ana").id, slack.person("gus").id
    leads = slack.channel("#leads").id
    data = base64.b64encode(b"hello").decode()
    assert post("attach", **{"as": ana}, channel=leads, text="", files=[{"name": "a.txt", "data": data}])[
        "ok"
    ]
    assert post("attach", **{"as": ana}, channel=leads, files=[{"name": "a", "data": "?"}])["error"] == (
        "invalid_base64"
    )
    assert post("attach", **{"as": gus}, channel=leads, files=[])["error"] == "channel_not_found"
    [file_id] = slack.team.files
    seen = httpx.get(f"{slack.url}/page/file", params={"as": ana, "id": file_id}, trust_env=False)
    assert (seen.content, seen.headers["content-disposition"]) == (b"hello", "attachment")
    assert (
        httpx.get(f"{slack.url}/page/file", params={"as": gus, "id": file_id}, trust_env=False).status_code
        == 404
    )

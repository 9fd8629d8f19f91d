"""The page's calls act as one person, show what that person may see, and refuse everyone else's."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from bot.workspace import Workspace

HTTP = httpx.Client(verify=False, trust_env=False)  # no certificates to load: everything is on loopback


@pytest.fixture(autouse=True, scope="module")
def closed_in_the_end() -> Iterator[None]:
    yield
    HTTP.close()


class Page:
    """One person's page."""

    def __init__(self, slack: Workspace, name: str) -> None:
        self.slack = slack
        self.me = slack.person(name).id

    def get(self, path: str, **query: str) -> Any:
        return HTTP.get(f"{self.slack.url}/page/{path}", params=query | {"as": self.me}).json()

    def post(self, path: str, **body: Any) -> Any:
        return HTTP.post(f"{self.slack.url}/page/{path}", json=body | {"as": self.me}).json()

    def live(self) -> ClientConnection:
        return open_socket(f"{self.slack.url.replace('http', 'ws')}/page/live?as={self.me}")


def following(socket: ClientConnection) -> Any:
    return json.loads(socket.recv(3))


def test_everyone_sees_their_own_channels(slack: Workspace) -> None:
    def names(person: str) -> set[str]:
        return {each["name"] for each in Page(slack, person).get("state")["channels"]}

    assert names("ana") == {"general", "training", "leads", "visitors", "random"}
    assert names("chloe") == {"general", "training", "visitors", "random"}
    assert names("gus") == {"visitors"}
    anonymous = HTTP.get(f"{slack.url}/page/state").json()
    assert "channels" not in anonymous
    assert [each["command"] for each in anonymous["commands"]] == [
        *("/ask", "/lore", "/standup", "/learn", "/reading", "/pair", "/digest"),
        *("/invite", "/remove", "/status"),
    ]


def test_people_write_edit_react_and_delete(slack: Workspace) -> None:
    ana, gus = Page(slack, "ana"), Page(slack, "gus")
    general = slack.channel("general").id
    ts = ana.post("say", channel=general, text="hello @ben")["ts"]
    ana.post("say", channel=general, text="reply", thread_ts=ts)
    ana.post("react", channel=general, ts=ts, name="eyes")
    ana.post("edit", channel=general, ts=ts, text="hello all")
    [message] = ana.get("messages", channel=general)["messages"]
    assert (message["text"], message["reply_count"]) == ("hello all", 1)
    assert message["reactions"][0]["name"] == "eyes"
    assert len(ana.get("messages", channel=general, thread_ts=ts)["messages"]) == 2

    assert gus.get("messages", channel=general)["error"] == "channel_not_found"
    assert gus.post("say", channel=general, text="psst")["error"] == "channel_not_found"
    assert Page(slack, "ben").post("delete", channel=general, ts=ts)["error"] == "not_your_message"
    assert ana.post("say", channel=general, text=" ")["error"] == "no_text"
    assert ana.post("react", channel=general, ts="1.1", name="eyes")["ok"] is False
    assert ana.post("delete", channel=general, ts=ts)["ok"]


def test_joining_leaving_and_dms(slack: Workspace) -> None:
    gus, dev = Page(slack, "gus"), Page(slack, "dev")
    random = slack.channel("random").id
    assert dev.post("leave", channel=random)["ok"]
    assert dev.post("say", channel=random, text="x")["ok"] is False
    assert dev.post("join", channel=random)["ok"]
    assert gus.post("join", channel=random)["error"] == "channel_not_found"
    dm = gus.post("dm", **{"with": [slack.team.app.user_id]})["channel"]
    assert dm["user"] == slack.team.app.user_id
    assert dm["id"] == slack.dm("gus")
    assert dm["id"] not in [each["id"] for each in dev.get("state")["channels"]]


def test_slash_buttons_and_modals(slack: Workspace, app: App, connect) -> None:
    view = {
        "type": "modal",
        "callback_id": "v",
        "title": {"type": "plain_text", "text": "x"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [
            {
                "type": "input",
                "block_id": "b",
                "label": {"type": "plain_text", "text": "Topic"},
                "element": {"type": "plain_text_input", "action_id": "a"},
            }
        ],
    }
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}

    @app.command("/ask")
    def ask(ack) -> None:
        ack(text="private", blocks=[{"type": "actions", "elements": [button]}])

    @app.action("go")
    def go(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("v")
    def submitted(ack) -> None:
        ack()

    connect(app)
    ana, ben = Page(slack, "ana"), Page(slack, "ben")
    general = slack.channel("general").id
    with ana.live() as mine, ben.live() as theirs:
        assert following(mine)["type"] == following(theirs)["type"] == "hello"
        assert ana.post("slash", channel=general, command="/ask", text="x")["done"]
        shown = following(mine)
        assert (shown["type"], shown["message"]["text"]) == ("ephemeral", "private")
        [message] = ana.get("messages", channel=general)["messages"]
        assert ben.get("messages", channel=general)["messages"] == []
        assert ben.post("click", channel=general, ts=message["ts"], action_id="go")["ok"] is False
        assert ana.post("click", channel=general, ts=message["ts"], action_id="go")["done"]
        opened = following(mine)
        assert opened["type"] == "view"
        answer = ana.post("submit", view_id=opened["view"]["id"], values={})
        assert answer["errors"] == {"b": "Please complete this required field."}
        assert ana.post("submit", view_id=opened["view"]["id"], values={"a": "x"})["done"]
        assert following(mine)["type"] == "view_closed"
        with pytest.raises(TimeoutError):
            theirs.recv(0.1)
    assert ana.post("slash", channel=general, command="/no")["problem"] == "unknown_command"


def test_live_updates_reach_those_who_may_see(slack: Workspace, client: WebClient) -> None:
    leads = slack.channel("leads").id
    with Page(slack, "ana").live() as mine, Page(slack, "chloe").live() as outside:
        following(mine), following(outside)
        ts = slack.say("ben", "leads", "secret")
        assert following(mine)["message"]["text"] == "secret"
        client.assistant_threads_setStatus(channel_id=leads, thread_ts=ts, status="thinking")
        assert following(mine)["status"] == "thinking"
        client.chat_postMessage(channel=leads, thread_ts=ts, text="answer")
        kinds = [following(mine) for _ in range(3)]
        assert [each["type"] for each in kinds] == ["status", "message", "changed"]
        assert kinds[2]["message"]["reply_count"] == 1
        slack.delete("leads", ts)
        assert following(mine) == {"type": "deleted", "channel": leads, "ts": ts, "thread_ts": ts}
        assert following(mine)["message"]["subtype"] == "tombstone"
        slack.invite("chloe", "leads")
        assert following(outside)["type"] == "channel"


def test_other_sites_are_refused(slack: Workspace) -> None:
    body = {"as": slack.person("ana").id, "channel": slack.channel("general").id, "text": "forged"}
    say = f"{slack.url}/page/say"

    def status(**headers: str) -> int:
        return HTTP.post(
            say, json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
        ).status_code

    assert status(host="evil.example") == 403
    assert status(origin="https://evil.example") == 403
    assert status(origin="null") == 403
    assert status(sec_fetch_site="cross-site") == 403
    assert HTTP.post(say, content=json.dumps(body), headers={"content-type": "text/plain"}).status_code == 403
    with (
        pytest.raises(InvalidStatus),
        open_socket(
            f"{slack.url.replace('http', 'ws')}/page/live?as={body['as']}", origin="https://evil.example"
        ),
    ):
        pass
    assert slack.messages("general") == []
    assert status(origin=slack.url) == 200


def test_files_stay_inside_the_pages_folder(slack: Workspace) -> None:
    for path in (
        "/files/../page_api.py",
        "/files/%2e%2e/page_api.py",
        "/files//etc/passwd",
        "/files/none.js",
    ):
        assert HTTP.get(f"{slack.url}/files/{path}").status_code == 404

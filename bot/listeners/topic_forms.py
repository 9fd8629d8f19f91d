"""Doors of proposing a topic: the form opens at once, is filled in the inbox, and is committed when sent."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.modals import notice
from bot.blocks.topics import OPEN_FORM, SERIES, SPEAKS, TITLE, TOPIC_FORM, WHY
from bot.inbox import Inbox, Received, from_command
from bot.kinds import PROPOSE_TOPIC
from bot.kinds import TOPIC_FORM as FILL
from bot.listeners.forms import ticked, typed
from bot.listeners.showing import show
from bot.manifest import PROPOSE_TOPIC as SHORTCUT
from bot.pressing import from_form, from_press, presser

_PROPOSE = re.compile(r"\s*propose\b\s*(?P<title>.*)", re.IGNORECASE | re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
MOST_KEPT = 3_000


def register(app: App, inbox: Inbox) -> None:
    @app.command("/learn", matchers=[_proposes])
    def propose(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = show(client, body, _waiting()) or {}
        made = from_command(body, FILL)
        found = _PROPOSE.match(str(body.get("text") or ""))
        more = {"view_id": str(view.get("id") or ""), "text": found["title"].strip() if found else ""}
        inbox.receive(replace(made, payload={**(made.payload or {}), **more}))
        ack()

    @app.shortcut(SHORTCUT)
    def from_message(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = show(client, body, _waiting()) or {}
        text = str((body.get("message") or {}).get("text") or "")[:MOST_KEPT]
        trigger = str(body.get("trigger_id") or "")
        channel, person = str((body.get("channel") or {}).get("id") or ""), presser(body)
        received = Received(
            kind=FILL,
            keys=frozenset({f"trigger:{trigger}"} if trigger else ()),
            team=str((body.get("team") or {}).get("id") or ""),
            channel=channel,
            person=person,
            text="",
            conversation=f"{channel}:{person}:{FILL}",
            payload={
                "view_id": str(view.get("id") or ""),
                "text": text,
                "message": True,
                "response_url": str(body.get("response_url") or ""),
            },
        )
        inbox.receive(received)
        ack()

    @app.action(OPEN_FORM)
    def open_again(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = show(client, body, _waiting()) or {}
        title = str(action.get("value") or "").partition(":")[2]
        inbox.receive(from_press(body, FILL, "", view_id=str(view.get("id") or ""), text=title))
        ack()

    @app.view(TOPIC_FORM)
    def sent(body: dict[str, Any], ack: Ack) -> None:
        title = typed(body, TITLE)
        if not _LETTER.search(title):
            ack(response_action="errors", errors={TITLE: "Say in a few words what it is about."})
            return
        more = {"title": title, "why": typed(body, WHY), "series": typed(body, SERIES)}
        inbox.receive(from_form(body, PROPOSE_TOPIC, speaks=ticked(body, SPEAKS), **more))
        ack()


def _proposes(body: Mapping[str, Any]) -> bool:
    return _PROPOSE.match(str(body.get("text") or "")) is not None


def _waiting() -> dict[str, Any]:
    return notice("Propose a topic", "One moment…")

"""The shortcuts in a message's menu: *Answer this* and *Save to knowledge*; both go on in the inbox."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.attachments import described
from bot.blocks.saved_pages import FormOf, waiting_view
from bot.inbox import Inbox, Received
from bot.kinds import SAVE_FORM
from bot.listeners.showing import show
from bot.manifest import ANSWER_THIS, SAVE_TO_KNOWLEDGE

_KEPT = ("user", "text", "ts", "thread_ts", "bot_id", "username", "subtype", "reply_count")


def register(app: App, inbox: Inbox) -> None:
    @app.shortcut(ANSWER_THIS)
    def answer_this(body: dict[str, Any], ack: Ack) -> None:
        message = body.get("message") or {}
        payload = {
            "response_url": str(body.get("response_url") or ""),
            "files": described(message.get("files")),
        }
        inbox.receive(_received(body, ANSWER_THIS, str(message.get("text") or ""), payload))
        ack()

    @app.shortcut(SAVE_TO_KNOWLEDGE)
    def save_to_knowledge(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = show(client, body, waiting_view())
        if view is not None:
            message = body.get("message") or {}
            kept = {name: message[name] for name in _KEPT if name in message}
            files = [{"name": file["name"]} for file in described(message.get("files"))]
            about = FormOf(
                team=_id(body, "team"),
                channel=_id(body, "channel"),
                ts=str(message.get("ts") or ""),
                thread_ts=str(message.get("thread_ts") or ""),
                response_url=str(body.get("response_url") or ""),
            )
            payload = {
                "about": about.as_metadata(),
                "message": {**kept, "files": files},
                "view_id": str(view["id"]),
                "response_url": about.response_url,
            }
            inbox.receive(_received(body, SAVE_FORM, "", payload))
        ack()


def _received(body: Mapping[str, Any], kind: str, text: str, payload: Mapping[str, Any]) -> Received:
    channel, person = _id(body, "channel"), _id(body, "user")
    return Received(
        kind=kind,
        keys=frozenset({f"trigger:{body['trigger_id']}"} if body.get("trigger_id") else ()),
        team=_id(body, "team"),
        channel=channel,
        person=person,
        text=text,
        conversation=f"{channel}:{person}:{kind}",
        payload=payload,
    )


def _id(body: Mapping[str, Any], name: str) -> str:
    return str((body.get(name) or {}).get("id") or "")

"""The buttons that go on from an answer: committed, then acknowledged, each once; sharing may ask where."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot import pressing
from bot.blocks.actions import MENU, SHARE, SHORTER, SHOW_PASSAGES, WHAT_ELSE, WHY, pressed
from bot.blocks.scope import SEARCH_EVERYTHING
from bot.blocks.sharing import CHANNEL, SHARE_FORM, where_view
from bot.blocks.why import REPLAY
from bot.inbox import Inbox, Received
from bot.listeners.forms import chosen_conversation
from bot.listeners.showing import show
from bot.pressing import from_form, from_press, hidden

_ONCE = {
    SHORTER: pressing.SHORTENING,
    SHOW_PASSAGES: pressing.PASSAGES,
    WHAT_ELSE: pressing.WHAT_ELSE_THERE_IS,
    SEARCH_EVERYTHING: pressing.EVERYTHING,
}
_EACH_TIME = {WHY: pressing.WHY, REPLAY: pressing.REPLAY}


def register(app: App, inbox: Inbox) -> None:
    def go_on(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        name, question_id = pressed(action)
        if name == SHARE and _in_direct_message(body):
            show(client, body, where_view(hidden(body, question_id)))
        elif name == SHARE:
            inbox.receive(from_press(body, pressing.SHARING, question_id))
        elif name in _ONCE:
            inbox.receive(_once(from_press(body, _ONCE[name], question_id), question_id))
        elif name in _EACH_TIME:
            inbox.receive(from_press(body, _EACH_TIME[name], question_id))
        ack()

    for action_id in (MENU, SHARE, *_ONCE, *_EACH_TIME):
        app.action(action_id)(go_on)

    @app.view(SHARE_FORM)
    def share_there(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, pressing.SHARING, target=chosen_conversation(body, CHANNEL)))
        ack()


def _once(received: Received, question_id: str) -> Received:
    """Pressed twice by one person is pressed once, unless it was refused."""
    key = f"{received.kind}:{question_id}:{received.ts}:{received.person}"
    return replace(received, once=frozenset({key}))


def _in_direct_message(body: Mapping[str, Any]) -> bool:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(container.get("channel_id") or channel.get("id") or "").startswith("D")

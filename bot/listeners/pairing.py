"""Pairing's doors: the form opens at the command or a press; what is pressed or sent is committed."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import pairing as blocks
from bot.blocks.pairing import EDIT, FORM, JOIN, LEAVE, MANAGE, REPLY, Filled, setup_view
from bot.inbox import Inbox, from_command
from bot.journal.forgetting import PAIR
from bot.kinds import PAIR_REPLY, PAIR_SETUP, PAIR_STEP
from bot.listeners.forms import chosen_conversation, typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden

Known = Callable[[str], Filled | None]
"""What the form of a pairing that is there begins with, by its id."""

_NEW = re.compile(r"\s*new\b", re.IGNORECASE)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{7,}")


def register(app: App, inbox: Inbox, known: Known) -> None:
    @app.command("/pair", matchers=[_is_new])
    def new(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        channel = str(body.get("channel_id") or "")
        begun = Filled(channel=channel if _CHANNEL.fullmatch(channel) else "")
        metadata = {"subject": "", "channel": channel, "response_url": str(body.get("response_url") or "")}
        if show(client, body, setup_view(json.dumps(metadata), begun)) is None:
            inbox.receive(from_command(body, PAIR))
        ack()

    @app.action(re.compile(rf"^{MANAGE}_\w+$"))
    def manage(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        act, _, pairing_id = str(action.get("value") or "").partition(":")
        filled = known(pairing_id) if act == EDIT else None
        if filled is None:
            inbox.receive(from_press(body, PAIR_SETUP, pairing_id, act=act))
        elif show(client, body, setup_view(hidden(body, pairing_id), filled, new=False)) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, pairing_id))
        ack()

    @app.view(FORM)
    def save(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(
            from_form(
                body,
                PAIR_SETUP,
                what=typed(body, blocks.KIND),
                place=chosen_conversation(body, blocks.CHANNEL),
                weeks=typed(body, blocks.WEEKS),
                day=typed(body, blocks.DAY),
                at=_time(body),
            )
        )
        ack()

    @app.action(re.compile(rf"^{JOIN}_\w+$"))
    def join(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        role, _, pairing_id = str(action.get("value") or "").partition(":")
        inbox.receive(from_press(body, PAIR_STEP, pairing_id, step="join", role=role))
        ack()

    @app.action(LEAVE)
    def leave(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_press(body, PAIR_STEP, str(action.get("value") or ""), step="leave"))
        ack()

    @app.action(re.compile(rf"^{REPLY}_\w+$"))
    def reply(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        said, _, pair_id = str(action.get("value") or "").partition(":")
        inbox.receive(from_press(body, PAIR_REPLY, pair_id, reply=said))
        ack()


def _is_new(body: Mapping[str, Any]) -> bool:
    return _NEW.match(str(body.get("text") or "")) is not None


def _time(body: Mapping[str, Any]) -> str:
    values = ((body.get("view") or {}).get("state") or {}).get("values") or {}
    state = (values.get(blocks.AT) or {}).get(blocks.AT) or {}
    return str(state.get("selected_time") or "")

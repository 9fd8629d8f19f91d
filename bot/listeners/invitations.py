"""Buttons of invitations: what is pressed is committed."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.invitations import COMING, FILE, NOT_COMING
from bot.inbox import Inbox
from bot.journal.talks import NO, YES
from bot.kinds import OWN_TALK_FILE, TALK_REPLY
from bot.pressing import from_press


def register(app: App, inbox: Inbox) -> None:
    def replying(reply: str) -> Callable[..., None]:
        def replied(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, TALK_REPLY, str(action.get("value") or ""), reply=reply))
            ack()

        return replied

    app.action(COMING)(replying(YES))
    app.action(NOT_COMING)(replying(NO))

    @app.action(FILE)
    def file(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_press(body, OWN_TALK_FILE, str(action.get("value") or "")))
        ack()

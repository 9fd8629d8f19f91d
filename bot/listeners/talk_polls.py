"""The door of polls: what is pressed in one is taken in."""

import re
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.talk_polls import DECIDE, SUITS
from bot.inbox import Inbox
from bot.kinds import POLL_STEP
from bot.pressing import from_press


def register(app: App, inbox: Inbox) -> None:
    @app.action(re.compile(rf"^(?:{SUITS}_\d+|{DECIDE})$"))
    def press(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        poll_id, _, number = str(action.get("value") or "").partition(":")
        inbox.receive(from_press(body, POLL_STEP, poll_id, number=number))
        ack()

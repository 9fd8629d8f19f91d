"""The door of polls: what is wanted is seen when it is pressed, and worked off in the inbox."""

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.talk_polls import DECIDE, SUITS
from bot.inbox import Inbox
from bot.kinds import POLL_STEP
from bot.pressing import from_press, presser

Wanted = Callable[[str, str, str], bool]
"""Of a poll's id, the number of a time and a person: whether a press says that it suits."""


def register(app: App, inbox: Inbox, wanted: Wanted) -> None:
    @app.action(re.compile(rf"^(?:{SUITS}_\d+|{DECIDE})$"))
    def press(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        poll_id, _, number = str(action.get("value") or "").partition(":")
        give = wanted(poll_id, number, presser(body))
        inbox.receive(from_press(body, POLL_STEP, poll_id, number=number, give=give))
        ack()

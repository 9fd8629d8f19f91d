"""Buttons under the question whether a ritual should go on: a press is committed."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.blocks.calm import KEEP, STOP, WEEKLY
from bot.inbox import Inbox
from bot.kinds import STANDUP_PRUNE
from bot.pressing import from_press


def register(app: App, inbox: Inbox) -> None:
    def stepping(step: str) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, STANDUP_PRUNE, str(action.get("value") or ""), step=step))
            ack()

        return stepped

    for action_id, step in ((WEEKLY, "weekly"), (STOP, "stop"), (KEEP, "keep")):
        app.action(action_id)(stepping(step))

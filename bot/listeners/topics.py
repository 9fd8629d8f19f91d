"""Buttons of topics: what is wanted is seen when it is pressed, and worked off in the inbox."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.blocks import topics as blocks
from bot.inbox import Inbox
from bot.kinds import TOPIC_STEP
from bot.pressing import from_press, presser

Wanted = Callable[[str, str, str], bool]
"""Of a step, a proposal's id and a person: whether a press gives, rather than takes back."""


def register(app: App, inbox: Inbox, wanted: Wanted) -> None:
    def stepping(step: str) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            value = str(action.get("value") or "")
            give = step not in ("vote", "speak") or wanted(step, value, presser(body))
            listed = bool((body.get("container") or {}).get("is_ephemeral"))
            inbox.receive(from_press(body, TOPIC_STEP, value, step=step, give=give, listed=listed))
            ack()

        return stepped

    for action_id, step in (
        (blocks.VOTE, "vote"),
        (blocks.SPEAK, "speak"),
        (blocks.WITHDRAW, "withdraw"),
        (blocks.MERGE, "merge"),
        (blocks.UNMERGE, "unmerge"),
    ):
        app.action(action_id)(stepping(step))

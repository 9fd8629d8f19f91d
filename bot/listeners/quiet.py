"""*Don't help me like this*: one click, committed."""

from typing import Any

from slack_bolt import Ack, App

from bot.inbox import Inbox, Received
from bot.kinds import QUIET_REFUSAL


def register(app: App, inbox: Inbox, action_id: str) -> None:
    @app.action(action_id)
    def no_more(body: dict[str, Any], ack: Ack) -> None:
        channel = str((body.get("channel") or {}).get("id") or "")
        person = str((body.get("user") or {}).get("id") or "")
        trigger = str(body.get("trigger_id") or "")
        received = Received(
            kind=QUIET_REFUSAL,
            keys=frozenset({f"trigger:{trigger}"} if trigger else ()),
            team=str((body.get("team") or {}).get("id") or ""),
            channel=channel,
            person=person,
            text="",
            conversation=f"{channel}:{person}:quiet",
            payload={"response_url": str(body.get("response_url") or "")},
        )
        inbox.receive(received)
        ack()

"""Changes in who people are and where they can read: what was remembered of them is forgotten at once.

An invitation of Lore itself is one of them, and is answered with a greeting.
"""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App

from bot.hearing import Myself
from bot.inbox import Inbox, Received
from bot.kinds import INVITED
from bot.people import Hears

CHANGES = (
    "channel_shared",
    "channel_unshared",
    "member_joined_channel",
    "member_left_channel",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)


def register(app: App, people: Hears, inbox: Inbox, me: Myself) -> None:
    for name in CHANGES:

        @app.event(name)
        def changed(body: dict[str, Any], event: dict[str, Any]) -> None:
            people.heard(event)
            if event.get("type") == "member_joined_channel" and event.get("user") == me.user_id:
                inbox.receive(_invited(body, event))


def _invited(body: Mapping[str, Any], event: Mapping[str, Any]) -> Received:
    channel = str(event.get("channel") or "")
    return Received(
        kind=INVITED,
        keys=frozenset({f"event:{body.get('event_id')}"}),
        team=str(body.get("team_id") or ""),
        channel=channel,
        person=str(event.get("inviter") or ""),
        text="",
        conversation=f"{INVITED}:{channel}",
    )

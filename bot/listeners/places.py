"""Changes in who people are and where they can read: what was remembered of them is forgotten at once."""

from typing import Any

from slack_bolt import App

from bot.people import People

CHANGES = (
    "channel_shared",
    "channel_unshared",
    "member_joined_channel",
    "member_left_channel",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)


def register(app: App, people: People) -> None:
    for name in CHANGES:

        @app.event(name)
        def changed(event: dict[str, Any]) -> None:
            people.heard(event)

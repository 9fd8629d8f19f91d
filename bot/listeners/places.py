"""Changes in who people are and where they can read: what was remembered of them is forgotten at once."""

from typing import Any

from slack_bolt import App

from bot.manifest import EVENTS
from bot.people import People

CHANGES = tuple(name for name in EVENTS if not name.startswith(("message", "app_mention")))


def register(app: App, people: People) -> None:
    for name in CHANGES:

        @app.event(name)
        def changed(event: dict[str, Any]) -> None:
            people.heard(event)

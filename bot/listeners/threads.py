"""Every event passes here first, for the threads that are documents, and then goes to its own listener."""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App


def register(app: App, heard: Callable[[Mapping[str, Any]], None]) -> None:
    """What `heard` raises keeps the event from being acknowledged: Slack sends it again."""

    @app.middleware
    def threads_first(body: dict[str, Any], next_: Callable[[], object]) -> None:
        event = body.get("event")
        if body.get("type") == "event_callback" and isinstance(event, dict):
            heard(event)
        next_()

"""The stop button in a thread where Lore is at work: committed, then acknowledged."""

import logging
from typing import Any

from slack_bolt import App

from bot.stopping import Stops

log = logging.getLogger(__name__)


def register(app: App, stops: Stops) -> None:
    @app.event("agent_session_stopped")
    def stopped(event: dict[str, Any]) -> None:
        channel, thread_ts, person = (event.get(name) for name in ("channel", "thread_ts", "user"))
        if isinstance(channel, str) and isinstance(thread_ts, str) and isinstance(person, str):
            stops.stop(channel, thread_ts, person)
        else:
            log.debug("a stop without a place or a person is ignored")

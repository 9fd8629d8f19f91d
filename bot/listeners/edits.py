"""Messages that were edited or deleted: the new words count while nothing was said to the old ones."""

import logging
from typing import Any

from slack_bolt import App

from bot.hearing import Addressed, FollowUp, Ignored, Myself, hear
from bot.inbox import Inbox
from bot.listeners.messages import channel_type, judge, received
from knowledge.adapters.database import Database

log = logging.getLogger(__name__)


def register(app: App, inbox: Inbox, database: Database, me: Myself) -> None:
    @app.event({"type": "message", "subtype": "message_changed"})
    def edited(body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        now, before = event.get("message") or {}, event.get("previous_message") or {}
        if now.get("subtype") == "tombstone":
            withdraw(body, now)
            return
        if now.get("text") == before.get("text"):
            return  # Slack unfurled a link, or somebody replied
        heard = judge(hear(now, channel_type(event), me), event, database)
        match heard:
            case Addressed() | FollowUp():
                inbox.revise(received(body))
            case Ignored(reason):
                log.debug("an edit is ignored: %s", reason)
                if isinstance(hear(before, channel_type(event), me), Addressed):
                    withdraw(body, now)

    @app.event({"type": "message", "subtype": "message_deleted"})
    def deleted(body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        withdraw(body, {"ts": event.get("deleted_ts")})

    def withdraw(body: dict[str, Any], message: dict[str, Any]) -> None:
        event = body.get("event") or {}
        team, channel, ts = body.get("team_id"), event.get("channel"), message.get("ts")
        if team and channel and ts:
            inbox.withdraw(str(team), str(channel), str(ts))

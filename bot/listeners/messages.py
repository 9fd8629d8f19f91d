"""Mentions, direct messages and replies in threads that Lore is in."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import App
from sqlalchemy import Connection, select

from bot.attachments import described
from bot.hearing import Addressed, FollowUp, Heard, Ignored, Myself, hear
from bot.inbox import Inbox, Received, from_event
from bot.journal.tables import inbox as inbox_table
from bot.journal.tables import questions
from knowledge.adapters.database import Database

log = logging.getLogger(__name__)


def register(
    app: App,
    inbox: Inbox,
    database: Database,
    me: Myself,
    overhear: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> None:
    """`overhear` is told of what is not for Lore."""

    @app.event("app_mention")
    def mentioned(body: dict[str, Any]) -> None:
        take_in(body)

    @app.event("message")
    def said(body: dict[str, Any]) -> None:
        take_in(body)

    def take_in(body: Mapping[str, Any]) -> None:
        event = body.get("event") or {}
        heard = judge(hear(event, channel_type(event), me), event, database)
        match heard:
            case Ignored(reason):
                log.debug("ignored: %s", reason)
                overhear(body)
            case Addressed() | FollowUp():
                inbox.receive(received(body))


def channel_type(event: Mapping[str, Any]) -> str:
    """`im` for a direct message, also where Slack leaves the type out."""
    return "im" if str(event.get("channel") or "").startswith("D") else str(event.get("channel_type") or "")


def judge(heard: Heard, event: Mapping[str, Any], database: Database) -> Heard:
    """A reply goes on with a question only where Lore has been asked, or is about to have been."""
    if not isinstance(event.get("channel"), str):
        return Ignored("nobody, nothing or nowhere")
    if isinstance(heard, FollowUp):
        channel = str(event.get("channel") or "")
        with database.reading() as connection:
            if not _asked_in(connection, channel, heard.thread_ts):
                return Ignored("a thread that Lore is not in")
    return heard


def received(body: Mapping[str, Any]) -> Received:
    """A message for the inbox; those of one direct message are worked in order, threads or not.

    In a direct message Slack may tell what its author looks at.
    """
    context = (body.get("event") or {}).get("app_context")
    files = described((body.get("event") or {}).get("files"))
    kept = {"app_context": context, "files": files}
    made = replace(from_event(body, "message"), payload={name: kept[name] for name in kept if kept[name]})
    return replace(made, conversation=made.channel) if made.channel.startswith("D") else made


def _asked_in(connection: Connection, channel: str, thread_ts: str) -> bool:
    asked = select(questions.c.id).where(questions.c.channel == channel, questions.c.thread_ts == thread_ts)
    if connection.execute(asked.limit(1)).first() is not None:
        return True
    waiting = select(inbox_table.c.id).where(
        inbox_table.c.state.in_(("queued", "claimed")),
        inbox_table.c.conversation == f"{channel}:{thread_ts}",
    )
    return connection.execute(waiting.limit(1)).first() is not None

"""Buttons and modals as something received: ids and typed words, and where the one who pressed will read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.blocks.pages import Page
from bot.inbox import Received
from bot.journal.records import Question, question
from bot.journal.work import Item
from bot.messages import Check, Kind, Message, Place, new_key
from knowledge.adapters.database import Database

FEEDBACK_GIVEN = "feedback"
FEEDBACK_REASON = "feedback_reason"
DELETION = "deletion"
SUGGESTION = "suggestion"
DECISION = "decision"
VERIFIED_STEP = "verified_step"
REQUEST = "request"
REQUEST_STEP = "request_step"
PRESS_AGAIN = "press_again"
SHORTENING = "shortening"
PASSAGES = "passages"
WHAT_ELSE_THERE_IS = "what_else"
EVERYTHING = "everything"
WHY = "why"
REPLAY = "replay"
SHARING = "sharing"

KINDS = frozenset(
    {
        FEEDBACK_GIVEN,
        FEEDBACK_REASON,
        DELETION,
        SUGGESTION,
        DECISION,
        VERIFIED_STEP,
        REQUEST,
        REQUEST_STEP,
        PRESS_AGAIN,
        SHORTENING,
        PASSAGES,
        WHAT_ELSE_THERE_IS,
        EVERYTHING,
        WHY,
        REPLAY,
        SHARING,
    }
)
"""The kinds of the inbox items that buttons and modals leave; only who pressed reads what is said to them."""

_ORIGIN = ("channel", "ts", "thread_ts", "response_url", "ephemeral")


def from_press(body: Mapping[str, Any], kind: str, subject: str, **more: Any) -> Received:
    """A press of a button in a message, about `subject` (an id); `more` is kept in the payload."""
    return _received(body, kind, subject, _origin(body), "", more)


def from_form(body: Mapping[str, Any], kind: str, text: str = "", **more: Any) -> Received:
    """A submitted modal whose `private_metadata` is of `hidden`, with what was typed."""
    known = opened(body)
    return _received(body, kind, str(known.get("subject") or ""), known, text, more)


def hidden(body: Mapping[str, Any], subject: str) -> str:
    """For the `private_metadata` of a modal that a press opens: ids only, to reply where it was pressed."""
    return json.dumps({"subject": subject, **_origin(body)})


def marked(metadata: str, **more: Any) -> str:
    """The `private_metadata` of `hidden` with something more, such as what a form began with."""
    return json.dumps({**json.loads(metadata), **more}, ensure_ascii=False)


def opened(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `hidden` has put into a modal; empty where it is something else."""
    try:
        known = json.loads(str((body.get("view") or {}).get("private_metadata") or ""))
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _origin(body: Mapping[str, Any]) -> dict[str, Any]:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return {
        "channel": str(container.get("channel_id") or channel.get("id") or ""),
        "ts": str(container.get("message_ts") or ""),
        "thread_ts": str(container.get("thread_ts") or ""),
        "response_url": str(body.get("response_url") or ""),
        "ephemeral": bool(container.get("is_ephemeral")),
    }


def _received(
    body: Mapping[str, Any],
    kind: str,
    subject: str,
    origin: Mapping[str, Any],
    text: str,
    more: Mapping[str, Any],
) -> Received:
    trigger = str(body.get("trigger_id") or "")
    return Received(
        kind=kind,
        keys=frozenset({f"trigger:{trigger}"} if trigger else ()),
        team=str((body.get("team") or {}).get("id") or ""),
        channel=str(origin.get("channel") or ""),
        person=presser(body),
        text=text,
        ts=str(origin.get("ts") or ""),
        thread_ts=str(origin.get("thread_ts") or ""),
        # What is done to one thing is done in order: of two who decide at once, the first one decides.
        conversation=f"about {subject}",
        payload={"subject": subject, **{name: origin.get(name) for name in _ORIGIN}, **more},
    )


def presser(body: Mapping[str, Any]) -> str:
    """The user id of who pressed or submitted."""
    return str((body.get("user") or {}).get("id") or "")


def subject_of(item: Item) -> str:
    """The id of what the item is about."""
    return str(item.payload.get("subject") or "")


def visible_question(
    database: Database, question_id: str, team: str, channel: str, person: str
) -> Question | None:
    """The question whose answer this person was shown in this channel; None for forged and foreign ids.

    A private answer was shown to its asker alone.
    """
    with database.reading() as connection:
        asked = question(connection, question_id)
    if asked is None or (asked.team, asked.channel) != (team, channel):
        return None
    return asked if asked.ts or asked.person == person else None


def quietly(item: Item, said: Sequence[Page], check: Check | None = None) -> tuple[Message, ...]:
    """The pages for the one who pressed alone, there or, where that is unknown, in a direct message."""
    url = str(item.payload.get("response_url") or "")
    if item.channel and item.payload.get("ephemeral") and url:
        first = Message(item.channel, "", kind=Kind.RESPOND, response_url=url)
    elif item.channel and not item.channel.startswith("D"):
        first = Message(item.channel, "", kind=Kind.EPHEMERAL, thread_ts=item.thread_ts)
    else:
        first = Message(item.channel or item.person, "", thread_ts=item.thread_ts)
    return tuple(
        replace(first, text=page.text, blocks=page.blocks, person=item.person, check=check, key=new_key())
        for page in said
    )


def to_person(person: str, said: Sequence[Page], check: Check | None = None) -> tuple[Message, ...]:
    """The pages as direct messages."""
    return tuple(
        Message(channel=person, text=page.text, blocks=page.blocks, person=person, check=check)
        for page in said
    )


def alone(person: str) -> Place:
    """Where only this person reads."""
    return Place(person, only=person)

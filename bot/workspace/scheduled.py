"""Messages that the app says later: `chat.scheduleMessage`, its list, and taking one back.

https://docs.slack.dev/reference/methods/chat.scheduleMessage. *Assumed*: a message that can no longer be
posted when its time comes (channel archived or gone, app removed) is dropped silently, and `post_at` in the
past is `time_in_past`, more than 120 days ahead `time_too_far`.
"""

import asyncio

from bot.workspace import checks, ids, messages
from bot.workspace.description import Channel, Json
from bot.workspace.methods_chat import content, destination
from bot.workspace.site import Refused
from bot.workspace.team import Team
from bot.workspace.web_api import Call, Method

FURTHEST_S = 120 * 24 * 3600
LEAST_TO_TAKE_BACK_S = 60
LOOK_EVERY_S = 0.25
ANNOUNCED = "scheduled"
"""The change of a channel in which something was scheduled, taken back or posted."""


def schedule(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.scheduleMessage"""
    place = destination(call)
    post_at, now = call.number("post_at", 0), call.team.clock()
    if post_at <= now:
        raise Refused("time_in_past")
    if post_at > now + FURTHEST_S:
        raise Refused("time_too_far")
    text, blocks, attachments = content(call)
    metadata = checks.metadata(call.structure("metadata", "invalid_metadata_format"))
    body = messages.by_app(call.team, text, blocks, attachments=attachments or None, metadata=metadata)
    scheduled_id = ids.fresh("Q")
    call.team.scheduled[scheduled_id] = {
        "id": scheduled_id,
        "channel_id": place.id,
        "post_at": post_at,
        "date_created": int(now),
        "text": text,
        "thread_ts": call.text("thread_ts"),
        "body": body,
    }
    call.team.announce(ANNOUNCED, place.id)
    shown = {key: value for key, value in body.items() if key != "client_msg_id"}
    return {
        "channel": place.id,
        "scheduled_message_id": scheduled_id,
        "post_at": post_at,
        "message": shown | {"type": "delayed_message"},
    }


def list_(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.scheduledMessages.list"""
    wanted = call.channel().id if call.text("channel") else None
    waiting = [one for one in in_order(call.team) if wanted in (None, one["channel_id"])]
    page, cursor = call.page(waiting, default=100, most=100)
    shown = ("id", "channel_id", "post_at", "date_created", "text")
    return {
        "scheduled_messages": [{name: one[name] for name in shown} for one in page],
        "response_metadata": {"next_cursor": cursor},
    }


def delete(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.deleteScheduledMessage

    Not when it is due within 60 seconds.
    """
    place, scheduled_id = call.channel(), call.must("scheduled_message_id")
    found = call.team.scheduled.get(scheduled_id)
    if found is None or found["channel_id"] != place.id:
        raise Refused("invalid_scheduled_message_id")
    if found["post_at"] - call.team.clock() < LEAST_TO_TAKE_BACK_S:
        raise Refused("invalid_scheduled_message_id")
    del call.team.scheduled[scheduled_id]
    call.team.announce(ANNOUNCED, place.id)
    return {}


def in_order(team: Team) -> list[Json]:
    """What waits, the first to come first."""
    return sorted(team.scheduled.values(), key=lambda one: one["post_at"])


def waiting_in(team: Team, place: Channel) -> list[Json]:
    """When what will be said in a channel."""
    here = [one for one in in_order(team) if one["channel_id"] == place.id]
    return [{name: one[name] for name in ("id", "post_at", "text")} for one in here]


def post_due(team: Team) -> None:
    """Post what is due by the workspace's clock."""
    with team.lock:
        for one in in_order(team):
            if one["post_at"] > team.clock():
                break
            del team.scheduled[one["id"]]
            place = team.channels.get(one["channel_id"])
            if place is None or place.archived or team.app.user_id not in place.people:
                continue
            messages.post(team, place, one["body"], one["thread_ts"])
            team.announce(ANNOUNCED, place.id)


async def keep_posting(team: Team) -> None:
    """Post what is due, until cancelled."""
    while True:
        post_due(team)
        await asyncio.sleep(LOOK_EVERY_S)


METHODS = {
    "chat.scheduleMessage": Method(schedule, ("chat:write",), takes_effect=True),
    "chat.scheduledMessages.list": Method(list_),
    "chat.deleteScheduledMessage": Method(delete, ("chat:write",), takes_effect=True),
}

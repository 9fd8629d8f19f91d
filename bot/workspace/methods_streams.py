"""`chat.startStream`, `chat.appendStream` and `chat.stopStream`."""

from typing import Any

from bot.workspace import checks, sessions, streams
from bot.workspace.description import Channel, Json
from bot.workspace.methods_chat import destination
from bot.workspace.site import Refused
from bot.workspace.web_api import Call, Method

NOT_TAKEN = ("metadata", "unfurl_links", "unfurl_media", "blocks", "text")


def _said(call: Call) -> tuple[str | None, Any]:
    return call.text("markdown_text"), call.structure("chunks", "invalid_chunks")


def start(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.startStream: a reply, and outside DMs for one person.

    *Assumed*: arguments that the method does not have are refused; a thread that is not there is not found.
    """
    place = destination(call)
    if any(call.args.get(name) not in (None, "") for name in NOT_TAKEN):
        raise Refused("invalid_arg_name")
    thread_ts = call.text("thread_ts")
    if thread_ts is None or thread_ts not in call.team.messages[place.id]:
        raise Refused("invalid_thread_ts")
    if place.kind != "im":
        _recipient(call, place)
    if call.text("task_display_mode") not in (None, "timeline", "plan"):
        raise Refused.with_messages("invalid_arguments", ["task_display_mode must be timeline or plan"])
    markdown, chunks = _said(call)
    said = streams.content(markdown, chunks)
    message = streams.start(call.team, place, thread_ts, said, streams.mode(markdown, chunks))
    sessions.turn(call.team, place.id, message["thread_ts"], "processing")
    return {"channel": place.id, "ts": message["ts"]}


def _recipient(call: Call, place: Channel) -> None:
    if call.text("recipient_team_id") is None:
        raise Refused("missing_recipient_team_id")
    user = call.text("recipient_user_id")
    if user is None:
        raise Refused("missing_recipient_user_id")
    if user not in place.people:
        raise Refused("user_not_found")


def append(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.appendStream; *assumed*: nothing to add is `no_text`."""
    place = call.channel()
    markdown, chunks = _said(call)
    said = streams.content(markdown, chunks)
    if not said:
        raise Refused("no_text")
    ts = call.must("ts")
    streams.append(call.team, place, ts, said, streams.mode(markdown, chunks))
    return {"channel": place.id, "ts": ts}


def stop(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.stopStream: `blocks` stand below what was streamed."""
    place = call.channel()
    markdown, chunks = _said(call)
    said = streams.content(markdown, chunks)
    blocks = checks.message_blocks(call.structure("blocks", "invalid_blocks_format"))
    metadata = checks.metadata(call.structure("metadata", "invalid_metadata_format"))
    status = call.text("session_status") or "active"
    if status not in sessions.STATUSES:
        raise Refused.with_messages("invalid_arguments", ["session_status is not allowed"])
    mode = streams.mode(markdown, chunks)
    message = streams.stop(call.team, place, call.must("ts"), said, mode, blocks, metadata)
    sessions.turn(call.team, place.id, message["thread_ts"], status)
    return {"channel": place.id, "ts": message["ts"], "message": dict(message)}


METHODS = {
    "chat.startStream": Method(start, ("chat:write",), tier=2, takes_effect=True),
    "chat.appendStream": Method(append, ("chat:write",), tier=4, takes_effect=True),
    "chat.stopStream": Method(stop, ("chat:write",), tier=2, takes_effect=True),
}

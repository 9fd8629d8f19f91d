"""`chat.*` and `reactions.*`: what the app says."""

from typing import Any

from bot.workspace import checks, messages
from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused
from bot.workspace.team import NotThere
from bot.workspace.web_api import Call, Method

MOST_TEXT = 40_000


def destination(call: Call) -> Channel:
    """Where to post: a channel's id or name, a DM, or a person's id, which means the app's DM with them.

    https://docs.slack.dev/reference/methods/chat.postMessage, "Channels".
    """
    named = call.must("channel")
    if named in call.team.people:
        return call.team.dm(call.team.app.user_id, named)
    place = call.channel()
    if place.archived:
        raise Refused("is_archived")
    if call.team.app.user_id not in place.people:
        anywhere = "chat:write.public" in call.team.app.scopes and place.kind == "channel"
        if not anywhere or place.private:
            raise Refused("not_in_channel")
    if place.posting == "admins":
        raise Refused("restricted_action_read_only_channel")
    return place


def content(call: Call) -> tuple[str, list[Json], list[Json]]:
    """The text, blocks and attachments to say, checked against Slack's limits. Raises Refused."""
    blocks = checks.message_blocks(call.structure("blocks", "invalid_blocks_format"))
    attachments = call.structure("attachments", "invalid_attachments") or []
    if not isinstance(attachments, list):
        raise Refused("invalid_attachments")
    if len(attachments) > 100:
        raise Refused("too_many_attachments")
    markdown = call.text("markdown_text")
    text = call.text("text") or ""
    if markdown is not None:
        if text or blocks:
            raise Refused("markdown_text_conflict")
        blocks = checks.message_blocks([{"type": "markdown", "text": markdown}])
        text = markdown
    if not text.strip() and not blocks and not attachments:
        raise Refused("no_text")
    return text, blocks, attachments


def _thread_ts(call: Call) -> str | None:
    thread_ts = call.text("thread_ts")
    if thread_ts is not None and not checks.is_ts(thread_ts):
        raise Refused("invalid_thread_ts")
    return thread_ts


def post_message(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postMessage; text over 40,000 characters is cut short."""
    place = destination(call)
    text, blocks, attachments = content(call)
    thread_ts = _thread_ts(call)
    if place.posting == "threads" and thread_ts is None:
        raise Refused("restricted_action_thread_only_channel")
    metadata = checks.metadata(call.structure("metadata", "invalid_metadata_format"))
    body = messages.by_app(
        call.team,
        text[:MOST_TEXT],
        blocks,
        attachments=attachments or None,
        metadata=metadata,
    )
    message = messages.post(call.team, place, body, thread_ts, call.flag("reply_broadcast"))
    return {"channel": place.id, "ts": message["ts"], "message": dict(message)}


def update(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.update

    Metadata left out is kept, an empty object takes it away. Text over 4,000 characters is refused
    (https://docs.slack.dev/changelog/2018-04-truncating-really-long-messages gives the limit).
    """
    place = call.channel()
    message = _own(call, place, "cant_update_message")
    if place.archived:
        raise Refused("is_inactive")
    if message.get("streaming_state") == "in_progress":
        raise Refused("streaming_state_conflict")
    text, blocks, attachments = content(call)
    if len(text) > 4_000:
        raise Refused("msg_too_long")
    fields: Json = {"text": text or message["text"]}
    if call.args.get("blocks") is not None or text:
        fields["blocks"] = messages.settled(blocks) or None
    if call.args.get("attachments") is not None:
        fields["attachments"] = attachments or None
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata == {}:
        fields["metadata"] = None
    elif metadata is not None:
        fields["metadata"] = checks.metadata(metadata)
    changed = messages.change(call.team, place, message["ts"], fields, by=call.team.app.user_id)
    return {"channel": place.id, "ts": changed["ts"], "text": changed["text"], "message": dict(changed)}


def delete(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.delete"""
    place = call.channel()
    message = _own(call, place, "cant_delete_message")
    if message.get("streaming_state") == "in_progress":
        raise Refused("cant_delete_message")
    messages.delete(call.team, place, message["ts"])
    return {"channel": place.id, "ts": message["ts"]}


def _own(call: Call, place: Channel, error: str) -> Json:
    try:
        message = messages.find(call.team, place.id, call.must("ts"))
    except NotThere:
        raise Refused("message_not_found") from None
    if message.get("subtype") == "tombstone":
        raise Refused("message_not_found")
    if message.get("bot_id") != call.team.app.bot_id:
        raise Refused(error)
    return message


def post_ephemeral(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.postEphemeral"""
    place = destination(call)
    user = call.must("user")
    if user not in place.people:
        raise Refused("user_not_in_channel")
    text, blocks, attachments = content(call)
    body = messages.by_app(call.team, text[:MOST_TEXT], blocks, attachments=attachments or None)
    message = messages.whisper(call.team, place, user, body, _thread_ts(call))
    return {"message_ts": message["ts"]}


def get_permalink(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/chat.getPermalink; the link leads to the workspace's page."""
    place = call.channel()
    ts = call.must("message_ts")
    try:
        message = messages.find(call.team, place.id, ts)
    except NotThere:
        raise Refused("message_not_found") from None
    link = f"{call.site.url}/archives/{place.id}/p{ts.replace('.', '')}"
    if message.get("thread_ts") not in (None, ts):
        link += f"?thread_ts={message['thread_ts']}&cid={place.id}"
    return {"channel": place.id, "permalink": link}


def _reacted(call: Call) -> tuple[Channel, Json, str]:
    place = call.channel()
    try:
        message = messages.find(call.team, place.id, call.must("timestamp"))
    except NotThere:
        raise Refused("message_not_found") from None
    if call.team.app.user_id not in place.people:
        raise Refused("not_in_channel")
    return place, message, call.must("name").strip(":")


def add_reaction(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/reactions.add"""
    place, message, name = _reacted(call)
    if not messages.react(call.team, place, message, name, call.team.app.user_id):
        raise Refused("already_reacted")
    return {}


def remove_reaction(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/reactions.remove"""
    place, message, name = _reacted(call)
    if not messages.unreact(call.team, place, message, name, call.team.app.user_id):
        raise Refused("no_reaction")
    return {}


def get_reactions(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/reactions.get"""
    place = call.channel()
    try:
        message: dict[str, Any] = messages.find(call.team, place.id, call.must("timestamp"))
    except NotThere:
        raise Refused("message_not_found") from None
    return {"type": "message", "channel": place.id, "message": message}


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",), tier=None, takes_effect=True),
    "chat.update": Method(update, ("chat:write",), takes_effect=True),
    "chat.delete": Method(delete, ("chat:write",), takes_effect=True),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), tier=4, takes_effect=True),
    "chat.getPermalink": Method(get_permalink),
    "reactions.add": Method(add_reaction, ("reactions:write",), takes_effect=True),
    "reactions.remove": Method(remove_reaction, ("reactions:write",), tier=2, takes_effect=True),
    "reactions.get": Method(get_reactions, ("reactions:read",)),
}

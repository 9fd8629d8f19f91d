"""Posting, changing, deleting and reading messages, with Slack's bookkeeping of threads.

Shapes follow https://docs.slack.dev/reference/events/message, the method pages of `conversations.history` and
`conversations.replies`, and what those methods return for bots of today's apps (no `subtype`, with `bot_id`,
`app_id` and `bot_profile`).
"""

from typing import Any

from bot.workspace import composer, ids
from bot.workspace.description import Channel, Json
from bot.workspace.team import Ephemeral, NotThere, Team


def find(team: Team, channel: str, ts: str) -> Json:
    """The stored message. Raises NotThere."""
    message = team.messages.get(channel, {}).get(ts)
    if message is None:
        raise NotThere(f"no message {ts} in {channel}")
    return message


def by_person(team: Team, user: str, text: str) -> Json:
    """A message's body as a person's client sends it; another app's bot has `bot_id` instead."""
    person = team.people[user]
    typed = composer.with_ids(team, text)
    body: Json = {"type": "message", "user": user, "text": composer.escaped(typed), "team": person.team_id}
    if person.is_bot:
        body |= {"bot_id": ids.stable("B", person.name), "app_id": ids.stable("A", person.name)}
    else:
        body["client_msg_id"] = ids.uuid4()
    if typed.strip():
        body["blocks"] = [composer.rich_text(typed)]
    return body


def by_app(team: Team, text: str, blocks: list[Json], **more: Any) -> Json:
    """A message's body as the app posts it; blocks get the ids that Slack adds."""
    body: Json = {
        "type": "message",
        "user": team.app.user_id,
        "bot_id": team.app.bot_id,
        "app_id": team.app.id,
        "text": text,
        "team": team.id,
        "bot_profile": bot_profile(team),
    }
    if blocks:
        body["blocks"] = settled(blocks)
    return body | {key: value for key, value in more.items() if value is not None}


def bot_profile(team: Team) -> Json:
    """https://docs.slack.dev/reference/objects/bot-user-object: the short form that messages carry."""
    return {
        "id": team.app.bot_id,
        "app_id": team.app.id,
        "user_id": team.app.user_id,
        "name": team.app.name,
        "deleted": False,
        "updated": int(team.clock()),
        "team_id": team.id,
        "icons": {},
    }


def settled(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack returns them: every block has a block_id, every interactive element an action_id."""
    return [_with_actions(block) | {"block_id": block.get("block_id") or ids.block_id()} for block in blocks]


def _with_actions(block: Json) -> Json:
    block = dict(block)
    if block["type"] in ("actions", "context_actions"):
        block["elements"] = [{"action_id": ids.block_id()} | element for element in block["elements"]]
    if block["type"] == "card" and "actions" in block:
        block["actions"] = [{"action_id": ids.block_id()} | element for element in block["actions"]]
    if block["type"] == "carousel":
        block["elements"] = settled(block["elements"])
    for part in ("accessory", "element"):
        if part in block and block[part].get("type") != "image":
            block[part] = {"action_id": ids.block_id()} | block[part]
    if "child_blocks" in block:
        block["child_blocks"] = settled(block["child_blocks"])
    return block


def post(
    team: Team, channel: Channel, body: Json, thread_ts: str | None = None, broadcast: bool = False
) -> Json:
    """Store a message and announce it; a reply brings its parent's counts up to date.

    *Assumed*: a reply to a message that is gone is taken, and hangs in the air.
    """
    ts = team.next_ts()
    message = body | {"ts": ts}
    if thread_ts is not None:
        parent = team.messages[channel.id].get(thread_ts, {})
        thread_ts = parent.get("thread_ts", thread_ts)
        message |= {"thread_ts": thread_ts} | ({"parent_user_id": parent["user"]} if parent else {})
        if broadcast:
            message |= {"subtype": "thread_broadcast"}
        _count_reply(team, channel.id, thread_ts, message)
    team.messages[channel.id][ts] = message
    if body["user"] == team.app.user_id:
        _clear_status(team, channel, message.get("thread_ts", ts))
    team.announce("message", channel.id, message=message)
    return message


def _clear_status(team: Team, channel: Channel, thread_ts: str) -> None:
    """https://docs.slack.dev/reference/methods/assistant.threads.setStatus: a reply of the app clears it."""
    if team.statuses.pop((channel.id, thread_ts), None):
        team.announce("status", channel.id, thread_ts=thread_ts, status="", loading_messages=[])


def _count_reply(team: Team, channel: str, root_ts: str, reply: Json) -> None:
    root = team.messages[channel].get(root_ts)
    if root is None:
        return
    users = root.setdefault("reply_users", [])
    if reply["user"] not in users:
        users.append(reply["user"])
    root.update(
        thread_ts=root_ts,
        reply_count=root.get("reply_count", 0) + 1,
        reply_users_count=len(users),
        latest_reply=reply["ts"],
        is_locked=False,
        subscribed=False,
    )


def change(team: Team, channel: Channel, ts: str, fields: Json, by: str) -> Json:
    """Replace fields of a message (a field given as None goes) and announce the change as an edit."""
    message = find(team, channel.id, ts)
    previous = dict(message)
    for key, value in fields.items():
        if value is None:
            message.pop(key, None)
        else:
            message[key] = value
    message["edited"] = {"user": by, "ts": team.next_ts()}
    team.announce("message_changed", channel.id, message=message, previous=previous)
    return message


def delete(team: Team, channel: Channel, ts: str) -> Json:
    """Remove a message and announce it; a thread's root leaves a tombstone while replies remain.

    *Assumed* shape of the tombstone, as `conversations.replies` shows it.
    """
    message = find(team, channel.id, ts)
    if message.get("reply_count"):
        kept = ("reply_count", "reply_users", "reply_users_count", "latest_reply", "thread_ts", "ts", "type")
        team.messages[channel.id][ts] = {key: message[key] for key in kept} | {
            "subtype": "tombstone",
            "user": "USLACKBOT",
            "hidden": True,
            "text": "This message was deleted.",
        }
    else:
        del team.messages[channel.id][ts]
    root = team.messages[channel.id].get(message.get("thread_ts", ""))
    if root is not None and root["ts"] != ts:
        _count_again(team, channel.id, root)
    team.announce("message_deleted", channel.id, message=message)
    return message


def _count_again(team: Team, channel: str, root: Json) -> None:
    """What a root says of its replies, after one was deleted; without any it is an ordinary message."""
    replies = [each for each in thread(team, channel, root["ts"]) if each["ts"] != root["ts"]]
    users = list(dict.fromkeys(each["user"] for each in replies))
    if not replies:
        for name in ("thread_ts", "reply_count", "reply_users", "reply_users_count", "latest_reply"):
            root.pop(name, None)
        return
    counts: Json = {"reply_count": len(replies), "reply_users": users, "reply_users_count": len(users)}
    root.update(counts, latest_reply=replies[-1]["ts"])


def whisper(team: Team, channel: Channel, user: str, body: Json, thread_ts: str | None = None) -> Json:
    """Show a message to one person only; it is in no history and cannot be looked up again."""
    message = body | {"ts": team.next_ts(), "is_ephemeral": True}
    if thread_ts is not None:
        message["thread_ts"] = thread_ts
    team.ephemerals.append(Ephemeral(channel.id, user, message))
    team.announce("ephemeral", channel.id, user=user, message=message)
    return message


def top_level(team: Team, channel: str) -> list[Json]:
    """What a channel's main view shows, oldest first: roots, and replies also sent to the channel."""
    return [each for each in team.messages[channel].values() if not _only_in_thread(each)]


def _only_in_thread(message: Json) -> bool:
    in_thread = message.get("thread_ts") not in (None, message["ts"])
    return in_thread and message.get("subtype") != "thread_broadcast"


def thread(team: Team, channel: str, root_ts: str) -> list[Json]:
    """The root and its replies, oldest first."""
    stored = team.messages[channel].values()
    return [each for each in stored if each["ts"] == root_ts or each.get("thread_ts") == root_ts]


def react(team: Team, channel: Channel, message: Json, name: str, user: str) -> bool:
    """Add a reaction; False when this person had already given it."""
    reactions: list[Json] = message.setdefault("reactions", [])
    found = next((each for each in reactions if each["name"] == name), None)
    if found is None:
        found = {"name": name, "users": [], "count": 0}
        reactions.append(found)
    if user in found["users"]:
        return False
    found["users"].append(user)
    found["count"] = len(found["users"])
    team.announce("reaction_added", channel.id, message=message, reaction=name, user=user)
    return True


def unreact(team: Team, channel: Channel, message: Json, name: str, user: str) -> bool:
    """Take a reaction back; False when there was none."""
    reactions: list[Json] = message.get("reactions", [])
    found = next((each for each in reactions if each["name"] == name and user in each["users"]), None)
    if found is None:
        return False
    found["users"].remove(user)
    found["count"] = len(found["users"])
    if not found["users"]:
        reactions.remove(found)
    team.announce("reaction_removed", channel.id, message=message, reaction=name, user=user)
    return True

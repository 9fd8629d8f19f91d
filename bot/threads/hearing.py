"""What an event of Slack means for threads that are documents: pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.hearing import PEOPLE_WRITE

CHANNEL_TURNED = ("channel_convert_to_private", "channel_convert_to_public")
CHANNEL_GONE = {
    "channel_deleted": "the channel was deleted",
    "group_deleted": "the channel was deleted",
    "channel_left": "Lore is not in the channel: invite it",
    "group_left": "Lore is not in the channel: invite it",
}


@dataclass(frozen=True, slots=True)
class Touched:
    """Something happened to a message: `thread_ts` is "" where the event does not say which thread it is
    in. `hidden`: what was known of the thread may hold words that are gone."""

    channel: str
    ts: str
    thread_ts: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Reacted:
    """A reaction was given to a message, or taken back."""

    channel: str
    ts: str
    name: str
    added: bool


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing of a channel may be shown any more, and why."""

    channel: str
    reason: str


@dataclass(frozen=True, slots=True)
class Turned:
    """Who can read a channel may be others now, or Lore may read it again."""

    channel: str


@dataclass(frozen=True, slots=True)
class PersonGone:
    """Somebody's account was deactivated."""

    person: str


Meaning = Touched | Reacted | Lost | Turned | PersonGone


def meaning_of(event: Mapping[str, Any], own_user_id: str) -> Meaning | None:
    """What the event means for documents of threads; None: nothing."""
    kind, channel = str(event.get("type") or ""), _id_of(event.get("channel"))
    match kind:
        case "message":
            return _message(event, channel)
        case "reaction_added" | "reaction_removed":
            item = event.get("item") or {}
            if not isinstance(item, Mapping) or item.get("type") != "message":
                return None
            name = str(event.get("reaction") or "").partition("::")[0]
            added = kind == "reaction_added"
            return _if_whole(Reacted(_id_of(item.get("channel")), str(item.get("ts") or ""), name, added))
        case "member_left_channel" if event.get("user") == own_user_id:
            return Lost(channel, CHANNEL_GONE["channel_left"]) if channel else None
        case "member_joined_channel" if event.get("user") == own_user_id:
            return Turned(channel) if channel else None
        case "channel_shared" | "channel_unshared":
            return Turned(channel) if channel else None
        case "user_change":
            user = event.get("user") or {}
            gone = isinstance(user, Mapping) and user.get("deleted")
            return PersonGone(str(user.get("id") or "")) if gone else None
        case _ if kind in CHANNEL_GONE:
            return Lost(channel, CHANNEL_GONE[kind]) if channel else None
        case _:
            return None


def _message(event: Mapping[str, Any], channel: str) -> Meaning | None:
    subtype = str(event.get("subtype") or "")
    if subtype in CHANNEL_TURNED:
        return Turned(channel) if channel else None
    if subtype == "message_deleted":
        before = event.get("previous_message")
        if _by_a_bot(before):
            return None
        return _if_whole(
            Touched(channel, str(event.get("deleted_ts") or ""), _thread_of(before), hidden=True)
        )
    if subtype == "message_changed":
        now, before = event.get("message"), event.get("previous_message")
        if not isinstance(now, Mapping) or _by_a_bot(now):
            return None
        old = before if isinstance(before, Mapping) else {}
        if now.get("subtype") != "tombstone" and all(
            now.get(one) == old.get(one) for one in ("text", "files")
        ):
            return None  # Slack unfurled a link, or somebody replied
        return _if_whole(Touched(channel, str(now.get("ts") or ""), _thread_of(now), hidden=True))
    thread_ts = str(event.get("thread_ts") or "")
    if subtype not in PEOPLE_WRITE or not thread_ts or _by_a_bot(event):
        return None
    return _if_whole(Touched(channel, str(event.get("ts") or ""), thread_ts))


def _by_a_bot(message: object) -> bool:
    """Whether no words of a person can be in it: Lore changes what it says often."""
    return isinstance(message, Mapping) and bool(message.get("bot_id"))


def _thread_of(message: object) -> str:
    return str(message.get("thread_ts") or "") if isinstance(message, Mapping) else ""


def _if_whole(meaning: Touched | Reacted) -> Touched | Reacted | None:
    return meaning if meaning.channel and meaning.ts else None


def _id_of(channel: object) -> str:
    return str(channel.get("id") or "") if isinstance(channel, Mapping) else str(channel or "")

"""Which channels a source reads, and who may read what is said in them: never more than the channel's own
readers, and never more than the source's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.people import CHANNEL_ID, SHARED_FLAGS, SHARED_LISTS
from bot.threads.asking import Asking, Closed
from ingest.parsing.frontmatter import narrowed
from ingest.sources import Source
from knowledge.audience import EVERYONE, Audience


@dataclass(frozen=True, slots=True)
class ReadPlace:
    """A channel that can be read; `audience` is of every document of it."""

    id: str
    name: str
    audience: Audience


def place_named(asking: Asking, named: str, known: str) -> str:
    """The id of what a source calls a channel; once found (`known`) it stays that channel.

    Raises Closed, Cut and Unreadable as `Asking` does.
    """
    name = named.strip().removeprefix("#")
    if CHANNEL_ID.fullmatch(name):
        return name
    return known or asking.channel_named(name)


def read_place(asking: Asking, source: Source, channel_id: str, our_team: str) -> ReadPlace:
    """What may be read of a channel, and by whom. Raises Closed, Cut and Unreadable as `Asking` does."""
    channel = asking.channel(channel_id)
    name = str(channel.get("name") or "")
    if channel.get("is_member") is not True:
        raise Closed("Lore is not in the channel: invite it")
    own = audience_of_channel(channel, our_team, shared_too=bool(source.options.get("shared_channels")))
    audience = within(source.audience, own, channel_id, name)
    if audience == Audience():
        raise Closed("nobody may read both the source and the channel: widen the source's `audience`")
    return ReadPlace(channel_id, name, audience)


def audience_of_channel(channel: Mapping[str, Any], our_team: str, *, shared_too: bool) -> Audience:
    """Everyone for a public channel, its members for a private one and, where those are allowed, for one that
    is shared with another organisation. Raises Closed for any other."""
    members = Audience(principals=frozenset({f"#{channel['id']}"}))
    if is_shared(channel, our_team):
        if shared_too:
            return members
        raise Closed("it is shared with another organisation: set `shared_channels = true` to read it")
    if channel.get("is_channel") is True and channel.get("is_private") is False:
        return EVERYONE
    if channel.get("is_private") is True and not channel.get("is_im") and not channel.get("is_mpim"):
        return members
    raise Closed("it is neither a public nor a private channel")


def is_shared(channel: Mapping[str, Any], our_team: str) -> bool:
    """Whether another organisation is in a channel, or is about to be; yes when Slack does not tell."""
    if channel.get("is_ext_shared") is not False or any(channel.get(flag) for flag in SHARED_FLAGS):
        return True
    return any(set(channel.get(name) or ()) - {our_team} for name in SHARED_LISTS)


def within(source: Audience, own: Audience, channel_id: str, name: str) -> Audience:
    """A channel's audience, no wider than its source's: a source that names the channel allows it whole."""
    if not own.everyone and not source.everyone:
        named = {f"#{channel_id}", *({f"#{name}"} if name else ())}
        return own if named & source.principals else Audience()
    return narrowed(source, own)

"""Who is in a channel, and what becomes of it: join, leave, archive, rename, share.

Joining and leaving leave the messages that Slack writes (`channel_join`, `channel_leave`;
https://docs.slack.dev/reference/events/message#subtypes).
"""

from bot.workspace import messages
from bot.workspace.description import Channel, Group
from bot.workspace.team import Team


def join(team: Team, channel: Channel, user: str, inviter: str | None = None) -> None:
    """Add a person; announced, with a channel_join message. Nothing when they are in it."""
    if user in channel.people:
        return
    channel.members = [*channel.people, user]
    team.announce("member_joined_channel", channel.id, user=user, inviter=inviter)
    _note(team, channel, user, "join")


def leave(team: Team, channel: Channel, user: str) -> None:
    """Remove a person; announced, with a channel_leave message. Nothing when they are not in it."""
    if user not in channel.people:
        return
    _note(team, channel, user, "leave")
    channel.members = [member for member in channel.people if member != user]
    team.announce("member_left_channel", channel.id, user=user)


def _note(team: Team, channel: Channel, user: str, what: str) -> None:
    if channel.kind != "channel":
        return
    kind = "group" if channel.private else "channel"
    verb = "joined" if what == "join" else "left"
    subtype = f"{kind}_{what}"
    text = f"<@{user}> has {verb} the channel"
    messages.post(team, channel, {"type": "message", "subtype": subtype, "user": user, "text": text})


def archive(team: Team, channel: Channel, archived: bool) -> None:
    channel.archived = archived
    by = channel.people[0] if channel.people else "USLACKBOT"
    team.announce("channel_archived" if archived else "channel_unarchived", channel.id, user=by)


def delete(team: Team, channel: Channel) -> None:
    """https://docs.slack.dev/reference/events/channel_deleted: the channel and all that was said there go."""
    team.announce("channel_deleted", channel.id)
    del team.channels[channel.id]
    del team.messages[channel.id]


def make_private(team: Team, channel: Channel, private: bool) -> None:
    """Make a public channel private, or the other way round; its id stays.

    A message with the subtype `channel_convert_to_private` or `channel_convert_to_public` says so. *Assumed*:
    that it is all that an app hears of it.
    """
    channel.private = private
    what = "private" if private else "public"
    by = channel.people[0] if channel.people else "USLACKBOT"
    body = {"type": "message", "subtype": f"channel_convert_to_{what}", "user": by}
    messages.post(team, channel, body | {"text": f"made this channel *{what}*"})


def rename(team: Team, channel: Channel, name: str) -> None:
    channel.name = name
    team.announce("channel_renamed", channel.id, name=name)


def share(team: Team, channel: Channel, shared: bool, other_team: str) -> None:
    """Share a channel with another organisation, or end that."""
    channel.is_ext_shared = shared
    team.announce("channel_shared" if shared else "channel_unshared", channel.id, team=other_team)


def set_group(team: Team, group: Group, members: list[str]) -> None:
    """Give a user group other members."""
    before = set(group.members)
    group.members = list(members)
    added = [each for each in members if each not in before]
    removed = sorted(before - set(members))
    team.announce("subteam_changed", None, group=group.id, added=added, removed=removed)

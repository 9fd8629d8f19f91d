"""What the workspace holds: people, channels, messages, views; one lock, one clock, told to whoever listens.

Nothing here knows of HTTP, sockets or events: every change is announced as a `Change`, and the event source,
the web page and waiting tests each make of it what they need.
"""

import copy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from bot.workspace import ids
from bot.workspace.description import App, Channel, Description, Group, Json, Person


class NotThere(LookupError):
    """A person, channel, message or button that a driver named is not there."""


@dataclass(frozen=True)
class Change:
    """Something happened: `kind` says what, `channel` where (if anywhere), `data` the rest."""

    kind: str
    channel: str | None
    data: Json


@dataclass
class View:
    """A modal in someone's stack, or their App Home."""

    user: str
    body: Json
    opened: bool = True


@dataclass
class Ephemeral:
    """A message that one person sees in one channel; gone from history by design."""

    channel: str
    user: str
    message: Json


@dataclass
class File:
    """One file, hosted here; `channels` are the ids of the conversations that it was shared in."""

    id: str
    name: str
    title: str
    data: bytes
    user: str
    created: int
    mimetype: str
    mode: str = "hosted"
    channels: list[str] = field(default_factory=list)
    size: int | None = None

    @property
    def bytes_said(self) -> int:
        """The size as Slack tells it, which a test may make a lie."""
        return len(self.data) if self.size is None else self.size


@dataclass
class Team:
    """The workspace's state. Hold `lock` while reading more than one thing or changing any."""

    description: Description
    clock: Callable[[], float] = time.time
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        description = copy.deepcopy(self.description)
        description.with_ids()
        self.id = description.team_id
        self.name = description.team_name
        self.domain = description.team_domain
        self.app: App = description.app
        self.changed = threading.Condition(self.lock)
        self.people: dict[str, Person] = {person.id: person for person in description.people}
        self.people[self.app.user_id] = Person(
            name=self.app.bot_name,
            real_name=self.app.name,
            id=self.app.user_id,
            is_bot=True,
            team_id=self.id,
            tz="UTC",
        )
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Json]] = {}
        self.ephemerals: list[Ephemeral] = []
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.statuses: dict[tuple[str, str], Json] = {}
        self.prompts: dict[tuple[str, str], Json] = {}
        self.looking: dict[str, list[Json]] = {}
        self.sessions: dict[tuple[str, str], Json] = {}
        self.streams: dict[tuple[str, str], Json] = {}
        self.stream_seconds = 300.0
        self.files: dict[str, File] = {}
        self.uploads: dict[str, Json] = {}
        self.scheduled: dict[str, Json] = {}
        self.groups: dict[str, Group] = {}
        self.token_refusal: str | None = None
        self.subscribers: list[Callable[[Change], None]] = []
        self._last_ts = Decimal(0)
        for channel in description.channels:
            self._add(channel)
        for group in description.groups:
            group.members = [self.person(member).id for member in group.members]
            self.groups[group.id] = group

    def _add(self, channel: Channel) -> Channel:
        if channel.members is None:
            channel.members = [each.id for each in self.people.values() if self._joins_by_itself(each)]
        else:
            channel.members = [self.person(member).id for member in channel.members]
        channel.created = channel.created or int(self.clock())
        self.channels[channel.id] = channel
        self.messages[channel.id] = {}
        return channel

    def add_channel(self, channel: Channel) -> Channel:
        """A new channel; its members by name or id, None for every full member and the app."""
        channel.id = channel.id or ids.stable("C", channel.name)
        self._add(channel)
        self.announce("channel_opened", channel.id)
        return channel

    def add_person(self, person: Person) -> Person:
        """Someone new, with what the description would have given them."""
        newcomers = Description(team_domain=self.domain, team_id=self.id, people=[person])
        newcomers.with_ids()
        self.people[person.id] = person
        return person

    def _joins_by_itself(self, person: Person) -> bool:
        ours = person.id == self.app.user_id or not person.is_bot
        return ours and not person.is_guest and not person.deleted and not person.is_stranger

    def person(self, name: str) -> Person:
        """By id or name, with or without @. Raises NotThere."""
        wanted = name.removeprefix("@")
        for person in self.people.values():
            if wanted in (person.id, person.name):
                return person
        raise NotThere(f"nobody is called {name!r}")

    def channel(self, name: str) -> Channel:
        """By id or name, with or without #. Raises NotThere."""
        wanted = name.removeprefix("#")
        if wanted in self.channels:
            return self.channels[wanted]
        for channel in self.channels.values():
            if channel.kind == "channel" and channel.name == wanted:
                return channel
        raise NotThere(f"no channel is called {name!r}")

    def group(self, name: str) -> Group:
        """By id or handle, with or without @. Raises NotThere."""
        wanted = name.removeprefix("@")
        for group in self.groups.values():
            if wanted in (group.id, group.handle):
                return group
        raise NotThere(f"no user group is called {name!r}")

    def dm(self, *people: str) -> Channel:
        """The DM (two people) or group DM (more) of these ids, opened if it was not yet."""
        members = sorted(set(people))
        wanted = "im" if len(members) <= 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == wanted and sorted(channel.people) == members:
                return channel
        key = "+".join(members)
        if wanted == "im":
            channel = Channel(name="directmessage", id=ids.stable("D", key), kind="im", members=members)
        else:
            names = "--".join(self.people[member].name for member in members)
            channel = Channel(name=f"mpdm-{names}-1", id=ids.stable("G", key), kind="mpim", members=members)
        self._add(channel)
        self.announce("channel_opened", channel.id)
        return channel

    def sees(self, user: str, channel: Channel) -> bool:
        """Whether this person may see the channel at all: guests see only where they are members."""
        if user in channel.people:
            return True
        person = self.people[user]
        full = not person.is_guest and not person.is_stranger
        return full and channel.kind == "channel" and not channel.private

    def next_ts(self) -> str:
        """A message's timestamp: later than every one before, and unique in the workspace."""
        now = Decimal(f"{self.clock():.6f}")
        self._last_ts = max(now, self._last_ts + Decimal("0.000001"))
        return f"{self._last_ts:.6f}"

    def announce(self, kind: str, channel: str | None = None, **data: object) -> None:
        """Tell the subscribers and wake whoever waits. The lock is held."""
        change = Change(kind, channel, dict(data))
        for subscriber in list(self.subscribers):
            subscriber(change)
        self.changed.notify_all()

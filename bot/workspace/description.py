"""The plain description that a workspace is built from: people, channels, user groups and the app.

A description can be written as a dict or TOML:

    [team]
    name = "Heron"
    [[people]]
    name = "ana"
    real_name = "Ana Costa"
    is_admin = true
    [[channels]]
    name = "general"
    members = ["ana", "ben", "lore"]     # left out: every full member and the app
    [[groups]]
    handle = "ml-leads"
    members = ["ana"]
    [app]
    commands = [{ command = "/ask", description = "Ask in private" }]
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self, TypeVar

from bot.workspace import ids

Json = dict[str, Any]

# https://docs.slack.dev/reference/scopes
SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "chat:write.public",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
    "users.profile:read",
)

# https://docs.slack.dev/reference/events
EVENTS = (
    "agent_session_stopped",
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_deleted",
    "channel_left",
    "channel_rename",
    "channel_shared",
    "channel_unarchive",
    "channel_unshared",
    "file_deleted",
    "file_shared",
    "group_archive",
    "group_deleted",
    "group_left",
    "group_rename",
    "group_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "subteam_created",
    "subteam_members_changed",
    "subteam_updated",
    "team_join",
    "tokens_revoked",
    "user_change",
)


class DescriptionError(ValueError):
    """The description names something unknown; the text says what, in one line."""


@dataclass
class Person:
    """Someone in the workspace, or another app's bot (`is_bot`)."""

    name: str
    real_name: str = ""
    id: str = ""
    email: str = ""
    is_email_confirmed: bool = True
    title: str = ""
    tz: str = "Europe/London"
    is_admin: bool = False
    is_owner: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_bot: bool = False
    is_stranger: bool = False
    deleted: bool = False
    team_id: str = ""
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted


@dataclass
class Channel:
    """A public or private channel, a DM (`im`) or a group DM (`mpim`); members are ids once it is built.

    `posting` says who may post there: "everyone", in threads only ("threads"), or only admins ("admins").
    """

    name: str
    id: str = ""
    kind: str = "channel"
    private: bool = False
    members: list[str] | None = None
    topic: str = ""
    purpose: str = ""
    is_ext_shared: bool = False
    is_org_shared: bool = False
    archived: bool = False
    created: int = 0
    posting: str = "everyone"

    @property
    def people(self) -> list[str]:
        return self.members if self.members is not None else []


@dataclass
class Group:
    """A user group such as @ml-leads."""

    handle: str
    name: str = ""
    id: str = ""
    members: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass
class Command:
    """A slash command that the app has registered."""

    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass
class Shortcut:
    """A message shortcut that the app has registered: `name` stands in the menu of every message."""

    callback_id: str
    name: str
    description: str = ""


@dataclass
class App:
    """The app under development: one bot user with its scopes, event subscriptions and slash commands.

    With `socket_mode` off it is told things at its request URL.
    """

    name: str = "Lore"
    bot_name: str = "lore"
    id: str = ""
    bot_id: str = ""
    user_id: str = ""
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    events: list[str] = field(default_factory=lambda: list(EVENTS))
    commands: list[Command] = field(
        default_factory=lambda: [
            Command(name) for name in ("/ask", "/lore", "/standup", "/learn", "/reading", "/pair", "/digest")
        ]
    )
    shortcuts: list[Shortcut] = field(
        default_factory=lambda: [
            Shortcut("answer_this", "Answer this"),
            Shortcut("save_to_knowledge", "Save to knowledge"),
            Shortcut("propose_topic", "Propose as a topic"),
        ]
    )
    agent_view: bool = True
    socket_mode: bool = True


@dataclass
class Description:
    """A whole workspace, before anything has happened in it."""

    team_name: str = "Heron"
    team_domain: str = "heron"
    team_id: str = ""
    people: list[Person] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    app: App = field(default_factory=App)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Build from `team`, `people`, `channels`, `groups` and `app` tables.

        Raises DescriptionError for a table or key that is not known, a name given twice, or a member whom
        nobody has described.
        """
        _only({"team", "people", "channels", "groups", "app"}, data, "the description")
        team = data.get("team", {})
        _only({"name", "domain", "id"}, team, "team")
        app = dict(data.get("app", {}))
        if "commands" in app:
            app["commands"] = [_built(Command, each, "app.commands") for each in app["commands"]]
        if "shortcuts" in app:
            app["shortcuts"] = [_built(Shortcut, each, "app.shortcuts") for each in app["shortcuts"]]
        built = cls(
            team_name=team.get("name", "Heron"),
            team_domain=team.get("domain", "heron"),
            team_id=team.get("id", ""),
            people=[_built(Person, each, "people") for each in data.get("people", [])],
            channels=[_built(Channel, each, "channels") for each in data.get("channels", [])],
            groups=[_built(Group, each, "groups") for each in data.get("groups", [])],
            app=_built(App, app, "app"),
        )
        built._check_names()
        return built

    def _check_names(self) -> None:
        people = [each.name for each in self.people] + [self.app.bot_name]
        for where, names in (
            ("people", people),
            ("channels", [each.name for each in self.channels]),
            ("groups", [each.handle for each in self.groups]),
        ):
            for name in names:
                if names.count(name) > 1:
                    raise DescriptionError(f"{where}: {name!r} is given twice")
        known = {*people, *(each.id for each in self.people if each.id)}
        named = [(each.name, each.members or []) for each in self.channels]
        named += [(each.handle, each.members) for each in self.groups]
        for where, members in named:
            for member in members:
                if member.removeprefix("@") not in known:
                    raise DescriptionError(f"{where}: nobody is called {member!r}")

    @classmethod
    def from_toml(cls, path: Path) -> Self:
        """Read a TOML file of the shape that the module docstring shows. Raises DescriptionError."""
        try:
            return cls.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise DescriptionError(f"not TOML: {problem}") from problem

    def with_ids(self) -> None:
        """Give everything that has no id one that follows from its name."""
        self.team_id = self.team_id or ids.stable("T", self.team_domain)
        self.app.id = self.app.id or ids.stable("A", self.app.name)
        self.app.bot_id = self.app.bot_id or ids.stable("B", self.app.name)
        self.app.user_id = self.app.user_id or ids.stable("U", self.app.bot_name)
        for person in self.people:
            person.id = person.id or ids.stable("U", person.name)
            person.real_name = person.real_name or person.name.title()
            person.email = person.email or f"{person.name}@{self.team_domain}.example"
            elsewhere = ids.stable("T", "elsewhere") if person.is_stranger else self.team_id
            person.team_id = person.team_id or elsewhere
        for channel in self.channels:
            channel.id = channel.id or ids.stable("C", channel.name)
        for group in self.groups:
            group.id = group.id or ids.stable("S", group.handle)
            group.name = group.name or group.handle


Table = TypeVar("Table")


def _built(kind: type[Table], values: Mapping[str, Any], where: str) -> Table:
    _only({each.name for each in fields(kind)}, values, where)  # type: ignore[arg-type]
    try:
        return kind(**values)
    except TypeError as problem:
        raise DescriptionError(f"{where}: {problem}") from problem


def _only(known: set[str], values: Mapping[str, Any], where: str) -> None:
    for key in values:
        if key not in known:
            raise DescriptionError(f"{where}: unknown key {key!r}; known are {', '.join(sorted(known))}")


def small_team() -> Description:
    """The team that a workspace has when nothing else is described."""
    return Description.from_dict(
        {
            "people": [
                {"name": "ana", "real_name": "Ana Costa", "is_admin": True, "tz": "Europe/Lisbon"},
                {"name": "ben", "real_name": "Ben Okafor", "tz": "Europe/London"},
                {"name": "chloe", "real_name": "Chloe Martin", "tz": "America/New_York"},
                {"name": "dev", "real_name": "Dev Patel", "tz": "Asia/Kolkata"},
                {"name": "gus", "real_name": "Gus Lindqvist", "is_restricted": True},
            ],
            "channels": [
                {"name": "general", "purpose": "For everyone"},
                {"name": "training", "purpose": "Runs, evaluation, infrastructure"},
                {"name": "leads", "private": True, "members": ["ana", "ben", "lore"]},
                {"name": "visitors", "members": ["ana", "gus", "lore"], "purpose": "With guests"},
                {"name": "random", "members": ["ana", "ben", "chloe", "dev"]},
            ],
            "groups": [{"handle": "ml-leads", "name": "ML leads", "members": ["ana", "ben"]}],
            "app": {
                "commands": [
                    {"command": "/ask", "description": "Ask in private", "usage_hint": "[question]"},
                    {"command": "/lore", "description": "Help, sync and more", "usage_hint": "[help | sync]"},
                    {"command": "/standup", "description": "Your stand-up", "usage_hint": "[new | help]"},
                    {"command": "/learn", "description": "Lunch-and-learns", "usage_hint": "[new | help]"},
                    {"command": "/reading", "description": "Reading groups", "usage_hint": "[new | help]"},
                    {"command": "/pair", "description": "Meet a colleague", "usage_hint": "[join | help]"},
                    {"command": "/digest", "description": "What is new", "usage_hint": "[on | help]"},
                ]
            },
        }
    )

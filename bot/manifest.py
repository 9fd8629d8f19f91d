"""The Slack app manifest: the scopes, events, commands and shortcuts that Lore needs, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EVENTS_PATH = "/slack/events"
AGENT = "assistant:write"
"""Slack gives this to every app that is declared an agent; nobody can decline it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission: what it is for, and what lacks without it; `needed` ones Lore cannot do without."""

    name: str
    why: str
    feature: str
    needed: bool = True


_ALL = (
    Scope("app_mentions:read", "be asked in channels", "mentions"),
    Scope(AGENT, "suggest questions in its Messages tab", "suggested questions", needed=False),
    Scope(
        "channels:history",
        "follow a thread that it answered in; find its own message after a failure",
        "threads in public channels",
    ),
    Scope(
        "channels:read",
        "who is in a channel, and whether it is shared with another organisation",
        "answers in public channels",
    ),
    Scope("chat:write", "answer, and show that it is working", "every answer"),
    Scope("commands", "/ask, /lore and the message shortcuts", "commands and shortcuts"),
    Scope("files:read", "read a file that is attached to a question", "attachments", needed=False),
    Scope(
        "files:write",
        "send exports as files, to the one who asks for them, and calendar files of talks",
        "exports as files (they come as text), calendar files in Slack",
        needed=False,
    ),
    Scope("groups:history", "follow threads in private channels", "private channels", needed=False),
    Scope("groups:read", "who is in a private channel", "private channels", needed=False),
    Scope("im:history", "be asked in direct messages", "direct messages"),
    Scope("im:read", "whose direct message it is", "direct messages"),
    Scope("mpim:history", "be asked in group messages", "group messages", needed=False),
    Scope("mpim:read", "who is in a group message", "group messages", needed=False),
    Scope(
        "mpim:write",
        "introduce people who are paired to each other in one conversation",
        "introductions of pairs in a group message (each gets a direct message)",
        needed=False,
    ),
    Scope("usergroups:read", "audiences such as @leads", "audiences of user groups", needed=False),
    Scope(
        "reactions:read",
        "notice that a reply was accepted, or a thread taken out, in channels that are a source",
        "threads as a source, soon after a reaction",
        needed=False,
    ),
    Scope("users:read", "names, time zones, guests and admins", "every answer"),
    Scope(
        "users:read.email",
        "audiences, owners and admins that are named by e-mail, and where letters go",
        "people named by e-mail, letters by e-mail",
        needed=False,
    ),
)
SCOPES: Mapping[str, Scope] = {scope.name: scope for scope in _ALL}

EVENTS = (
    "agent_session_stopped",
    "app_context_changed",
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_deleted",
    "channel_left",
    "channel_shared",
    "channel_unshared",
    "group_deleted",
    "group_left",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "reaction_added",
    "reaction_removed",
    "subteam_members_changed",
    "subteam_updated",
    "tokens_revoked",
    "user_change",
)

COMMANDS = (
    ("/ask", "Ask the team's knowledge; only you see the answer", "how do we …?"),
    ("/lore", "Help, status, sources, why; sync for admins", "help | why | status | sources | sync | audit"),
    ("/standup", "Answer your stand-up; set one up", "new | list | why | away | export | help"),
    ("/learn", "Lunch-and-learns: propose, vote, speak, come", "propose | topics | new | list | help"),
    ("/reading", "Reading groups: propose papers, vote, present", "propose | papers | new | list | help"),
    ("/pair", "Be introduced to a colleague, in rounds", "join | snooze | leave | new | help"),
    ("/digest", "What is new, for you or a channel", "on | off | preview | settings | help"),
)

ANSWER_THIS = "answer_this"
SAVE_TO_KNOWLEDGE = "save_to_knowledge"
PROPOSE_TOPIC = "propose_topic"
SHORTCUTS = (
    (ANSWER_THIS, "Answer this", "Answer this message from the team's knowledge"),
    (SAVE_TO_KNOWLEDGE, "Save to knowledge", "Propose this message or thread as a page"),
    (PROPOSE_TOPIC, "Propose as a topic", "Propose to talk about this at a lunch-and-learn"),
)


def granted_scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    """What a token may do, by the headers of any reply of Slack; None where Slack did not say."""
    granted = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return None if granted is None else frozenset(one.strip() for one in granted.split(","))


def lacking(granted: frozenset[str]) -> tuple[Scope, ...]:
    """The scopes of the manifest that were not granted, in its order."""
    return tuple(scope for scope in SCOPES.values() if scope.name not in granted)


def manifest(name: str = "Lore", url: str = "") -> dict[str, Any]:
    """The manifest as https://docs.slack.dev/reference/app-manifest describes it.

    For Socket Mode, or with `url` (https, without a path) for HTTP: everything is then sent to its
    EVENTS_PATH.
    """
    request = {"request_url": url.rstrip("/") + EVENTS_PATH} if url else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": "The team's memory: answers with citations that can be checked.",
            "background_color": "#1f3a5f",
        },
        "features": {
            "agent_view": {
                "agent_description": "Answers questions from the team's wiki, practices and experiments, "
                "with the exact passage behind every sentence.",
            },
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name.lower(), "always_online": True},
            "shortcuts": [
                {"name": label, "type": "message", "callback_id": callback, "description": description}
                for callback, label, description in SHORTCUTS
            ],
            "slash_commands": [
                {
                    "command": command,
                    "description": description,
                    "usage_hint": hint,
                    "should_escape": True,
                    **({"url": request["request_url"]} if request else {}),
                }
                for command, description, hint in COMMANDS
            ],
        },
        "oauth_config": {
            "scopes": {
                "bot": sorted(SCOPES),
                "bot_optional": sorted(
                    scope.name for scope in SCOPES.values() if not scope.needed and scope.name != AGENT
                ),
            }
        },
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **request},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": False,
        },
    }

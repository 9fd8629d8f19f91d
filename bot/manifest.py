"""The Slack app manifest: the scopes, events and commands that Lore needs, and why."""

from collections.abc import Mapping
from typing import Any

SCOPES = {
    "app_mentions:read": "be asked in channels",
    "channels:history": "follow a thread that it answered in; find its own message after a failure",
    "channels:read": "who is in a channel, and whether it is shared with another organisation",
    "chat:write": "answer, and show that it is working",
    "commands": "/ask and /lore",
    "groups:history": "the same in private channels",
    "groups:read": "who is in a private channel",
    "im:history": "be asked in direct messages",
    "im:read": "whose direct message it is",
    "mpim:history": "be asked in group messages",
    "mpim:read": "who is in a group message",
    "usergroups:read": "audiences such as @leads",
    "users:read": "names, time zones, guests and admins",
    "users:read.email": "audiences, owners and admins that are named by e-mail",
}

EVENTS = (
    "app_mention",
    "channel_shared",
    "channel_unshared",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)


def missing_scopes(headers: Mapping[str, str]) -> list[str] | None:
    """The scopes that a token lacks, by the headers of any reply; None where Slack did not say."""
    granted = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return None if granted is None else sorted(set(SCOPES) - {one.strip() for one in granted.split(",")})


def manifest(name: str = "Lore") -> dict[str, Any]:
    """The manifest as https://docs.slack.dev/reference/app-manifest describes it, for Socket Mode."""
    return {
        "display_information": {
            "name": name,
            "description": "The team's memory: answers with citations that can be checked.",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name.lower(), "always_online": True},
            "slash_commands": [
                {
                    "command": "/ask",
                    "description": "Ask the team's knowledge; only you see the answer",
                    "usage_hint": "how do we …?",
                    "should_escape": True,
                },
                {
                    "command": "/lore",
                    "description": "Help, status, sources; sync for admins",
                    "usage_hint": "help | status | sources | sync",
                    "should_escape": True,
                },
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }

"""What the app hears of the team's changes: event envelopes, for what it subscribed to, may read and is in.

Envelope: https://docs.slack.dev/apis/events-api#callback-field; each event's page is under
https://docs.slack.dev/reference/events. *Assumed*: the order of `message` and `app_mention` for one post
(message first), and that an edit which adds the mention sends `app_mention` too, with `edited`.
"""

import json
from collections.abc import Callable

from bot.workspace import agent, composer, ids, objects
from bot.workspace.description import Channel, Json
from bot.workspace.team import Change, Team

# The scopes that https://docs.slack.dev/reference/events asks for, per event type.
SCOPE = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_left": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unshared": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_unarchive": "groups:read",
    "group_rename": "groups:read",
    "user_change": "users:read",
    "team_join": "users:read",
    "subteam_created": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "subteam_members_changed": "usergroups:read",
    "file_shared": "files:read",
    "file_deleted": "files:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}
MESSAGE = {
    "channel": "message.channels",
    "group": "message.groups",
    "im": "message.im",
    "mpim": "message.mpim",
}


class EventSource:
    """Listens to a team and hands event payloads to `deliver`."""

    def __init__(self, team: Team, verification_token: str, deliver: Callable[[str, Json], None]) -> None:
        self._team = team
        self._token = verification_token
        self._deliver = deliver
        team.subscribers.append(self._changed)

    def send(self, event: Json, channel: Channel | None = None, team_id: str | None = None) -> Json:
        """Wrap any inner event and deliver it, subscribed or not; gives the payload back."""
        team = self._team
        app_user = team.app.user_id
        payload = {
            "token": self._token,
            "team_id": team_id or team.id,
            "context_team_id": team_id or team.id,
            "context_enterprise_id": None,
            "api_app_id": team.app.id,
            "event": json.loads(json.dumps(event)),
            "type": "event_callback",
            "event_id": ids.fresh("Ev"),
            "event_time": int(team.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team.id,
                    "user_id": app_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": bool(channel and channel.is_ext_shared),
            "event_context": f"4-{ids.fresh('', 40)}",
        }
        self._deliver("events_api", payload)
        return payload

    def _offer(self, subscription: str, event: Json, channel: Channel | None = None) -> None:
        app = self._team.app
        scope = SCOPE.get(subscription)
        if subscription in app.events and (scope is None or scope in app.scopes):
            self.send(event, channel)

    def _changed(self, change: Change) -> None:
        channel = self._team.channels.get(change.channel or "")
        if channel is None:
            self._of_team(change)
        elif self._team.app.user_id in channel.people or change.kind == "member_left_channel":
            if change.kind.startswith("message"):
                self._of_message(change, channel)
            else:
                self._of_channel(change, channel)

    def _of_message(self, change: Change, channel: Channel) -> None:
        message = change.data["message"]
        kind = objects.channel_type(channel)
        where: Json = {"channel": channel.id, "channel_type": kind}
        if change.kind == "message":
            event = message | where | {"event_ts": message["ts"]}
            if kind == "im" and self._team.app.agent_view and not message.get("bot_id"):
                event |= {"app_context": agent.context(self._team, str(message.get("user")))}
            self._offer(MESSAGE[kind], event, channel)
            self._mention(event, channel)
            return
        ts = self._team.next_ts()
        where |= {"type": "message", "subtype": change.kind, "hidden": True, "ts": ts, "event_ts": ts}
        if change.kind == "message_changed":
            previous = change.data["previous"]
            now = message | {"source_team": self._team.id, "user_team": self._team.id}
            self._offer(MESSAGE[kind], where | {"message": now, "previous_message": previous}, channel)
            if not self._mentions_app(previous):
                self._mention(message | {"event_ts": ts, "channel": channel.id}, channel)
        else:
            deleted = {"previous_message": message, "deleted_ts": message["ts"]}
            self._offer(MESSAGE[kind], where | deleted, channel)

    def _mentions_app(self, message: Json) -> bool:
        return self._team.app.user_id in composer.mentioned(message.get("text", ""))

    def _mention(self, message: Json, channel: Channel) -> None:
        """https://docs.slack.dev/reference/events/app_mention: not in DMs, and not for joins and the like."""
        if channel.kind == "im" or not self._mentions_app(message):
            return
        if message.get("subtype") in (None, "bot_message", "file_share", "thread_broadcast", "me_message"):
            event = {key: value for key, value in message.items() if key not in ("subtype", "channel_type")}
            self._offer("app_mention", event | {"type": "app_mention"}, channel)

    def _of_channel(self, change: Change, channel: Channel) -> None:
        kind = "group" if channel.private else "channel"
        now = self._team.next_ts()
        base: Json = {"channel": channel.id, "event_ts": now}
        match change.kind:
            case "member_joined_channel" | "member_left_channel":
                event = {"type": change.kind, "user": change.data["user"], "team": self._team.id}
                event |= base | {"channel_type": "G" if channel.private else "C"}
                if change.data.get("inviter"):
                    event["inviter"] = change.data["inviter"]
                self._offer(change.kind, event, channel)
                if change.kind == "member_left_channel" and change.data["user"] == self._team.app.user_id:
                    self._offer(f"{kind}_left", base | {"type": f"{kind}_left"}, channel)
            case "channel_deleted":
                self._offer(f"{kind}_deleted", base | {"type": f"{kind}_deleted"}, channel)
            case "channel_archived" | "channel_unarchived":
                name = f"{kind}_{'archive' if change.kind == 'channel_archived' else 'unarchive'}"
                self._offer(name, base | {"type": name, "user": change.data["user"]}, channel)
            case "channel_renamed":
                named = {"id": channel.id, "name": channel.name, "created": channel.created}
                event = base | {"type": f"{kind}_rename", "channel": named}
                self._offer(f"{kind}_rename", event, channel)
            case "channel_shared" | "channel_unshared":
                event = base | {"type": change.kind, "connected_team_id": change.data["team"]}
                if change.kind == "channel_unshared":
                    event |= {"previously_connected_team_id": event.pop("connected_team_id")}
                    event |= {"is_ext_shared": channel.is_ext_shared}
                self._offer(change.kind, event, channel)
            case "file_shared":
                file_id = change.data["file"]
                event = {"type": "file_shared", "file_id": file_id, "user_id": change.data["user"]}
                event |= {"file": {"id": file_id}, "channel_id": channel.id, "event_ts": now}
                self._offer("file_shared", event, channel)
            case "reaction_added" | "reaction_removed":
                message = change.data["message"]
                item = {"type": "message", "channel": channel.id, "ts": message["ts"]}
                event = {"type": change.kind, "user": change.data["user"], "item": item, "event_ts": now}
                event |= {"reaction": change.data["reaction"], "item_user": message.get("user")}
                self._offer(change.kind, event, channel)
            case "app_home_opened" | "app_context_changed" | "agent_session_stopped":
                self._offer(change.kind, base | {"type": change.kind} | change.data, channel)
            case _:
                pass

    def _of_team(self, change: Change) -> None:
        team = self._team
        now = team.next_ts()
        match change.kind:
            case "user_changed" | "user_joined":
                person = objects.user(team, team.people[change.data["user"]])
                name = "user_change" if change.kind == "user_changed" else "team_join"
                self._offer(
                    name, {"type": name, "user": person, "cache_ts": int(team.clock()), "event_ts": now}
                )
            case "file_deleted":
                heard = (team.channels[each].people for each in change.data["channels"])
                if any(team.app.user_id in people for people in heard):
                    event = {"type": "file_deleted", "file_id": change.data["file"], "event_ts": now}
                    self._offer("file_deleted", event)
            case "subteam_changed":
                group = team.groups[change.data["group"]]
                body = objects.group(team, group, with_users=True)
                self._offer("subteam_updated", {"type": "subteam_updated", "subteam": body, "event_ts": now})
                members = {
                    "type": "subteam_members_changed",
                    "subteam_id": group.id,
                    "team_id": team.id,
                    "added_users": change.data["added"],
                    "added_users_count": len(change.data["added"]),
                    "removed_users": change.data["removed"],
                    "removed_users_count": len(change.data["removed"]),
                    "event_ts": now,
                }
                self._offer("subteam_members_changed", members)
            case _:
                pass

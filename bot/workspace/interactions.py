"""What people do with the app: slash commands, buttons, modals; and what Slack shows them in return.

Payloads follow https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/reference/interaction-payloads. A slash command that nobody acknowledges within three
seconds ends as `dispatch_failed`; a modal then says that it had trouble connecting.
"""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from bot.workspace import checks, inputs, modals, response_urls
from bot.workspace.courier import Courier
from bot.workspace.description import Channel, Json
from bot.workspace.envelopes import Acked, Unanswered
from bot.workspace.site import Refused, ResponseUrl, Site
from bot.workspace.team import NotThere, View


@dataclass(frozen=True)
class Shown:
    """What a person sees at once after an interaction.

    error: `dispatch_failed`, `unknown_command`, or Slack's name for a reply that it refused; message: what
    the acknowledgement said; errors: a modal's messages by block_id; view: the modal now on top, if any.
    """

    ok: bool
    error: str | None = None
    message: Json | None = None
    errors: dict[str, str] = field(default_factory=dict)
    view: Json | None = None


class Interactions:
    """Each method returns a future that settles when the app has acknowledged, or has not in time."""

    def __init__(self, site: Site, courier: Courier) -> None:
        self._site = site
        self.courier = courier

    def _who(self, user: str) -> Json:
        team = self._site.team
        person = team.people[user]
        return {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id}

    def _base(self, kind: str, user: str) -> Json:
        team = self._site.team
        return {
            "type": kind,
            "token": self._site.verification_token,
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": self._who(user),
            "api_app_id": team.app.id,
            "trigger_id": self._site.triggers.issue(user),
        }

    def _deliver(self, kind: str, payload: Json, show: Any) -> "Future[Shown]":
        """Deliver; `show` turns the acknowledgement's payload into what is seen, under the team's lock."""
        future: Future[Shown] = Future()

        def settle(ending: Acked | Unanswered) -> None:
            if isinstance(ending, Unanswered):
                future.set_result(Shown(False, "dispatch_failed"))
                return
            try:
                with self._site.team.lock:
                    shown = show(ending.payload or {})
            except Refused as refused:
                shown = Shown(False, refused.error)
            future.set_result(shown)

        self.courier.deliver(kind, payload, accepts_payload=True, settle=settle)
        return future

    def slash(self, user: str, channel: Channel, command: str, text: str) -> "Future[Shown]":
        """Run a slash command."""
        team = self._site.team
        if command not in {each.command for each in team.app.commands}:
            unknown: Future[Shown] = Future()
            unknown.set_result(Shown(False, "unknown_command"))
            return unknown
        payload = {
            "token": self._site.verification_token,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": _name_for_payload(channel),
            "user_id": user,
            "user_name": team.people[user].name,
            "command": command,
            "text": text,
            "api_app_id": team.app.id,
            "is_enterprise_install": "false",
            "response_url": self._site.response_url(user, channel.id),
            "trigger_id": self._site.triggers.issue(user),
        }

        def show(reply: Json) -> Shown:
            if not reply.get("text") and not reply.get("blocks") and not reply.get("attachments"):
                return Shown(True)
            target = ResponseUrl(user, channel.id, None, False, None, team.clock())
            return Shown(True, message=response_urls.show(team, target, reply))

        return self._deliver("slash_commands", payload, show)

    def shortcut(self, user: str, channel: Channel, message: Json, callback_id: str) -> "Future[Shown]":
        """Use a message shortcut; the app hears of it wherever the message is.

        https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
        """
        team = self._site.team
        if callback_id not in {each.callback_id for each in team.app.shortcuts}:
            raise NotThere(f"the app has no shortcut {callback_id!r}")
        if message.get("is_ephemeral") or message.get("subtype") == "tombstone":
            raise NotThere("such a message has no shortcuts")
        ts, thread_ts = message["ts"], message.get("thread_ts")
        payload = self._base("message_action", user) | {
            "callback_id": callback_id,
            "action_ts": team.next_ts(),
            "channel": {"id": channel.id, "name": _name_for_payload(channel)},
            "message_ts": ts,
            "message": dict(message),
            "response_url": self._site.response_url(user, channel.id, message_ts=ts, thread_ts=thread_ts),
        }
        return self._deliver("interactive", payload, lambda _: Shown(True))

    def click(
        self, user: str, channel: Channel, message: Json, element: Json, block: Json, value: Any
    ) -> "Future[Shown]":
        """Use an interactive element of a message."""
        team = self._site.team
        ephemeral = bool(message.get("is_ephemeral"))
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
        }
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        url = self._site.response_url(
            user,
            channel.id,
            message_ts=message["ts"],
            ephemeral=ephemeral,
            thread_ts=message.get("thread_ts"),
        )
        payload = self._base("block_actions", user) | {
            "container": container,
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": {}},
            "response_url": url,
            "actions": [inputs.action(element, block, value, team.next_ts())],
        }
        if not ephemeral:
            payload["message"] = dict(message)
        return self._deliver("interactive", payload, lambda _: Shown(True))

    def click_in_view(
        self, user: str, view: View, element: Json, block: Json, value: Any, typed: Json
    ) -> "Future[Shown]":
        """Use an interactive element of a modal or App Home; `typed` stands in its other inputs, by block_id.

        https://docs.slack.dev/reference/interaction-payloads/block_actions-payload: the view comes with its
        state.
        """
        stands = typed | ({block["block_id"]: value} if element["type"] in inputs.VALUE_KEY else {})
        payload = self._base("block_actions", user) | {
            "container": {"type": "view", "view_id": view.body["id"]},
            "view": view.body | {"state": {"values": inputs.state(view.body, stands)}},
            "actions": [inputs.action(element, block, value, self._site.team.next_ts())],
        }
        return self._deliver("interactive", payload, lambda _: Shown(True))

    def submit(self, view: View, values: Json, forged: bool = False) -> "Future[Shown]":
        """Submit a modal. `values`: action_id (or block_id) → what was put in.

        Slack's client itself refuses empty required inputs and what an element does not take; a `forged` one
        sends whatever it likes.
        """
        missing = {} if forged else inputs.problems(self._site.team, view.user, view.body, values)
        if missing:
            refused: Future[Shown] = Future()
            refused.set_result(Shown(False, errors=missing, view=view.body))
            return refused
        view.body["state"] = {"values": inputs.state(view.body, values)}
        payload = self._base("view_submission", view.user) | {"view": dict(view.body), "response_urls": []}
        return self._deliver("interactive", payload, lambda reply: self._submitted(view, reply))

    def _submitted(self, view: View, reply: Json) -> Shown:
        """https://docs.slack.dev/surfaces/modals#updating_response: clear, update, push, errors or close."""
        team = self._site.team
        match reply.get("response_action"):
            case "errors":
                errors = {str(block): str(text) for block, text in reply.get("errors", {}).items()}
                known = {block.get("block_id") for block in view.body["blocks"]}
                if not errors or set(errors) - known:
                    raise Refused("view_submission_error")
                team.announce("view_errors", None, user=view.user, view_id=view.body["id"], errors=errors)
                return Shown(False, errors=errors, view=view.body)
            case "update":
                modals.update(team, view, checks.view(reply.get("view"), "modal"))
            case "push":
                modals.push(team, view.user, checks.view(reply.get("view"), "modal"))
            case "clear":
                modals.close(team, view, everything=True)
            case _:
                modals.close(team, view)
        now = modals.top(team, view.user)
        return Shown(True, view=now.body if now else None)

    def close(self, view: View, everything: bool = False) -> None:
        """Dismiss a modal; the app hears of it if it asked to (`notify_on_close`)."""
        for each in modals.close(self._site.team, view, everything):
            if each.body.get("notify_on_close"):
                payload = self._base("view_closed", each.user)
                del payload["trigger_id"]
                payload |= {"view": dict(each.body), "is_cleared": everything}
                self.courier.deliver("interactive", payload, accepts_payload=True)


def _name_for_payload(channel: Channel) -> str:
    """Channels other than public ones go by Slack's stand-in names."""
    if channel.kind == "channel" and not channel.private:
        return channel.name
    return "directmessage" if channel.kind == "im" else "privategroup"


def locate(blocks: list[Json], action_id: str, value: str | None, block_id: str | None) -> tuple[Json, Json]:
    """The element with this action_id (and value, and block, where given) and its block. Raises NotThere."""
    for block in blocks:
        for element in inputs.elements(block):
            right_value = value is None or element.get("value") in (None, value)
            right_block = block_id is None or block.get("block_id") == block_id
            if element.get("action_id") == action_id and right_value and right_block:
                return element, block
    raise NotThere(f"no element {action_id!r} with value {value!r}")

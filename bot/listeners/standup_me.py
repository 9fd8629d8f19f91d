"""`/standup me`: the form of one's own settings is opened, read, validated and committed."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.calm import COUNTRY, DAYS, ME_FORM, PINGS, QUIET, REPLY_BY, ZONE
from bot.inbox import Inbox, from_command
from bot.kinds import STANDUP_ME
from bot.listeners.forms import chosen_options, typed
from bot.listeners.showing import show
from bot.pressing import from_form

_COMMAND = re.compile(r"\s*me\s*", re.IGNORECASE)

Problems = Mapping[str, str]


def register(
    app: App,
    inbox: Inbox,
    view_of: Callable[[str, str], dict[str, Any]],
    problems_in: Callable[[Mapping[str, str]], Problems],
) -> None:
    @app.command("/standup", matchers=[_is_me])
    def me(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        origin = {
            "subject": str(body.get("user_id") or ""),
            "channel": str(body.get("channel_id") or ""),
            "response_url": str(body.get("response_url") or ""),
        }
        view = view_of(origin["subject"], json.dumps(origin))
        if show(client, body, view) is None:
            inbox.receive(replace(from_command(body, STANDUP_ME), text=""))
        ack()

    @app.view(ME_FORM)
    def kept(body: dict[str, Any], ack: Ack) -> None:
        given = {name: typed(body, name) for name in (ZONE, COUNTRY, QUIET, PINGS, REPLY_BY)}
        given[DAYS] = "".join(sorted(chosen_options(body, DAYS)))
        problems = problems_in(given)
        if problems:
            ack(response_action="errors", errors=dict(problems))
            return
        inbox.receive(from_form(body, STANDUP_ME, chosen=given))
        ack()


def _is_me(body: Mapping[str, Any]) -> bool:
    return _COMMAND.fullmatch(str(body.get("text") or "")) is not None

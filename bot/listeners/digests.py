"""Digests' buttons and form: read, validated and committed; the form opens at the command, too."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.digests import (
    AT,
    DAYS,
    DIGEST_FORM,
    MAIL_OFF,
    MAIL_ON,
    SECTIONS,
    SETTINGS,
    TURN_OFF,
    TURN_ON,
    WAY,
    ZONE,
)
from bot.inbox import Inbox, from_command
from bot.kinds import DIGEST, DIGEST_STEP
from bot.listeners.forms import chosen_options, typed
from bot.listeners.showing import show
from bot.pressing import from_form, from_press, hidden, presser

ON, OFF, KEEP, ASK_AGAIN, LETTERS, NO_LETTERS = "on", "off", "keep", "ask again", "letters", "no letters"
"""The steps that an item is about."""

_PRESSES = {TURN_ON: ON, TURN_OFF: OFF, MAIL_ON: LETTERS, MAIL_OFF: NO_LETTERS}

_COMMAND = re.compile(r"\s*(?P<topic>gaps\s+)?settings\b(?P<rest>.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to see the form of which digest (its id) or, without one, of what a command says."""

    person: str
    channel: str
    digest: str = ""
    text: str = ""


ViewOf = Callable[[Wish, Callable[[str], str]], dict[str, Any] | None]
"""The form, given what makes its metadata of the digest's id; None where this person may not."""
Problems = Callable[[Mapping[str, Any]], Mapping[str, str]]


def register(app: App, inbox: Inbox, view_of: ViewOf, problems: Problems) -> None:
    @app.command("/digest", matchers=[_is_settings])
    def settings(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        found = _COMMAND.fullmatch(str(body.get("text") or ""))
        channel = str(body.get("channel_id") or "")
        origin = {"channel": channel, "response_url": str(body.get("response_url") or ""), "ephemeral": True}
        text = f"{found['topic'] or ''}{found['rest']}" if found else ""
        wish = Wish(str(body.get("user_id") or ""), channel, text=text)
        view = view_of(wish, lambda digest: json.dumps({"subject": digest, **origin}))
        if view is None or show(client, body, view) is None:
            inbox.receive(from_command(body, DIGEST))
        ack()

    @app.action(SETTINGS)
    def change(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        digest = str(action.get("value") or "")
        channel = str((body.get("channel") or {}).get("id") or "")
        wish = Wish(presser(body), channel, digest)
        view = view_of(wish, lambda known: hidden(body, known))
        if view is None or show(client, body, view) is None:
            inbox.receive(from_press(body, DIGEST_STEP, digest, step=ASK_AGAIN))
        ack()

    def press(action_id: str, step: str) -> None:
        @app.action(action_id)
        def pressed(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, DIGEST_STEP, str(action.get("value") or ""), step=step))
            ack()

    for action_id, step in _PRESSES.items():
        press(action_id, step)

    @app.view(DIGEST_FORM)
    def keep(body: dict[str, Any], ack: Ack) -> None:
        given: dict[str, Any] = {name: typed(body, name) for name in (DAYS, AT, WAY, ZONE)}
        given[SECTIONS] = list(chosen_options(body, SECTIONS))
        wrong = problems(given)
        if wrong:
            ack(response_action="errors", errors=dict(wrong))
            return
        inbox.receive(from_form(body, DIGEST_STEP, step=KEEP, chosen=given))
        ack()


def _is_settings(body: Mapping[str, Any]) -> bool:
    return _COMMAND.fullmatch(str(body.get("text") or "")) is not None

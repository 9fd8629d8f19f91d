"""Doors of proposing a paper: the form opens at once, is filled in the inbox, and is committed when sent."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import paper_forms as forms
from bot.blocks.topics import SERIES
from bot.blocks.web_links import web_link
from bot.inbox import Inbox, from_command
from bot.kinds import PAPER_FORM, PROPOSE_PAPER
from bot.listeners.forms import ticked, typed
from bot.listeners.showing import show
from bot.messages import new_key
from bot.pressing import from_form, from_press, opened
from prompts.words import words

_PROPOSE = re.compile(r"\s*propose\b\s*(?P<given>.*)", re.IGNORECASE | re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")


def register(app: App, inbox: Inbox) -> None:
    @app.command("/reading", matchers=[_proposes])
    def propose(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = show(client, body, forms.waiting_view()) or {}
        made = from_command(body, PAPER_FORM)
        found = _PROPOSE.match(str(body.get("text") or ""))
        more = {"view_id": str(view.get("id") or ""), "text": found["given"].strip() if found else ""}
        inbox.receive(replace(made, payload={**(made.payload or {}), **more}))
        ack()

    @app.action(forms.OPEN_FORM)
    def open_again(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = show(client, body, forms.waiting_view()) or {}
        given = str(action.get("value") or "").partition(":")[2]
        inbox.receive(from_press(body, PAPER_FORM, "", view_id=str(view.get("id") or ""), text=given))
        ack()

    @app.view(forms.LOOK_UP)
    def look_up(body: dict[str, Any], ack: Ack) -> None:
        given = typed(body, forms.GIVEN)
        if not given:
            ack(response_action="errors", errors={forms.GIVEN: words("paper_needs_title")})
            return
        external_id = f"paper-{new_key()}"
        received = from_form(body, PAPER_FORM, external_id=external_id)
        inbox.receive(replace(received, payload={**(received.payload or {}), "text": given}))
        ack(response_action="update", view=forms.waiting_view(external_id))

    @app.view(forms.PAPER_FORM)
    def sent(body: dict[str, Any], ack: Ack) -> None:
        """What cannot be shown or linked is told where it was typed."""
        values = {
            "title": typed(body, forms.TITLE),
            "authors": typed(body, forms.AUTHORS),
            "link": typed(body, forms.LINK),
            "abstract": typed(body, forms.ABSTRACT),
            "why": typed(body, forms.WHY),
            "series": typed(body, SERIES),
        }
        errors = {}
        if not _LETTER.search(values["title"]):
            errors[forms.TITLE] = words("paper_needs_title")
        if values["link"] and web_link(values["link"]) is None:
            errors[forms.LINK] = words("recap_bad_address")
        if errors:
            ack(response_action="errors", errors=errors)
            return
        identifier = str(opened(body).get("identifier") or "")
        speaks = ticked(body, forms.SPEAKS)
        inbox.receive(from_form(body, PROPOSE_PAPER, speaks=speaks, identifier=identifier, **values))
        ack()


def _proposes(body: Mapping[str, Any]) -> bool:
    return _PROPOSE.match(str(body.get("text") or "")) is not None

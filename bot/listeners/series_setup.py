"""Doors of setting series up: the form opens at once, is looked over when sent, and then worked off."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.series_list import ACT, EDIT, NEW, series_act_in
from bot.blocks.series_setup import SERIES_FORM, block_of, filled, metadata, waiting_view
from bot.inbox import Inbox, from_command
from bot.kinds import SERIES_STEP
from bot.listeners.showing import show
from bot.messages import new_key
from bot.pressing import from_form, from_press, opened
from knowledge.ports import Clock
from prompts.series import NAMES
from prompts.series_tables import SeriesError, name_of, read_settings

_FORMS = re.compile(rf"\s*(?:{NEW}|{EDIT})\b", re.IGNORECASE)


def register_command(app: App, inbox: Inbox, kind: str) -> None:
    """`/learn new` and `/learn edit`, or those of another kind."""

    def is_about_a_form(body: Mapping[str, Any]) -> bool:
        return _FORMS.match(str(body.get("text") or "")) is not None

    @app.command(NAMES[kind].command, matchers=[is_about_a_form])
    def ask_for_a_form(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        origin = {"channel": body.get("channel_id"), "response_url": body.get("response_url")}
        view = show(client, body, waiting_view(_title(kind), metadata(kind, "", 0, "", origin))) or {}
        act, _, name = str(body.get("text") or "").strip().partition(" ")
        made = from_command(body, SERIES_STEP)
        more = {"series_kind": kind, "act": act.lower(), "name": name.strip()}
        more["view_id"] = str(view.get("id") or "")
        inbox.receive(replace(made, payload={**(made.payload or {}), **more}))
        ack()


def register(app: App, inbox: Inbox, clock: Clock) -> None:
    """What is pressed about a series, and the form, for all kinds."""

    @app.action(re.compile(rf"^{ACT}_"))
    def act(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        what, kind, series_id = series_act_in(str(action.get("value") or ""))
        more = {"series_kind": kind, "act": what, "view_id": ""}
        if what in (NEW, EDIT):
            view = show(client, body, waiting_view(_title(kind), metadata(kind, series_id, 0, "", {}))) or {}
            more["view_id"] = str(view.get("id") or "")
        inbox.receive(from_press(body, SERIES_STEP, series_id, **more))
        ack()

    @app.view(SERIES_FORM)
    def save(body: dict[str, Any], ack: Ack) -> None:
        known, view = opened(body), body.get("view") or {}
        kind, since = str(known.get("kind") or ""), str(known.get("since") or "")
        table = filled(view) | ({"since": since} if since else {})
        try:
            name_of(table)
            read_settings(table, clock().date())
        except SeriesError as error:
            ack(response_action="errors", errors={block_of(error.key): str(error)[:1_900]})
            return
        external_id = f"series-{new_key()}"
        more: dict[str, Any] = {
            "table": table,
            "revision": int(known.get("revision") or 0),
            "external_id": external_id,
        }
        inbox.receive(from_form(body, SERIES_STEP, series_kind=kind, act="save", **more))
        kept = str(view.get("private_metadata") or "")
        ack(response_action="update", view=waiting_view(_title(kind), kept, "Saving…", external_id))


def _title(kind: str) -> str:
    return NAMES[kind].series.capitalize() if kind in NAMES else "Series"

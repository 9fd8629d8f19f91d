"""Forms of sources: opened at once, read and validated when they are sent, and worked off in the inbox."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.source_forms import (
    CHANGE,
    CHOOSE_KIND,
    REMOVE,
    SAVE_ONLY,
    SOURCE_FORM,
    TRIED_FORM,
    About,
    block_of,
    table_of,
    testing_view,
    waiting_view,
)
from bot.inbox import Inbox, Received, from_command
from bot.journal import added_sources
from bot.journal.added_sources import Draft
from bot.journal.writer import JournalWriter
from bot.kinds import ADD_SOURCE, FILL_SOURCE, REMOVE_SOURCE, SAVE_SOURCE, TRY_SOURCE
from bot.listeners.showing import show
from bot.messages import new_key
from bot.pressing import from_press, presser
from bot.source_kinds import KINDS
from bot.sources_now import Now
from knowledge.errors import SettingsError
from knowledge.ports import Clock

_COMMAND = re.compile(r"\s*(?:add|edit)\b", re.IGNORECASE)


def register(app: App, inbox: Inbox, writer: JournalWriter, sources: Now, clock: Clock) -> None:
    @app.command("/lore", matchers=[_is_about_a_form])
    def add(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        url = str(body.get("response_url") or "")
        channel = str(body.get("channel_id") or "")
        view = show(client, body, waiting_view(About(channel=channel, response_url=url))) or {}
        made = from_command(body, ADD_SOURCE)
        inbox.receive(replace(made, payload={**(made.payload or {}), "view_id": str(view.get("id") or "")}))
        ack()

    @app.action(CHOOSE_KIND)
    def choose(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        kind = str((action.get("selected_option") or {}).get("value") or "")
        inbox.receive(_from_view(body, FILL_SOURCE, chosen=kind, view_id=_view_id(body)))
        ack()

    @app.action(CHANGE)
    def change(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(_from_view(body, FILL_SOURCE, view_id=_view_id(body)))
        ack()

    @app.view(SOURCE_FORM)
    def attempt(body: dict[str, Any], ack: Ack) -> None:
        view, person = body.get("view") or {}, presser(body)
        about = About.from_metadata(str(view.get("private_metadata") or ""))
        draft = writer.read(lambda connection: added_sources.draft(connection, about.draft, person))
        if draft is None:
            inbox.receive(_from_view(body, TRY_SOURCE))
            ack()
            return
        kind = KINDS[str(draft.table["kind"])]
        table = table_of(kind, view, draft.table)
        try:
            sources().read_from_slack(table, draft.replaces)
        except SettingsError as error:
            ack(response_action="errors", errors={block_of(str(error), kind): str(error)[:1_900]})
            return
        filled = Draft(person, table, draft.replaces, tested=False, id=draft.id)
        now, external_id = clock().timestamp(), f"{draft.id}-{new_key()}"[:255]
        writer.write(lambda connection: added_sources.keep_draft(connection, filled, now))
        inbox.receive(_from_view(body, TRY_SOURCE, external_id=external_id))
        ack(response_action="update", view=testing_view(str(table["name"]), external_id))

    @app.view(TRIED_FORM)
    def save_and_sync(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(_from_view(body, SAVE_SOURCE, sync=True))
        ack()

    @app.action(SAVE_ONLY)
    def save(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(_from_view(body, SAVE_SOURCE, view_id=_view_id(body)))
        ack()

    @app.action(REMOVE)
    def remove(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_press(body, REMOVE_SOURCE, str(action.get("value") or "")))
        ack()


def _is_about_a_form(body: Mapping[str, Any]) -> bool:
    return _COMMAND.match(str(body.get("text") or "")) is not None


def _from_view(body: Mapping[str, Any], kind: str, **more: Any) -> Received:
    """Something done in a form; what is about one draft is done in order."""
    view = body.get("view") or {}
    about = About.from_metadata(str(view.get("private_metadata") or ""))
    person, trigger = presser(body), str(body.get("trigger_id") or "")
    return Received(
        kind=kind,
        keys=frozenset({f"trigger:{trigger}"} if trigger else ()),
        team=str((body.get("team") or {}).get("id") or ""),
        channel=about.channel,
        person=person,
        text="",
        conversation=f"sources:{person}",
        payload={"draft": about.draft, "response_url": about.response_url, **more},
    )


def _view_id(body: Mapping[str, Any]) -> str:
    return str((body.get("view") or {}).get("id") or "")

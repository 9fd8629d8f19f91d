"""Doors of setting stand-ups up: forms open at once, are read when sent, and worked off in the inbox."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.source_forms import About
from bot.blocks.standup_fields import FIRST, MORE, filled
from bot.blocks.standup_list import ACT, AGAIN, DUPLICATE, EDIT, NEW, PAUSE, act_in
from bot.blocks.standup_setup import (
    BEGIN,
    CHANGE,
    MORE_FORM,
    ONLY_A_TEST,
    PAUSE_FORM,
    PREVIEW_FORM,
    SET_MORE,
    STANDUP_FORM,
    TEST,
    UNTIL,
    block_for,
    pause_view,
    said_view,
    waiting_view,
)
from bot.inbox import Inbox, Received, from_command
from bot.journal import setup_drafts
from bot.journal.setup_drafts import SetupDraft
from bot.journal.writer import JournalWriter
from bot.kinds import MANAGE_STANDUP, SET_UP_STANDUP
from bot.listeners.showing import show
from bot.messages import new_key
from bot.pressing import from_form, from_press, hidden, presser
from knowledge.ports import Clock
from prompts.ritual import Standup
from prompts.standup_tables import StandupError
from prompts.words import words

Read = Callable[[SetupDraft], Standup]
"""The stand-up of a draft. Raises StandupError."""

_FORMS = re.compile(rf"\s*(?:{NEW}|{EDIT}|{DUPLICATE})\b", re.IGNORECASE)


def register(app: App, inbox: Inbox, writer: JournalWriter, read: Read, clock: Clock) -> None:
    @app.command("/standup", matchers=[_is_about_a_form])
    def ask_for_a_form(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        about = About(
            channel=str(body.get("channel_id") or ""), response_url=str(body.get("response_url") or "")
        )
        view = show(client, body, waiting_view(about.as_metadata())) or {}
        made = from_command(body, SET_UP_STANDUP)
        more = {"step": "begin", "view_id": str(view.get("id") or "")}
        inbox.receive(replace(made, payload={**(made.payload or {}), **more}))
        ack()

    @app.action(re.compile(rf"^{ACT}(_\w+)?$"))
    def act(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        chosen = action.get("selected_option") or action
        what, ritual_id = act_in(str(chosen.get("value") or ""))
        if what in (NEW, EDIT, DUPLICATE):
            metadata = About(channel=_channel(body)).as_metadata()
            view = show(client, body, waiting_view(metadata)) or {}
            more = {"step": "begin", "act": what, "view_id": str(view.get("id") or "")}
            inbox.receive(from_press(body, SET_UP_STANDUP, ritual_id, **more))
        elif what == PAUSE:
            if show(client, body, pause_view(hidden(body, ritual_id))) is None:
                inbox.receive(from_press(body, MANAGE_STANDUP, ritual_id, act=AGAIN))
        else:
            inbox.receive(from_press(body, MANAGE_STANDUP, ritual_id, act=what))
        ack()

    @app.view(PAUSE_FORM)
    def pause(body: dict[str, Any], ack: Ack) -> None:
        state = (((body.get("view") or {}).get("state") or {}).get("values") or {}).get(UNTIL) or {}
        until = str((state.get(UNTIL) or {}).get("selected_date") or "")
        if until and until <= clock().date().isoformat():
            ack(response_action="errors", errors={UNTIL: "Choose a day that is still to come."})
            return
        inbox.receive(from_form(body, MANAGE_STANDUP, act=PAUSE, until=until))
        ack()

    @app.action(BEGIN)
    def begin(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        template = str(action.get("value") or "").partition(":")[2]
        inbox.receive(_from_view(body, "template", template=template))
        ack()

    @app.action(CHANGE)
    def change(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(_from_view(body, "first"))
        ack()

    @app.action(SET_MORE)
    def set_more(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(_from_view(body, "more"))
        ack()

    @app.action(TEST)
    def test(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(_from_view(body, "test"))
        ack()

    @app.action(re.compile(rf"^{ONLY_A_TEST}_\d+$"))
    def only_a_test(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        show(client, body, said_view(words("standup_only_a_test")))
        ack()

    @app.view(STANDUP_FORM)
    def first(body: dict[str, Any], ack: Ack) -> None:
        take(body, ack, FIRST)

    @app.view(MORE_FORM)
    def more(body: dict[str, Any], ack: Ack) -> None:
        take(body, ack, MORE)

    @app.view(PREVIEW_FORM)
    def save(body: dict[str, Any], ack: Ack) -> None:
        wait(body, ack, "save", "Saving…")

    def take(body: dict[str, Any], ack: Ack, among: tuple[str, ...]) -> None:
        """Keep what was filled in; what is wrong with it by itself is told where it was typed."""
        view, person = body.get("view") or {}, presser(body)
        about = About.from_metadata(str(view.get("private_metadata") or ""))
        known = writer.read(lambda connection: setup_drafts.draft(connection, about.draft, person))
        if known is None or not known.table:
            ack(response_action="update", view=said_view(words("standup_form_gone")))
            return
        draft = replace(known, table=filled(among, view, known.table), looked_at=False)
        try:
            read(draft)
        except StandupError as error:
            block = block_for(error.key, among)
            if block is not None:
                ack(response_action="errors", errors={block: str(error)[:1_900]})
                return
        now = clock().timestamp()
        writer.write(lambda connection: setup_drafts.keep(connection, draft, now))
        wait(body, ack, "look", "I look it over…")

    def wait(body: dict[str, Any], ack: Ack, step: str, text: str) -> None:
        metadata = str((body.get("view") or {}).get("private_metadata") or "")
        external_id = f"standup-{new_key()}"
        inbox.receive(_from_view(body, step, external_id=external_id))
        ack(response_action="update", view=waiting_view(metadata, text, external_id))


def _is_about_a_form(body: Mapping[str, Any]) -> bool:
    return _FORMS.match(str(body.get("text") or "")) is not None


def _from_view(body: Mapping[str, Any], step: str, **more: Any) -> Received:
    """Something done in a form; what one person does in forms is done in order."""
    view = body.get("view") or {}
    about = About.from_metadata(str(view.get("private_metadata") or ""))
    person, trigger = presser(body), str(body.get("trigger_id") or "")
    where = {"view_id": str(view.get("id") or ""), "draft": about.draft, "response_url": about.response_url}
    return Received(
        kind=SET_UP_STANDUP,
        keys=frozenset({f"trigger:{trigger}"} if trigger else ()),
        team=str((body.get("team") or {}).get("id") or ""),
        channel=about.channel,
        person=person,
        text="",
        conversation=f"setting up:{person}",
        payload={"step": step, **where, **more},
    )


def _channel(body: Mapping[str, Any]) -> str:
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return str(container.get("channel_id") or channel.get("id") or "")

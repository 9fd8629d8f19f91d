"""Doorways of stand-up entries: forms are opened, followed, judged and committed; presses are committed."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.entry_forms import (
    CHOOSE,
    CONSENT,
    ENTRY_FORM,
    REPLY,
    REPLY_TO,
    About,
    EntryForm,
    chosen_consent,
    edits,
    entry_view,
    said_view,
    typed,
    typed_in,
    waiting_view,
)
from bot.blocks.standup_drafts import USE_DRAFT
from bot.blocks.standup_entries import ANSWER, AWAY, AWAY_FROM, SAME, SEND, SKIP, WITHDRAW
from bot.inbox import Inbox, Received, from_command
from bot.journal import begun_entries, personal
from bot.journal.writer import JournalWriter, NotCommitted
from bot.kinds import ENTRY_FORM as FORM_ITEM
from bot.kinds import ENTRY_STEP
from bot.listeners.showing import show, show_instead
from bot.pressing import from_form, from_press, presser
from bot.rituals.availability import REPLY_BY
from bot.rituals.opening import NotOpened, Opened, Unknown, Wish, open_entry
from bot.rituals.submitting import More, Refused, Submission, Taken, Wrong, opened_with, redacted, submit
from knowledge.ports import Clock
from prompts.calm import ReplyBy
from prompts.words import words

_ABOUT_AN_ENTRY = re.compile(
    r"\s*(?:(?:answer|today|tomorrow|yesterday|\d{4}-\d\d-\d\d)(?:\s.*)?)?", re.IGNORECASE | re.DOTALL
)
_STEPS = {SKIP: "skip", SAME: "same", WITHDRAW: "withdraw", SEND: "send"}


def register(app: App, inbox: Inbox, writer: JournalWriter, clock: Clock) -> None:
    @app.command("/standup", matchers=[_is_about_an_entry])
    def answer_now(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        made = _one_after_another(from_command(body, FORM_ITEM))
        view = {} if likes_messages(made.person) else show(client, body, waiting_view()) or {}
        text = re.sub(r"^\s*answer\b", "", made.text, flags=re.IGNORECASE)
        payload = {**(made.payload or {}), "view_id": str(view.get("id") or "")}
        inbox.receive(replace(made, text=text, payload=payload))
        ack()

    @app.action(ANSWER)
    @app.action(USE_DRAFT)
    def answer(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        value, drafted = str(action.get("value") or ""), action.get("action_id") == USE_DRAFT
        wanted = _one_after_another(from_press(body, FORM_ITEM, value, drafted=drafted))
        about = About.from_value(value)
        if about is None or likes_messages(wanted.person):
            inbox.receive(wanted)
            ack()
            return
        wish = Wish(about, wanted.person, channel=wanted.channel, ts=wanted.ts, drafted=drafted)
        outcome = writer.write(lambda connection: open_entry(connection, wish, clock()))
        match outcome:
            case Opened(_, form) if show(client, body, entry_view(form)) is not None:
                pass
            case Opened():
                inbox.receive(wanted)
            case NotOpened(reason):
                if show(client, body, said_view(reason)) is None:
                    inbox.receive(wanted)
            case Unknown():
                view = show(client, body, waiting_view()) or {}
                inbox.receive(_with(wanted, view_id=str(view.get("id") or "")))
        ack()

    @app.action(CHOOSE)
    def choose(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        chosen = str((action.get("selected_option") or {}).get("value") or "")
        view = body.get("view") or {}
        wanted = _wanted_in(view)
        if not view:
            view = {} if likes_messages(presser(body)) else show(client, body, waiting_view()) or {}
        item = _one_after_another(from_press(body, FORM_ITEM, ""))
        inbox.receive(_with(item, ritual=chosen, wanted=wanted, view_id=str(view.get("id") or "")))
        ack()

    @app.action(REPLY)
    def follow(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view, person = body.get("view") or {}, presser(body)
        about = About.from_metadata(str(view.get("private_metadata") or ""))
        begun = writer.read(lambda connection: opened_with(connection, about, person))
        prompt = None
        if begun is not None:
            prompt = begun.settings.prompt(str(action.get("block_id") or "").removeprefix(REPLY_TO))
        if about is not None and begun is not None and prompt is not None:
            seen = typed_in(view, begun.settings) | {prompt.key: typed(prompt, action)}
            kept = replace(begun, replies=redacted({**begun.replies, **seen}))
            writer.write(lambda connection: begun_entries.put(connection, kept, clock().timestamp()))
            form = EntryForm(
                about, begun.settings, kept.replies, chosen_consent(view, begun.consent), edits=edits(view)
            )
            show_instead(client, body, entry_view(form))
        ack()

    @app.view(ENTRY_FORM)
    def sent(body: dict[str, Any], ack: Ack) -> None:
        view, person = body.get("view") or {}, presser(body)
        about = About.from_metadata(str(view.get("private_metadata") or ""))
        begun = writer.read(lambda connection: opened_with(connection, about, person))
        if about is None or begun is None:
            ack(response_action="errors", errors={_first_block(view): words("entry_form_too_old")})
            return
        submission = Submission(
            about=about,
            person=person,
            typed=typed_in(view, begun.settings),
            consent=chosen_consent(view, begun.consent),
            trigger=str(body.get("trigger_id") or ""),
        )
        try:
            outcome = writer.write(lambda connection: submit(connection, submission, clock()))
        except NotCommitted:
            ack(response_action="errors", errors={_first_block(view): words("entry_not_stored")})
            return
        match outcome:
            case Taken(_, hidden):
                given = _one_after_another(from_form(body, ENTRY_STEP))
                inbox.receive(_with(given, subject=about.value, step="given", hidden=hidden))
                ack()
            case Wrong(problems):
                errors = {REPLY_TO + key: problem for key, problem in problems.items()}
                ack(response_action="errors", errors=errors)
            case More(form):
                ack(response_action="update", view=entry_view(form))
            case Refused(reason):
                ack(response_action="errors", errors={_first_block(view): reason})

    def press(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        step = _STEPS[str(action.get("action_id"))]
        item = from_press(body, ENTRY_STEP, str(action.get("value") or ""), step=step)
        inbox.receive(_one_after_another(item))
        ack()

    for action_id in _STEPS:
        app.action(action_id)(press)

    @app.action(AWAY)
    def away(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        subject = str(action.get("block_id") or "").removeprefix(AWAY_FROM)
        until = str(action.get("selected_date") or "")
        inbox.receive(_one_after_another(from_press(body, ENTRY_STEP, subject, step="away", until=until)))
        ack()

    def likes_messages(person: str) -> bool:
        chosen = writer.read(lambda connection: personal.preferences_of(connection, person))
        return chosen.get(REPLY_BY) == ReplyBy.MESSAGE


def _is_about_an_entry(body: Mapping[str, Any]) -> bool:
    return _ABOUT_AN_ENTRY.fullmatch(str(body.get("text") or "")) is not None


def _one_after_another(received: Received) -> Received:
    """What one person does with their entries is done in order; people do not wait for each other."""
    return replace(received, conversation=f"entries {received.person}")


def _with(received: Received, **more: Any) -> Received:
    return replace(received, payload={**(received.payload or {}), **more})


def _wanted_in(view: Mapping[str, Any]) -> str:
    """Which date was named when it was asked which stand-up is meant."""
    try:
        known = json.loads(str(view.get("private_metadata") or ""))
    except ValueError:
        return ""
    return str(known.get("wanted") or "") if isinstance(known, dict) else ""


def _first_block(view: Mapping[str, Any]) -> str:
    """Where an error about the whole form is shown: at its first field."""
    ids = [str(block.get("block_id") or "") for block in view.get("blocks") or ()]
    return next((one for one in ids if one.startswith(REPLY_TO)), CONSENT)

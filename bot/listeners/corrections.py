"""Correct this, and what becomes of a correction: forms are opened, what is pressed or sent is committed."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import corrections as blocks
from bot.blocks.actions import CORRECT, pressed
from bot.blocks.feedback import gone_view
from bot.blocks.modals import notice
from bot.corrections import APPROVE, REJECT, Corrections
from bot.inbox import Inbox
from bot.journal.verified import suggestion
from bot.listeners.forms import typed
from bot.listeners.pressing import on_press
from bot.listeners.showing import show
from bot.pressing import (
    DECISION,
    PRESS_AGAIN,
    SUGGESTION,
    VERIFIED_STEP,
    from_form,
    from_press,
    hidden,
    presser,
    visible_question,
)
from bot.verified import LET_GO, RENEW, WITHDRAW
from knowledge.adapters.database import Database
from prompts.words import words


def register(app: App, inbox: Inbox, database: Database, corrections: Corrections) -> None:
    _suggesting(app, inbox, database, corrections)
    _deciding(app, inbox, database)
    _keeping(app, inbox)


def _suggesting(app: App, inbox: Inbox, database: Database, corrections: Corrections) -> None:
    @on_press(app, CORRECT)
    def correct(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        _, question_id = pressed(action)
        at = from_press(body, SUGGESTION, question_id)
        asked = visible_question(database, question_id, at.team, at.channel, at.person)
        view = gone_view()
        if asked is not None and asked.text:
            view = corrections.view(asked, hidden(body, question_id))
        if show(client, body, view) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, question_id))
        ack()

    @app.view(blocks.CORRECTION_FORM)
    def suggested(body: dict[str, Any], ack: Ack) -> None:
        until = typed(body, blocks.UNTIL)
        if until and date.fromisoformat(until) < datetime.now(UTC).date():
            ack(response_action="errors", errors={blocks.UNTIL: words("day_is_over")})
            return
        given = {"source": typed(body, blocks.SOURCE), "until": until}
        inbox.receive(from_form(body, SUGGESTION, typed(body, blocks.TEXT), **given))
        ack()


def _deciding(app: App, inbox: Inbox, database: Database) -> None:
    @app.action(blocks.APPROVE)
    def approve(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_press(body, DECISION, str(action.get("value") or ""), step=APPROVE))
        ack()

    def opening(view: Callable[[str, str], dict[str, Any]]) -> Callable[..., None]:
        def opened(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
            suggestion_id = str(action.get("value") or "")
            with database.reading() as connection:
                made = suggestion(connection, suggestion_id)
            if made is None or presser(body) not in made.approvers:
                shown = notice("Correction", words("not_your_decision"))
            else:
                shown = view(hidden(body, suggestion_id), made.text)
            if show(client, body, shown) is None:
                inbox.receive(from_press(body, PRESS_AGAIN, suggestion_id))
            ack()

        return opened

    app.action(blocks.EDIT)(opening(blocks.edit_view))
    app.action(blocks.REJECT)(opening(lambda metadata, _text: blocks.reject_view(metadata)))

    @app.view(blocks.EDIT_FORM)
    def edited(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, DECISION, typed(body, blocks.TEXT), step=APPROVE))
        ack()

    @app.view(blocks.REJECT_FORM)
    def rejected(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, DECISION, typed(body, blocks.REASON), step=REJECT))
        ack()


def _keeping(app: App, inbox: Inbox) -> None:
    def stepping(step: str) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, VERIFIED_STEP, str(action.get("value") or ""), step=step))
            ack()

        return stepped

    for action_id, step in ((blocks.RENEW, RENEW), (blocks.LET_GO, LET_GO), (blocks.WITHDRAW, WITHDRAW)):
        app.action(action_id)(stepping(step))

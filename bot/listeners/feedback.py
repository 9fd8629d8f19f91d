"""👍, 👎 and delete under an answer: committed, then acknowledged; 👎 also asks why."""

from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.actions import DELETE, FEEDBACK, HELPED
from bot.blocks.feedback import COMMENT, REASON_FORM, WHY, gone_view, reason_view, thanks_view
from bot.inbox import Inbox
from bot.journal.forgetting import DELETED
from bot.listeners.forms import typed
from bot.listeners.showing import show
from bot.pressing import (
    DELETION,
    FEEDBACK_GIVEN,
    FEEDBACK_REASON,
    from_form,
    from_press,
    hidden,
    presser,
    visible_question,
)
from knowledge.adapters.database import Database


def register(app: App, inbox: Inbox, database: Database) -> None:
    @app.action(FEEDBACK)
    def judged(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        verdict, _, question_id = str(action.get("value") or "").partition(":")
        pressed = from_press(body, FEEDBACK_GIVEN, question_id, helped=verdict == HELPED)
        asked = visible_question(database, question_id, pressed.team, pressed.channel, pressed.person)
        if asked is None or asked.outcome.get("outcome") == DELETED:
            show(client, body, gone_view())
        else:
            inbox.receive(pressed)
            if verdict != HELPED:
                show(client, body, reason_view(hidden(body, question_id)))
        ack()

    @app.view(REASON_FORM)
    def reasoned(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, FEEDBACK_REASON, typed(body, COMMENT), why=typed(body, WHY)))
        ack(response_action="update", view=thanks_view())

    @app.action(DELETE)
    def deleted(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        if presser(body):
            inbox.receive(from_press(body, DELETION, str(action.get("value") or "")))
        ack()

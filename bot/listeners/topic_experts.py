"""Buttons of whoever is asked to speak about a topic, and the form in which they name another."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import topics as blocks
from bot.blocks.modals import notice
from bot.inbox import Inbox
from bot.kinds import TOPIC_EXPERT
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, presser
from prompts.words import words

View = Callable[[str, str, str], dict[str, Any] | None]
"""The form for a proposal's id, a person and metadata; None for those who were not asked."""


def register(app: App, inbox: Inbox, view_for: View) -> None:
    @app.action(blocks.EXPERT_YES)
    def would(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_press(body, TOPIC_EXPERT, str(action.get("value") or ""), step="yes"))
        ack()

    @app.action(blocks.EXPERT_NO)
    def rather_not(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_press(body, TOPIC_EXPERT, str(action.get("value") or ""), step="no"))
        ack()

    @app.action(blocks.EXPERT_OTHER)
    def somebody_else(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        subject = str(action.get("value") or "")
        view = view_for(subject, presser(body), hidden(body, subject))
        if show(client, body, view or notice("Somebody else", words("topic_gone"))) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, subject))
        ack()

    @app.view(blocks.SUGGEST_FORM)
    def named(body: dict[str, Any], ack: Ack) -> None:
        values = ((body.get("view") or {}).get("state") or {}).get("values") or {}
        chosen = (values.get(blocks.PERSON) or {}).get(blocks.PERSON) or {}
        person = str(chosen.get("selected_user") or "")
        inbox.receive(from_form(body, TOPIC_EXPERT, step="other", person=person))
        ack()

"""Ask a person, and what those who are asked do: forms are opened, what is pressed or sent is committed."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import requests as blocks
from bot.blocks.actions import ASK_A_PERSON, pressed
from bot.blocks.feedback import gone_view
from bot.blocks.modals import notice
from bot.inbox import Inbox
from bot.listeners.forms import ticked, typed
from bot.listeners.pressing import on_press
from bot.listeners.showing import show
from bot.pressing import (
    PRESS_AGAIN,
    REQUEST,
    REQUEST_STEP,
    from_form,
    from_press,
    hidden,
    presser,
    visible_question,
)
from bot.requests import ACKNOWLEDGE, ANSWER, NOT_ME, PAGE, RESOLVE, WITHDRAW, Requests
from knowledge.adapters.database import Database
from prompts.words import words


def register(app: App, inbox: Inbox, database: Database, requests: Requests) -> None:
    _asking(app, inbox, database, requests)
    _answering(app, inbox, requests)

    def stepping(step: str) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, REQUEST_STEP, str(action.get("value") or ""), step=step))
            ack()

        return stepped

    for action_id, step in (
        (blocks.ACKNOWLEDGE, ACKNOWLEDGE),
        (blocks.NOT_ME, NOT_ME),
        (blocks.WITHDRAW, WITHDRAW),
        (blocks.RESOLVE, RESOLVE),
        (blocks.PAGE, PAGE),
    ):
        app.action(action_id)(stepping(step))


def _asking(app: App, inbox: Inbox, database: Database, requests: Requests) -> None:
    @on_press(app, ASK_A_PERSON)
    def ask(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        _, question_id = pressed(action)
        at = from_press(body, REQUEST, question_id)
        asked = visible_question(database, question_id, at.team, at.channel, at.person)
        view: dict[str, Any] | None = gone_view()
        if asked is not None and asked.text:
            view = requests.view(asked, at.person, hidden(body, question_id))
        if show(client, body, view or notice("Ask a person", words("nobody_to_ask"))) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, question_id))
        ack()

    @app.view(blocks.REQUEST_FORM)
    def asked_for(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, REQUEST, typed(body, blocks.QUESTION)))
        ack()


def _answering(app: App, inbox: Inbox, requests: Requests) -> None:
    @app.action(blocks.ANSWER)
    def answer(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        request_id = str(action.get("value") or "")
        view = requests.answer_view(request_id, presser(body), hidden(body, request_id))
        if show(client, body, view or notice("Answer", words("request_gone"))) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, request_id))
        ack()

    @app.view(blocks.ANSWER_FORM)
    def answered(body: dict[str, Any], ack: Ack) -> None:
        keep = ticked(body, blocks.KEEP)
        inbox.receive(from_form(body, REQUEST_STEP, typed(body, blocks.TEXT), step=ANSWER, keep=keep))
        ack()

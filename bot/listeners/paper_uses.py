"""Buttons of “did we use it?” and the form for a word about it: committed as they are pressed and sent."""

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.papers import SAYS, USE_WORD, USE_WORD_FORM, WORD
from bot.inbox import Inbox
from bot.kinds import PAPER_USE
from bot.listeners.forms import typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, presser

View = Callable[[str, str, str], dict[str, Any]]
"""The form for a word, of the id of a talk, a person and the form's metadata."""


def register(app: App, inbox: Inbox, view_of: View) -> None:
    def saying(answer: str) -> Callable[..., None]:
        def said(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, PAPER_USE, str(action.get("value") or ""), answer=answer))
            ack()

        return said

    for action_id, answer in SAYS.items():
        app.action(action_id)(saying(answer))

    @app.action(USE_WORD)
    def word(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        talk_id = str(action.get("value") or "")
        if show(client, body, view_of(talk_id, presser(body), hidden(body, talk_id))) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, talk_id))
        ack()

    @app.view(USE_WORD_FORM)
    def written(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, PAPER_USE, typed(body, WORD), word=True))
        ack()

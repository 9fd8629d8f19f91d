"""Buttons and forms of recaps: forms are opened, what is pressed or sent is committed."""

from collections.abc import Callable
from typing import Any, Protocol

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import recaps as blocks
from bot.blocks.web_links import web_link
from bot.inbox import Inbox
from bot.kinds import RECAP_STEP
from bot.listeners.forms import typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, presser
from prompts.words import words

View = Callable[[str, str, str], dict[str, Any]]


class Forms(Protocol):
    """Makes the forms, for a talk's id, a person and the form's metadata."""

    def materials_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]: ...
    def edit_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]: ...


def register(app: App, inbox: Inbox, forms: Forms) -> None:
    def stepping(step: str) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, RECAP_STEP, str(action.get("value") or ""), step=step))
            ack()

        return stepped

    for action_id, step in (
        (blocks.NOTHING, "nothing"),
        (blocks.LEAVE, "leave"),
        (blocks.POST, "post"),
        (blocks.WITHDRAW, "withdraw"),
    ):
        app.action(action_id)(stepping(step))

    def opening(view_of: View) -> Callable[..., None]:
        def opened(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
            talk_id = str(action.get("value") or "")
            if show(client, body, view_of(talk_id, presser(body), hidden(body, talk_id))) is None:
                inbox.receive(from_press(body, PRESS_AGAIN, talk_id))
            ack()

        return opened

    app.action(blocks.ADD)(opening(forms.materials_view))
    app.action(blocks.EDIT)(opening(forms.edit_view))

    @app.view(blocks.MATERIALS_FORM)
    def given(body: dict[str, Any], ack: Ack) -> None:
        """What cannot be linked is told where it was typed."""
        values = {name: typed(body, name) for name in (blocks.NOTES, blocks.RECORDING, blocks.SLIDES)}
        wrong = [
            name
            for name in (blocks.RECORDING, blocks.SLIDES)
            if values[name] and web_link(values[name]) is None
        ]
        if wrong:
            ack(response_action="errors", errors=dict.fromkeys(wrong, words("recap_bad_address")))
            return
        inbox.receive(from_form(body, RECAP_STEP, step="materials", **values))
        ack()

    @app.view(blocks.EDIT_FORM)
    def edited(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, RECAP_STEP, typed(body, blocks.TEXT), step="edit"))
        ack()

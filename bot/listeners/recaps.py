"""Buttons and forms of recaps: forms are opened, what is pressed or sent is committed."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import recaps as blocks
from bot.blocks.web_links import web_link
from bot.inbox import Inbox
from bot.kinds import RECAP_STEP
from bot.listeners.forms import typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, opened, presser
from prompts.words import words

View = Callable[[str, str, str], dict[str, Any]]


class Forms(Protocol):
    """Makes the forms, for a talk's id, a person and the form's metadata."""

    def materials_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]: ...
    def edit_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]: ...
    def overtaken_view(
        self, step: str, talk_id: str, person: str, metadata: str, typed: Mapping[str, str]
    ) -> dict[str, Any] | None: ...


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
        def open_it(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
            talk_id = str(action.get("value") or "")
            if show(client, body, view_of(talk_id, presser(body), hidden(body, talk_id))) is None:
                inbox.receive(from_press(body, PRESS_AGAIN, talk_id))
            ack()

        return open_it

    app.action(blocks.ADD)(opening(forms.materials_view))
    app.action(blocks.EDIT)(opening(forms.edit_view))

    def take(step: str, body: dict[str, Any], ack: Ack, values: Mapping[str, str]) -> bool:
        """Whether nobody has written something else since it was opened; else it is shown once more."""
        talk_id, kept = (
            str(opened(body).get("subject") or ""),
            str(body["view"].get("private_metadata") or ""),
        )
        view = forms.overtaken_view(step, talk_id, presser(body), kept, values)
        if view is not None:
            ack(response_action="update", view=view)
        return view is None

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
        if take("materials", body, ack, values):
            edition = opened(body).get("edition")
            inbox.receive(from_form(body, RECAP_STEP, step="materials", edition=edition, **values))
            ack()

    @app.view(blocks.EDIT_FORM)
    def edited(body: dict[str, Any], ack: Ack) -> None:
        text = typed(body, blocks.TEXT)
        if take("edit", body, ack, {blocks.TEXT: text}):
            edition = opened(body).get("edition")
            inbox.receive(from_form(body, RECAP_STEP, text, step="edit", edition=edition))
            ack()

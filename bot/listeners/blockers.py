"""Buttons and forms of blockers: forms are opened, what is pressed or sent is committed."""

import re
from collections.abc import Callable
from typing import Any, Protocol

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import standup_blockers as blocks
from bot.blocks.modals import notice
from bot.inbox import Inbox
from bot.journal.blocker_steps import Step
from bot.kinds import BLOCKER_STEP
from bot.listeners.forms import typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, presser
from prompts.words import words

View = Callable[[str, str, str], dict[str, Any] | None]


class Forms(Protocol):
    """Makes the forms, for a blocker's id, a person and the form's metadata; None for whom it is not."""

    def update_view(self, blocker_id: str, person: str, metadata: str) -> dict[str, Any] | None: ...
    def solution_view(self, blocker_id: str, person: str, metadata: str) -> dict[str, Any] | None: ...


def register(app: App, inbox: Inbox, forms: Forms) -> None:
    def stepping(step: Step) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, BLOCKER_STEP, str(action.get("value") or ""), step=step.value))
            ack()

        return stepped

    for action_id, step in (
        (blocks.TAKE, Step.ACKNOWLEDGE),
        (blocks.NOT_MINE, Step.NOT_ME),
        (blocks.RESOLVE, Step.RESOLVE),
        (blocks.STILL, Step.STILL),
        (blocks.REOPEN, Step.REOPEN),
        (blocks.HELPED, Step.HELP),
    ):
        app.action(action_id)(stepping(step))

    @app.action(re.compile(rf"^{blocks.ASK}_\d+$"))
    def ask(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        blocker_id, _, expert = str(action.get("value") or "").partition(" ")
        inbox.receive(from_press(body, BLOCKER_STEP, blocker_id, step=Step.ASK.value, expert=expert))
        ack()

    def opening(view_of: View) -> Callable[..., None]:
        def opened(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
            blocker_id = str(action.get("value") or "")
            view = view_of(blocker_id, presser(body), hidden(body, blocker_id))
            if show(client, body, view or notice("Blocker", words("blocker_gone"))) is None:
                inbox.receive(from_press(body, PRESS_AGAIN, blocker_id))
            ack()

        return opened

    app.action(blocks.UPDATE)(opening(forms.update_view))
    app.action(blocks.SOLUTION)(opening(forms.solution_view))

    def sent(step: Step) -> Callable[..., None]:
        def received(body: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_form(body, BLOCKER_STEP, typed(body, blocks.TEXT), step=step.value))
            ack()

        return received

    app.view(blocks.UPDATE_FORM)(sent(Step.UPDATE))
    app.view(blocks.SOLUTION_FORM)(sent(Step.SOLUTION))

"""Doors of changes: forms that move, change or cancel a talk open at once, are looked over and taken in."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.modals import notice
from bot.blocks.talk_changes import AT, CANCEL_FORM, CHANGE_FORM, DAY, MINUTES, MOVE_FORM, PLACE, TITLE
from bot.blocks.talks import ACT, CANCEL, CHANGE, IN_FORMS, MOVE, act_in
from bot.inbox import Inbox
from bot.kinds import CHANGE_TALK
from bot.listeners.forms import typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, opened, presser
from prompts.series_tables import SeriesError, read_talk
from prompts.words import words

View = Callable[[str, str, str, str], dict[str, Any] | None]
"""The form for an act, a talk's id, a person and its metadata."""
Trouble = Callable[[str, str, str], str]
"""What is wrong with a talk's id, a day and a time."""


def register(app: App, inbox: Inbox, view: View, trouble: Trouble) -> None:
    @app.action(re.compile(rf"^{ACT}_({'|'.join(IN_FORMS)})$"))
    def change(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        act, talk_id, _ = act_in(str(action.get("value") or ""))
        made = view(act, talk_id, presser(body), hidden(body, talk_id))
        if show(client, body, made or notice("Talks", words("talk_gone", talk="date"))) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, talk_id))
        ack()

    @app.view(MOVE_FORM)
    def move(body: dict[str, Any], ack: Ack) -> None:
        day, at = _chosen(body, DAY, "selected_date"), _chosen(body, AT, "selected_time")
        wrong = trouble(str(opened(body).get("subject") or ""), day, at)
        if wrong:
            ack(response_action="errors", errors={DAY: wrong})
            return
        inbox.receive(from_form(body, CHANGE_TALK, act=MOVE, day=day, at=at))
        ack()

    @app.view(CHANGE_FORM)
    def describe(body: dict[str, Any], ack: Ack) -> None:
        fields = {"title": TITLE, "place": PLACE, "minutes": MINUTES}
        table = {key: typed(body, block_id) for key, block_id in fields.items()}
        try:
            read_talk(table)
        except SeriesError as error:
            ack(response_action="errors", errors={fields[error.key]: str(error)})
            return
        shown = opened(body).get("shown") or {}
        inbox.receive(from_form(body, CHANGE_TALK, act=CHANGE, table=table, shown=shown))
        ack()

    @app.view(CANCEL_FORM)
    def cancel(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, CHANGE_TALK, act=CANCEL))
        ack()


def _chosen(body: Mapping[str, Any], block_id: str, name: str) -> str:
    values = ((body.get("view") or {}).get("state") or {}).get("values") or {}
    state = (values.get(block_id) or {}).get(block_id) or {}
    return str(state.get(name) or "")

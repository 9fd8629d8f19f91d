"""What is pressed under a draft of a summary, its form, and `/standup post`, which opens the form at once."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import standup_reports as blocks
from bot.blocks.modals import notice
from bot.inbox import Inbox, from_command
from bot.kinds import STANDUP, STANDUP_SUMMARY_STEP
from bot.listeners.forms import ticked, typed
from bot.listeners.showing import show
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, opened, presser
from bot.rituals.summary_steps import AGAIN, EDIT, PLAIN_ONE, POST, SummarySteps

_POST = re.compile(r"\s*post\b", re.IGNORECASE)


def register(app: App, inbox: Inbox, steps: SummarySteps) -> None:
    def stepping(step: str) -> Callable[..., None]:
        def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
            inbox.receive(from_press(body, STANDUP_SUMMARY_STEP, str(action.get("value") or ""), step=step))
            ack()

        return stepped

    for action_id, step in ((blocks.POST, POST), (blocks.POST_PLAIN, PLAIN_ONE), (blocks.REGENERATE, AGAIN)):
        app.action(action_id)(stepping(step))

    @app.action(blocks.EDIT)
    def edit(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        subject = str(action.get("value") or "")
        if show(client, body, steps.form(subject, presser(body), hidden(body, subject))) is None:
            inbox.receive(from_press(body, PRESS_AGAIN, subject))
        ack()

    @app.command("/standup", matchers=[_is_post])
    def post(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        person, name = str(body.get("user_id") or ""), str(body.get("text") or "").strip()[len("post") :]
        found = steps.chosen(name, person)
        if isinstance(found, str):
            view = notice("Summary", found)
        else:
            view = steps.form(str(found), person, _hidden(body, found), at_once=True)
        if show(client, body, view) is None:
            inbox.receive(from_command(body, STANDUP))
        ack()

    @app.view(blocks.EDIT_FORM)
    def written(body: dict[str, Any], ack: Ack) -> None:
        at_once = bool(opened(body).get("at_once")) or ticked(body, blocks.AT_ONCE)
        text = typed(body, blocks.TEXT)
        inbox.receive(from_form(body, STANDUP_SUMMARY_STEP, text, step=EDIT, at_once=at_once))
        ack()


def _is_post(body: Mapping[str, Any]) -> bool:
    return _POST.match(str(body.get("text") or "")) is not None


def _hidden(body: Mapping[str, Any], occurrence_id: int) -> str:
    """To reply to whoever gave the command, where they gave it."""
    return json.dumps(
        {
            "subject": str(occurrence_id),
            "channel": str(body.get("channel_id") or ""),
            "response_url": str(body.get("response_url") or ""),
            "ephemeral": True,
            "at_once": True,
        }
    )

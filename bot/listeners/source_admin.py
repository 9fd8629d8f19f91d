"""Buttons and modals of admins: what changes something is committed, what only shows is shown at once."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks import source_list, sync_message, sync_views
from bot.blocks.modals import notice
from bot.inbox import Inbox, Received
from bot.kinds import ROLL_BACK, SOURCE_STEP, SYNC_STEP
from bot.listeners.forms import ticked, typed
from bot.listeners.showing import show, show_instead
from bot.pressing import PRESS_AGAIN, from_form, from_press, hidden, presser
from bot.source_admin import DRY_RUN, PAUSE, RESUME, STEPS, SYNC, TURN
from bot.source_looking import SourceLooking
from prompts.words import words

_LIST: Mapping[str, str] = {
    source_list.SYNC: SYNC,
    source_list.SYNC_ALL: SYNC,
    source_list.DRY_RUN: DRY_RUN,
    source_list.PAUSE: PAUSE,
    source_list.RESUME: RESUME,
    source_list.PREVIOUS: TURN,
    source_list.NEXT: TURN,
}
Look = Callable[[str, str, str], dict[str, Any] | None]
"""A view for a subject and a person, with the metadata that a form brings back; None for who may not."""


def register(app: App, inbox: Inbox, looking: SourceLooking) -> None:
    _steps(app, inbox)
    _looks(app, inbox, looking)
    _forms(app, inbox)


def _steps(app: App, inbox: Inbox) -> None:
    def listed(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        action_id, value = str(action.get("action_id") or ""), str(action.get("value") or "")
        step = _LIST[action_id]
        page = value if step == TURN else _page_of(action)
        everything = action_id == source_list.SYNC_ALL
        inbox.receive(_pressed(body, SOURCE_STEP, value, step=step, page=page, all=everything))
        ack()

    def stepped(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        step = STEPS[str(action.get("action_id") or "")]
        inbox.receive(_pressed(body, SYNC_STEP, str(action.get("value") or ""), step=step))
        ack()

    app.action(_any_of(_LIST))(listed)
    app.action(_any_of([one for one in STEPS if one != sync_message.REMOVE]))(stepped)


def _looks(app: App, inbox: Inbox, looking: SourceLooking) -> None:
    def opening(look: Look) -> Callable[..., None]:
        def opened(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
            subject = str(action.get("value") or "")
            view = look(subject, presser(body), hidden(body, subject))
            if show(client, body, view or notice("Sources", words("admins_only"))) is None:
                inbox.receive(_pressed(body, PRESS_AGAIN, subject))
            ack()

        return opened

    app.action(sync_message.FAILURES)(opening(looking.details))
    app.action(sync_message.PLAN)(opening(looking.details))
    app.action(sync_message.REMOVE)(opening(looking.removals))
    app.action(source_list.HISTORY)(opening(looking.history))
    app.action(source_list.ROLL_BACK)(opening(looking.versions))

    @app.action(_any_of((sync_views.DETAILS_PREVIOUS, sync_views.DETAILS_NEXT)))
    def turn(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        view = looking.details(str(action.get("value") or ""), presser(body), "")
        show_instead(client, body, view or notice("Sources", words("admins_only")))
        ack()


def _forms(app: App, inbox: Inbox) -> None:
    @app.view(sync_views.REMOVALS_FORM)
    def removed(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_form(body, SYNC_STEP, step=STEPS[sync_message.REMOVE]))
        ack()

    @app.view(sync_views.ROLL_BACK_FORM)
    def rolled_back(body: dict[str, Any], ack: Ack) -> None:
        version, pause = typed(body, sync_views.VERSION), ticked(body, sync_views.PAUSE)
        inbox.receive(from_form(body, ROLL_BACK, version=version, pause=pause))
        ack()


def _pressed(body: Mapping[str, Any], kind: str, subject: str, **more: Any) -> Received:
    """A press, in a message or on the Home, where it says which direct message the Home is for."""
    view = body.get("view") or {}
    home = str(view.get("private_metadata") or "") if view.get("type") == "home" else ""
    return from_press(body, kind, subject, home=home, **more)


def _page_of(action: Mapping[str, Any]) -> str:
    """The page of the list that was pressed: it stands in the block's id."""
    return str(action.get("block_id") or "").partition(source_list.ON_PAGE)[2].partition(":")[0] or "0"


def _any_of(action_ids: Any) -> re.Pattern[str]:
    return re.compile("^(" + "|".join(re.escape(one) for one in action_ids) + ")$")

"""The form for a page, and the buttons of a list of pages: read and validated, then committed."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.saved_pages import (
    EDIT_PAGE,
    FormOf,
    filled_in,
    form_view,
    problems,
    refusal_view,
)
from bot.inbox import Inbox, Received
from bot.kinds import CHANGE_PAGE, REMOVE_PAGE, SAVE_PAGE
from bot.listeners.showing import show
from bot.saved_items import SavedItems
from prompts.words import words


def register(app: App, inbox: Inbox, saved: SavedItems) -> None:
    @app.view(SAVE_PAGE)
    def save_page(body: dict[str, Any], ack: Ack) -> None:
        submitted(body, ack, SAVE_PAGE)

    @app.view(CHANGE_PAGE)
    def change_page(body: dict[str, Any], ack: Ack) -> None:
        submitted(body, ack, CHANGE_PAGE)

    @app.action(EDIT_PAGE)
    def edit_page(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        page = saved.editable(str(action.get("value") or ""), _id(body, "user"))
        if page is None:
            show(client, body, refusal_view(words("not_your_page")))
        else:
            url = str(body.get("response_url") or "")
            about = FormOf(channel=_id(body, "channel"), response_url=url, page_id=page.id)
            show(client, body, form_view(about, page.title, page.text, ()))
        ack()

    @app.action(REMOVE_PAGE)
    def remove_page(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        about = FormOf(
            channel=_id(body, "channel"),
            response_url=str(body.get("response_url") or ""),
            page_id=str(action.get("value") or ""),
        )
        inbox.receive(_received(body, REMOVE_PAGE, about, {}, f"action:{action.get('action_ts')}"))
        ack()

    def submitted(body: dict[str, Any], ack: Ack, kind: str) -> None:
        view = body.get("view") or {}
        title, text = filled_in(view)
        if wrong := problems(title, text):
            ack(response_action="errors", errors=wrong)
            return
        about = FormOf.from_metadata(str(view.get("private_metadata") or ""))
        filled = {"title": title, "text": text}
        inbox.receive(_received(body, kind, about, filled, f"view:{view.get('id')}:{view.get('hash')}"))
        ack()


def _received(
    body: Mapping[str, Any], kind: str, about: FormOf, filled: Mapping[str, str], key: str
) -> Received:
    person = _id(body, "user")
    kept = {"about": about.as_metadata(), "response_url": about.response_url, "page_id": about.page_id}
    return Received(
        kind=kind,
        keys=frozenset({f"{key}:{person}"}),
        team=_id(body, "team"),
        channel=about.channel,
        person=person,
        text="",
        conversation=f"{about.channel}:{person}:pages",
        payload={**kept, **filled},
    )


def _id(body: Mapping[str, Any], name: str) -> str:
    return str((body.get(name) or {}).get("id") or "")

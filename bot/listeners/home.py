"""The App Home, the Messages tab and what people look at: committed, then acknowledged."""

import json
import re
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.citations import Look
from bot.blocks.home import (
    ASK,
    ASK_PROMPT,
    DELETE,
    DELETE_FORM,
    LONGEST_QUESTION,
    OPEN,
    QUESTION,
    RECENT,
    SETTINGS,
    answer_view,
    ask_view,
    delete_view,
    said_view,
)
from bot.home import NO, PRIVATE_ANSWERS, QUIET_HELP, YES, Homes
from bot.inbox import Inbox, Receipt, Received
from bot.journal import personal, quiet
from bot.journal.quiet import QuietRefusal
from bot.journal.writer import JournalWriter
from bot.kinds import HOME, HOME_QUESTION, MESSAGES_TAB
from bot.listeners.showing import show
from bot.looking import viewed
from bot.pressing import DELETION, from_press, opened, presser
from bot.remembering import answer_of
from knowledge.ports import Clock
from prompts.words import words


def register(
    app: App, inbox: Inbox, writer: JournalWriter, homes: Homes, clock: Clock, origins: Container[str]
) -> None:
    @app.event("app_home_opened")
    def looked_in(body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        remember_view(event)
        kind = MESSAGES_TAB if event.get("tab") == "messages" else HOME
        person, channel = str(event.get("user") or ""), str(event.get("channel") or "")
        if person and channel.startswith("D"):
            inbox.receive(_at_home(body, kind, person, channel, key=f"event:{body.get('event_id')}"))

    @app.event("app_context_changed")
    def looks_elsewhere(body: dict[str, Any]) -> None:
        remember_view(body.get("event") or {})

    def remember_view(event: Mapping[str, Any]) -> None:
        person = event.get("user")
        if "context" in event and isinstance(person, str) and person:
            seen, now = viewed(event.get("context")), clock().timestamp()
            writer.write(lambda connection: personal.view(connection, person, seen, now))

    @app.action(ASK)
    def write_a_question(body: dict[str, Any], ack: Ack, client: WebClient) -> None:
        show(client, body, ask_view(_channel(body)))
        ack()

    @app.view(ASK)
    def asked(body: dict[str, Any], ack: Ack) -> None:
        view = body.get("view") or {}
        values = ((view.get("state") or {}).get("values") or {}).get(QUESTION) or {}
        text = str((values.get(QUESTION) or {}).get("value") or "").strip()
        if not text:
            ack(response_action="errors", errors={QUESTION: "Write a question first."})
            return
        taken = take_question(body, str(view.get("private_metadata") or ""), text, f"view:{view.get('id')}")
        ack(response_action="update", view=taken)

    @app.action(re.compile(rf"^{ASK_PROMPT}_\d$"))
    def suggested(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        text = str(action.get("value") or "").strip()
        if text:
            taken = take_question(body, _channel(body), text, f"trigger:{body.get('trigger_id')}")
            show(client, body, taken)
        ack()

    def take_question(body: Mapping[str, Any], channel: str, text: str, key: str) -> dict[str, Any]:
        """Returns a view that says whether it was taken."""
        told = "home_asked"
        if channel.startswith("D"):
            asked = _at_home(body, HOME_QUESTION, presser(body), channel, key, text[:LONGEST_QUESTION])
            told = "home_refused" if inbox.receive(asked) is Receipt.REFUSED else told
        return said_view("Ask Lore", words(told))

    @app.action(RECENT)
    def choose(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        what, _, question_id = str((action.get("selected_option") or {}).get("value") or "").partition(":")
        gone = said_view("Your answer", words("passage_gone"))
        if what == OPEN:
            question = homes.answered(question_id, presser(body))
            answer = None if question is None else answer_of(question)
            if question is None or answer is None:
                show(client, body, gone)
            else:
                show(client, body, answer_view(question.text, answer, Look(clock(), origins)))
        elif what == DELETE:
            question = homes.question(question_id, presser(body))
            hidden = json.dumps({"question": question_id, "home": _channel(body)})
            show(client, body, gone if question is None else delete_view(question.text, hidden))
        ack()

    @app.view(DELETE_FORM)
    def delete(body: dict[str, Any], ack: Ack) -> None:
        known = opened(body)
        person, question_id = presser(body), str(known.get("question") or "")
        question = homes.question(question_id, person)
        if question is not None:
            made = from_press(body, DELETION, question_id)
            inbox.receive(replace(made, channel=question.channel))
            seen = _at_home(body, HOME, person, str(known.get("home") or ""), f"shown:{question_id}")
            inbox.receive(replace(seen, conversation=made.conversation))
        ack()

    @app.action(SETTINGS)
    def settle(body: dict[str, Any], action: dict[str, Any], ack: Ack) -> None:
        ticked = {str(option.get("value")) for option in action.get("selected_options") or ()}
        person, now = presser(body), clock().timestamp()
        private = YES if PRIVATE_ANSWERS in ticked else NO
        refusal = QuietRefusal(person, wanted=QUIET_HELP in ticked)
        writer.write(lambda connection: personal.prefer(connection, person, PRIVATE_ANSWERS, private, now))
        writer.write(lambda connection: quiet.write(connection, refusal, now))
        ack()


def _at_home(
    body: Mapping[str, Any], kind: str, person: str, channel: str, key: str, text: str = ""
) -> Received:
    """Something for the inbox; questions are worked in order with the messages of the same conversation."""
    team = body.get("team_id") or (body.get("team") or {}).get("id") or ""
    return Received(
        kind=kind,
        keys=frozenset({key}),
        team=str(team),
        channel=channel,
        person=person,
        text=text,
        conversation=channel if kind == HOME_QUESTION else f"{kind}:{person}",
    )


def _channel(body: Mapping[str, Any]) -> str:
    """The direct message that a Home was made for."""
    return str((body.get("view") or {}).get("private_metadata") or "")

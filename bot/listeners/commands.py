"""`/ask` and `/lore`: committed, then acknowledged; the reply comes by its response_url."""

from typing import Any

from slack_bolt import Ack, App

from bot.commands import kind_of
from bot.inbox import Inbox, from_command


def register(app: App, inbox: Inbox) -> None:
    @app.command("/ask")
    def ask(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_command(body, "ask"))
        ack()

    @app.command("/lore")
    def lore(body: dict[str, Any], ack: Ack) -> None:
        inbox.receive(from_command(body, kind_of(str(body.get("text") or ""))))
        ack()

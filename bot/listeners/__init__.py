"""Doorways into Lore: each module registers its handlers on the Bolt app, and does next to nothing in them.

Handlers of events and commands commit to the inbox and then acknowledge; those of buttons read, validate
and show. The app must process before it responds (`process_before_response=True`), or Bolt would
acknowledge events first.
"""

from collections.abc import Callable, Mapping
from typing import Any

from slack_bolt import App

from bot.hearing import Myself
from bot.inbox import Inbox
from bot.listeners import buttons, commands, edits, follow_ups, messages, places
from bot.opening import Passages
from bot.people import Hears
from knowledge.adapters.database import Database


def register(
    app: App,
    inbox: Inbox,
    database: Database,
    people: Hears,
    passages: Passages,
    me: Myself,
    overhear: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> None:
    """Register every doorway; of several that fit an event, the first is taken.

    `overhear` is told of messages that are not for Lore.
    """
    edits.register(app, inbox, database, me)
    messages.register(app, inbox, database, me, overhear)
    commands.register(app, inbox)
    buttons.register(app, passages)
    follow_ups.register(app, inbox)
    places.register(app, people, inbox, me)

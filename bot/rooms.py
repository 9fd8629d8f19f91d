"""Rooms: each keeps one kind of ritual, with its command, its doors, its duties and what it says on time."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot.inbox import Inbox, from_command
from bot.journal.work import Done, Item
from bot.people import People
from bot.replies import in_markdown, place_of, reply, say
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.audience import Readers
from knowledge.ports import Clock
from prompts.words import words

Doors = Callable[[App, Inbox], None]
Duty = Callable[[datetime], None]
Hear = Callable[[Item], Done | None]

log = logging.getLogger(__name__)


@dataclass
class Room:
    """What the parts of a room have brought: `commands` by the first word after the room's own command
    (`/learn`; the empty one for nothing after it), `handlers` by the kind of an inbox item, `doors` that
    register listeners, `duties` of the heartbeat in their order, and `hearers`, who are given messages before
    they count as questions: the first that makes something of one has it.

    The command is received as items of `kind`; what it can do is said by the words of `<kind>_help`.
    """

    command_name: str
    kind: str
    people: People
    database: Database
    clock: Clock
    commands: dict[str, Callable[[Item], Done]] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    doors: list[Doors] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    hearers: list[Hear] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.handlers[self.kind] = self.command

    def command(self, item: Item) -> Done:
        """The room's command: the reply is for the one who gave it alone."""
        if self.people.readers(place_of(item)) == Readers():
            return Done(say=say(item, "not_here"))
        verb = (item.text.split() or [""])[0].lower()
        work = self.commands.get(verb)
        if work is None:
            return Done(say=reply(item, in_markdown(words(f"{self.kind}_help"))))
        return work(item)

    def hear(self, item: Item) -> Done | None:
        """What a part of the room makes of a message, if one does."""
        heard = (hear(item) for hear in self.hearers)
        return next((done for done in heard if done is not None), None)

    def register(self, app: App, inbox: Inbox) -> None:
        """Register every listener; those that open a form at the command come first."""
        for door in self.doors:
            door(app, inbox)

        @app.command(self.command_name)
        def command(body: Mapping[str, Any], ack: Ack) -> None:
            inbox.receive(from_command(body, self.kind))
            ack()

    def tick(self, now: datetime) -> None:
        """Do whatever is due; a duty of the heartbeat. One that fails holds up no other."""
        for duty in self.duties:
            try:
                duty(now)
            except Exception:
                log.exception("a duty of rituals failed; it is told again at the next beat")


def before(rooms: Sequence[Room], answer: Handler) -> Handler:
    """`answer`, for messages that no room has made something of."""

    def handle(item: Item) -> Done:
        heard = (room.hear(item) for room in rooms)
        return next((done for done in heard if done is not None), None) or answer(item)

    return handle

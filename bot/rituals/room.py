"""Everything of rituals, put together: what their deliveries say, their commands, doors and duties."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot.inbox import Inbox, from_command
from bot.journal.work import Done, Item
from bot.kinds import STANDUP
from bot.people import People
from bot.replies import in_markdown, place_of, reply, say
from bot.rituals.due import Maker
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.audience import Readers
from knowledge.ports import Clock
from prompts.words import words

Doors = Callable[[App, Inbox], None]
Duty = Callable[[datetime], None]

log = logging.getLogger(__name__)


@dataclass
class Rituals:
    """What the parts of the room have brought: `makers` by the kind of a delivery (its first word),
    `commands` by the first word after `/standup`, `handlers` by the kind of an inbox item, `doors` that
    register listeners, `duties` of the heartbeat in their order, and `hearers`, who are given messages
    before they count as questions: the first that makes something of one has it."""

    people: People
    database: Database
    clock: Clock
    makers: dict[str, Maker] = field(default_factory=dict)
    commands: dict[str, Callable[[Item], Done]] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    doors: list[Doors] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    hearers: list[Callable[[Item], Done | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.handlers[STANDUP] = self.command

    def command(self, item: Item) -> Done:
        """`/standup …`: the reply is for the one who gave it alone."""
        if self.people.readers(place_of(item)) == Readers():
            return Done(say=say(item, "not_here"))
        verb = (item.text.split() or [""])[0].lower()
        work = self.commands.get(verb)
        return Done(say=reply(item, in_markdown(words("standup_help")))) if work is None else work(item)

    def before(self, answer: Handler) -> Handler:
        """`answer`, for messages that no part of the room has made something of."""

        def handle(item: Item) -> Done:
            heard = (hear(item) for hear in self.hearers)
            return next((done for done in heard if done is not None), None) or answer(item)

        return handle

    def register(self, app: App, inbox: Inbox) -> None:
        """Register every listener; those that open a form at `/standup` come first."""
        for door in self.doors:
            door(app, inbox)

        @app.command("/standup")
        def standup(body: Mapping[str, Any], ack: Ack) -> None:
            inbox.receive(from_command(body, STANDUP))
            ack()

    def tick(self, now: datetime) -> None:
        """Do whatever of rituals is due; a duty of the heartbeat. One that fails holds up no other."""
        for duty in self.duties:
            try:
                duty(now)
            except Exception:
                log.exception("a duty of rituals failed; it is told again at the next beat")

"""All rooms of rituals together: their commands, doors and duties, and what is said at its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_bolt import App

from bot.digests.parts import open_digests
from bot.inbox import Inbox
from bot.learning.parts import open_learning
from bot.letters import Mail
from bot.notices import Notices
from bot.pairing.parts import open_pairing
from bot.people import People
from bot.reading.parts import open_reading
from bot.rituals.availability import Availability
from bot.rituals.listing import Standups
from bot.rituals.parts import Given, open_rituals
from bot.rooms import Room, before
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.ports import Clock


@dataclass(frozen=True, slots=True)
class House:
    """The rooms, in the order in which they are told of messages and of the time."""

    rooms: Sequence[Room]
    notices: Notices
    mail: Mail

    @property
    def handlers(self) -> dict[str, Handler]:
        return {kind: handler for room in self.rooms for kind, handler in room.handlers.items()}

    def before(self, answer: Handler) -> Handler:
        """`answer`, for messages that no room has made something of."""
        return before(self.rooms, answer)

    def register(self, app: App, inbox: Inbox) -> None:
        for room in self.rooms:
            room.register(app, inbox)

    def tick(self, now: datetime) -> None:
        """Do whatever is due, then say it."""
        for room in self.rooms:
            room.tick(now)
        self.notices.keep_saying(now)


def open_house(
    people: People,
    database: Database,
    clock: Clock,
    availability: Availability,
    standups: Standups,
    given: Given,
) -> House:
    """Every room with everything in it."""
    notices, mail = Notices(database, availability), Mail(database, people, given.mail)
    rooms = (
        open_rituals(people, database, clock, availability, standups, given),
        open_learning(notices, mail, given),
        open_reading(notices, given),
        open_pairing(notices, given),
        open_digests(notices, mail, given),
    )
    return House(rooms, notices, mail)

"""Digests, put together."""

from bot.digests.building import Building
from bot.digests.contents import contents
from bot.digests.noting import Noting
from bot.digests.previewing import Previewing
from bot.digests.sending import Sending
from bot.digests.subscribing import Subscribing
from bot.kinds import DIGEST
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room


def open_digests(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it."""
    availability, database = notices.availability, notices.database
    people, clock = availability.people, availability.clock
    room = Room("/digest", DIGEST, people, database, clock)
    sections = contents(given, availability)
    building = Building(people, availability, given.store, given.origins, sections)
    Noting(database, given.store, given.time).join(room)
    Subscribing(building, mail, given.writer, database, clock).join(room)
    Previewing(building, database, clock).join(room)
    Sending(notices, mail, building).join(room)
    return room

"""Reading groups, put together."""

from bot.kinds import READING
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room


def open_reading(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it."""
    availability = notices.availability
    return Room("/reading", READING, availability.people, notices.database, availability.clock)

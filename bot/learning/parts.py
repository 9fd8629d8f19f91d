"""Lunch-and-learns, put together."""

from bot.kinds import LEARN
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room


def open_learning(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it."""
    availability = notices.availability
    return Room("/learn", LEARN, availability.people, notices.database, availability.clock)

"""Digests, put together."""

from bot.kinds import DIGEST
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room


def open_digests(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it."""
    availability = notices.availability
    return Room("/digest", DIGEST, availability.people, notices.database, availability.clock)

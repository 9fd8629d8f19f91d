"""Reading groups, put together."""

from bot import kinds
from bot.learning.before_and_after import RECAP, recap_command
from bot.learning.invited import let_look_ahead
from bot.learning.series_parts import run_series
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room
from prompts.series import READING


def open_reading(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it."""
    availability = notices.availability
    room = Room("/reading", kinds.READING, availability.people, notices.database, availability.clock)
    run_series(room, notices, given)
    room.commands[RECAP] = recap_command(READING, notices, given)
    let_look_ahead(room, READING)
    return room

"""Lunch-and-learns, put together."""

from bot.kinds import LEARN
from bot.learning.before_and_after import RECAP, before_and_after, recap_command
from bot.learning.invited import let_invite, let_look_ahead
from bot.learning.proposed import let_propose
from bot.learning.series_parts import run_series
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room
from prompts.series import LEARNING


def open_learning(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it. What serves reading groups, too, joins here, but its commands."""
    availability = notices.availability
    room = Room("/learn", LEARN, availability.people, notices.database, availability.clock)
    let_propose(room, notices, given)
    run_series(room, notices, given)
    before_and_after(room, notices, given)
    room.commands[RECAP] = recap_command(LEARNING, notices, given)
    let_invite(room, notices, mail, given.client)
    let_look_ahead(room, LEARNING)
    return room

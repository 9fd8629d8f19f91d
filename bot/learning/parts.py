"""Lunch-and-learns, put together."""

from bot.kinds import LEARN
from bot.learning.before_and_after import RECAP, before_and_after, recap_command
from bot.learning.finding import Finding
from bot.learning.invited import let_invite, let_look_ahead
from bot.learning.planning import Planning
from bot.learning.proposed import let_propose
from bot.learning.speaking import Speaking
from bot.learning.telling import Telling
from bot.letters import Mail
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room
from prompts.series import LEARNING


def open_learning(notices: Notices, mail: Mail, given: Given) -> Room:
    """The room with everything in it. What serves reading groups, too, joins here, but its commands.

    Duties are done in this order: a date is planned before its speaker is sought.
    """
    availability, database = notices.availability, notices.database
    people = availability.people
    room = Room("/learn", LEARN, people, database, availability.clock)
    finding = Finding(people, availability, database)
    let_propose(room, notices, given)
    Planning(finding, database).join(room)
    Speaking(finding, database).join(room)
    Telling(finding, database).join(notices)
    before_and_after(room, notices, given)
    room.commands[RECAP] = recap_command(LEARNING, notices, given)
    let_invite(room, notices, mail, given.client)
    let_look_ahead(room, LEARNING)
    return room

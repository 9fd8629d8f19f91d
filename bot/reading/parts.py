"""Reading groups, put together."""

from bot import kinds
from bot.learning.before_and_after import RECAP, recap_command
from bot.learning.invited import let_look_ahead
from bot.learning.proposed import voting
from bot.learning.series_parts import run_series
from bot.notices import Notices
from bot.reading.proposing import ProposingPapers
from bot.reading.using import Using
from bot.reading.weighing import Weighing
from bot.rituals.parts import Given
from bot.rooms import Room
from prompts.series import READING

PAPERS = "papers"


def open_reading(notices: Notices, given: Given) -> Room:
    """The room with what is its own; what serves all kinds of series is in that of lunch-and-learns."""
    availability = notices.availability
    room = Room("/reading", kinds.READING, availability.people, notices.database, availability.clock)
    _read_papers(room, notices, given)
    run_series(room, notices, given)
    room.commands[RECAP] = recap_command(READING, notices, given)
    let_look_ahead(room, READING)
    return room


def _read_papers(room: Room, notices: Notices, given: Given) -> None:
    """Have papers proposed, weighed, listed with their votes, and followed up."""
    votes = voting(notices, given)
    weighing = Weighing(votes.topics, votes.experts.knowledge, given.writer, room.clock)
    proposing = ProposingPapers(given.client, votes.topics, weighing, given.library, given.writer, room.clock)
    proposing.join(room)
    weighing.join(room)
    Using(votes.topics, given.writer, room.clock).join(room, notices)
    room.commands[PAPERS] = votes.list_for(READING)

"""What comes before and after the talks of lunch-and-learns and reading groups, joined."""

from collections.abc import Callable
from functools import partial

from bot.journal.work import Done, Item
from bot.learning.asking_again import AskingAgain
from bot.learning.briefing import Briefing
from bot.learning.drafting import Drafts
from bot.learning.materials import Materials
from bot.learning.recapping import Recapping
from bot.learning.remembering_talks import RememberingTalks
from bot.learning.talk_thread import TalkThread
from bot.listeners import recaps as doors
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room

RECAP = "recap"


def before_and_after(room: Room, notices: Notices, given: Given) -> None:
    """Briefs, recaps and what they answer, of all series; `room` gets the duties, doors and handlers."""
    people, database = notices.availability.people, notices.database
    briefing = Briefing(
        people, given.store, database, given.answers, notices.availability.clock, given.origins
    )
    materials = Materials(database)
    recapping = _recapping(notices, given)
    again = AskingAgain(people, given.store, database, given.answers, given.origins)
    RememberingTalks(database, given.index, given.identity.url).join(room)
    for part in (briefing, materials, again):
        part.join(notices)
        room.duties.append(part.plan)
    recapping.join(room)
    room.doors.append(partial(doors.register, forms=recapping.forms))


def recap_command(kind: str, notices: Notices, given: Given) -> Callable[[Item], Done]:
    """What `recap` after a room's own command does: list the talks of this kind of series."""
    return _recapping(notices, given).listing(kind)


def _recapping(notices: Notices, given: Given) -> Recapping:
    people, database = notices.availability.people, notices.database
    thread = TalkThread(given.client, people, database, given.identity.me)
    drafts = Drafts(people, thread, given.recapper)
    return Recapping(people, database, notices.availability.clock, drafts, given.allowance)

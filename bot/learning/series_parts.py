"""What runs series, put together: for all kinds once, and its commands for each room."""

from bot.kinds import LEARN
from bot.learning.changing import Changing
from bot.learning.closed_places import ClosedPlaces
from bot.learning.finding import KIND_OF, Finding
from bot.learning.groups_gone import GroupsGone
from bot.learning.missed_dates import MissedDates
from bot.learning.planning import Planning
from bot.learning.polling import Polling
from bot.learning.setting_up import SettingUp
from bot.learning.speaker_commands import SpeakerCommands
from bot.learning.speaker_presses import SpeakerPresses
from bot.learning.speakers_away import SpeakersAway
from bot.learning.speaking import Speaking
from bot.learning.swapping import Swapping
from bot.learning.telling import Telling
from bot.learning.tending import Tending
from bot.notices import Notices
from bot.rituals.parts import Given
from bot.rooms import Room


def run_series(room: Room, notices: Notices, given: Given) -> None:
    """Let the commands join a room; in that of lunch-and-learns all that serves every kind, too.

    Duties are done in this order: what went by is noted before dates are planned, and a date is planned
    before its speaker is sought.
    """
    availability, database, clock = notices.availability, notices.database, notices.availability.clock
    finding = Finding(availability.people, availability, database)
    setting_up = SettingUp(given.client, finding, given.settings, given.writer, clock)
    tending = Tending(finding, setting_up, given.writer, clock)
    presses = SpeakerPresses(finding, given.writer, clock)
    commands = SpeakerCommands(finding, presses, given.writer, clock)
    swapping = Swapping(finding, given.writer, clock)
    changing = Changing(finding, given.writer, clock)
    polling = Polling(finding, given.writer, clock)
    missed, away = MissedDates(finding, database), SpeakersAway(finding, database)
    if room.kind == LEARN:
        ClosedPlaces(finding, database).join(room)
        GroupsGone(finding, database).join(room)
        missed.join(room)
        Planning(finding, database).join(room)
        Speaking(finding, database).join(room)
        Telling(finding, database).join(notices)
        setting_up.attend(room)
        tending.attend(room)
        changing.attend(room)
        polling.attend(room)
        presses.join(room)
        swapping.attend(room, notices)
        away.join(room)
        away.tell(notices)
        missed.tell(notices)
    setting_up.join(room, KIND_OF[room.kind])
    tending.join(room)
    commands.join(room)
    swapping.join(room)
    changing.join(room)
    polling.join(room)

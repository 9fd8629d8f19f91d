"""Pairing, put together."""

from bot.blocks.pairing import Filled
from bot.journal import pairing
from bot.journal.forgetting import PAIR
from bot.listeners import pairing as doors
from bot.notices import Notices
from bot.pairing.checking_in import CheckingIn
from bot.pairing.explaining import Explaining
from bot.pairing.hours import Hours
from bot.pairing.introducing import Introducing
from bot.pairing.matching import Rounds
from bot.pairing.setting_up import SettingUp, as_filled
from bot.pairing.sight import Sight
from bot.pairing.taking_part import TakingPart
from bot.pairing.works import Works
from bot.rituals.parts import Given
from bot.rooms import Room


def open_pairing(notices: Notices, given: Given) -> Room:
    """The room with everything in it."""
    availability = notices.availability
    people, database, clock = availability.people, notices.database, availability.clock
    room = Room("/pair", PAIR, people, database, clock)
    hours, sight = Hours(availability), Sight(availability)

    def known(pairing_id: str) -> Filled | None:
        with database.reading() as connection:
            found = pairing.by_id(connection, pairing_id)
        return None if found is None else as_filled(found)

    SettingUp(sight, given.settings).join(room)
    TakingPart(sight).join(room)
    Explaining(sight).join(room)
    Rounds(people, database, hours, given.time).join(room)
    CheckingIn(people, database, clock).join(room, notices)
    works = Works(people, database, given.store)
    Introducing(given.client, database, works, hours).join(notices)
    room.doors.append(lambda app, inbox: doors.register(app, inbox, known))
    return room

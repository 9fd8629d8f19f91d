"""What sets stand-ups up, put together: those of the file, the forms in Slack, and what is done later."""

from slack_sdk import WebClient

from bot.journal.writer import JournalWriter
from bot.ritual_settings import RitualSettings
from bot.rituals.from_file import FromFile
from bot.rituals.listing import Standups
from bot.rituals.room import Rituals
from bot.rituals.setting_up import SettingUp
from bot.rituals.tending import Tending
from bot.rituals.trying import Trial


def let_set_up(
    rooms: Rituals, client: WebClient, standups: Standups, writer: JournalWriter, settings: RitualSettings
) -> None:
    """Bring all of it; before what plans, so that the file's own are planned as they stand in it."""
    trial = Trial(standups.availability, rooms.clock)
    FromFile(rooms.people, rooms.database, settings.standups).join(rooms)
    SettingUp(client, standups, settings, trial, writer).join(rooms)
    Tending(standups, trial, writer).join(rooms)

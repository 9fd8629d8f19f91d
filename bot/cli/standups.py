"""`lore standups export`: the entries of a stand-up, or of one person, on standard output."""

import sys

from bot.cli.whoever import PLACE, whoever
from bot.delivery import slack_client
from bot.journal import records
from bot.journal import rituals as kept
from bot.journal.migrate import migrate
from bot.journal.records import Audit
from bot.people import People
from bot.rituals.export_files import Format, exported
from bot.rituals.exporting import EXPORT
from bot.rituals.taking_away import Naming, of_ritual, own
from bot.settings import Settings, load_settings
from bot.token_now import bot_token
from bot.wiring import now, usable_folder
from knowledge.adapters.database import Database, open_database
from knowledge.errors import SettingsError


def export_entries(name: str, *, person: str, form: Format) -> None:
    """Print the entries of the stand-up of this name, or (`person`, a user id) all of one person's.

    What was withdrawn is not in it, nor, in a stand-up's, why somebody skipped. Raises SettingsError when
    there is no such stand-up.
    """
    settings = load_settings()
    database = open_database(settings.database_url or usable_folder(settings.data_dir) / "lore.db")
    migrate(database)
    try:
        naming = _naming(settings, database)
        with database.reading() as connection:
            if person:
                found, subject = own(connection, person, naming), person
            else:
                rituals = kept.all_rituals(connection)
                ritual = next((one for one in rituals if one.name.casefold() == name.casefold()), None)
                if ritual is None:
                    known = ", ".join(one.name for one in rituals) or "none yet"
                    raise SettingsError(f"there is no stand-up named {name!r}; there are: {known}.")
                found, subject = of_ritual(connection, ritual, naming), ritual.id
        act = Audit(f"{whoever()} ({PLACE})", EXPORT, subject, place=PLACE)
        with database.writing() as connection:
            records.write(connection, act, None, now().timestamp())
    finally:
        database.close()
    sys.stdout.write(exported(found, form))


def _naming(settings: Settings, database: Database) -> Naming:
    """Names as Slack has them; without a token people go by their ids."""
    if settings.tokens is None:
        return lambda person: person
    return People(slack_client(bot_token(settings, database), settings.slack_api_url), now).name_of

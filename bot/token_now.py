"""The bot token of now: the one that an admin set, or the newest where tokens are renewed."""

from pathlib import Path

from bot.journal import tokens
from bot.journal.migrate import migrate
from bot.settings import Settings
from knowledge.adapters.database import Database, open_database


def bot_token(settings: Settings, database: Database) -> str:
    """ "" where none is set and none was ever renewed."""
    given = settings.tokens.bot if settings.tokens is not None else ""
    if settings.rotation is None:
        return given
    with database.reading() as connection:
        return tokens.access_of(connection, settings.rotation.refresh_token) or given


def stored_bot_token(settings: Settings) -> str:
    """The same for a command that has no database open; one that is not there yet is not made."""
    address = settings.database_url or settings.data_dir / "lore.db"
    if settings.rotation is None or (isinstance(address, Path) and not address.is_file()):
        return settings.tokens.bot if settings.tokens is not None else ""
    database = open_database(address)
    try:
        migrate(database)
        return bot_token(settings, database)
    finally:
        database.close()

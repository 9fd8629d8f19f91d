"""What `lore doctor` finds of e-mail: the server, and letters that could not be sent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.cli.findings import Finding
from bot.journal import letters
from bot.journal.migrate import migrate
from bot.mail_server import MailServerAway, MailSession
from bot.mail_settings import MailSettings
from bot.settings import Settings
from knowledge.adapters.database import open_database
from knowledge.errors import LoreError

DAYS = 7


def mail_findings(settings: Settings) -> Iterator[Finding]:
    """Log in and name the sender; no letter is sent."""
    if settings.mail is None:
        yield Finding("mail", True, "none is set under [mail]: nothing goes by e-mail")
        return
    yield _server(settings.mail)
    failed, why = _failed(settings, datetime.now(UTC).timestamp())
    if failed:
        said = f"{failed} could not be sent in the last {DAYS} days; the last one since: {why}"
        yield Finding("letters", True, said, lacks=True)


def _server(settings: MailSettings) -> Finding:
    session = MailSession(settings)
    try:
        session.try_out()
    except MailServerAway as away:
        said = f"{settings.server}:{settings.port} does not take letters: {away}; mend [mail] in lore.toml"
        return Finding("mail", True, said, lacks=True)
    finally:
        session.close()
    return Finding("mail", True, f"{settings.server}:{settings.port} takes letters of {settings.sender}")


def _failed(settings: Settings, now: float) -> tuple[int, str]:
    """None while there is no database, or none that can be used: that is a finding of its own."""
    address = settings.database_url or settings.data_dir / "lore.db"
    if isinstance(address, Path) and not address.is_file():
        return 0, ""
    try:
        database = open_database(address)
    except LoreError:
        return 0, ""
    try:
        migrate(database)
        with database.reading() as connection:
            return letters.failed_since(connection, now - DAYS * 86_400)
    except (LoreError, SQLAlchemyError):
        return 0, ""
    finally:
        database.close()

"""A letter as an e-mail message: headers that nobody can add to, text, harmless HTML, a calendar part."""

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from bot.blocks.plain import clean, one_line, shorten
from bot.journal.letters import Letter
from bot.letter_html import safe_html, web_link
from bot.mail_settings import MailSettings

MOST_SUBJECT = 200
CALENDAR_FILE = "invite.ics"


def message_of(letter: Letter, settings: MailSettings, address: str, now: datetime) -> EmailMessage:
    """What is sent to an address, under one Message-ID however often it is tried."""
    message = EmailMessage(policy=SMTP)
    local, _, domain = settings.sender.rpartition("@")
    message["From"] = Address(_plain(settings.name), local, domain)
    message["To"] = address
    message["Subject"] = shorten(_plain(letter.subject), MOST_SUBJECT) or "…"
    message["Date"] = now
    message["Message-ID"] = f"<{hashlib.sha256(letter.key.encode()).hexdigest()[:40]}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if (link := web_link(letter.unsubscribe)) is not None:
        message["List-Unsubscribe"] = f"<{link}>"
    message.set_content(clean(letter.text), cte="quoted-printable")
    if letter.html:
        message.add_alternative(safe_html(letter.html), subtype="html", cte="quoted-printable")
    if letter.calendar:
        # Mail programs show the part with buttons; those that do not know it, and calendars, open the file.
        message.add_alternative(letter.calendar, subtype="calendar", cte="base64")
        [*_, part] = message.iter_parts()
        part.set_param("method", letter.method)
        message.add_attachment(
            letter.calendar.encode(),
            maintype="application",
            subtype="ics",
            filename=CALENDAR_FILE,
            params={"method": letter.method},
        )
    return message


def _plain(text: str) -> str:
    """One line in which nothing is decoded: an encoded word, typed by somebody, may hold line breaks."""
    return one_line(text).replace("=?", "= ?")

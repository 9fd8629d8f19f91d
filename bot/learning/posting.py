"""Invitations by e-mail: a calendar entry for everybody who comes, brought up to date and taken back."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.blocks.invitations import Card, in_zone, titled, who
from bot.blocks.plain import clean, one_line, shorten
from bot.invitations_ics import CANCEL, REQUEST, Contact, invitation
from bot.journal import letters, series, talks
from bot.journal.letters import Letter
from bot.journal.talks import CANCELLED, SPEAKS, YES
from bot.learning.announcing import Known
from bot.learning.cards import may_come
from bot.letters import Mail
from bot.people import People
from knowledge.adapters.database import Database
from prompts.series import NAMES
from prompts.words import words

INVITATION = "talk invitation"
"""The kind of these letters."""
MOST_INVITED = 300
MOST_SUBJECT, MOST_DESCRIPTION = 150, 3_000


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody for whom something is arranged; `left`: they are no full member any more."""

    person: str
    name: str
    email: str
    zone: ZoneInfo
    left: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """What letters about a talk need of Slack, asked before they are written: whom they go to (user ids), all
    whom they may concern, the talk in names, and who invites."""

    recipients: Sequence[str]
    guests: Mapping[str, Guest]
    card: Card
    organiser: Contact


@dataclass(frozen=True, slots=True)
class Posting:
    """Writes letters to those who come or speak, and to those whom the settings of a series name."""

    people: People
    database: Database
    mail: Mail

    def __post_init__(self) -> None:
        self.mail.wanted[INVITATION] = self.still_wanted

    def still_wanted(self, letter: Letter) -> bool | None:
        """Whether the reader may still know of the talk, and nothing newer was written to them about it; None
        while Slack does not tell what they may know."""
        with self.database.reading() as connection:
            found = [one for one in letters.about(connection, letter.about) if one.person == letter.person]
            talk = talks.by_id(connection, letter.about)
            one = None if talk is None else series.by_id(connection, talk.series_id)
        if one is None or not found or found[-1].id != letter.id:
            return False
        return may_come(self.people, one, letter.person)

    def recipients(self, known: Known) -> Sequence[str]:
        """Who is to have the talk in their calendar, in a lasting order; nobody without a mail server."""
        settings = known.series.settings
        if not (settings.by_mail and self.mail.works):
            return ()
        refused = {one.person for one in known.replies if one.reply != YES}
        named = {person for one in settings.members for person in self.people.members(one) or ()}
        return sorted({*known.seats.taken, *known.speaking} | (named - refused))[:MOST_INVITED]

    def post(self, connection: Connection, known: Known, envelope: Envelope, now: float) -> None:
        """Write what brings everybody's calendar to how things are; who does not come any more has it taken
        out again."""
        talk = known.talk
        written: dict[str, list[Letter]] = defaultdict(list)
        for letter in letters.about(connection, talk.id):
            written[letter.person].append(letter)
        wanted = () if talk.state == CANCELLED else envelope.recipients
        given_up = _given_up(connection, known)
        for person, guest in envelope.guests.items():
            before: Sequence[Letter] = written.get(person, ())
            has_it = bool(before) and before[-1].method == REQUEST
            if person in wanted:
                if guest.email and not guest.left and not (has_it and _sequence(before[-1]) == talk.sequence):
                    _write(connection, known, envelope, guest, REQUEST, before, now)
            elif has_it and (talk.state == CANCELLED or person in given_up):
                _write(connection, known, envelope, guest, CANCEL, before, now)


def _given_up(connection: Connection, known: Known) -> Collection[str]:
    """Those who have said that they do not come, wait for a place again, or speak no more."""
    stepped_back = {one.person for one in talks.speakers_of(connection, known.talk.id) if one.state != SPEAKS}
    comes = {one.person for one in known.replies if one.reply == YES} | {*known.speaking}
    return ({one.person for one in known.replies} | stepped_back) - comes


def _write(
    connection: Connection,
    known: Known,
    envelope: Envelope,
    guest: Guest,
    method: str,
    before: Sequence[Letter],
    now: float,
) -> None:
    talk, series_ = known.talk, known.series
    replied = next((one.reply for one in known.replies if one.person == guest.person), "")
    if guest.person in known.speaking:
        replied = YES
    contact = Contact(guest.name, guest.email, replied)
    at = datetime.fromtimestamp(now, UTC)
    heading = "Cancelled" if method == CANCEL else "Changed" if before else "Invitation"
    card = envelope.card
    text = words(
        "letter_invitation",
        lead=_lead(known, guest.person, method, changed=bool(before)),
        title=f"{one_line(series_.name)}: {titled(card)}",
        when=in_zone(talk.starts_at, guest.zone.key),
        minutes=talk.minutes,
        who=who(card),
        place=shorten(one_line(talk.place), 500) or "–",
        description=shorten(clean(talk.description).strip(), MOST_DESCRIPTION),
        command=NAMES[series_.kind].command,
    )
    letter = Letter(
        key=f"talk {talk.id} {talk.sequence} {len(before)} {guest.person}",
        kind=INVITATION,
        about=talk.id,
        person=guest.person,
        subject=shorten(f"{heading}: {titled(card)}", MOST_SUBJECT),
        text=text,
        not_after=talk.ends_at,
        calendar=invitation(talk, series_, envelope.organiser, (contact,), talk.sequence, method, at),
        method=method,
    )
    letters.put(connection, letter, now)


def _lead(known: Known, person: str, method: str, *, changed: bool) -> str:
    if method == CANCEL:
        gone = known.talk.state == CANCELLED
        return words("invited_cancelled" if gone else "letter_taken_out")
    if changed:
        return words("letter_changed")
    if person in known.speaking:
        return words("letter_you_speak")
    return words("letter_you_come" if person in known.seats.taken else "letter_you_are_invited")


def _sequence(letter: Letter) -> int:
    """The sequence of the talk that a letter told."""
    return int(letter.key.split()[2])

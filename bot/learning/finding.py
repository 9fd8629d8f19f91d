"""Series and talks as people mean them: which they may see and change, who belongs to them, when they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.journal import series, talks
from bot.journal.series import ACTIVE, PAUSED, Series
from bot.journal.talks import ANNOUNCED, PLANNED, SPEAKS, Talk
from bot.journal.work import Item
from bot.kinds import LEARN, READING
from bot.messages import Place
from bot.people import People
from bot.rituals.availability import Availability
from bot.rituals.roster import Roster, roster_of
from knowledge.adapters.database import Database
from prompts import series as settings
from prompts.calendar import zone_named

KIND_OF = {LEARN: settings.LEARNING, READING: settings.READING}
"""The kind of the series that a room's command is about."""
COMING = (PLANNED, ANNOUNCED)
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{7,20})(?:\|[^>]*)?>")
_SLOT = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """Looks series and talks up for people; asks Slack who is where, so not within a transaction."""

    people: People
    availability: Availability
    database: Database

    # who may what

    def may_manage(self, one: Series, person: str) -> bool:
        """Whether somebody may change a series and its talks: its owners, and Lore's admins."""
        if not self.people.is_full_member(person):
            return False
        return person in one.owners or self.people.is_admin(person)

    def may_see(self, one: Series, person: str) -> bool:
        """Whether somebody may know of a series: full members who read its channel, and who manage it."""
        if not self.people.is_full_member(person):
            return False
        readers = self.people.readers(Place(one.channel))
        return readers.everyone or person in readers.people or self.may_manage(one, person)

    # who belongs to it

    def roster(self, one: Series) -> Roster:
        """Who comes and speaks: those whom the settings name, else who is in the channel."""
        return roster_of(self.people, one.settings.members or (f"#{one.channel}",))

    def keeper(self, one: Series) -> str:
        """Who is told what somebody has to see to: its owner, or who is next where they have left."""
        named = [person for person in (one.owner, *one.co_owners) if self.people.is_full_member(person)]
        return next(iter([*named, *sorted(self.people.admins()), one.owner]))

    # which one is meant

    def of_kind(self, kind: str, person: str, channel: str = "") -> Sequence[Series]:
        """Those of a kind that a person sees: of the channel that they are in where there are any, else
        all."""
        with self.database.reading() as connection:
            known = series.all_series(connection, kind, ACTIVE, PAUSED)
        seen = [one for one in known if self.may_see(one, person)]
        return [one for one in seen if one.channel == channel] or seen

    def managed(self, kind: str, person: str, channel: str = "") -> Sequence[Series]:
        """Those of `of_kind` that somebody may change, their own first where they own any."""
        found = [one for one in self.of_kind(kind, person, channel) if self.may_manage(one, person)]
        own = [one for one in found if person in one.owners]
        return own or found

    def named(self, among: Sequence[Series], name: str) -> Sequence[Series]:
        """Those of a name, or that begin with it; all of them without a name."""
        wanted = name.strip().strip("\"'“”").casefold()
        exact = [one for one in among if one.name.casefold() == wanted]
        return exact or [one for one in among if one.name.casefold().startswith(wanted)]

    def coming(self, among: Sequence[Series], after: datetime, slot: str = "") -> Sequence[Talk]:
        """Talks of some series that have not begun, the earliest first; with a date, those of that date."""
        with self.database.reading() as connection:
            found = [talk for one in among for talk in talks.of_series(connection, one.id, *COMING)]
        still = [one for one in found if one.starts_at > after.timestamp()]
        wanted = [one for one in still if slot in ("", one.slot, self.day(one).isoformat())]
        return sorted(wanted, key=lambda one: (one.starts_at, one.id))

    def spoken_by(self, kind: str, person: str, after: datetime, slot: str = "") -> Sequence[Talk]:
        """Coming talks at which somebody speaks."""
        among = self.of_kind(kind, person)
        with self.database.reading() as connection:
            return [one for one in self.coming(among, after, slot) if is_speaker(connection, one, person)]

    def talk(self, talk_id: str) -> tuple[Talk, Series] | None:
        """A talk with its series; None where there is none."""
        with self.database.reading() as connection:
            return talk_and_series(connection, talk_id)

    # when it is

    def zone(self, talk: Talk) -> ZoneInfo:
        return zone_named(talk.zone, ZoneInfo("UTC")).zone

    def day(self, talk: Talk) -> date:
        """The local date in the organiser's zone."""
        return datetime.fromtimestamp(talk.starts_at, self.zone(talk)).date()

    def when_for(self, talk: Talk, person: str) -> str:
        """When it begins, by somebody's own clock."""
        return in_words(talk.starts_at, self.availability.profile(person).zone)

    def when(self, talk: Talk) -> str:
        """When it begins, by the organiser's clock; for many people at once."""
        return in_words(talk.starts_at, self.zone(talk))


def talk_and_series(connection: Connection, talk_id: str) -> tuple[Talk, Series] | None:
    """A talk with its series; None where there is none."""
    talk = talks.by_id(connection, talk_id)
    of = None if talk is None else series.by_id(connection, talk.series_id)
    return None if talk is None or of is None else (talk, of)


def is_speaker(connection: Connection, talk: Talk, person: str) -> bool:
    return any(one.person == person for one in talks.speakers_of(connection, talk.id, SPEAKS))


def in_words(at: float, zone: ZoneInfo) -> str:
    """`Thursday 3 December, 12:30 (Lisbon time)`."""
    wall = datetime.fromtimestamp(at, UTC).astimezone(zone)
    city = zone.key.rpartition("/")[2].replace("_", " ")
    return f"{wall:%A} {wall.day} {wall:%B}, {wall:%H:%M} ({city} time)"


def slot_in(text: str) -> tuple[str, str]:
    """The first date (ISO) that a text names, empty without one; and the rest of it."""
    found = _SLOT.search(text)
    if found is None:
        return "", text.strip()
    return found[0], " ".join((text[: found.start()] + text[found.end() :]).split())


def after_verb(item: Item) -> str:
    """What a command says behind its first word."""
    return item.text.strip().partition(" ")[2].strip()


def mentioned(people: People, text: str) -> str:
    """The full member whom a command names first; empty where it names none."""
    found = _MENTION.search(text)
    return found["id"] if found and people.is_full_member(found["id"]) else ""

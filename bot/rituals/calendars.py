"""Calendars of leave, read again and again: what they say of people's days, and who hears of trouble."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from slack_bolt import App

from bot.blocks.calm import said_pages
from bot.calm_settings import LeaveCalendarAt
from bot.inbox import Inbox, Received
from bot.journal import absences, outgoing
from bot.journal import rituals as journal
from bot.journal.absences import LeaveCalendar
from bot.journal.personal import tell_once, was_told
from bot.journal.rituals import ACTIVE
from bot.journal.work import Done, Item
from bot.kinds import LEAVE_CALENDARS
from bot.messages import Message
from bot.pressing import to_person
from bot.rituals.availability import Availability
from bot.rituals.ics import MOST_BYTES, Moment, NoCalendar, Span, read_calendar
from bot.rituals.room import Rituals
from ingest.sources import Reading, Source
from ingest.web import Limits, Web
from knowledge.audience import EVERYONE
from knowledge.errors import Unreadable
from prompts.calm import MIDDAY, Leave, Part, Why, in_words
from prompts.words import words

BACK, AHEAD = timedelta(days=7), timedelta(days=180)
WORKING = (time(9), time(17))
"""Of an event with times, what lies within these hours counts."""

ENOUGH = timedelta(hours=3)
"""Whoever is away for as long of a morning or an afternoon is away in it."""

_A_DAY = timedelta(days=1)
_ADDRESS = re.compile(r"https?://\S+")
_LIMITS = Limits(whole_s=60.0, most_bytes=MOST_BYTES, tries=2)


@dataclass
class Calendars:
    """A duty that asks for what is due, and a handler that reads it outside of the heartbeat."""

    availability: Availability
    _inbox: list[Inbox] = field(default_factory=list)

    def join(self, rituals: Rituals) -> None:
        if self.availability.settings.calendars:
            rituals.doors.append(self._at_the_door)
            rituals.duties.append(self.look)
        rituals.handlers[LEAVE_CALENDARS] = self.read

    def look(self, now: datetime) -> None:
        """Ask for every calendar that is due, and tell owners of those that can't be read."""
        settings = self.availability.settings
        with self.availability.database.reading() as connection:
            known = {one.name: one for one in absences.calendars(connection)}
        for one in settings.calendars:
            every = settings.calendar_every.total_seconds()
            before = known.get(one.name)
            if before is None or before.tried_at + every <= now.timestamp():
                self._inbox[0].receive(_to_read(one.name, int(now.timestamp() // every)))
        if known.keys() - {one.name for one in settings.calendars}:
            with self.availability.database.writing() as connection:
                absences.forget_calendars(connection, [one.name for one in settings.calendars])
        for failing in known.values():
            if failing.failing_since is not None:
                self._tell_owners(failing, now)

    def read(self, item: Item) -> Done:
        """Read one calendar; what it said before stays where that is not possible."""
        place = next((one for one in self.availability.settings.calendars if one.name == item.text), None)
        if place is None:
            return Done()
        now = self.availability.clock()
        today = now.astimezone(self.availability.settings.zone).date()
        try:
            said = read_calendar(_bytes(place), today - BACK, today + AHEAD)
        except (NoCalendar, Unreadable, OSError) as error:
            problem = _without_addresses(error, place)
            with self.availability.database.writing() as connection:
                absences.calendar_failed(connection, place.name, problem[:500], now.timestamp())
            return Done()
        by_email = self._team()
        leaves = [
            (person, leave)
            for span in said.spans
            for person, zone in (by_email[email] for email in sorted(span.emails & by_email.keys()))
            for leave in leaves_of(span, zone)
        ]
        with self.availability.database.writing() as connection:
            absences.follow_calendar(connection, place.name, leaves, now.timestamp())
            for person in {person for person, _ in leaves}:
                for tell in self.availability.changed:
                    tell(connection, person, now)
        return Done()

    def _at_the_door(self, _app: App, inbox: Inbox) -> None:
        self._inbox.append(inbox)

    def _team(self) -> Mapping[str, tuple[str, ZoneInfo]]:
        """Everybody in a ritual, by e-mail address, with their zone."""
        people = self.availability.people
        with self.availability.database.reading() as connection:
            teams = {one for ritual in journal.all_rituals(connection) for one in ritual.settings.team}
        ids = {person for one in sorted(teams) for person in people.members(one) or ()}
        known = [person for one in sorted(ids) if (person := people.person(one)) is not None]
        return {
            one.email.lower(): (one.id, self.availability.profile(one.id).zone) for one in known if one.email
        }

    def _tell_owners(self, failing: LeaveCalendar, now: datetime) -> None:
        """Each owner once while it lasts, when they may be pinged."""
        with self.availability.database.reading() as connection:
            owners = {one.owner for one in journal.all_rituals(connection, ACTIVE)}
            untold = [one for one in sorted(owners) if not was_told(connection, _subject(failing, one))]
        for owner in untold:
            zone = self.availability.profile(owner).zone
            said = _unreadable(owner, failing, zone)
            with self.availability.database.writing() as connection:
                if self.availability.may_ping(owner, now, connection) is not None:
                    continue
                if tell_once(connection, _subject(failing, owner), now.timestamp()):
                    outgoing.put(connection, said, None, now.timestamp())
                    self.availability.ping(connection, owner, now, "a calendar that can't be read")


def leaves_of(span: Span, zone: ZoneInfo) -> Iterator[Leave]:
    """What a span makes of the days of somebody in a zone: whole days, halves, or nothing."""
    if not isinstance(span.starts, datetime):
        yield Leave(span.starts, _day_of(span.ends), Part.DAY, span.summary, Why.CALENDAR)
        return
    starts, ends = _wall(span.starts, zone), _wall(span.ends, zone)
    day = starts.date()
    while day <= ends.date():
        morning = _overlap(day, WORKING[0], MIDDAY, starts, ends) >= ENOUGH
        afternoon = _overlap(day, MIDDAY, WORKING[1], starts, ends) >= ENOUGH
        if morning or afternoon:
            part = Part.DAY if morning and afternoon else Part.MORNING if morning else Part.AFTERNOON
            yield Leave(day, day + _A_DAY, part, span.summary, Why.CALENDAR)
        day += _A_DAY


def _overlap(day: date, begin: time, end: time, starts: datetime, ends: datetime) -> timedelta:
    return min(datetime.combine(day, end), ends) - max(datetime.combine(day, begin), starts)


def _wall(moment: Moment, zone: ZoneInfo) -> datetime:
    """A time by the clock of a zone, without it; one without a zone is by that clock already."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


def _day_of(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _bytes(place: LeaveCalendarAt) -> bytes:
    if place.path is not None:
        with place.path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    options = {"private_network": place.private_network}
    source = Source(place.name, "leave", Path(), EVERYONE, "leave", options=options)
    return Web.of(source, Reading(), place.address, limits=_LIMITS).get().data


def _without_addresses(error: Exception, place: LeaveCalendarAt) -> str:
    """What went wrong; whoever knows the address of a calendar can read it, so it is not said."""
    if isinstance(error, OSError):
        return f"{error.strerror or type(error).__name__}."
    return _ADDRESS.sub(place.name, str(error))


def _to_read(name: str, number: int) -> Received:
    key = frozenset({f"leave calendar:{name}:{number}"})
    return Received(LEAVE_CALENDARS, key, "", "", "", name, conversation=f"leave calendar:{name}")


def _unreadable(owner: str, failing: LeaveCalendar, zone: ZoneInfo) -> Sequence[Message]:
    since = "until now, which is nothing"
    if failing.read_at is not None:
        since = f"on {in_words(datetime.fromtimestamp(failing.read_at, UTC).astimezone(zone).date())}"
    text = words("calendar_unreadable", name=failing.name, problem=failing.problem, since=since)
    return to_person(owner, said_pages(text))


def _subject(failing: LeaveCalendar, owner: str) -> str:
    return f"calendar {failing.failing_since:.0f} {owner} {failing.name}"[:200]

"""Stand-ups that somebody looks after, and those that ask them, and how each of them stands."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.journal import rituals
from bot.journal.rituals import ACTIVE, ARCHIVED, PAUSED, Ritual
from bot.people import People
from bot.rituals.availability import Availability
from bot.rituals.managing import may_manage
from bot.rituals.roster import roster_of
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.planning import preview, prompt_at
from prompts.recurrence import Rule, RuleError
from prompts.ritual import Standup
from prompts.slots import said
from prompts.standup_tables import same_name

MOST_LOOKED_UP = 200
"""The zones of so many of a team are looked at."""

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A stand-up in a list; `state` says in words when it is next, or why it is not."""

    ritual: Ritual
    when: str
    state: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Standups:
    """Looks stand-ups up for people; asks Slack who is in a team, so not within a transaction."""

    people: People
    availability: Availability
    database: Database
    clock: Clock

    def all(self, *states: str) -> Sequence[Ritual]:
        with self.database.reading() as connection:
            return rituals.all_rituals(connection, *states)

    def ritual(self, ritual_id: str) -> Ritual | None:
        with self.database.reading() as connection:
            return rituals.ritual(connection, ritual_id)

    def owned_by(self, person: str) -> list[Line]:
        """Those that somebody looks after and that are not archived; nothing for who is no full member."""
        if not self.people.is_full_member(person):
            return []
        owned = [one for one in self.all(ACTIVE, PAUSED) if person in one.owners]
        return [self.line(one, person) for one in owned]

    def asking(self, person: str) -> list[Line]:
        """Those whose team somebody is in."""
        found = self.all(ACTIVE, PAUSED)
        return [
            self.line(one, person)
            for one in found
            if person in roster_of(self.people, one.settings.team).people
        ]

    def manageable(self, person: str, *states: str) -> list[Ritual]:
        """Those that somebody may change; all of them for admins."""
        return [one for one in self.all(*states) if may_manage(self.people, one, person)]

    def named(self, name: str, person: str, *states: str) -> list[Ritual]:
        """Those of a name, or that begin with it, that somebody may change; without a name, the only one."""
        known = self.manageable(person, *states)
        wanted = name.strip().strip("\"'“”")
        if not wanted:
            own = [one for one in known if person in one.owners] or known
            return own if len(own) == 1 else []
        exact = [one for one in known if same_name(one.name, wanted)]
        return exact or [one for one in known if one.name.casefold().startswith(wanted.casefold())]

    def is_named(self, name: str, *states: str) -> bool:
        """Whether there is one of this name at all."""
        return any(same_name(one.name, name) for one in self.all(*states))

    def line(self, ritual: Ritual, person: str) -> Line:
        return Line(ritual, when(ritual.settings), self._state(ritual, person), person in ritual.owners)

    def first_date(self, ritual: Ritual) -> date:
        """With which date a ritual begins that goes on now."""
        people = roster_of(self.people, ritual.settings.team).people[:MOST_LOOKED_UP]
        zones = {self.availability.profile(one, ritual).zone for one in (*people, ritual.owner)}
        return first_date(ritual.settings, zones, self.clock())

    def days_off(self, persons: Sequence[str]) -> Callable[[date], bool]:
        """Whether all of some people have a holiday on a date."""
        places = self.availability.places(persons)

        def off(day: date) -> bool:
            return self.availability.day_off(day, places) is not None

        return off

    def _state(self, ritual: Ritual, person: str) -> str:
        if ritual.state == ARCHIVED:
            return "archived"
        if ritual.state == PAUSED:
            until = ritual.paused_until
            return "paused" if until is None else f"paused until {said(until)}"
        zone, since = self.availability.profile(person, ritual).zone, self.clock()
        if ritual.paused_until is not None:
            since = max(since, datetime.combine(ritual.paused_until, time(), zone))
        try:
            coming = preview(ritual.settings, [zone], since, 1)
        except RuleError:
            return "on no date, since its days cannot be read"
        return f"next {at_in_words(coming[0].wall)}" if coming else "over: it has no date to come"


def first_date(standup: Standup, zones: Collection[ZoneInfo], now: datetime) -> date:
    """The first date on which nobody's time is past: with it a stand-up begins that was set up, changed or
    resumed now."""
    day = min(now.astimezone(zone).date() for zone in zones)
    while any(prompt_at(standup, day, zone) <= now for zone in zones):
        day += _A_DAY
    return day


def when(standup: Standup) -> str:
    """On which days and at which time, as a sentence or two."""
    try:
        days = Rule.read(standup.rule).words
    except RuleError:
        days = f"{standup.rule}."
    clock = f"{standup.zone.replace('_', ' ')} time" if standup.zone else "everybody's own clock"
    return f"{days} At {standup.at:%H:%M}, by {clock}."


def at_in_words(wall: datetime) -> str:
    """`Mon 23 Nov 09:30`."""
    return f"{wall:%a} {wall.day} {wall:%b %H:%M}"

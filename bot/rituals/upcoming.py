"""What is still to come for one person: their rituals' next prompts, as they are planned today."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from bot.journal import rituals as journal
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.people import People
from bot.rituals.availability import Availability
from prompts.calendar import as_shown
from prompts.calm import Free, Half, Off, Standing
from prompts.patterns import RuleError
from prompts.planning import OffDay, prompt_at, slots, zone_for

_A_DAY = timedelta(days=1)
_LOOKED_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Coming:
    """A prompt that is to come; `note` is what is to be known of it."""

    ritual: Ritual
    slot: date
    at: datetime
    zone: ZoneInfo
    note: str = ""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Looks ahead for one person. Asks Slack who is in a team, so not within a transaction."""

    people: People
    availability: Availability

    def rituals_of(self, person: str) -> Sequence[Ritual]:
        """Rituals that are not archived and in whose team somebody is now."""
        with self.availability.database.reading() as connection:
            known = journal.all_rituals(connection, ACTIVE, PAUSED)
        return [one for one in known if self.is_in(one, person)]

    def is_in(self, ritual: Ritual, person: str) -> bool:
        return any(person in (self.people.members(one) or ()) for one in ritual.settings.team)

    def next_prompts(self, person: str, now: datetime, most: int = 5) -> Sequence[Coming]:
        """The next prompts of all their rituals, the first one first."""
        found = [one for ritual in self.rituals_of(person) for one in self._of(ritual, person, now, most)]
        return sorted(found, key=lambda one: one.at)[:most]

    def is_on(self, ritual: Ritual, day: date) -> bool:
        """Whether a date is one of a ritual's, whatever holidays there are."""
        return day in self._slots(ritual, day - _A_DAY, day, lambda _: False)

    def off_days(self, ritual: Ritual) -> Callable[[date], str | None]:
        """Why nobody of a team works on a date, where nobody does."""
        team = {person for one in ritual.settings.team for person in self.people.members(one) or ()}
        places = self.availability.places(sorted(team))
        return lambda day: self.availability.day_off(day, places)

    def _of(self, ritual: Ritual, person: str, now: datetime, most: int) -> Sequence[Coming]:
        if ritual.state == PAUSED and ritual.paused_until is None:
            return ()
        own = self.availability.profile(person, ritual).zone
        zone = zone_for(ritual.settings, own)
        today = now.astimezone(zone).date()
        since = max(today, ritual.paused_until or today)
        standing = self.availability.days_of(person, since)
        nobody_works = self.off_days(ritual)
        coming = (
            Coming(ritual, slot, at, zone, note)
            for slot in self._slots(
                ritual, since - _A_DAY, since + _LOOKED_AHEAD, lambda day: nobody_works(day) is not None
            )
            for at, note in _asked(ritual, slot, own, standing(slot, ritual))
            if at > now
        )
        return list(islice(coming, most))

    def _slots(self, ritual: Ritual, after: date, until: date, off: OffDay) -> Iterator[date]:
        try:
            yield from slots(ritual.settings, after, until, off)
        except RuleError:
            return


def _asked(ritual: Ritual, slot: date, own: ZoneInfo, standing: Standing) -> list[tuple[datetime, str]]:
    """When somebody is asked on a date, if they are, and what is to be known of it; half days are those of
    their `own` zone."""
    at = prompt_at(ritual.settings, slot, zone_for(ritual.settings, own))
    match standing:
        case Off():
            return []
        case Half(reason, _, ends) as half if half.away_at(at.astimezone(own).time()):
            return [] if ends == time.max else [(as_shown(slot, ends, own), reason)]
        case Free() | Half():
            return [(at, "")]

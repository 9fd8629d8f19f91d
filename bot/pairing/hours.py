"""When people can meet, from their settings, their leave and what Slack says of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rituals.availability import Availability
from prompts.meeting import DAYS, Times, awake, times, without

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Asks Slack, so not within a transaction."""

    availability: Availability

    def of(self, person: str, since: datetime, busy: Collection[float] = ()) -> Times:
        """Somebody's half hours from `since` on for a week, without the hours that begin at `busy` (Unix
        seconds); none where they are away for all of it."""
        profile = self.availability.profile(person)
        first = since.astimezone(profile.zone).date() - _A_DAY
        standing = self.availability.days_of(person, first)
        days = [first + _A_DAY * number for number in range(DAYS + 3)]
        found = times([(day, standing(day, None)) for day in days], profile, since)
        return without(found, busy, since)

    def awake(self, people: Collection[str], at: datetime) -> datetime:
        """The first moment from `at` on that is in nobody's quiet hours."""
        return awake([self.availability.profile(one) for one in people], at)

    def known(self, people: Collection[str], *, patient: bool) -> bool:
        """Whether Slack tells of these people, in a few calls: of all of them, or (no more `patient`, as of
        some it may never tell) of any."""
        told = self.availability.people.many(people).keys()
        return set(people) <= told if patient else bool(told) or not people

"""When people can meet, from their settings, their leave and what Slack says of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rituals.availability import Availability
from prompts.meeting import DAYS, Times, awake, times

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Asks Slack, so not within a transaction."""

    availability: Availability

    def of(self, person: str, since: datetime) -> Times:
        """Somebody's half hours from `since` on for a week; none where they are away for all of it."""
        profile = self.availability.profile(person)
        first = since.astimezone(profile.zone).date() - _A_DAY
        standing = self.availability.days_of(person, first)
        days = [first + _A_DAY * number for number in range(DAYS + 3)]
        return times([(day, standing(day, None)) for day in days], profile, since)

    def is_gone(self, person: str) -> bool:
        """Whether somebody cannot be paired with anybody: they left, are a guest, or Slack does not tell."""
        known = self.availability.people.person(person)
        return known is None or not known.full_member

    def awake(self, people: Collection[str], at: datetime) -> datetime:
        """The first moment from `at` on that is in nobody's quiet hours."""
        return awake([self.availability.profile(one) for one in people], at)

    def know(self, people: Collection[str]) -> bool:
        """Have Slack tell of many people in a few calls; whether it did."""
        found = self.availability.people.many(people)
        return not people or bool(found)

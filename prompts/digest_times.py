"""When a digest is due: days and a time of day, the moments they mean in a zone, how long each is good."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from prompts.calendar import moment
from prompts.recurrence import Rule, RuleError

LONGEST_LATE = timedelta(hours=24)
"""A digest that could not be sent for so long, or for half the time to the next one, is left to that one,
which tells of all since the last that was sent."""
A_WEEK = timedelta(days=7)
_A_DAY = timedelta(days=1)
_LOOKED_BACK = timedelta(days=62)
_LOOKED_AHEAD = timedelta(days=800)
_NO_DAYS = re.compile(r"(?:weekly\b|every\s+week\b)?\s*(?=(?:at\s)?[\d\s:.apm]*$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On the days of `rule` (as `Rule` reads it), at a time of day."""

    rule: str = "every Monday"
    at: time = time(9)

    @property
    def words(self) -> str:
        """Such as `Every Monday at 09:00`; the rule as it stands where it cannot be read any more."""
        try:
            said = Rule.read(self.rule).words.rstrip(".")
        except RuleError:
            said = self.rule
        return f"{said} at {self.at:%H:%M}"


USUAL = Rhythm()


@dataclass(frozen=True, slots=True)
class Slot:
    """One date on which a digest is due: `day` is the local one, `at` the moment, `not_after` its end."""

    day: date
    at: datetime
    not_after: datetime


def read_rhythm(text: str, today: date, otherwise: Rhythm = USUAL) -> Rhythm:
    """What a text such as `weekly Monday 09:00`, `daily`, `8:30` or `every 2 weeks on Friday` means.

    What it leaves out is as it is in `otherwise`. Raises `RuleError` with what is not understood.
    """
    said = " ".join(text.split())
    if not said:
        return otherwise
    days = _NO_DAYS.match(said)
    rule = Rule.read(f"{otherwise.rule} {said[days.end() :]}" if days is not None else said)
    return Rhythm(rule.starting(today).text, rule.at or otherwise.at)


def slots(rhythm: Rhythm, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[Slot]:
    """When it is due later than `after` and not later than `until`, in order; a date that the zone has left
    out is none. Raises `RuleError`."""
    coming = _moments(rhythm, zone, after)
    day, at = next(coming, (date.max, datetime.max.replace(tzinfo=UTC)))
    while at <= until:
        following = next(coming, (date.max, at + 2 * LONGEST_LATE))
        yield Slot(day, at, at + min(LONGEST_LATE, (following[1] - at) / 2))
        day, at = following


def begins(rhythm: Rhythm, zone: ZoneInfo, now: datetime) -> datetime:
    """Where the first window of a digest begins that is turned on now: when it would have been due last, a
    week ago where that is never. Raises `RuleError`."""
    before = [one.at for one in slots(rhythm, zone, now - _LOOKED_BACK, now)]
    return before[-1] if before else now - A_WEEK


def _moments(rhythm: Rhythm, zone: ZoneInfo, after: datetime) -> Iterator[tuple[date, datetime]]:
    since = after.astimezone(zone).date() - _A_DAY
    for day in Rule.read(rhythm.rule).dates(since - _A_DAY, since + _LOOKED_AHEAD):
        at = moment(day, rhythm.at, zone)
        if at is not None and at > after:
            yield day, at

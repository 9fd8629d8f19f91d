"""When a source is to be read anew: by local date in the team's zone, from its last syncs; pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from prompts.calendar import moment

EVERY_DAY = frozenset(range(7))
LEAST = timedelta(minutes=10)
"""What was begun within this time before a start is not begun again because of the start."""

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 60, 240))
"""How long after a failure it is tried again, by how many there were in a row; the last one from then on."""

SPREAD = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MOST_DAYS = 16


@dataclass(frozen=True, slots=True)
class Every:
    """Once within each such stretch of time, and at a start."""

    interval: timedelta


@dataclass(frozen=True, slots=True)
class Daily:
    """At a time of day of the team's zone, on these days of the week (0 is Monday)."""

    at: time
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True)
class AtStart:
    """When Lore starts; else only when somebody asks."""


Schedule = Every | Daily | AtStart


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a source's syncs: when the newest was asked for and when it ended, and how many have
    failed since one has not. Times have a zone."""

    asked_at: datetime | None = None
    ended_at: datetime | None = None
    failures: int = 0


NEVER = Past()


@dataclass(frozen=True, slots=True)
class Start:
    """When this Lore has started; `spread` is how long a source that was missed waits after that."""

    at: datetime
    spread: timedelta = timedelta(0)


def next_at(schedule: Schedule, past: Past, start: Start, zone: ZoneInfo) -> datetime | None:
    """From when on the source is to be synced, in UTC; None for not before somebody asks.

    What was missed is made up for once, not once for each time. After a failure it is tried again sooner
    and then slower.
    """
    if past.asked_at is None:
        return start.at
    asked = past.asked_at
    regular: datetime | None
    match schedule:
        case Every(interval):
            regular = asked + interval
            at_start = True
        case Daily():
            regular = _first_after(schedule, asked, zone)
            at_start = False
        case AtStart():
            regular = None
            at_start = True
    missed = asked < start.at and (regular is not None and regular <= start.at)
    if missed or (at_start and start.at - asked > LEAST):
        return start.at + start.spread
    if not past.failures:
        return regular
    again = (past.ended_at or asked) + BACK_OFF[min(past.failures, len(BACK_OFF)) - 1]
    return min(again, regular) if isinstance(schedule, Daily) and regular is not None else again


def spread_of(name: str, remote: bool) -> timedelta:
    """How long after a start a source waits that was missed: the same at each start, less than SPREAD.

    What is read from this machine need not wait.
    """
    return SPREAD * (crc32(name.encode()) % 1000 / 1000) if remote else timedelta(0)


def _first_after(schedule: Daily, before: datetime, zone: ZoneInfo) -> datetime | None:
    """The first time after another; None where no day is chosen."""
    day = before.astimezone(zone).date() - _DAY
    for _ in range(_MOST_DAYS + 1):
        if day.weekday() in schedule.days:
            found = moment(day, schedule.at, zone)
            if found is not None and found > before:
                return found
        day += _DAY
    return None

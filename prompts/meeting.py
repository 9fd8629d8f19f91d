"""When people can meet: their working hours as half hours of one stretch of time; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown
from prompts.calm import Free, Half, Off, Profile, Standing, quiet_until

HALF_HOUR = timedelta(minutes=30)
DAYS = 7
COUNT = DAYS * 48
"""The half hours of the stretch that is looked at: a week."""
BEGINS, ENDS = time(9), time(18)
"""When people work, by their own clock, on the days on which they do."""
WELL = ((time(10), time(12)), (time(13, 30), time(17)))
"""When a meeting is convenient, too: neither first nor last thing, nor at lunch."""
NOTICE = timedelta(hours=20)
"""A meeting is proposed so long ahead, at least."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Times:
    """Half hours from a moment on, bit n for the n-th: those at which somebody is `at_work`, and those of
    them that suit them `well`."""

    at_work: int
    well: int


def beginning(now: datetime) -> datetime:
    """The first half hour of a clock, in UTC, that begins at a moment or after it."""
    whole = now.replace(minute=0 if now.minute < 30 else 30, second=0, microsecond=0)
    return whole if whole == now else whole + HALF_HOUR


def times(days: Iterable[tuple[date, Standing]], profile: Profile, since: datetime) -> Times:
    """Somebody's half hours on these local dates, from `since` (of `beginning`) on for a week."""
    at_work = well = 0
    for day, standing in days:
        if day.weekday() not in profile.work_days:
            continue
        free = _free(day, standing, profile.zone, since)
        at_work |= _between(day, BEGINS, ENDS, profile.zone, since) & free
        for begins, ends in WELL:
            well |= _between(day, begins, ends, profile.zone, since) & free
    return Times(at_work, well)


def without(some: Times, busy: Iterable[float], since: datetime) -> Times:
    """Somebody's half hours but for the hours that begin at `busy`, in Unix seconds."""
    taken = 0
    for at in busy:
        place = int((at - since.timestamp()) // HALF_HOUR.total_seconds())
        if 0 <= place < COUNT:
            taken |= 0b11 << place
    return Times(some.at_work & ~taken, some.well & ~taken)


def in_common(people: Sequence[Times]) -> int:
    """The half hours at which all of them are at work."""
    common = (1 << COUNT) - 1
    for one in people:
        common &= one.at_work
    return common


def proposed(people: Sequence[Times], since: datetime) -> datetime | None:
    """A time for all of them, in UTC: the first that suits everybody well, or is within everybody's working
    hours; None where they have no hour in common."""
    enough = ~((1 << int(NOTICE / HALF_HOUR)) - 1)
    common = in_common(people) & enough
    well = common
    for one in people:
        well &= one.well
    chosen = well or common
    if not chosen:
        return None
    return since + HALF_HOUR * ((chosen & -chosen).bit_length() - 1)


def awake(profiles: Sequence[Profile], at: datetime) -> datetime:
    """The first moment from `at` on that is in nobody's quiet hours, within two days; `at` where there is
    none."""
    moment = at
    for _ in range(4 * len(profiles)):
        ends = [end for one in profiles if (end := quiet_until(one, moment)) is not None]
        if not ends:
            return moment
        moment = max(ends)
        if moment > at + 2 * _A_DAY:
            break
    return at


def _free(day: date, standing: Standing, zone: ZoneInfo, since: datetime) -> int:
    match standing:
        case Off():
            return 0
        case Half():
            return ~_between(day, standing.starts, standing.ends, zone, since)
        case Free():
            return -1


def _between(day: date, begins: time, ends: time, zone: ZoneInfo, since: datetime) -> int:
    """The half hours that lie within two wall times of a day."""
    late = ends == time.max
    until = as_shown(day + _A_DAY, time(), zone) if late else as_shown(day, ends, zone)
    first = -((since - as_shown(day, begins, zone)) // HALF_HOUR)
    last = (until - since) // HALF_HOUR
    low, high = max(first, 0), min(last, COUNT)
    return ((1 << high) - 1) & ~((1 << low) - 1) if high > low else 0

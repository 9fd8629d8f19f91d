"""The plan of an occurrence for one person: when they are asked and reminded, and what is too late."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown, zone_named
from prompts.recurrence import Rule
from prompts.ritual import OnHoliday, Standup
from prompts.workdays import WorkWeek, next_workday

APART = timedelta(hours=12)
"""Two prompts of one ritual to one person are at least as long apart, while the date allows it."""

EVENING = time(20)
"""A prompt that waits because of the last one waits until then at most, on its own date."""

LEEWAY = timedelta(minutes=5)
"""What is said within this time is on time."""

TIME_TO_REPLY = timedelta(minutes=15)
"""A prompt that would leave less time than this is not sent late, and no reminder follows a prompt sooner."""

MONDAY_TO_FRIDAY = WorkWeek()
_DAY = timedelta(days=1)
_LOOK_BACK = 40

OffDay = Callable[[date], bool]
"""Whether a date is a holiday of everybody's."""


@dataclass(frozen=True, slots=True)
class OnTime:
    """It may be said."""


@dataclass(frozen=True, slots=True)
class LateBy:
    """It may still be said, marked as late by this."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class TooLate:
    """It is not said any more; `reason` is a sentence that says why."""

    reason: str


Lateness = OnTime | LateBy | TooLate


@dataclass(frozen=True, slots=True)
class Reminder:
    """When somebody is reminded, and until when that makes sense (both UTC)."""

    at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """One occurrence for one person, in UTC: the prompt at `at` and not after `not_after`, replies until
    `deadline`. `why` is a sentence where the prompt is not at its usual time."""

    slot: date
    zone: ZoneInfo
    at: datetime
    not_after: datetime
    deadline: datetime
    reminders: tuple[Reminder, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the next dates as it is shown: the wall time (naive), its zone, and the moment in UTC."""

    slot: date
    wall: datetime
    zone: str
    utc: datetime
    why: str = ""


def zone_for(standup: Standup, own: ZoneInfo) -> ZoneInfo:
    """Whose clock counts: the ritual's, or one's own where the ritual has none."""
    return zone_named(standup.zone, own).zone if standup.zone else own


def prompt_at(standup: Standup, slot: date, zone: ZoneInfo) -> datetime:
    """When somebody in `zone` is asked on a nominal date, in UTC; the ritual's own zone comes first."""
    return as_shown(slot, standup.at, zone_for(standup, zone))


def plan(standup: Standup, slot: date, zone: ZoneInfo, last: datetime | None = None) -> Plan:
    """The plan of a nominal date for somebody in `zone` who was last asked at `last` in this ritual.

    Who has travelled east is asked at least 12 hours after the last time, but on the same local date and
    by 20:00 if that can be: every date that somebody works has its prompt.
    """
    usual = prompt_at(standup, slot, zone)
    at, why = usual, ""
    if last is not None and usual < last + APART:
        evening = as_shown(slot, max(EVENING, standup.at), zone_for(standup, zone))
        at = max(usual, min(last + APART, evening))
        if at != usual:
            why = "You were asked less than 12 hours before the usual time, so this one came later."
    return plan_at(standup, slot, zone_for(standup, zone), at, why)


def plan_at(standup: Standup, slot: date, zone: ZoneInfo, at: datetime, why: str = "") -> Plan:
    """The plan of a nominal date with the prompt at another moment than its usual one."""
    return Plan(slot, zone, at, not_after(standup, at), deadline(standup, at), reminders(standup, at), why)


def deadline(standup: Standup, sent_at: datetime) -> datetime:
    """Until when replies are in time, counted from one's own prompt; it may be on another date."""
    return sent_at + standup.window


def not_after(standup: Standup, planned_at: datetime) -> datetime:
    """Until when a prompt may be sent late: within the limit, and while there is time to reply."""
    left = deadline(standup, planned_at) - min(TIME_TO_REPLY, standup.window / 2)
    return min(planned_at + standup.late, left)


def reminders(standup: Standup, sent_at: datetime) -> tuple[Reminder, ...]:
    """When somebody who was asked at `sent_at` is reminded: never soon after that, never at the end or later.

    Each makes sense until the next one, so that of several that were missed only the last is said.
    """
    end = deadline(standup, sent_at)
    soonest = sent_at + TIME_TO_REPLY
    found = sorted({end - before for before in standup.reminders if before > timedelta(0)})
    times = [at for at in found if soonest <= at]
    return tuple(Reminder(at, until) for at, until in pairwise([*times, end]))


def lateness(planned_at: datetime, until: datetime, now: datetime) -> Lateness:
    """What becomes of something planned for `planned_at`, worthless after `until`, at `now`."""
    late = now - planned_at
    if now > until:
        return TooLate(f"It was due {_span(late)} ago, and is not said so late.")
    return OnTime() if late <= LEEWAY else LateBy(late)


def slots(
    standup: Standup, after: date, until: date, off: OffDay | None = None, week: WorkWeek = MONDAY_TO_FRIDAY
) -> Iterator[date]:
    """The nominal dates of a ritual later than `after` and not later than `until`, in order, each once.

    `off` says on which dates there is a holiday of everybody's: those are left out or moved to the next
    working day of the team's week, by the ritual's setting; a date that has one already gets no second.
    Raises `RuleError` for a rule that can't be read.
    """
    rule, is_off = Rule.read(standup.rule), off or _never

    def is_day(day: date) -> bool:
        return week.works(day) and not is_off(day)

    days = rule.dates(after - _LOOK_BACK * _DAY, until, is_day)
    for day in _moved(days, standup.on_holiday, is_off, is_day):
        if after < day <= until:
            yield day


def preview(
    standup: Standup, zones: Sequence[ZoneInfo], now: datetime, count: int = 5, off: OffDay | None = None
) -> tuple[Shown, ...]:
    """The next dates in each of some zones, those that are still to come at `now`, by zone and time."""
    found: list[Shown] = []
    for own in dict.fromkeys(zone_for(standup, one) for one in zones):
        today = now.astimezone(own).date()
        far = min(today + 366 * 12 * _DAY, date.max)
        shown = (_shown(standup, slot, own) for slot in slots(standup, today - _DAY, far, off))
        coming = (one for one in shown if one.utc > now)
        found += [one for _, one in zip(range(count), coming, strict=False)]
    return tuple(found)


def _moved(days: Iterator[date], on_holiday: OnHoliday, off: OffDay, is_day: OffDay) -> Iterator[date]:
    """Dates without those that are off, or with these on the next working day, in order and each once."""
    waiting: list[date] = []
    for day in days:
        if off(day):
            moved = next_workday(day, is_day) if on_holiday is OnHoliday.MOVE else None
            if moved is not None and moved not in waiting:
                waiting.append(moved)
            continue
        yield from (one for one in waiting if one < day)
        waiting = [one for one in waiting if one > day]
        yield day
    yield from waiting


def _shown(standup: Standup, slot: date, zone: ZoneInfo) -> Shown:
    at = as_shown(slot, standup.at, zone)
    wall = at.astimezone(zone).replace(tzinfo=None)
    changed = "" if wall == datetime.combine(slot, standup.at) else "The clocks skip its time."
    return Shown(slot, wall, zone.key, at.astimezone(UTC), changed)


def _never(_day: date) -> bool:
    return False


def _span(time_passed: timedelta) -> str:
    """A stretch of time in words, as its largest unit: “3 hours”."""
    minutes = max(int(time_passed.total_seconds() // 60), 0)
    for size, name in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size or size == 1:
            many = minutes // size
            return f"{many} {name}" if many == 1 else f"{many} {name}s"
    raise AssertionError("minutes are the smallest unit")

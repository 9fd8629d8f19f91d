"""When a person may be asked: their zone, days, leave, quiet hours and how often a day; pure."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = frozenset(range(5))
NIGHT = (time(21), time(7))
PINGS_A_DAY = 8
MIDDAY = time(13)
_A_DAY = timedelta(days=1)
_WORD = re.compile(r"\w+")


class ZoneFrom(StrEnum):
    """Where a person's zone is from: their own setting, Slack's profile, the ritual's, or the team's."""

    OWN = "own"
    SLACK = "slack"
    RITUAL = "ritual"
    TEAM = "team"


class ReplyBy(StrEnum):
    """How a person likes to reply: in a form, or in the direct message, one prompt after the other."""

    FORM = "form"
    MESSAGE = "message"


class Part(StrEnum):
    """How much of a day somebody is away; MIDDAY divides it."""

    DAY = "day"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class Why(StrEnum):
    """What keeps somebody from being asked."""

    GONE = "gone"
    GUEST = "guest"
    ABSENCE = "absence"
    CALENDAR = "calendar"
    STATUS = "status"
    TEAM_DAY = "team_day"
    HOLIDAY = "holiday"
    PART_TIME = "part_time"


@dataclass(frozen=True, slots=True)
class Profile:
    """How one person is asked.

    `work_days` (0 is Monday) keep prompts away only where `own_days` says that the person or the team has
    chosen them: else a ritual's own days count. `quiet` are the beginning and the end of the hours without
    pings, by the clock of `zone`; equal ones are none. `country` and `subdivision` are ISO 3166 codes.
    """

    zone: ZoneInfo
    zone_from: ZoneFrom
    work_days: frozenset[int] = WEEKDAYS
    own_days: bool = False
    country: str = ""
    subdivision: str = ""
    quiet: tuple[time, time] = NIGHT
    pings_a_day: int = PINGS_A_DAY
    reply_by: ReplyBy = ReplyBy.FORM


@dataclass(frozen=True, slots=True)
class Free:
    """Somebody may be asked; `note` is said to them with it, such as that their status looks like leave."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Off:
    """Somebody is not asked on that day. `reason` is a sentence for themselves; `shown` is for others, and
    does not tell why somebody is on leave. `until` is the first day on which it does not hold any more."""

    reason: str
    until: date | None = None
    why: Why = Why.ABSENCE

    @property
    def shown(self) -> str:
        match self.why:
            case Why.GONE | Why.GUEST:
                return "not asked"
            case Why.HOLIDAY | Why.TEAM_DAY:
                return self.reason
            case Why.PART_TIME:
                return "does not work on this day"
            case Why.ABSENCE | Why.CALENDAR | Why.STATUS:
                return "away" if self.until is None else f"away until {in_words(self.until)}"


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody is away from one wall time to another on that day, and is asked outside of it."""

    reason: str
    starts: time
    ends: time

    @property
    def shown(self) -> str:
        """For others."""
        return "away in the morning" if self.starts == time() else "away in the afternoon"

    def away_at(self, at: time) -> bool:
        return self.starts <= at < self.ends


Standing = Free | Off | Half


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is away (or, with `here`, at work in spite of everything) from a day until, without, another.

    `why` is ABSENCE where they said so, CALENDAR where a calendar does.
    """

    first: date
    until: date
    part: Part = Part.DAY
    reason: str = ""
    why: Why = Why.ABSENCE
    here: bool = False

    def covers(self, day: date) -> bool:
        return self.first <= day < self.until


@dataclass(frozen=True, slots=True)
class Status:
    """What somebody's Slack profile says; `until` is None for a status without an end."""

    emoji: str = ""
    text: str = ""
    until: datetime | None = None


NO_STATUS = Status()


@dataclass(frozen=True, slots=True)
class Signs:
    """What makes a status look like leave: emoji (`palm_tree`), and words or phrases in its text."""

    emoji: frozenset[str]
    words: tuple[str, ...]

    def found_in(self, status: Status) -> bool:
        if status.emoji.strip(":") in self.emoji:
            return True
        said = _folded(status.text)
        back = any(f" {word} " in said for word in ("back", "after", "before", "not"))
        return not back and any(_folded(word) in said for word in self.words)


def in_words(day: date) -> str:
    """`Friday, 27 November 2026`."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def on_leave(leaves: Collection[Leave], day: date) -> Off | Half | None:
    """What the leave of one person makes of a day; None when they are at work on it."""
    today = [one for one in leaves if one.covers(day)]
    if any(one.here for one in today):
        return None
    whole = [one for one in today if one.part is Part.DAY]
    halves = {one.part: one for one in today if one.part is not Part.DAY}
    if whole:
        until = _end(leaves, max(one.until for one in whole))
        return Off(_sentence(whole[0], until), until, whole[0].why)
    if len(halves) == 2:
        return Off(_sentence(halves[Part.MORNING], day + _A_DAY), day + _A_DAY, halves[Part.MORNING].why)
    for part, one in halves.items():
        starts, ends = (time(), MIDDAY) if part is Part.MORNING else (MIDDAY, time.max)
        return Half(f"You are away in the {part.value}{_because(one)}.", starts, ends)
    return None


def _end(leaves: Iterable[Leave], until: date) -> date:
    """When leave that goes on without a day between really ends."""
    whole = [one for one in leaves if one.part is Part.DAY and not one.here]
    for one in sorted(whole, key=lambda one: one.first):
        if one.covers(until):
            until = one.until
    return until


def is_here(leaves: Iterable[Leave], day: date) -> bool:
    """Whether somebody said that they are at work on a day in spite of everything."""
    return any(one.here and one.covers(day) for one in leaves)


def by_status(status: Status, signs: Signs, day: date, now: datetime, zone: ZoneInfo) -> Off | Half | None:
    """What a status makes of a day: it holds from now until its end, without one only today."""
    today = now.astimezone(zone).date()
    if not signs.found_in(status) or (status.until is not None and status.until <= now):
        return None
    end = None if status.until is None else status.until.astimezone(zone)
    last = today if end is None else end.date()
    if not today <= day <= last:
        return None
    said = " ".join(filter(None, (status.emoji, status.text)))
    reason = f"Your Slack status says that you are away ({said})."
    if end is None:
        return Off(reason, None, Why.STATUS)
    if day == last and end.time() < time(17):
        return Half(reason, time(), end.time())
    return Off(reason, last + _A_DAY, Why.STATUS)


def is_quiet(quiet: tuple[time, time], at: time) -> bool:
    """Whether a wall time lies in the quiet hours, which may go over midnight."""
    starts, ends = quiet
    if starts == ends:
        return False
    return starts <= at < ends if starts < ends else at >= starts or at < ends


def quiet_until(profile: Profile, at: datetime) -> datetime | None:
    """When the quiet hours that a moment lies in end, in UTC; None where it lies in none."""
    local = at.astimezone(profile.zone)
    if not is_quiet(profile.quiet, local.time()):
        return None
    day = local.date() if local.time() < profile.quiet[1] else local.date() + _A_DAY
    return as_shown(day, profile.quiet[1], profile.zone)


def next_day(profile: Profile, at: datetime) -> datetime:
    """The first moment of the next local day that is not quiet, in UTC."""
    begins = as_shown(at.astimezone(profile.zone).date() + _A_DAY, time(), profile.zone)
    return quiet_until(profile, begins) or begins


def day_began(profile: Profile, at: datetime) -> datetime:
    """When the local day of a moment began, in UTC."""
    return as_shown(at.astimezone(profile.zone).date(), time(), profile.zone)


def days_in_words(days: Collection[int]) -> str:
    """Days of the week: `Monday to Friday`, `Monday and Wednesday`."""
    some = sorted(days)
    names = [DAY_NAMES[day] for day in some]
    if len(some) > 2 and some == list(range(some[0], some[0] + len(some))):
        return f"{names[0]} to {names[-1]}"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "no day"


def _folded(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _sentence(leave: Leave, until: date) -> str:
    return f"You are away until {in_words(until)}{_because(leave)}."


def _because(leave: Leave) -> str:
    said = leave.reason.strip().rstrip(".")
    where = ", as your calendar says" if leave.why is Why.CALENDAR else ""
    return f"{where} ({said})" if said else where

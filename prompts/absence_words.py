"""Leave in plain words, such as `until Friday` or `3 days dentist`, as days; pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from prompts.calm import Leave, Part

LONGEST = timedelta(days=366)
MOST_REASON = 200
UNDERSTOOD = (
    "I understand `until Friday`, `until 2026-12-01`, `until 1 December`, `through Friday`, `3 days`, "
    "`2 weeks`, `today`, `tomorrow`, `this afternoon`, `Friday morning`, `next week` and "
    "`from 1 December until 12 December`, each with a reason after it."
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
_A_DAY = timedelta(days=1)
_LATEST = 9000
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}
_SEPARATORS = re.compile(r"^(?:[\s,;:–—-]+|because(?: of)?\b|for\b|\()+", re.IGNORECASE)

_LENGTH = re.compile(
    r"(?:for\s+)?(\d{1,3}|a|one|two|three|four|five|six|seven)\s+(?:(work(?:ing)?)\s+)?(day|week)s?\b", re.I
)
_PART = re.compile(r"(?:in the\s+)?(morning|afternoon)\b", re.I)
_NEXT_WEEK = re.compile(r"next\s+week\b", re.I)
_REST_OF_TODAY = re.compile(r"(?:this|today\s+in the|in the)\s+(morning|afternoon)\b", re.I)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\b")
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?([a-z]{3,9})\.?(?:,?\s+(\d{4}))?\b", re.I)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?\b", re.I)
_WEEKDAY = re.compile(r"(?:(next|this)\s+)?([a-z]{3,9})\b\.?", re.I)


class LeaveError(ValueError):
    """It is not understood when somebody is away; the text says what would be."""


@dataclass
class _Text:
    """What is left to read."""

    rest: str

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.rest)
        if found:
            self.rest = self.rest[found.end() :].lstrip()
        return found

    def word(self, *words: str) -> bool:
        said = "|".join(words)
        return self.take(re.compile(rf"(?:{said})\b", re.I)) is not None


def read_leave(text: str, today: date, is_work_day: Callable[[date], bool]) -> Leave:
    """The leave that a text names, from today or later, with its reason.

    `until` a day means that one is back on it; `through` a day, that one is away on it still. A length counts
    from today, in days of the calendar unless it says working days. Raises LeaveError.
    """
    left = _Text(" ".join(text.split()))
    first, until, part = _days(left, today, is_work_day)
    if until <= today or until <= first:
        raise LeaveError(f"That ends before it begins. {UNDERSTOOD}")
    if until - today > LONGEST:
        raise LeaveError("That is more than a year: say a day within a year, and I ask again then.")
    reason = _SEPARATORS.sub("", left.rest).rstrip(" )")[:MOST_REASON]
    return Leave(max(first, today), until, part, reason)


def _days(left: _Text, today: date, is_work_day: Callable[[date], bool]) -> tuple[date, date, Part]:
    if found := left.take(_REST_OF_TODAY):
        return today, today + _A_DAY, Part(found[1].lower())
    if found := left.take(_LENGTH):
        return today, _after(found, today, is_work_day), Part.DAY
    if left.take(_NEXT_WEEK):
        monday = today + timedelta(days=7 - today.weekday())
        return monday, monday + timedelta(days=7), Part.DAY
    if left.word("until", "till", "til"):
        return today, _one(left, today), Part.DAY
    if left.word("through", "including", "to"):
        return today, _one(left, today) + _A_DAY, Part.DAY
    left.word("from", "on", "starting")
    first = _one(left, today)
    if left.word("until", "till", "til"):
        return first, _one(left, first), Part.DAY
    if left.word("through", "including", "to") or left.take(re.compile(r"[-–]\s*(?=\w)")):
        return first, _one(left, first) + _A_DAY, Part.DAY
    if found := left.take(_LENGTH):
        return first, _after(found, first, is_work_day), Part.DAY
    if found := left.take(_PART):
        return first, first + _A_DAY, Part(found[1].lower())
    return first, first + _A_DAY, Part.DAY


def _after(found: re.Match[str], first: date, is_work_day: Callable[[date], bool]) -> date:
    number = int(found[1]) if found[1].isdigit() else _NUMBERS[found[1].lower()]
    if not 0 < number <= LONGEST.days:
        raise LeaveError(f"That is no number of days that I understand. {UNDERSTOOD}")
    if found[3].lower() == "week":
        return first + timedelta(days=7 * number)
    if not found[2]:
        return first + timedelta(days=number)
    day = first
    for _ in range(LONGEST.days * 2):
        number -= is_work_day(day)
        day += _A_DAY
        if not number:
            break
    return day


def _one(left: _Text, today: date) -> date:
    """A day that is named, the first such after today; today itself only where it is named so."""
    if left.word("today"):
        return today
    if left.word("tomorrow"):
        return today + _A_DAY
    if found := left.take(_ISO):
        return _dated(int(found[1]), int(found[2]), int(found[3]))
    for pattern, day, month in ((_DAY_MONTH, 1, 2), (_MONTH_DAY, 2, 1)):
        found = pattern.match(left.rest)
        if found and (number := _which(_MONTHS, found[month])) is not None:
            left.take(pattern)
            if found[3]:
                return _dated(int(found[3]), number + 1, int(found[day]))
            this_year = _dated(today.year, number + 1, int(found[day]), today.year + 1)
            later = this_year < today
            return _dated(today.year + 1, number + 1, int(found[day])) if later else this_year
    found = _WEEKDAY.match(left.rest)
    if found and (number := _which(_DAYS, found[2])) is not None:
        left.take(_WEEKDAY)
        monday = today - timedelta(days=today.weekday())
        if (found[1] or "").lower() == "next":
            return monday + timedelta(days=7 + number)
        coming = monday + timedelta(days=number)
        return coming if coming > today else coming + timedelta(days=7)
    raise LeaveError(f"I do not understand when. {UNDERSTOOD}")


def _which(names: tuple[str, ...], said: str) -> int | None:
    """The place of a name that is written out or shortened to three letters or more."""
    said = said.lower()
    return next((place for place, name in enumerate(names) if name.startswith(said)), None)


def _dated(year: int, month: int, day: int, otherwise: int = 0) -> date:
    """A date; where a year has none (29 February), that of another year. Raises LeaveError."""
    for one in filter(None, (year, otherwise)):
        if one > _LATEST:
            break
        try:
            return date(one, month, day)
        except ValueError:
            continue
    raise LeaveError(f"There is no such day. {UNDERSTOOD}")

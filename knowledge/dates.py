"""Stretches of days as people name them: `2026-01`, yesterday, March, last month, three weeks ago."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 1970, 2199

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTS = {
    word: count
    for count, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        start=1,
    )
}
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_COUNTS)}|an?)"
_UNIT = r"(?:day|week|month|quarter|year)"

WORDS = (
    rf"(?:\d{{4}}(?:[-/]\d{{1,2}}){{0,2}}(?!\d)|today|yesterday|{'|'.join(_DAYS)}"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)? )?{_MONTH}\b\.?(?: \d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,? \d{{4}})?"
    rf"|(?:last|this|past|previous) {_UNIT}|{_COUNT} {_UNIT}s? ago)"
)
"""A pattern (for small letters) of everything that `days` reads in plain words."""

_ISO = re.compile(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?")
_NAMED = re.compile(
    rf"(?:(\d{{1,2}})(?:st|nd|rd|th)? )?({_MONTH})\.?(?: (\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,? (\d{{4}}))?"
)
_RELATIVE = re.compile(rf"(last|this|past|previous) ({_UNIT})")
_AGO = re.compile(rf"({_COUNT}) ({_UNIT})s? ago")
_SHORT_AGO = re.compile(r"(\d{1,4})([dwmy])")


@dataclass(frozen=True, slots=True)
class Days:
    """From `first` until before `end`."""

    first: date
    end: date


def days(words: str, today: date) -> Days | None:
    """The days that these words name, seen from `today`; None when they name none that we can read.

    A month or weekday without a year is the latest that has begun. `7d`, `2w`, `3m` and `1y` are the day
    that long ago.
    """
    words = " ".join(words.lower().split())
    try:
        return _iso(words) or _spoken(words.replace("-", " "), today)
    except (ValueError, OverflowError):
        return None


def last(count: str, unit: str, today: date) -> Days | None:
    """The last so many days, weeks, months or years, until and with today; None for no such number."""
    try:
        return Days(_back(today, _number(count), unit), today + timedelta(days=1))
    except (ValueError, OverflowError):
        return None


def _iso(words: str) -> Days | None:
    found = _ISO.fullmatch(words)
    if not found:
        return None
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return Days(date(year, 1, 1), date(year + 1, 1, 1))
    if day is None:
        return _month(year, month)
    return _day(date(year, month, day))


def _spoken(words: str, today: date) -> Days | None:
    if words in ("today", "yesterday"):
        return _day(today - timedelta(days=words == "yesterday"))
    if words in _DAYS:
        return _day(today - timedelta(days=(today.weekday() - _DAYS.index(words)) % 7))
    if found := _NAMED.fullmatch(words):
        return _named(found, today)
    if found := _RELATIVE.fullmatch(words):
        return _relative(found[1], found[2], today)
    if found := _AGO.fullmatch(words):
        return _day(_back(today, _number(found[1]), found[2]))
    if found := _SHORT_AGO.fullmatch(words):
        unit = {"d": "day", "w": "week", "m": "month", "y": "year"}[found[2]]
        return _day(_back(today, int(found[1]), unit))
    return None


def _named(found: "re.Match[str]", today: date) -> Days | None:
    before, name, after, year = found.groups()
    if before and after:
        return None
    month = _MONTHS.index(name[:3]) + 1
    day = before or after
    if year is None:
        begun = date(today.year, month, int(day or 1)) if (month, day) != (2, "29") else None
        chosen = today.year if begun is not None and begun <= today else today.year - 1
    else:
        chosen = int(year)
    if not FIRST_YEAR <= chosen <= LAST_YEAR:
        return None
    return _day(date(chosen, month, int(day))) if day else _month(chosen, month)


def _relative(which: str, unit: str, today: date) -> Days:
    if unit == "day":
        return _day(today - timedelta(days=which != "this"))
    starts = {
        "week": today - timedelta(days=today.weekday()),
        "month": today.replace(day=1),
        "quarter": date(today.year, today.month - (today.month - 1) % 3, 1),
        "year": date(today.year, 1, 1),
    }
    first = starts[unit]
    if which == "this":
        return Days(first, today + timedelta(days=1))
    return Days(_back(first, 1, unit), first)


def _back(day: date, count: int, unit: str) -> date:
    """So many units earlier; in a shorter month its last day."""
    if unit in ("day", "week"):
        return day - timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last_day = (_month(year, month + 1).end - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last_day))


def _number(words: str) -> int:
    return int(words) if words.isdigit() else _COUNTS.get(words, 1)


def _day(day: date) -> Days:
    return Days(day, day + timedelta(days=1))


def _month(year: int, month: int) -> Days:
    first = date(year, month, 1)
    return Days(first, date(year + month // 12, month % 12 + 1, 1))

"""Dated entries of free text: where each begins, and of which day it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?[ \t]+)?"
_TIME = (
    r"(?:(?:T|,?[ \t]+|_)\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,6})?"
    r"[ \t]?(?:Z\b|UTC\b|[ap]m\b|[+-]\d\d:?\d\d)?)?"
)
_LINE = re.compile(
    r"[ ]{0,3}(?:(?P<marks>\#{1,6})[ \t]+|[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(?:\[[ xX]\][ \t])?[*_\[(]{0,3}"
    rf"{_WEEKDAY}"
    r"(?P<label>(?P<year>(?:19|20)\d\d)[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)"
    r"|(?P<day2>\d{1,2})\.(?P<month2>\d{1,2})\.(?P<year2>(?:19|20)\d\d)"
    rf"|(?P<name>{_MONTH})[ \t]+(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?(?:,?[ \t]+(?P<year3>(?:19|20)\d\d))?"
    rf"|(?P<day4>\d{{1,2}})(?:st|nd|rd|th|\.)?[ \t]+(?P<name2>{_MONTH})"
    r"(?:,?[ \t]+(?P<year4>(?:19|20)\d\d))?"
    r"|(?:day|week)[ \t]+\d{1,4})"
    rf"{_TIME}[*_\])]{{0,3}}(?P<after>[ \t]*(?:$|[:|–—]|-+[ \t])|[ \t]+)",
    re.IGNORECASE,
)
_HEADING = re.compile(r"[ ]{0,3}(\#{1,6})[ \t]")
_FENCE = re.compile(r"[ ]{0,3}(```+|~~~+)")
_FEWEST_DAYS = 2
_LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written of one day: where its first line begins, and the day as written (`Day 12`).

    `end` is where the next entry or another heading begins. `when` is the day, None where no year is known.
    `heading` tells that its first line is a Markdown heading.
    """

    start: int
    end: int
    label: str
    when: date | None
    heading: bool


def entries(text: str, start: int = 0) -> list[Entry]:
    """The dated entries of a text from `start` on; none where they are not of different days."""
    found = list(_entries(text, start))
    return found if len({entry.label for entry in found}) >= _FEWEST_DAYS else []


def newest_day(text: str, start: int = 0) -> date | None:
    """The day of a logbook's newest entry; None for a text that is not made of dated entries."""
    found = entries(text, start)
    days = [entry.when for entry in found if entry.when is not None]
    covered = sum(entry.end - entry.start for entry in found)
    return max(days) if days and covered >= _LEAST_SHARE * (len(text) - start) else None


def _entries(text: str, start: int) -> Iterator[Entry]:
    year: int | None = None
    open_at: tuple[int, str, date | None, int] | None = None
    for at, line in _lines(text, start):
        level = len(heading[1]) if (heading := _HEADING.match(line)) else 0
        match = _LINE.match(line)
        if match and not _begins(match):
            match = None
        if open_at is not None and level and level <= open_at[3]:
            yield _closed(open_at, at)
            open_at = None
        if match:
            when = _day(match, year)
            if when is None and _says_a_date(match) and _year(match) is not None:
                continue  # such as 2026-99-99
            year = when.year if when else year
            label = " ".join(match["label"].split())
            if open_at is not None and not level and open_at[1] == label:
                continue
            if open_at is not None:
                yield _closed(open_at, at)
            # An entry of a line ends at any heading, one of a heading at its equals.
            open_at = (at, label, when, level or 6)
    if open_at is not None:
        yield _closed(open_at, len(text))


def _closed(entry: tuple[int, str, date | None, int], end: int) -> Entry:
    start, label, when, level = entry
    return Entry(start, end, label, when, level < 6)


def _lines(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Lines outside code, with their offsets."""
    fence = ""
    at = start
    for line in text[start:].split("\n"):
        opening = _FENCE.match(line)
        if opening and (not fence or (line.strip().startswith(fence) and not line.strip(" `~"))):
            fence = "" if fence else opening[1]
        elif not fence:
            yield at, line[:200]
        at += len(line) + 1


def _begins(match: re.Match[str]) -> bool:
    """Whether the line begins an entry rather than a sentence: `March 4 was quiet` does not."""
    plain = match["year"] or match["year2"] or match["marks"]
    return bool(
        plain or match["after"].strip(" \t") or not match["after"] or match.end() == len(match.string)
    )


def _says_a_date(match: re.Match[str]) -> bool:
    return not match["label"].lower().startswith(("day", "week"))


def _year(match: re.Match[str]) -> int | None:
    said: Sequence[str | None] = (match["year"], match["year2"], match["year3"], match["year4"])
    return next((int(year) for year in said if year), None)


def _day(match: re.Match[str], known_year: int | None) -> date | None:
    """The day of an entry; without a year it is of the year of the entry before."""
    year = _year(match) or known_year
    if year is None or not _says_a_date(match):
        return None
    name = match["name"] or match["name2"]
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(match["month"] or match["month2"])
    day = int(match["day"] or match["day2"] or match["day3"] or match["day4"])
    try:
        return date(year, month, day)
    except ValueError:
        return None

"""Recurrences as calendars write them (RFC 5545), read with dateutil: its only import."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr

from prompts.patterns import EVERY_DAY, IsDay, Monthly, Nth, RuleError, Weekly

_BY = ("BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS")
_PARTS = ("FREQ", "INTERVAL", "COUNT", *_BY, "WKST")
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MOST = {"INTERVAL": 1000, "COUNT": 1000}
_FURTHEST = {"BYMONTH": 12, "BYWEEKNO": 53, "BYYEARDAY": 366, "BYMONTHDAY": 31, "BYSETPOS": 366}
_SHIFT = 7600
"""The calendar repeats every 400 years. dateutil looks for a date that never comes until the year 9999, so
it is asked as near to that as it can be."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NTHS = (-2, -1, 1, 2, 3, 4, 5)
_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")


@dataclass(frozen=True, slots=True)
class Recurring:
    """Dates as an RRULE says, counted from the anchor; what a month lacks is left out, as calendars do."""

    rule: str
    count: int | None = None

    def dates(self, since: date, until: date, anchor: date, _is_day: IsDay) -> Iterator[date]:
        begin = datetime.combine(_later(anchor), time())
        found: Any = rrulestr(f"{self.rule};UNTIL={_later(until):%Y%m%d}T000000", dtstart=begin)
        for one in islice(found, self.count):
            day = one.date().replace(year=one.year - _SHIFT)
            if day >= since:
                yield day

    @property
    def text(self) -> str:
        return f"RRULE:{self.rule}" if self.count is None else f"RRULE:{self.rule};COUNT={self.count}"

    @property
    def counts(self) -> bool:
        return self.count is not None or "INTERVAL=" in self.rule

    @property
    def leaves_out(self) -> bool:
        """Whether it names days that some months or years do not have."""
        return bool(re.search(r"BYMONTHDAY=[^;]*(29|3[01])|366|BYWEEKNO=[^;]*53|BYDAY=[^;]*5", self.rule))


def read_rrule(
    text: str, start: date | None = None
) -> tuple[Recurring | Weekly | Monthly, date | None, date | None]:
    """The pattern, the first and the last date (None where unsaid) of RRULE text, with or without DTSTART.

    `start` is a first date that was said elsewhere. What is as plain as “every Tuesday” becomes a plain
    pattern. Raises `RuleError` for what is not about dates, or not in RFC 5545.
    """
    parts: dict[str, str] = {}
    for line in text.upper().split():
        name, _, rest = line.rpartition(":")
        if name.startswith("DTSTART"):
            start = start or _date(rest)
        elif name in ("", "RRULE"):
            parts.update(_part(one) for one in rest.split(";") if one)
        else:
            raise RuleError(f"Of a calendar's rule only RRULE and DTSTART are understood, not {name[:40]}.")
    until = _date(parts.pop("UNTIL")) if "UNTIL" in parts else None
    count = int(parts.pop("COUNT")) if "COUNT" in parts else None
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    _check(parts, count, start)
    plain = _plain(parts) if count is None else None
    if plain is not None:
        return plain, start, until
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    return Recurring(rule, count), start, until


def _check(parts: Mapping[str, str], count: int | None, start: date | None) -> None:
    frequency = parts.get("FREQ")
    if frequency not in _FREQUENCIES:
        raise RuleError(f"FREQ must be one of {', '.join(_FREQUENCIES)}.")
    if start is None and (count is not None or (frequency != "DAILY" and not any(by in parts for by in _BY))):
        what = "COUNT" if count is not None else f"FREQ={frequency} without a day"
        raise RuleError(f"{what} needs a first date: write *from 2026-11-30* behind it, or add DTSTART.")
    if frequency in ("DAILY", "WEEKLY") and re.search(r"\d", parts.get("BYDAY", "")):
        raise RuleError("Numbers in BYDAY go with FREQ=MONTHLY or FREQ=YEARLY.")


def _plain(parts: Mapping[str, str]) -> Weekly | Monthly | None:
    """The plain pattern that means the same, if there is one."""
    days = [_DAY.fullmatch(one) for one in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
    named = [(int(one[1] or 0), _DAYS.index(one[2])) for one in days if one]
    match {name: value for name, value in parts.items() if name not in ("BYDAY", "WKST")}:
        case {"FREQ": "DAILY", **rest} if not rest and not named:
            return Weekly(EVERY_DAY)
        case {"FREQ": "DAILY" | "WEEKLY", **rest} if not rest and named:
            return Weekly(frozenset(day for _, day in named))
        case {"FREQ": "MONTHLY", **rest} if not rest and named and all(nth in _NTHS for nth, _ in named):
            return Monthly(tuple(Nth(nth, day) for nth, day in named))
        case _:
            return None


def _part(text: str) -> tuple[str, str]:
    """The name and the value of one part, in the form in which `Recurring` keeps it."""
    name, _, value = text.partition("=")
    if name in _TIMES:
        raise RuleError(f"{name} says a time of day, which is a setting of its own: leave it out.")
    if name not in (*_PARTS, "UNTIL") or not value:
        raise RuleError(f"“{text[:40]}” is not understood in an RRULE; {', '.join(_PARTS)}, UNTIL are.")
    if name in _MOST and not (re.fullmatch(r"\d{1,4}", value) and 1 <= int(value) <= _MOST[name]):
        raise RuleError(f"{name} must be a whole number from 1 to {_MOST[name]}.")
    if name in _FURTHEST and not all(_within(one, _FURTHEST[name]) for one in value.split(",")):
        raise RuleError(f"{name} must be numbers from 1 to {_FURTHEST[name]}, or from the end, like -1.")
    if name == "BYMONTH" and "-" in value:
        raise RuleError("BYMONTH must be numbers from 1 to 12.")
    if name == "BYDAY" and not all(_DAY.fullmatch(one) for one in value.split(",")):
        raise RuleError("BYDAY must be days like MO, 2TU or -1FR.")
    if name == "WKST" and value not in _DAYS:
        raise RuleError(f"WKST must be one of {', '.join(_DAYS)}.")
    return name, str(int(value)) if name in _MOST else value


def _later(day: date) -> date:
    return day.replace(year=day.year + _SHIFT)


def _within(value: str, most: int) -> bool:
    return bool(re.fullmatch(r"[+-]?\d{1,3}", value)) and 1 <= abs(int(value)) <= most


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value[:8])
    except ValueError:
        raise RuleError(f"“{value[:40]}” is no date: write it like 20260131.") from None

"""Recurrences as calendars write them (RFC 5545), read with dateutil: its only import."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice, takewhile
from typing import Any

from dateutil.rrule import rrulestr

from prompts.patterns import IsDay, RuleError

_PARTS = (
    "FREQ",
    "INTERVAL",
    "COUNT",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYSETPOS",
    "WKST",
)
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_MOST_COUNT = 1000


@dataclass(frozen=True, slots=True)
class Recurring:
    """Dates as an RRULE says, counted from the anchor; what a month lacks is left out, as calendars do."""

    rule: str
    count: int | None = None

    def dates(self, since: date, until: date, anchor: date, _is_day: IsDay) -> Iterator[date]:
        begin, end = datetime.combine(anchor, time()), datetime.combine(until, time())
        found: Any = rrulestr(f"{self.rule};UNTIL={end:%Y%m%dT000000}", dtstart=begin)
        for one in takewhile(lambda one: one <= end, islice(found, self.count)):
            if one.date() >= since:
                yield one.date()

    @property
    def text(self) -> str:
        return f"RRULE:{self.rule}" if self.count is None else f"RRULE:{self.rule};COUNT={self.count}"

    @property
    def counts(self) -> bool:
        return self.count is not None or "INTERVAL=" in self.rule


def read_rrule(text: str) -> tuple[Recurring, date | None, date | None]:
    """The pattern, the first and the last date (None where unsaid) of RRULE text, with or without DTSTART.

    Raises `RuleError` for what is not about dates, or not in RFC 5545.
    """
    start: date | None = None
    until: date | None = None
    parts: dict[str, str] = {}
    for line in text.upper().split():
        name, _, rest = line.rpartition(":")
        if name.startswith("DTSTART"):
            start = _date(rest)
        elif name in ("", "RRULE"):
            parts.update(_part(one) for one in rest.strip(";").split(";"))
        else:
            raise RuleError(f"Of a calendar's rule only RRULE and DTSTART are understood, not {name[:40]}.")
    if "UNTIL" in parts:
        until = _date(parts.pop("UNTIL"))
    count = _count(parts.pop("COUNT")) if "COUNT" in parts else None
    if parts.get("FREQ") not in _FREQUENCIES:
        raise RuleError(f"FREQ must be one of {', '.join(_FREQUENCIES)}.")
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    try:
        rrulestr(rule, dtstart=datetime(2024, 1, 1))  # noqa: DTZ001 - a date alone
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RuleError(f"The RRULE can't be read: {error}.") from error
    return Recurring(rule, count), start, until


def _part(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    if name in _TIMES:
        raise RuleError(f"{name} says a time of day, which is a setting of its own: leave it out.")
    if name not in (*_PARTS, "UNTIL") or not value or len(value) > 200:
        raise RuleError(
            f"“{text[:40]}” is no part of an RRULE that is understood: {', '.join(_PARTS)}, UNTIL."
        )
    if name == "INTERVAL" and (not value.isdecimal() or not 1 <= int(value[:6]) <= 1000):
        raise RuleError("INTERVAL must be a whole number from 1 to 1000.")
    return name, value


def _count(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value[:6]) <= _MOST_COUNT:
        raise RuleError(f"COUNT must be a whole number from 1 to {_MOST_COUNT}.")
    return int(value)


def _date(value: str) -> date:
    try:
        return date.fromisoformat(value[:8])
    except ValueError:
        raise RuleError(f"“{value[:40]}” is no date: write it like 20260131.") from None

"""On which dates a ritual is: read from plain words, an RRULE or a crontab line, and said in plain words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from prompts.crontabs import read_crontab
from prompts.patterns import IsDay, MonthDay, Monthly, Nth
from prompts.patterns import RuleError as RuleError
from prompts.rrules import Recurring, read_rrule
from prompts.rule_words import UNDERSTOOD, Read, read_words

ANCHOR = date(2024, 1, 1)
"""From when on weeks, months and days are counted where no start is said: a Monday."""

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
_LONGEST = 500
_SEARCHED = timedelta(days=366 * 30)
_DAY = timedelta(days=1)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*"
_NTH = r"\d\d?(?:st|nd|rd|th)?"
_DATE = rf"\d{{4}}-\d\d?-\d\d?|{_NTH}\s+{_MONTH}\.?,?\s+\d{{4}}|{_MONTH}\.?\s+{_NTH},?\s+\d{{4}}"
_FROM = re.compile(rf"\b(?:from|starting(?:\s+(?:on|from))?|beginning|since)\s+(?:the\s+)?({_DATE})", re.I)
_UNTIL = re.compile(rf"\b(?:until|till|ending(?:\s+on)?|through|to)\s+(?:the\s+)?({_DATE})", re.I)
_AT = re.compile(
    r"\b(?:at\s+(?P<only>\d{1,2})(?![\d:.])(?!\s*[ap]m)"
    r"|(?:at\s+)?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d)\s*(?P<half>[ap]m)?|\s*(?P<alone>[ap]m))"
    r"|(?:at\s+)?(?P<named>noon|midnight))\b",
    re.I,
)


def monday_to_friday(day: date) -> bool:
    """What is a working day where nobody says otherwise."""
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Rule:
    """The dates of a ritual: a pattern, from `start` to `end` (both included, None for open).

    `at` is the time of day that was named beside the days, for whoever sets the ritual up; it is no part of
    the rule itself, nor of its `text`.
    """

    pattern: Read | Recurring
    start: date | None = None
    end: date | None = None
    at: time | None = None

    @classmethod
    def read(cls, text: str) -> "Rule":
        """The rule that a text means.

        Raises `RuleError`, whose message says what is not understood and what is.
        """
        return _read(text)

    def starting(self, day: date) -> "Rule":
        """This rule, counted from its first date on or after `day` where it counts and no start was said."""
        if self.start is not None or not self.pattern.counts:
            return self
        first = next(replace(self, start=day).dates(day - _DAY, day + _SEARCHED), None)
        return replace(self, start=first or day)

    def dates(self, after: date, until: date, is_day: IsDay | None = None) -> Iterator[date]:
        """Its dates later than `after` and not later than `until`, in order.

        `is_day` says what counts as a working day; without it, Monday to Friday does.
        """
        since = max(after + _DAY, self.start or EARLIEST)
        last = min(until, self.end or LATEST)
        if since <= last:
            yield from self.pattern.dates(since, last, self.start or ANCHOR, is_day or monday_to_friday)

    @property
    def text(self) -> str:
        """The rule as `read` reads it; the same for every way to say it."""
        since = f" from {self.start}" if self.start else ""
        until = f" until {self.end}" if self.end else ""
        return f"{self.pattern.text}{since}{until}"

    @property
    def words(self) -> str:
        """The rule as a sentence for people, with whatever may surprise them."""
        since = f", from {_said(self.start)}" if self.start else ""
        until = f", until {_said(self.end)}" if self.end else ""
        plain = not isinstance(self.pattern, Recurring)
        named = self.pattern.text if plain else f"on the dates of {self.pattern.text}"
        sentence = f"{named}{since}{until}{_remark(self.pattern)}."
        return sentence[0].upper() + sentence[1:]


@lru_cache(maxsize=256)
def _read(text: str) -> Rule:
    if len(text) > _LONGEST:
        raise RuleError(f"That is too long to be read. {UNDERSTOOD}.")
    said = " ".join(text.split()).strip(" .")
    if "FREQ=" in said.upper():
        rest, start, end = _bounds(said)
        recurring, begin, until = read_rrule(rest, start)
        return _checked(Rule(recurring, start or begin, end or until))
    if "*" in said:
        days, at = read_crontab(said)
        return _checked(Rule(days, at=at))
    rest, start, end = _bounds(said)
    rest, clock = _time(rest)
    return _checked(Rule(read_words(rest), start, end, clock))


def _bounds(text: str) -> tuple[str, date | None, date | None]:
    """A text without its start and end dates, and these."""
    found: list[date | None] = []
    for kind in (_FROM, _UNTIL):
        matched = kind.search(text)
        found.append(_date(matched[1]) if matched else None)
        text = kind.sub(" ", text, count=1)
    return text.strip(" ,"), found[0], found[1]


def _time(text: str) -> tuple[str, time | None]:
    """A text without the time of day in it, and that."""
    matched = _AT.search(text)
    if matched is None:
        return text, None
    rest = (text[: matched.start()] + text[matched.end() :]).strip(" ,")
    if matched["named"]:
        return rest, time(12 if matched["named"].lower() == "noon" else 0)
    hour, minute = int(matched["only"] or matched["hour"]), int(matched["minute"] or 0)
    half = (matched["half"] or matched["alone"] or "").lower()
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise RuleError(f"“{matched[0]}” is no time of day: write it like *at 09:00*.")
    return rest, time(hour, minute)


def _date(text: str) -> date:
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)", "", text.lower()).replace(",", " ").replace(".", " ")
    for form in ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y"):
        try:
            return datetime.strptime(" ".join(plain.split()).replace("sept ", "sep "), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise RuleError(f"“{text}” is no date: write it like 2026-11-30.")


def _checked(rule: Rule) -> Rule:
    """The rule, when it has any date at all."""
    for day in (rule.start, rule.end):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise RuleError(f"Dates may be from {EARLIEST.year} to {LATEST.year}, not {day}.")
    if isinstance(rule.pattern, Monthly) and rule.pattern.impossible:
        raise RuleError(f"There is no {rule.pattern.impossible}.")
    if rule.start and rule.end and rule.end < rule.start:
        raise RuleError(f"It would end on {rule.end}, before it starts on {rule.start}.")
    begin = rule.start or ANCHOR
    if next(rule.dates(begin - _DAY, begin + _SEARCHED), None) is None:
        raise RuleError("There is no such date. Check the days and the months, and the start and the end.")
    return rule


def _said(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else ""


def _remark(pattern: Read | Recurring) -> str:
    """What may surprise people in a pattern."""
    match pattern:
        case Monthly(on, _, months):
            numbers = [one.number for one in on if isinstance(one, MonthDay)]
            if months == (2,) and 29 in numbers:
                return "; in other years than leap years, on 28 February"
            if not months and max(numbers, default=0) > 28:
                return "; in shorter months, on their last day"
            if any(isinstance(one, Nth) and one.nth == 5 for one in on):
                return "; only in months that have a fifth one"
            return ""
        case Recurring() if pattern.leaves_out:
            return "; months and years without such a day are left out"
        case _:
            return ""

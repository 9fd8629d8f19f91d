"""On which dates something recurs: the kinds of patterns there are, each with its dates and its words."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

IsDay = Callable[[date], bool]
"""Whether a date is a working day."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EVERY_DAY, MONDAY_TO_FRIDAY, WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset({5, 6})
_DAY, _WEEK, _YEARS = timedelta(days=1), timedelta(days=7), timedelta(days=366 * 4)
_NAMES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second last"}


class RuleError(ValueError):
    """A recurrence that can't be read; the message says why, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Days:
    """Every `every` days, counted from the anchor."""

    every: int

    def dates(self, since: date, until: date, anchor: date, _is_day: IsDay) -> Iterator[date]:
        for day in each_day(since, until):
            if (day - anchor).days % self.every == 0:
                yield day

    @property
    def text(self) -> str:
        return f"every {self.every} days"

    @property
    def counts(self) -> bool:
        """Whether its dates depend on where counting begins."""
        return True


@dataclass(frozen=True, slots=True)
class Weekly:
    """On these days of the week (0 is Monday) of every `every`th week; the first that counts is that of the
    first such day on or after the anchor."""

    days: frozenset[int]
    every: int = 1

    def dates(self, since: date, until: date, anchor: date, _is_day: IsDay) -> Iterator[date]:
        first = next(day for day in each_day(anchor, anchor + _WEEK) if day.weekday() in self.days)
        for day in each_day(since, until):
            weeks = (_monday(day) - _monday(first)).days // 7
            if day.weekday() in self.days and weeks % self.every == 0:
                yield day

    @property
    def text(self) -> str:
        named = listed([WEEKDAYS[day] for day in sorted(self.days)])
        if self.every > 1:
            return f"every {self.every} weeks on {named}"
        known = {EVERY_DAY: "every day", MONDAY_TO_FRIDAY: "every weekday", WEEKEND: "every weekend"}
        return known.get(self.days, f"every {named}")

    @property
    def counts(self) -> bool:
        return self.every > 1


@dataclass(frozen=True, slots=True)
class Workdays:
    """On every working day."""

    def dates(self, since: date, until: date, _anchor: date, is_day: IsDay) -> Iterator[date]:
        return filter(is_day, each_day(since, until))

    @property
    def text(self) -> str:
        return "every working day"

    @property
    def counts(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the month by its number, 31 being the last; a month that is shorter has it on its last day."""

    number: int

    def day(self, year: int, month: int, _is_day: IsDay) -> date | None:
        return date(year, month, min(self.number, monthrange(year, month)[1]))

    @property
    def text(self) -> str:
        return f"the {ordinal(self.number)}"


@dataclass(frozen=True, slots=True)
class Nth:
    """The `nth` such day of the week of a month, or from its end (-1); months without a fifth have none."""

    nth: int
    weekday: int

    def day(self, year: int, month: int, _is_day: IsDay) -> date | None:
        return _chosen([day for day in _month(year, month) if day.weekday() == self.weekday], self.nth)

    @property
    def text(self) -> str:
        return f"the {_NAMES[self.nth]} {WEEKDAYS[self.weekday]}"


@dataclass(frozen=True, slots=True)
class Workday:
    """The `nth` working day of a month, or from its end (-1)."""

    nth: int

    def day(self, year: int, month: int, is_day: IsDay) -> date | None:
        return _chosen([day for day in _month(year, month) if is_day(day)], self.nth)

    @property
    def text(self) -> str:
        return f"the {_NAMES.get(self.nth) or ordinal(self.nth)} working day"


MonthPart = MonthDay | Nth | Workday


def in_order(on: Iterable[MonthPart]) -> tuple[MonthPart, ...]:
    """Each once, those that name a number last: so they are said, and can't be taken for “3rd Friday”."""
    return tuple(sorted(dict.fromkeys(on), key=lambda one: isinstance(one, MonthDay)))


@dataclass(frozen=True, slots=True)
class Monthly:
    """On these days of every `every`th month, or (`months`, 1 is January) of some months of each year."""

    on: tuple[MonthPart, ...]
    every: int = 1
    months: tuple[int, ...] = ()

    def dates(self, since: date, until: date, anchor: date, is_day: IsDay) -> Iterator[date]:
        begun = self._all(anchor, anchor + _YEARS, is_day) if self.counts else iter(())
        first = _index(next(begun, anchor))
        for day in self._all(since, until, is_day):
            if (_index(day) - first) % self.every == 0:
                yield day

    def _all(self, since: date, until: date, is_day: IsDay) -> Iterator[date]:
        for index in range(_index(since), _index(until) + 1):
            year, month = divmod(index, 12)
            if not self.months or month + 1 in self.months:
                found = {one.day(year, month + 1, is_day) for one in self.on} - {None}
                yield from sorted(day for day in found if day is not None and since <= day <= until)

    @property
    def impossible(self) -> str:
        """A day that none of its months has (“31 April”), if there is one."""
        longest = max((_LONGEST[month - 1] for month in self.months), default=31)
        numbers = [one.number for one in self.on if isinstance(one, MonthDay)]
        named = f"{max(numbers, default=0)} {MONTHS[self.months[0] - 1]}" if self.months else ""
        return named if max(numbers, default=0) > longest else ""

    @property
    def text(self) -> str:
        if self.months and len(self.on) == 1 and isinstance(self.on[0], MonthDay):
            return f"yearly on {listed([f'{self.on[0].number} {MONTHS[one - 1]}' for one in self.months])}"
        named = listed([one.text for one in self.on])
        if self.months:
            return f"yearly on {named} of {listed([MONTHS[one - 1] for one in self.months])}"
        return f"monthly on {named}" if self.every == 1 else f"every {self.every} months on {named}"

    @property
    def counts(self) -> bool:
        return self.every > 1


def each_day(since: date, until: date) -> Iterator[date]:
    """All dates from one to another, both included."""
    for number in range(since.toordinal(), until.toordinal() + 1):
        yield date.fromordinal(number)


def listed(names: list[str]) -> str:
    """Names as in a sentence: “a, b and c”."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _month(year: int, month: int) -> Iterator[date]:
    return each_day(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _index(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def _monday(day: date) -> date:
    return day - _DAY * day.weekday()


def _chosen(days: list[date], nth: int) -> date | None:
    place = nth - 1 if nth > 0 else len(days) + nth
    return days[place] if 0 <= place < len(days) else None

"""Recurrences as people write them, read word by word; what is not understood is refused with what is."""

import re
from dataclasses import dataclass, field

from prompts.patterns import (
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    MONTHS,
    WEEKDAYS,
    WEEKEND,
    Days,
    MonthDay,
    Monthly,
    Nth,
    RuleError,
    Weekly,
    Workday,
    Workdays,
    in_order,
)

Read = Days | Weekly | Workdays | Monthly

UNDERSTOOD = (
    "I understand: every day · every weekday · Mon, Wed and Fri · every 2 weeks on Tuesday ·"
    " monthly on the 31st · the last Friday of the month · the last working day of the month ·"
    " yearly on 29 February · an RRULE"
)
_MOST = 100
_FILLERS = {"on", "the", "of", "in", "and", "a", "&", "+"}
_UNITS = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}
_ALONE = {
    "daily": ("day", 1),
    "weekly": ("week", 1),
    "fortnightly": ("week", 2),
    "fortnight": ("week", 2),
    "monthly": ("month", 1),
    "quarterly": ("quarter", 1),
    "yearly": ("year", 1),
    "annually": ("year", 1),
}
_SHORT_DAYS = {
    "mo": 0,
    "tu": 1,
    "tues": 1,
    "we": 2,
    "weds": 2,
    "th": 3,
    "thur": 3,
    "thurs": 3,
    "fr": 4,
    "sa": 5,
    "su": 6,
}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "other": 2}
_WORKDAY = {"workday", "business", "working"}
_UNCLEAR = {
    "biweekly": "“biweekly” is twice a week to some and every two weeks to others: write"
    " *every 2 weeks on Tuesday*, or *Tue and Thu*.",
    "bimonthly": "“bimonthly” is twice a month to some and every two months to others: write"
    " *monthly on the 1st and 15th*, or *every 2 months on the 1st*.",
    "twice": "Name the days, like *Tue and Thu*, or *monthly on the 1st and 15th*.",
}


@dataclass
class _Found:
    """What was read so far."""

    unit: str = ""
    every: int = 1
    days: set[int] = field(default_factory=set)
    months: set[int] = field(default_factory=set)
    on: list[MonthDay | Nth | Workday] = field(default_factory=list)
    workdays: bool = False
    unclear: str = ""


def read_words(text: str) -> Read:
    """The pattern that a few words mean. Raises `RuleError`."""
    words = _words(text)
    if not words:
        raise RuleError(f"Say on which days. {UNDERSTOOD}.")
    found = _Found()
    while words:
        _take(words, found)
    return _pattern(found)


def _words(text: str) -> list[str]:
    """Lower-case words in the singular, ranges apart (“mon-fri” is three words), without fillers."""
    spaced = re.sub(r"[‐-―]", "-", text.lower()).replace("bi-", "bi").replace("-", " - ")
    words = re.sub(r"[,;.]", " ", spaced).split()
    return [_singular(word) for word in words if word not in _FILLERS]


def _singular(word: str) -> str:
    if (
        word[:-1] in _UNITS
        or _weekday(word[:-1]) is not None
        or word[:-1] in (*_WORKDAY, "weekday", "weekend")
    ):
        return word[:-1] if word.endswith("s") else word
    return word


def _take(words: list[str], found: _Found) -> None:
    """Read the first words, and take them away."""
    word = words.pop(0)
    if word in _UNCLEAR:
        raise RuleError(_UNCLEAR[word])
    if word in ("every", "each", "once"):
        _take_every(words, found)
    elif word in ("except", "without"):
        _take_exceptions(words, found)
    elif word in _ALONE:
        _set_unit(found, *_ALONE[word])
    elif word in _UNITS:
        _set_unit(found, word, found.every)
    elif word == "weekday":
        found.days |= MONDAY_TO_FRIDAY
    elif word == "weekend":
        found.days |= WEEKEND
    elif word in _WORKDAY:
        _drop_day(word, words)
        found.workdays = True
    elif (day := _weekday(word)) is not None:
        found.days |= _range(day, words)
    elif (month := _month(word)) is not None:
        found.months.add(month)
    elif (number := _ordinal(word)) is not None:
        _take_ordinals(number, words, found)
    else:
        raise RuleError(f"“{word[:40]}” is not understood. {UNDERSTOOD}.")


def _take_every(words: list[str], found: _Found) -> None:
    """“every 2 weeks”, “every other Tuesday”; whatever else follows is read as if there were no “every”."""
    number = _number(words[0]) if words else None
    if number is None:
        if len(words) > 1 and (_ordinal(words[0]) or 0) > 1 and _weekday(words[1]) is not None:
            found.unclear = words[0]
        return
    rest = words[1] if len(words) > 1 else ""
    if not 1 <= number <= _MOST:
        raise RuleError(f"Every how many? From 1 to {_MOST}.")
    if rest in _UNITS:
        del words[:2]
        _set_unit(found, rest, number)
    elif words[0] == "other" and _weekday(rest) is not None:
        del words[0]
        _set_unit(found, "week", 2)
    elif _weekday(rest) is not None:
        raise RuleError(f"Write *every {number} weeks on {WEEKDAYS[_weekday(rest) or 0]}*.")


def _take_exceptions(words: list[str], found: _Found) -> None:
    """“except Friday”: all words that are left name days of the week."""
    left = found.days or (set(EVERY_DAY) if (found.unit, found.every) == ("day", 1) else set())
    while words:
        day = _weekday(word := words.pop(0))
        if day is None:
            raise RuleError(f"After “except” only days of the week are understood, not “{word[:40]}”.")
        left = left - _range(day, words)
    if not left or found.on or found.workdays:
        raise RuleError("“except” goes with days of the week, like *every weekday except Friday*.")
    found.days, found.unit = left, "week" if found.unit == "day" else found.unit


def _take_ordinals(first: int, words: list[str], found: _Found) -> None:
    """“1st and 15th”, “first Monday”, “first and third Tuesday”, “last working day”, “29 February”."""
    numbers = [first]
    if first == -1 or not words:
        pass
    elif first == 2 and words[0] == "last":
        numbers, _ = [-2], words.pop(0)
    while words and (number := _ordinal(words[0])) is not None:
        numbers.append(number)
        words.pop(0)
    following = words[0] if words else ""
    such = [number for number in numbers if number <= 5] or numbers
    if (day := _weekday(following)) is not None:
        words.pop(0)
        found.on += [MonthDay(_within(number, 31)) for number in numbers if number not in such]
        for weekday in sorted(_range(day, words)):
            found.on += [Nth(_within(number, 5), weekday) for number in such]
    elif following in (*_WORKDAY, "weekday"):
        _drop_day(words.pop(0), words)
        found.on += [Workday(_within(number, 20)) for number in numbers]
    else:
        if following == "day":
            words.pop(0)
        found.on += [MonthDay(31 if number == -1 else _within(number, 31, least=1)) for number in numbers]


def _within(number: int, most: int, least: int = -2) -> int:
    if not least <= number <= most or number == 0:
        raise RuleError(f"There is no {number}. such day: it may be the 1st to the {most}th, or the last.")
    return number


def _range(day: int, words: list[str]) -> set[int]:
    """A day of the week, or all from it to another one when the next words say so (“Sun-Thu”)."""
    if len(words) < 2 or words[0] not in ("-", "to", "through", "thru"):
        return {day}
    last = _weekday(words[1])
    if last is None:
        raise RuleError(f"From {WEEKDAYS[day]} to which day? “{words[1][:40]}” is no day of the week.")
    del words[:2]
    return {(day + n) % 7 for n in range((last - day) % 7 + 1)}


def _pattern(found: _Found) -> Read:
    monthly = found.unit in ("month", "quarter", "year") or bool(found.months)
    if found.unclear and not monthly:
        raise RuleError(
            f"Every {found.unclear} one: of the month, or counted in weeks? Write"
            f" *the {found.unclear} Tuesday of the month*, or *every 2 weeks on Tuesday*."
        )
    if found.on or monthly:
        return _in_months(found)
    if found.workdays:
        if found.days or (found.unit, found.every) not in (("", 1), ("day", 1)):
            raise RuleError("Write *every working day* alone, or name days of the week.")
        return Workdays()
    if found.days:
        if found.unit == "day" and found.every > 1:
            raise RuleError(f"Every {found.every} days, or days of the week? Only one of them can count.")
        return Weekly(frozenset(found.days), found.every)
    if found.unit == "day":
        return Weekly(EVERY_DAY) if found.every == 1 else Days(found.every)
    raise RuleError("On which day of the week? Write *every Tuesday*, or *every 2 weeks on Tuesday*.")


def _in_months(found: _Found) -> Monthly:
    if found.days or found.workdays:
        raise RuleError(
            "Which one of the month? Write *the first Tuesday of the month*, or *the last working day*."
        )
    if not found.on:
        raise RuleError(
            "On which day of the month? Write *monthly on the 1st*, or *the last Friday of the month*."
        )
    if found.unit in ("day", "week"):
        raise RuleError("Days of the month don't go with weeks. Write *monthly on the 1st*.")
    if found.unit == "year" and (not found.months or found.every > 1):
        raise RuleError("Write a day and a month for what comes once a year, like *yearly on 29 February*.")
    if found.months and found.unit in ("month", "quarter") and found.every > 1:
        raise RuleError("Name the months, or say every how many; not both.")
    every = 1 if found.months else found.every * (3 if found.unit == "quarter" else 1)
    return Monthly(in_order(found.on), every, tuple(sorted(found.months)))


def _set_unit(found: _Found, unit: str, every: int) -> None:
    """“first Friday of every month” names a unit after all; two that differ are refused."""
    if found.unit and (found.unit, found.every) != (unit, every):
        raise RuleError(f"Every {found.unit}, or every {unit}? Only one of them can count.")
    found.unit, found.every = unit, every


def _drop_day(word: str, words: list[str]) -> None:
    if word in ("business", "working") and words and words[0] == "day":
        words.pop(0)


def _weekday(word: str) -> int | None:
    return _SHORT_DAYS.get(word, _named(word, WEEKDAYS))


def _month(word: str) -> int | None:
    place = 8 if word == "sept" else _named(word, MONTHS)
    return None if place is None else place + 1


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """The place of a name that is written in full or with its first three letters."""
    return next((n for n, name in enumerate(names) if word in (name.lower(), name[:3].lower())), None)


def _ordinal(word: str) -> int | None:
    if matched := re.fullmatch(r"(\d{1,2})(st|nd|rd|th)?", word):
        return int(matched[1])
    return _ORDINALS.get(word)


def _number(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) < 5 else _NUMBERS.get(word)

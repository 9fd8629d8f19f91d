"""Which date of a ritual somebody means who wants to reply now, early, late or for another day; pure."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

TODAY, TOMORROW, YESTERDAY = "today", "tomorrow", "yesterday"
FURTHEST_AHEAD = timedelta(days=31)
FURTHEST_BACK = timedelta(days=60)
_SEARCHED_AHEAD = timedelta(days=400)
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
_DAY = timedelta(days=1)

Dates = Callable[[date, date], Iterable[date]]
"""Gives a ritual's dates later than one day and not later than another, in order."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """`note` says why it is another date than the one that was named, where it is."""

    slot: date
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoSuch:
    """There is nothing to reply to; `reason` says why, and what there is."""

    reason: str


def wanted_in(text: str) -> tuple[str, str]:
    """The date that the words after a command name ("" where they name none), and what else they say."""
    first, _, rest = text.strip().partition(" ")
    word = first.lower()
    if word in (TODAY, TOMORROW, YESTERDAY) or _ISO.fullmatch(word):
        return word, rest.strip()
    return "", text.strip()


def choose(
    wanted: str, today: date, dates: Dates, known: Collection[date], unfinished: Sequence[date]
) -> Chosen | NoSuch:
    """The date that is meant by what `wanted_in` found, for somebody whose local date is `today`.

    `known` are dates of occurrences, `unfinished` those that still wait for this person: without a word,
    the oldest of these is meant, else today, else the next one.
    """
    before = [one for one in {*dates(today - FURTHEST_BACK, today - _DAY), *known} if one < today]
    following = min(
        (one for one in {*_some(dates(today, today + _SEARCHED_AHEAD)), *known} if one > today), default=None
    )
    on = {*dates(today - _DAY, today), *known}
    match wanted:
        case "" if unfinished:
            return Chosen(min(unfinished))
        case "" | "today" if today in on:
            return Chosen(today)
        case "today":
            return NoSuch(f"There is none today. {_next(following)}")
        case "yesterday" if before:
            last = max(before)
            return Chosen(
                last, "" if last == today - _DAY else f"The last one before today was on {said(last)}."
            )
        case "yesterday":
            return NoSuch("There was none before today.")
        case "" | "tomorrow" if following is not None and following - today <= FURTHEST_AHEAD:
            note = "" if following == today + _DAY and wanted else f"The next one is on {said(following)}."
            return Chosen(following, note)
        case "" | "tomorrow":
            return NoSuch(f"There is none today or soon. {_next(following)}")
        case _:
            return _named(wanted, today, dates, known)


def said(day: date) -> str:
    """`Friday 27 November`."""
    return f"{day:%A} {day.day} {day:%B}"


def _named(wanted: str, today: date, dates: Dates, known: Collection[date]) -> Chosen | NoSuch:
    try:
        day = date.fromisoformat(wanted)
    except ValueError:
        return NoSuch(f"{wanted} is no date: write it like {today.isoformat()}.")
    if not today - FURTHEST_BACK <= day <= today + FURTHEST_AHEAD:
        return NoSuch(
            f"{said(day)} {day.year} is too far away: I take entries for the last {FURTHEST_BACK.days} days "
            f"and the next {FURTHEST_AHEAD.days}."
        )
    if day in known or day in set(dates(day - _DAY, day)):
        return Chosen(day)
    near = [one for one in {*dates(day - 7 * _DAY, day + 7 * _DAY), *known} if abs(one - day) <= 7 * _DAY]
    nearest = min(near, key=lambda one: (abs(one - day), one), default=None)
    there = "" if nearest is None else f" The nearest one is on {said(nearest)} ({nearest.isoformat()})."
    return NoSuch(f"There is none on {said(day)} {day.year}.{there}")


def _next(following: date | None) -> str:
    return "" if following is None else f"The next one is on {said(following)} ({following.isoformat()})."


def _some(days: Iterable[date]) -> Iterable[date]:
    """The first of some days; none where there are none."""
    return [day for day, _ in zip(days, range(1), strict=False)]

"""How many take part in a ritual, by week and over time, never who; and when they are too few; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

LEAST_PEOPLE = 4
"""Of fewer people nothing is shown: it would say what each of them did."""

COMPARED = 10
LEAST_COMPARED = 5
FALLEN_BELOW, FALLEN_BY, HARDLY_ANY = 50, 20, 20
_A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Turnout:
    """One date of a ritual: how many were asked and at work, and how many of them answered."""

    slot: date
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Week:
    """The week from a Monday on."""

    monday: date
    asked: int
    answered: int
    most_people: int

    @property
    def percent(self) -> int:
        return percent(self.answered, self.asked)


@dataclass(frozen=True, slots=True)
class Fallen:
    """Of 100 that were asked, `now` answered in the last `dates`, and `before` before that."""

    now: int
    before: int
    dates: int


def percent(answered: int, asked: int) -> int:
    """Of 100 that were asked, how many answered; 0 where nobody was."""
    return round(100 * answered / asked) if asked else 0


def by_week(turnouts: Sequence[Turnout]) -> Sequence[Week]:
    """The weeks in which anybody was asked, the newest first."""
    weeks: dict[date, list[Turnout]] = {}
    for one in turnouts:
        if one.asked:
            weeks.setdefault(one.slot - timedelta(days=one.slot.weekday()), []).append(one)
    return [
        Week(
            monday,
            sum(one.asked for one in some),
            sum(one.answered for one in some),
            max(one.asked for one in some),
        )
        for monday, some in sorted(weeks.items(), reverse=True)
    ]


def fallen(turnouts: Sequence[Turnout]) -> Fallen | None:
    """Whether a ritual is worth a question to its owner: participation has fallen for a while, or was always
    next to nothing. None while there is too little to tell."""
    asked = sorted((one for one in turnouts if one.asked), key=lambda one: one.slot)
    recent, before = asked[-COMPARED:], asked[-2 * COMPARED : -COMPARED]
    if len(recent) < COMPARED or len(before) < LEAST_COMPARED:
        return None
    now, then = _percent_of(recent), _percent_of(before)
    if (now < FALLEN_BELOW and then - now >= FALLEN_BY) or (now < HARDLY_ANY and then < HARDLY_ANY):
        return Fallen(now, then, len(recent))
    return None


def best_day(turnouts: Sequence[Turnout]) -> int:
    """The day of the week (0 is Monday) on which most of those who were asked answered."""
    of_days: dict[int, list[Turnout]] = {}
    for one in turnouts:
        if one.asked:
            of_days.setdefault(one.slot.weekday(), []).append(one)
    return max(sorted(of_days), key=lambda day: _percent_of(of_days[day]), default=0)


def _percent_of(some: Sequence[Turnout]) -> int:
    return percent(sum(one.answered for one in some), sum(one.asked for one in some))

"""Fair hours over time zones: each talk at a time by which nobody bears more than has to be borne; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown

DAY_BEGINS, DAY_ENDS = 9 * 60, 18 * 60
"""The hours that burden nobody, in minutes of a wall clock."""
_A_DAY = 24 * 60
_AHEAD = 6
"""So many talks to come are played through before one is chosen."""
_STEPS = 150
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Hour:
    """A time at which a talk may begin, and what it burdens each zone with, in minutes."""

    starts: datetime
    burdens: tuple[float, ...]


def burden(starts: datetime, minutes: int, zone: ZoneInfo) -> int:
    """How far a talk reaches out of 9 to 18 o'clock by the clock of a zone, in minutes: of a talk in the
    evening how late it ends, of one in the morning how early it begins, whichever is less."""
    local = starts.astimezone(zone)
    begins = local.hour * 60 + local.minute
    return min(
        max(0, DAY_BEGINS - (begins + shift), begins + shift + minutes - DAY_ENDS)
        for shift in (-_A_DAY, 0, _A_DAY)
    )


def fair_start(
    day: date, at: time, zone: ZoneInfo, minutes: int, borne: Mapping[ZoneInfo, float]
) -> datetime:
    """When a talk on a local date of `zone` begins, in UTC, for people in the zones of `borne`, who have
    borne so many minutes at talks before.

    Of all quarter hours of the day it is one by which the largest burden of all stays as small as it can in
    the long run: at no time is it more than one talk's worth above what the fairest rotation would have
    brought. Among equals it is the nearest to `at`.
    """
    hours = _worthwhile(_hours(day, at, zone, minutes, tuple(borne)))
    before = tuple(borne.values())
    worth = max((max(one.burdens, default=0.0) for one in hours), default=0.0)
    if len(hours) == 1 or not worth:
        return hours[0].starts
    played = _play(hours, before, worth)
    often = [one for one, times in zip(hours, played, strict=True) if times >= _STEPS / _AHEAD / 2]
    return min(often or hours, key=lambda one: _largest_first(before, one)).starts


def _hours(day: date, at: time, zone: ZoneInfo, minutes: int, zones: Sequence[ZoneInfo]) -> list[Hour]:
    """Every quarter hour of a local date, the nearest to `at` first."""
    wall = datetime.combine(day, time())
    walls = sorted(
        (wall + n * _QUARTER for n in range(96)), key=lambda one: abs(one - datetime.combine(day, at))
    )
    found = {as_shown(day, one.time(), zone): None for one in walls}
    return [Hour(starts, tuple(float(burden(starts, minutes, one)) for one in zones)) for starts in found]


def _worthwhile(hours: Sequence[Hour]) -> list[Hour]:
    """Without those that burden somebody more than another one does, and nobody less."""
    nearest: dict[tuple[float, ...], Hour] = {}
    for one in hours:
        nearest.setdefault(one.burdens, one)
    different = [*nearest.values()]
    return [one for one in different if not any(_is_better(other, one) for other in different)]


def _is_better(one: Hour, than: Hour) -> bool:
    no_worse = all(a <= b for a, b in zip(one.burdens, than.burdens, strict=True))
    return no_worse and one.burdens != than.burdens


def _play(hours: Sequence[Hour], borne: Sequence[float], worth: float) -> list[int]:
    """How often each hour is chosen, where the talks to come are played through in small steps, each for
    those who have borne most by then."""
    step = _AHEAD / _STEPS
    heat = 4 * worth * step
    totals, times = list(borne), [0] * len(hours)
    for _ in range(_STEPS):
        most = max(totals)
        weights = [exp((total - most) / heat) for total in totals]
        chosen = min(range(len(hours)), key=lambda n: _weighed(hours[n].burdens, weights))
        times[chosen] += 1
        totals = [a + step * b for a, b in zip(totals, hours[chosen].burdens, strict=True)]
    return times


def _weighed(burdens: Sequence[float], weights: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(burdens, weights, strict=True))


def _largest_first(borne: Sequence[float], hour: Hour) -> list[float]:
    return sorted((a + b for a, b in zip(borne, hour.burdens, strict=True)), reverse=True)

"""How a talk comes about: until when votes count, who is asked to speak and how long they have; pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown
from prompts.workdays import next_workday

SILENT_DAYS = 2
"""Who has not replied for so many working days is not waited for."""
REFUSALS = 3
"""After so many who could not, the owner is told; others are asked meanwhile."""
SHORTEST_WAIT = timedelta(minutes=10)
"""Nobody is asked to speak whom less time would be left to reply."""
NEAR = timedelta(days=1)
_FLOOR_OPENS_DAYS = 2
_MORNING, _EVENING = time(9), time(18)

Works = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be asked to speak. `offered` is their place among those who would like to (0 is the
    first), None for all others; times are Unix seconds, None for never."""

    person: str
    offered: int | None = None
    last_spoke: float | None = None
    last_asked: float | None = None


def in_turn(candidates: Iterable[Candidate]) -> list[Candidate]:
    """In the order in which they are asked: who offered it, then whose last turn, whether they spoke or were
    asked, is longest ago; so who never speaks is asked in turn like all others, and not before them."""
    return sorted(candidates, key=_turn)


def _turn(one: Candidate) -> tuple[bool, int, float, float, str]:
    spoke, asked = one.last_spoke or 0.0, one.last_asked or 0.0
    return (one.offered is None, one.offered or 0, max(spoke, asked), spoke, one.person)


def voting_ends(starts: datetime, lead_days: int) -> datetime:
    """Until when votes count for a talk: a third of its lead is for voting, the rest for its speaker."""
    return starts - timedelta(days=ceil(lead_days * 2 / 3))


def floor_opens(starts: datetime, lead_days: int) -> datetime:
    """When a talk without a topic or a speaker is announced as it is, with the floor open to everybody."""
    return starts - timedelta(days=min(_FLOOR_OPENS_DAYS, max(1, lead_days // 4)))


def by_day(now: datetime, zone: ZoneInfo) -> datetime:
    """Now, where it is day there; else the next morning. For what a channel is told without being asked."""
    local = now.astimezone(zone)
    if _MORNING <= local.time() < _EVENING:
        return now
    day = local.date() if local.time() < _MORNING else local.date() + timedelta(days=1)
    return as_shown(day, _MORNING, zone)


def search_ends(starts: datetime, lead_days: int, announced: bool) -> datetime:
    """Until when speakers are asked: for what is announced already, nearly to its beginning."""
    return starts - SHORTEST_WAIT if announced else floor_opens(starts, lead_days)


def reply_by(asked: datetime, starts: datetime, zone: ZoneInfo, works: Works) -> datetime:
    """How long somebody who was asked is waited for: two of their working days, and never longer than half
    of the time that is left before the talk, nor shorter than ten minutes."""
    local = asked.astimezone(zone)
    day: date | None = local.date()
    for _ in range(SILENT_DAYS):
        day = None if day is None else next_workday(day, works)
    half = asked + max((starts - asked) / 2, SHORTEST_WAIT)
    return half if day is None else min(half, as_shown(day, local.time(), zone))

"""Who comes to a talk, when they are reminded of it, and what of it has changed; pure."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown

SOON = timedelta(minutes=10)
_A_DAY = timedelta(days=1)
_FIRST, _LAST = time(9), time(17)


@dataclass(frozen=True, slots=True)
class Seats:
    """Who has a seat, and who waits for one, the first one first."""

    taken: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()

    def wanted_by(self, person: str, capacity: int | None) -> "Seats":
        """Somebody wants to come: they get a seat where one is free and nobody waits, else they wait.

        Who has a seat keeps it, and who waits keeps their turn.
        """
        if person in self.taken or person in self.waiting:
            return self
        return replace(self, waiting=(*self.waiting, person)).filled(capacity)

    def left_by(self, people: Collection[str], capacity: int | None) -> "Seats":
        """These do not come, or need no seat; who waits moves up."""
        stay = Seats(
            tuple(one for one in self.taken if one not in people),
            tuple(one for one in self.waiting if one not in people),
        )
        return stay.filled(capacity)

    def filled(self, capacity: int | None) -> "Seats":
        """Free seats go to those who wait, in their order; nobody loses one because there are fewer now."""
        free = len(self.waiting) if capacity is None else max(0, capacity - len(self.taken))
        return Seats((*self.taken, *self.waiting[:free]), self.waiting[free:])


@dataclass(frozen=True, slots=True)
class Facts:
    """What those who come were told of a talk. `starts_at` is in Unix seconds."""

    starts_at: float
    minutes: int
    place: str
    title: str
    cancelled: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Facts":
        return cls(**data)


def day_before(starts: datetime, zone: ZoneInfo) -> datetime:
    """When somebody is reminded a day before: at the same time by their clock, but not before nine or after
    five. In UTC, on the date before that of the start as they see it."""
    local = starts.astimezone(zone)
    at = min(max(local.time().replace(second=0, microsecond=0), _FIRST), _LAST)
    return as_shown(local.date() - _A_DAY, at, zone)


def shortly_before(starts: datetime) -> datetime:
    """When somebody is reminded that it is about to begin, in UTC."""
    return (starts - SOON).astimezone(UTC)

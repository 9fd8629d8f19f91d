"""Moments of local dates: when it is a time of day somewhere, whatever the clocks do there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Zoned:
    """The zone that counts; `reason` is a sentence where it is not the one that was named."""

    zone: ZoneInfo
    reason: str = ""


def zone_named(name: str | None, otherwise: ZoneInfo) -> Zoned:
    """The zone of an IANA name; another one where the name is missing, unknown or removed."""
    if not name:
        return Zoned(otherwise, f"No time zone is known, so {otherwise.key} is used.")
    try:
        return Zoned(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Zoned(otherwise, f"The time zone {name[:60]} is not known, so {otherwise.key} is used.")


def moment(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The moment, in UTC, when it is `at` on a local date; None for a date that the zone has left out.

    A time that comes twice counts the first time; one that is left out, as soon as the clock shows a later.
    """
    found = as_shown(day, at, zone)
    there = found.astimezone(zone).date() == day or as_shown(day, time(), zone).astimezone(zone).date() == day
    return found if there else None


def as_shown(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, when the clock of a zone shows this date and time or later.

    Like `moment`, but a date that the zone has left out counts as a time that it has left out.
    """
    wall = datetime.combine(day, at)
    late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = early.astimezone(zone).utcoffset()
    while late - early > _MINUTE:
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return _whole_minute(late)


def _whole_minute(found: datetime) -> datetime:
    """The minute that the end of a search lies in or begins: clocks change at whole minutes."""
    return found.replace(second=0, microsecond=0)

"""Every zone there is and every change of its clocks from 2024 to 2030, for tests."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)


@cache
def every_zone() -> tuple[ZoneInfo, ...]:
    return tuple(ZoneInfo(name) for name in sorted(available_timezones()))


@cache
def changes(zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moments, in UTC, at which the clocks of a zone change."""
    seen = [BEGIN + n * _STEP for n in range((END - BEGIN) // _STEP + 1)]
    offsets = [(one, one.astimezone(zone).utcoffset()) for one in seen]
    return tuple(_change(a, b, zone) for (a, was), (b, now) in pairwise(offsets) if was != now)


@cache
def different_zones() -> tuple[ZoneInfo, ...]:
    """One of all zones whose clocks show the same from 2024 to 2030, and change."""
    found: dict[tuple[object, ...], ZoneInfo] = {}
    for zone in every_zone():
        if changes(zone):
            after = [BEGIN.astimezone(zone).utcoffset()]
            after += [one.astimezone(zone).utcoffset() for one in changes(zone)]
            found.setdefault((*changes(zone), *after), zone)
    return tuple(found.values())


def clock_by_the_hour(zone: ZoneInfo) -> tuple[object, ...]:
    """The same for zones whose clocks show the same at every hour: from when on which offset holds."""
    hours = (BEGIN + n * _HOUR for n in range((END - BEGIN) // _HOUR))
    found: list[tuple[datetime, timedelta | None]] = []
    for hour in hours:
        offset = hour.astimezone(zone).utcoffset()
        if not found or found[-1][1] != offset:
            found.append((hour, offset))
    return tuple(found)


def _change(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    before = early.astimezone(zone).utcoffset()
    while late - early > _MINUTE:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late.replace(second=0, microsecond=0)

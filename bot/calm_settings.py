"""`[rituals]` of lore.toml: what holds for everybody's days, leave and pings where they say nothing else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from knowledge.errors import SettingsError
from prompts.calm import NIGHT, PINGS_A_DAY, Signs
from prompts.workdays import PlaceError, check_place

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOST_PINGS = 100
LEAVE_EMOJI = frozenset(
    {"palm_tree", "desert_island", "beach_with_umbrella", "face_with_thermometer", "hospital", "mask",
     "sneezing_face", "baby", "baby_bottle", "no_entry", "luggage", "camping"}
)  # fmt: skip
LEAVE_WORDS = (
    "vacation", "vacationing", "holiday", "holidays", "on leave", "parental leave", "maternity", "paternity",
    "out sick", "sick", "out of office", "ooo", "pto", "day off", "time off", "annual leave", "sabbatical",
)  # fmt: skip

_COUNTRY = re.compile(r"([A-Z]{2})(?:-([A-Z0-9-]{1,10}))?")
_DAY_OFF = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s*\.\.\s*(\d{4}-\d\d-\d\d))?(?:\s+(\S.*))?")
_HOURS = re.compile(r"(\d\d:\d\d)\s*[-–]\s*(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class LeaveCalendarAt:
    """Where a calendar of leave is read: an address, which may lie within one's own network only where
    `private_network` says so, or a file. `name` is what people are shown: an address may hold a secret."""

    name: str
    address: str = field(default="", repr=False)
    path: Path | None = None
    private_network: bool = False


@dataclass(frozen=True, slots=True)
class CalmSettings:
    """What holds where a person has set nothing else.

    `work_days` is None where a ritual's own days count for everybody. `days_off` are the team's, with their
    names. `calendars` are read every `calendar_every`. `zone` is the team's.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    country: str = ""
    subdivision: str = ""
    work_days: frozenset[int] | None = None
    days_off: Mapping[date, str] = field(default_factory=dict)
    quiet: tuple[time, time] = NIGHT
    pings_a_day: int = PINGS_A_DAY
    signs: Signs = field(default_factory=lambda: Signs(LEAVE_EMOJI, LEAVE_WORDS))
    calendars: tuple[LeaveCalendarAt, ...] = ()
    calendar_every: timedelta = timedelta(minutes=30)


def calm_settings(
    config: Path, table: Mapping[str, Any], zone: ZoneInfo, environment: Mapping[str, str]
) -> CalmSettings:
    """Read the table. Raises SettingsError, naming the value and the fix."""
    country, subdivision = _country(config, table.get("country", ""))
    minutes = table.get("calendar_minutes", 30)
    if isinstance(minutes, bool) or not isinstance(minutes, int) or minutes < 1:
        raise SettingsError(
            f"rituals.calendar_minutes in {config.name} must be a whole number, 1 or more, not {minutes!r}."
        )
    return CalmSettings(
        zone=zone,
        country=country,
        subdivision=subdivision,
        work_days=_work_days(config, table.get("work_days")),
        days_off=_days_off(config, _texts(config, "days_off", table)),
        quiet=_quiet(config, table.get("quiet_hours", "")),
        pings_a_day=_pings(config, table.get("pings_a_day", PINGS_A_DAY)),
        signs=_signs(config, table),
        calendars=_calendars(config, table.get("calendars", []), environment),
        calendar_every=timedelta(minutes=minutes),
    )


def hours(text: str) -> tuple[time, time] | None:
    """`21:00-07:00`; the same time twice is none at all. None where it is something else."""
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        return None
    try:
        return time.fromisoformat(found[1]), time.fromisoformat(found[2])
    except ValueError:
        return None


def hours_in_words(quiet: tuple[time, time]) -> str:
    """`21:00-07:00`, as `hours` reads it."""
    return f"{quiet[0]:%H:%M}-{quiet[1]:%H:%M}"


def place(text: str) -> tuple[str, str] | None:
    """`DE`, or `DE-BY`; country and region, empty for an empty text, None where it is something else."""
    if not text.strip():
        return "", ""
    found = _COUNTRY.fullmatch(text.strip().upper())
    return None if found is None else (found[1], found[2] or "")


def _country(config: Path, value: str) -> tuple[str, str]:
    found = place(value)
    if found is None:
        raise SettingsError(
            f'rituals.country in {config.name} is a country such as "DE", or a region of it such as "DE-BY", '
            f"not {value!r}."
        )
    try:
        if found[0]:
            check_place(*found)
    except PlaceError as error:
        raise SettingsError(f"rituals.country in {config.name}: {error}") from None
    return found


def _work_days(config: Path, value: object) -> frozenset[int] | None:
    if value is None:
        return None
    named = [str(one).lower() for one in value] if isinstance(value, list) else []
    if not named or not all(one in DAYS for one in named):
        raise SettingsError(
            f'rituals.work_days in {config.name} are days such as ["monday", "tuesday"], not {value!r}.'
        )
    return frozenset(map(DAYS.index, named))


def _days_off(config: Path, value: Sequence[str]) -> Mapping[date, str]:
    found: dict[date, str] = {}
    for one in value:
        read = _DAY_OFF.fullmatch(one.strip())
        try:
            first = date.fromisoformat(read[1] if read else "")
            last = date.fromisoformat(read[2]) if read and read[2] else first
        except ValueError:
            read = None
        if read is None or not 0 <= (last - first).days < 367:
            raise SettingsError(
                f'rituals.days_off in {config.name} are days such as "2026-12-24 Christmas Eve" or '
                f'"2026-12-27..2026-12-31 Winter break", not {one!r}.'
            )
        for number in range((last - first).days + 1):
            found[first + timedelta(days=number)] = read[3] or "the team's day off"
    return found


def _quiet(config: Path, value: object) -> tuple[time, time]:
    if value == "":
        return NIGHT
    found = hours(value) if isinstance(value, str) else None
    if found is None:
        raise SettingsError(
            f'rituals.quiet_hours in {config.name} are hours such as "21:00-07:00" '
            f'("00:00-00:00" for none), not {value!r}.'
        )
    return found


def _pings(config: Path, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_PINGS:
        raise SettingsError(
            f"rituals.pings_a_day in {config.name} must be a whole number from 1 to {MOST_PINGS}, "
            f"not {value!r}."
        )
    return value


def _signs(config: Path, table: Mapping[str, Any]) -> Signs:
    emoji, said = _texts(config, "leave_emoji", table), _texts(config, "leave_words", table)
    return Signs(
        frozenset(one.strip(":") for one in emoji) if "leave_emoji" in table else LEAVE_EMOJI,
        tuple(said) if "leave_words" in table else LEAVE_WORDS,
    )


def _calendars(
    config: Path, entries: Sequence[object], environment: Mapping[str, str]
) -> tuple[LeaveCalendarAt, ...]:
    found: dict[str, LeaveCalendarAt] = {}
    for entry in entries:
        one = _calendar(config, entry, environment)
        same = sum(name.split(" ")[0] == one.name for name in found)
        named = replace(one, name=f"{one.name} ({same + 1})" if same else one.name)
        found[named.name] = named
    return tuple(found.values())


def _calendar(config: Path, entry: object, environment: Mapping[str, str]) -> LeaveCalendarAt:
    """One entry: a text, or a table with `address` and `private_network`."""
    known = entry if isinstance(entry, dict) else {"address": entry}
    text, private = known.get("address"), known.get("private_network", False)
    if not isinstance(text, str) or not text.strip() or not isinstance(private, bool) or len(known) > 2:
        raise _no_calendar(config, entry)
    if text.startswith("$"):
        name, address = text[1:], environment.get(text[1:], "").strip()
        if not address:
            raise SettingsError(
                f"rituals.calendars in {config.name} names {text}: put the calendar's web address into that "
                "variable of the environment."
            )
    elif "://" in text:
        name, address = text.split("/")[2], text
    else:
        return LeaveCalendarAt(text, path=config.parent / text)
    if not address.startswith(("https://", "http://")):
        raise _no_calendar(config, entry)
    return LeaveCalendarAt(name, address, private_network=private)


def _no_calendar(config: Path, entry: object) -> SettingsError:
    return SettingsError(
        f'rituals.calendars in {config.name} are web addresses ("https://…"), files, "$NAME" for an address '
        f'in the environment, or {{ address = "…", private_network = true }}, not {entry!r}.'
    )


def _texts(config: Path, key: str, table: Mapping[str, Any]) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise SettingsError(f"rituals.{key} in {config.name} is a list of texts in quotes, not {value!r}.")
    return value

"""A series as a table, as a form has it: read into settings, or refused with what to change; pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from prompts.calendar import as_shown, zone_named
from prompts.recurrence import Rule, RuleError
from prompts.series import SeriesSettings

LONGEST_NAME, LONGEST_TITLE, LONGEST_PLACE = 80, 300, 300
SHORTEST, LONGEST = 10, 480
MOST_LEAD, LEAST_LEAD = 60, 2
MOST_SEATS = 10_000
_A_YEAR = timedelta(days=366)


class SeriesError(ValueError):
    """Something in a table that cannot be; `key` names it, the message says what to write instead."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def read_settings(table: Mapping[str, Any], today: date) -> SeriesSettings:
    """The settings that a table means; dates count from `today`, or from `since` where the table has it.

    Raises SeriesError.
    """
    zone = zone_named(_text(table, "zone"), ZoneInfo("UTC"))
    if zone.reason:
        raise SeriesError("zone", "Write a time zone such as Europe/Lisbon or America/New_York.")
    since = date.fromisoformat(str(table["since"])) if table.get("since") else today
    rule = _rule(_text(table, "days"), since)
    return SeriesSettings(
        rule=rule.text,
        since=since,
        at=_time(_text(table, "at")),
        zone=zone.zone.key,
        rotating=bool(table.get("rotating")),
        minutes=_number(table, "minutes", SHORTEST, LONGEST, "minutes"),
        capacity=_number(table, "capacity", 1, MOST_SEATS, "seats") if _text(table, "capacity") else None,
        lead_days=_number(table, "lead", LEAST_LEAD, MOST_LEAD, "days"),
        place=_place(_text(table, "place")),
        by_mail=bool(table.get("by_mail")),
        members=tuple(map(str, table.get("members") or ())),
    )


def name_of(table: Mapping[str, Any]) -> str:
    """The name in a table. Raises SeriesError."""
    name = " ".join(_text(table, "name").split())
    if not name:
        raise SeriesError("name", "Give it a name, such as Lunch and learn.")
    if len(name) > LONGEST_NAME:
        raise SeriesError("name", f"That is too long: at most {LONGEST_NAME} characters.")
    return name


def read_talk(table: Mapping[str, Any]) -> tuple[str, str, int]:
    """The title (which may be empty), the place and the minutes that a table gives a talk. Raises
    SeriesError."""
    title = " ".join(_text(table, "title").split())
    if len(title) > LONGEST_TITLE:
        raise SeriesError("title", f"That is too long: at most {LONGEST_TITLE} characters.")
    return title, _place(_text(table, "place")), _number(table, "minutes", SHORTEST, LONGEST, "minutes")


def table_of(name: str, channel: str, settings: SeriesSettings, co_owners: Sequence[str]) -> dict[str, Any]:
    """What a form begins with, for a series that is there."""
    return {
        "name": name,
        "channel": channel,
        "days": settings.rule,
        "at": f"{settings.at:%H:%M}",
        "zone": settings.zone,
        "rotating": settings.rotating,
        "minutes": str(settings.minutes),
        "capacity": "" if settings.capacity is None else str(settings.capacity),
        "lead": str(settings.lead_days),
        "place": settings.place,
        "by_mail": settings.by_mail,
        "members": [*settings.members],
        "co_owners": [*co_owners],
        "since": settings.since.isoformat(),
    }


def next_dates(settings: SeriesSettings, now: datetime, count: int) -> list[datetime]:
    """The next moments of a fixed rhythm, by the clock of its zone."""
    zone = zone_named(settings.zone, ZoneInfo("UTC")).zone
    today = now.astimezone(zone).date()
    rule = Rule.read(settings.rule).starting(settings.since)
    after = max(today, settings.since) - timedelta(days=1)
    found: list[datetime] = []
    for day in rule.dates(after, today + _A_YEAR):
        starts = as_shown(day, settings.at, zone)
        if starts > now:
            found.append(starts.astimezone(zone))
        if len(found) == count:
            break
    return found


def _rule(text: str, since: date) -> Rule:
    try:
        rule = Rule.read(text)
    except RuleError as error:
        raise SeriesError("days", str(error)) from None
    if next(rule.starting(since).dates(since - timedelta(days=1), since + _A_YEAR), None) is None:
        raise SeriesError("days", "There is no such day within a year: check the days and their end.")
    return rule


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise SeriesError("at", "Choose a time of day.") from None


def _number(table: Mapping[str, Any], key: str, least: int, most: int, what: str) -> int:
    text = _text(table, key)
    if not (text.isascii() and text.isdecimal()) or len(text) > 6 or not least <= int(text) <= most:
        raise SeriesError(key, f"Write a number of {what}, from {least} to {most}.")
    return int(text)


def _place(text: str) -> str:
    place = " ".join(text.split())
    if len(place) > LONGEST_PLACE:
        raise SeriesError("place", f"That is too long: at most {LONGEST_PLACE} characters.")
    return place


def _text(table: Mapping[str, Any], key: str) -> str:
    return str(table.get(key) or "").strip()

"""Calendars of leave (RFC 5545) as stretches of time of people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from icalendar import Calendar
from icalendar.error import BrokenCalendarProperty, IncompleteComponent, InvalidCalendar

from prompts.recurrence import Rule, RuleError

MOST_BYTES = 2_000_000
MOST_EVENTS = 5_000
MOST_TIMES = 400
MOST_SPANS = 20_000
_LONGEST = timedelta(days=400)
_A_DAY = timedelta(days=1)
_BROKEN = (BrokenCalendarProperty, IncompleteComponent, InvalidCalendar, ValueError, TypeError, KeyError,
           AttributeError, OverflowError)  # fmt: skip

Moment = date | datetime
"""A day; or a time, which is by everybody's own clock where it has no zone."""


class NoCalendar(Exception):
    """These bytes are no calendar; the text says why, for whoever set it up."""


@dataclass(frozen=True, slots=True)
class Span:
    """People (e-mail addresses in lower case) are away from `starts` to before `ends`; `summary` says why."""

    emails: frozenset[str]
    starts: Moment
    ends: Moment
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Leaves:
    """What a calendar says of a stretch of days; `unread` counts events that could not be understood."""

    spans: Sequence[Span]
    unread: int = 0


def read_calendar(data: bytes, since: date, until: date) -> Leaves:
    """The spans that touch the days from `since` to before `until`, those that recur included.

    Cancelled events and attendees who declined count for nothing. Raises NoCalendar.
    """
    if len(data) > MOST_BYTES:
        raise NoCalendar(f"it is larger than {MOST_BYTES // 1_000_000} MB.")
    try:
        found = [one for one in Calendar.from_ical(data, multiple=True) if one.name == "VCALENDAR"]
        events = [event for one in found for event in one.walk("VEVENT")]
    except (*_BROKEN, RecursionError) as error:
        raise NoCalendar("it is no calendar in the iCalendar format (.ics).") from error
    if not found:
        raise NoCalendar("it is no calendar in the iCalendar format (.ics).")
    if len(events) > MOST_EVENTS:
        raise NoCalendar(f"it holds more than {MOST_EVENTS:,} events: share one that holds leave alone.")
    spans: list[Span] = []
    unread = 0
    moved = _moved(events)
    for event in events:
        try:
            spans += [one for one in _spans(event, moved, since, until) if _touches(one, since, until)]
        except (*_BROKEN, RuleError):
            unread += 1
        if len(spans) > MOST_SPANS:
            raise NoCalendar(f"it says more than {MOST_SPANS:,} times that somebody is away.")
    return Leaves(spans, unread)


def _moved(events: Sequence[Any]) -> Mapping[str, frozenset[date]]:
    """By event, the dates that have an event of their own in place of what recurs."""
    found: dict[str, set[date]] = {}
    for event in events:
        try:
            if event.get("RECURRENCE-ID") is not None:
                found.setdefault(str(event.get("UID", "")), set()).add(_day(event["RECURRENCE-ID"].dt))
        except _BROKEN:
            continue
    return {uid: frozenset(days) for uid, days in found.items()}


def _spans(event: Any, moved: Mapping[str, frozenset[date]], since: date, until: date) -> Iterator[Span]:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    emails = _emails(event)
    starts, ends = event.start, event.end
    if not emails or not timedelta(0) < _length(starts, ends) <= _LONGEST:
        return
    summary = str(event.get("SUMMARY", ""))[:200]
    if event.get("RECURRENCE-ID") is not None:
        yield Span(emails, starts, ends, summary)
        return
    skipped = moved.get(str(event.get("UID", "")), frozenset()) | _dates(event.get("EXDATE"))
    length = ends - starts
    for day in _recurring(event, starts, since - length - _A_DAY, until + _A_DAY):
        if day not in skipped:
            begins = _on(starts, day)
            yield Span(emails, begins, begins + length, summary)


def _recurring(event: Any, starts: Moment, since: date, until: date) -> Iterator[date]:
    """The days on which an event begins: its own, those of its rules, and those that it lists."""
    first = _day(starts)
    days = {first, *(_dates(event.get("RDATE")))}
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules is not None else []:
        text = f"DTSTART:{first:%Y%m%d} RRULE:{rule.to_ical().decode()}"
        days.update(islice(Rule.read(text).dates(since, until), MOST_TIMES))
    yield from sorted(day for day in days if since <= day < until)


def _emails(event: Any) -> frozenset[str]:
    """Attendees who did not decline; the organizer where there is no attendee."""
    attending = event.get("ATTENDEE", [])
    named = attending if isinstance(attending, list) else [attending]
    coming = [one for one in named if str(one.params.get("PARTSTAT", "")).upper() != "DECLINED"]
    if not named and event.get("ORGANIZER") is not None:
        coming = [event["ORGANIZER"]]
    addresses = (str(one).strip().lower().removeprefix("mailto:") for one in coming)
    return frozenset(one for one in addresses if "@" in one)


def _dates(listed: Any) -> frozenset[date]:
    lists = listed if isinstance(listed, list) else [] if listed is None else [listed]
    return frozenset(_day(one.dt) for each in lists for one in each.dts if not isinstance(one.dt, tuple))


def _day(moment: Moment) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _on(starts: Moment, day: date) -> Moment:
    """The same time on another day, by the clock of its own zone."""
    return datetime.combine(day, starts.timetz()) if isinstance(starts, datetime) else day


def _length(starts: Moment, ends: Moment) -> timedelta:
    if isinstance(starts, datetime) != isinstance(ends, datetime):
        raise ValueError("it begins with a day and ends with a time, or the other way round")
    return ends - starts  # type: ignore[operator]  # both are of one kind


def _touches(span: Span, since: date, until: date) -> bool:
    margin = timedelta(0) if not isinstance(span.starts, datetime) else _A_DAY
    return _day(span.starts) < until + margin and _day(span.ends) >= since - margin

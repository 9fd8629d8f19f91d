"""A talk as an invitation in the iCalendar format (RFC 5545, 5546)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vUri

from bot.blocks.citations import origin
from bot.blocks.plain import clean, one_line, shorten
from bot.journal.series import Series
from bot.journal.talks import NO, WAITING, YES, Talk
from bot.mail_address import is_address
from prompts.calendar import zone_named

PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"
UNTITLED = "Topic to be announced"
NO_ADDRESS = "invalid:nomail"
MOST_TITLE, MOST_NAME, MOST_PLACE, MOST_TEXT, MOST_URL = 200, 100, 500, 4_000, 2_000

_ANSWERS = {YES: "ACCEPTED", NO: "DECLINED", WAITING: "TENTATIVE"}
_UTC = ZoneInfo("UTC")
_AROUND = timedelta(days=400)
_A_DAY, _A_SECOND = timedelta(days=1), timedelta(seconds=1)
_EVER = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall time, as the standard wants it


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as calendars know them.

    `email` is empty where Slack does not tell it. `reply` is one of `bot.journal.talks.YES`, `NO`, `WAITING`,
    or empty before there is one.
    """

    name: str
    email: str = ""
    reply: str = ""


def invitation(
    talk: Talk,
    series: Series,
    organiser: Contact,
    attendees: Sequence[Contact],
    sequence: int,
    method: str,
    now: datetime,
) -> str:
    """The talk as iCalendar text, under one UID for ever; calendars follow the highest `sequence`.

    `method` is REQUEST in a letter to somebody who is invited, PUBLISH in a file for everybody, CANCEL in
    either when the talk does not take place. In a letter `attendees` is its reader alone and in a file
    nobody, for addresses are nobody else's business; who has no usable address is left out.
    """
    event = Event()
    event.add("UID", f"{talk.id}@lore")
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("SEQUENCE", sequence)
    event.add("STATUS", "CANCELLED" if method == CANCEL else "CONFIRMED")
    event.add("SUMMARY", shorten(one_line(talk.title) or UNTITLED, MOST_TITLE))
    about = [f"{one_line(series.name)}", clean(talk.description).strip()]
    event.add("DESCRIPTION", shorten("\n\n".join(part for part in about if part), MOST_TEXT))
    if place := one_line(talk.place):
        event.add("LOCATION", shorten(place, MOST_PLACE))
        if origin(place) and len(place) <= MOST_URL:
            event.add("URL", vUri(quote(place, safe="%/:?#[]@!$&'()*+,;=-._~")))
    event.add("ORGANIZER", _address(organiser) or _named(vCalAddress(NO_ADDRESS), organiser))
    for one in attendees:
        if (attendee := _address(one)) is not None:
            attendee.params["PARTSTAT"] = _ANSWERS.get(one.reply, "NEEDS-ACTION")
            attendee.params["RSVP"] = "FALSE"
            event.add("ATTENDEE", attendee)
    calendar = Calendar()
    calendar.add("PRODID", "-//Lore//Talks//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    zone, starts = _put_times(event, talk)
    if zone is not _UTC:
        calendar.add_component(_rules_of(zone, starts))
    calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode()


def _address(one: Contact) -> vCalAddress | None:
    return _named(vCalAddress(f"mailto:{one.email}"), one) if is_address(one.email) else None


def _named(address: vCalAddress, one: Contact) -> vCalAddress:
    # A parameter cannot hold a double quote; calendars that do not know RFC 6868 would show its escape.
    if name := shorten(one_line(one.name).replace('"', "'").replace("^", ""), MOST_NAME):
        address.params["CN"] = name
    return address


def _put_times(event: Event, talk: Talk) -> tuple[ZoneInfo, datetime]:
    """By the organiser's clock, or UTC's where that would show one time twice; the clock and the start."""
    zone = zone_named(talk.zone, _UTC).zone
    starts, ends = (datetime.fromtimestamp(at, zone) for at in (talk.starts_at, talk.ends_at))
    if zone.key in ("UTC", "Etc/UTC") or starts.fold or ends.fold:
        zone = _UTC
    event.add("DTSTART", starts.astimezone(zone))
    event.add("DTEND", ends.astimezone(zone))
    return zone, starts


def _rules_of(zone: ZoneInfo, around: datetime) -> Timezone:
    """What the clocks of a zone do in the time around a moment, each change once.

    `Timezone.from_tzinfo` names the hour after a change where the standard wants the one before it.
    """
    rules = Timezone()
    rules.add("TZID", zone.key)
    day, until = (around - _AROUND).astimezone(UTC), (around + _AROUND).astimezone(UTC)
    offset = _offset(day, zone)
    _observe(rules, day, zone, _EVER, offset)
    while day < until:
        day += _A_DAY
        if _offset(day, zone) != offset:
            change = _change(day - _A_DAY, day, zone)
            _observe(rules, change, zone, (change + offset).replace(tzinfo=None), offset)
            offset = _offset(change, zone)
    return rules


def _observe(rules: Timezone, at: datetime, zone: ZoneInfo, since: datetime, before: timedelta) -> None:
    local = at.astimezone(zone)
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    part.add("DTSTART", since)
    part.TZOFFSETFROM, part.TZOFFSETTO = before, _offset(at, zone)
    part.add("TZNAME", local.tzname() or zone.key)
    rules.add_component(part)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second after `before` at which the clock has another offset."""
    old = _offset(before, zone)
    while after - before > _A_SECOND:
        middle = before + (after - before) / 2
        if _offset(middle, zone) == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()

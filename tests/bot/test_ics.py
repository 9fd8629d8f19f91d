"""Calendars of leave: what their events make of people's days, and what is no calendar."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rituals.calendars import leaves_of
from bot.rituals.ics import MOST_BYTES, MOST_EVENTS, Leaves, NoCalendar, Span, read_calendar
from prompts.calm import Leave, Part, Why

SINCE, UNTIL = date(2026, 3, 1), date(2026, 9, 1)
BERLIN = ZoneInfo("Europe/Berlin")
ANA = frozenset({"ana@heron.example"})


def event(*lines: str, uid: str = "1", attendee: str = "mailto:Ana@Heron.example") -> str:
    attending = [f"ATTENDEE:{attendee}"] if attendee else []
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", *attending, *lines, "END:VEVENT"])


def calendar(*events: str) -> bytes:
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//leave", *events, "END:VCALENDAR", ""]
    return "\r\n".join(whole).encode()


def read(*events: str) -> Leaves:
    return read_calendar(calendar(*events), SINCE, UNTIL)


def days(*events: str) -> list[tuple[str, str]]:
    return [(str(one.starts), str(one.ends)) for one in read(*events).spans]


def whole_day(first: str, end: str = "") -> list[str]:
    ends = [f"DTEND;VALUE=DATE:{end}"] if end else []
    return [f"DTSTART;VALUE=DATE:{first}", *ends]


def test_competitors_2_2_an_all_day_event_is_leave_until_the_day_after() -> None:
    found = read(event(*whole_day("20260309", "20260314"), "SUMMARY:Vacation"))
    assert found == Leaves([Span(ANA, date(2026, 3, 9), date(2026, 3, 14), "Vacation")])
    assert days(event(*whole_day("20260309"))) == [("2026-03-09", "2026-03-10")]


def test_a_recurring_event_is_leave_on_each_of_its_days_but_those_taken_out() -> None:
    fridays = event(
        *whole_day("20260306", "20260307"),
        "RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20260403",
        "EXDATE;VALUE=DATE:20260320",
        "RDATE;VALUE=DATE:20260408",
    )
    assert [first for first, _ in days(fridays)] == [
        "2026-03-06", "2026-03-13", "2026-03-27", "2026-04-03", "2026-04-08",
    ]  # fmt: skip


def test_every_second_week_is_counted_from_the_first_event_even_if_that_is_long_past() -> None:
    found = days(event(*whole_day("20250103", "20250104"), "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"))
    assert found[0] == ("2026-03-13", "2026-03-14")
    first = date(2025, 1, 3)
    assert all((date.fromisoformat(one) - first).days % 14 == 0 for one, _ in found)


def test_one_date_that_was_moved_stands_at_its_new_place_alone() -> None:
    fridays = event(*whole_day("20260306", "20260307"), "RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=3")
    moved = event("RECURRENCE-ID;VALUE=DATE:20260313", *whole_day("20260311", "20260312"))
    assert sorted(days(fridays, moved)) == [
        ("2026-03-06", "2026-03-07"), ("2026-03-11", "2026-03-12"), ("2026-03-20", "2026-03-21"),
    ]  # fmt: skip
    cancelled = event("RECURRENCE-ID;VALUE=DATE:20260313", *whole_day("20260313"), "STATUS:CANCELLED")
    assert [one for one, _ in days(fridays, cancelled)] == ["2026-03-06", "2026-03-20"]


def test_leave_that_began_before_the_days_that_are_read_counts() -> None:
    assert days(event(*whole_day("20260115", "20260401"))) == [("2026-01-15", "2026-04-01")]
    assert days(event(*whole_day("20260115", "20260120"))) == []


def test_attendees_who_declined_and_cancelled_events_count_for_nothing() -> None:
    declined = event(*whole_day("20260309"), attendee="").replace(
        "UID:1",
        "UID:1\r\nATTENDEE;PARTSTAT=DECLINED:mailto:ana@heron.example\r\nATTENDEE:MAILTO:ben@heron.example",
    )
    [span] = read(declined).spans
    assert span.emails == {"ben@heron.example"}
    assert days(event(*whole_day("20260309"), "STATUS:CANCELLED")) == []


def test_without_attendees_it_is_the_organizers() -> None:
    [span] = read(event(*whole_day("20260309"), "ORGANIZER:mailto:ana@heron.example", attendee="")).spans
    assert span.emails == ANA
    assert days(event(*whole_day("20260309"), attendee="")) == []


def test_what_cannot_be_understood_is_counted_and_the_rest_is_read() -> None:
    found = read(
        event("DTSTART:garbage"),
        event(*whole_day("20260309", "20260310"), "RRULE:FREQ=SECONDLY", uid="2"),
        event("DTSTART:20260309T090000", "DTEND;VALUE=DATE:20260310", uid="3"),
        event(*whole_day("20260309"), uid="4"),
    )
    assert [one.starts for one in found.spans] == [date(2026, 3, 9)]
    assert found.unread == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\n",
        b"<html>sign in</html>",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    ],
)
def test_what_is_no_calendar_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NoCalendar, match="iCalendar format"):
        read_calendar(data, SINCE, UNTIL)


def test_calendars_without_end_are_refused() -> None:
    with pytest.raises(NoCalendar, match="larger than 2 MB"):
        read_calendar(b"x" * (MOST_BYTES + 1), SINCE, UNTIL)
    assert len(calendar(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (MOST_EVENTS + 1))) < MOST_BYTES
    with pytest.raises(NoCalendar, match="more than 5,000 events"):
        read(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (MOST_EVENTS + 1))


def test_an_endless_recurrence_from_long_ago_is_read_for_these_days_alone() -> None:
    found = days(event(*whole_day("20000101", "20000102"), "RRULE:FREQ=DAILY"))
    assert found[0][0] <= "2026-03-01"
    assert found[-1][0] <= "2026-09-01"
    assert len(found) <= (UNTIL - SINCE).days + 3


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    for one in (data, calendar(event(data.decode("latin-1").replace("\n", "")))):
        try:
            read_calendar(one, SINCE, UNTIL)
        except NoCalendar:
            continue


def span(starts: datetime, hours: float) -> Span:
    return Span(ANA, starts, starts + timedelta(hours=hours), "dentist")


def parts(one: Span) -> list[tuple[date, Part]]:
    return [(leave.first, leave.part) for leave in leaves_of(one, BERLIN)]


def test_t21_events_with_times_are_halves_of_days_and_short_ones_nothing() -> None:
    monday = date(2026, 3, 9)
    assert parts(span(datetime(2026, 3, 9, 9, tzinfo=BERLIN), 4)) == [(monday, Part.MORNING)]
    assert parts(span(datetime(2026, 3, 9, 13, tzinfo=BERLIN), 5)) == [(monday, Part.AFTERNOON)]
    assert parts(span(datetime(2026, 3, 9, 8, tzinfo=BERLIN), 10)) == [(monday, Part.DAY)]
    assert parts(span(datetime(2026, 3, 9, 10, tzinfo=BERLIN), 1)) == []


def test_times_are_by_the_clock_of_the_person() -> None:
    new_york = datetime(2026, 3, 9, 3, tzinfo=ZoneInfo("America/New_York"))  # 08:00 in Berlin
    assert parts(span(new_york, 5)) == [(date(2026, 3, 9), Part.MORNING)]
    floating = datetime(2026, 3, 9, 13)  # noqa: DTZ001 - by everybody's own clock
    assert parts(span(floating, 4)) == [(date(2026, 3, 9), Part.AFTERNOON)]


def test_an_event_over_several_days_is_leave_on_each() -> None:
    found = parts(span(datetime(2026, 3, 9, 13, tzinfo=BERLIN), 47))
    assert found == [
        (date(2026, 3, 9), Part.AFTERNOON), (date(2026, 3, 10), Part.DAY), (date(2026, 3, 11), Part.MORNING),
    ]  # fmt: skip


def test_a_whole_day_is_a_whole_day_in_every_zone() -> None:
    one = Span(ANA, date(2026, 3, 9), date(2026, 3, 11), "away")
    assert list(leaves_of(one, BERLIN)) == [
        Leave(date(2026, 3, 9), date(2026, 3, 11), Part.DAY, "away", Why.CALENDAR)
    ]

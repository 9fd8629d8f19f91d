"""Invitations in the iCalendar format: what calendars make of them, whatever is in them."""

import re
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP, default
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
import vobject
from dateutil.tz import tzical
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from bot.blocks.plain import one_line
from bot.invitations_ics import CANCEL, PUBLISH, REQUEST, Contact, invitation
from bot.journal.letters import Letter
from bot.journal.series import Series
from bot.journal.talks import NO, WAITING, YES, Talk
from bot.letter_html import safe_html
from bot.letter_message import message_of
from bot.mail_settings import NONE, MailSettings
from prompts.series import SeriesSettings

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
NOON = datetime(2027, 3, 23, 11, 30, tzinfo=UTC)
SERIES = Series("learning", "Lunch & learn", "C1", SeriesSettings("weekly", date(2027, 1, 1)), "U1")
ANA, BEN = Contact("Ana", "ana@heron.example"), Contact("Ben; B", "ben@heron.example", YES)
ZONES = sorted(one for one in available_timezones() if "/" in one and not one.startswith(("posix", "right")))
HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "Caches\r\nATTENDEE:mailto:eve@evil.example",
        "x\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:other",
        "\x00\x1b[31mred\x7f \u202ekcab \ud800",
        '"; RSVP=TRUE:mailto:x, \\n \\; ^n',
        "🦩" * 300,
        "a" * 10_000,
        "Wörter, die länger sind; " * 20,
        "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?= \u2028 \x85 \x0b",
    ]
)


def talk(at: datetime = NOON, **given: Any) -> Talk:
    return Talk(
        **{
            "series_id": SERIES.id,
            "slot": "2027-03-23",
            "starts_at": at.timestamp(),
            "minutes": 45,
            "zone": "Europe/Berlin",
            "title": "KV caches",
            **given,
        }
    )


def made(one: Talk, *attendees: Contact, sequence: int = 0, method: str = REQUEST) -> str:
    return invitation(one, SERIES, ANA, attendees, sequence, method, NOW)


def event(text: str) -> Any:
    [found] = Calendar.from_ical(text).walk("VEVENT")
    return found


def test_t65_it_is_at_the_organisers_wall_time_over_a_change_of_clocks() -> None:
    week_later = made(talk(NOON + timedelta(days=7, hours=-1)))
    for text in (made(talk()), week_later):
        for parsed in (event(text)["DTSTART"].dt, vobject.readOne(text).vevent.dtstart.value):
            assert (f"{parsed:%H:%M}", parsed.tzinfo is not None) == ("12:30", True)
    assert "DTSTART;TZID=Europe/Berlin:20270323T123000" in made(talk())
    assert vobject.readOne(week_later).vevent.dtstart.value.astimezone(UTC) == NOON + timedelta(
        days=7, hours=-1
    )


@given(st.sampled_from(ZONES), st.integers(26_297_280, 34_712_640))
@example("Europe/Berlin", int(datetime(2027, 10, 31, 2, 10, tzinfo=UTC).timestamp()) // 60)
@example("Europe/Berlin", int(datetime(2027, 3, 28, 1, 10, tzinfo=UTC).timestamp()) // 60)
@example("America/New_York", int(datetime(2027, 11, 7, 6, 5, tzinfo=UTC).timestamp()) // 60)
def test_t65_its_own_rules_give_the_moment_in_every_zone(zone: str, minute: int) -> None:
    at = datetime.fromtimestamp(60 * minute, UTC)
    text = made(talk(at, zone=zone))
    found = event(text)
    assert found["DTSTART"].dt.astimezone(UTC) == at
    assert found["DTEND"].dt.astimezone(UTC) == at + timedelta(minutes=45)
    if "TZID" not in found["DTSTART"].params:
        return
    rules = tzical(StringIO(text)).get(found["DTSTART"].params["TZID"])
    for name, moment in (("DTSTART", at), ("DTEND", at + timedelta(minutes=45))):
        written = found[name].dt.replace(tzinfo=None)
        assert written - rules.utcoffset(written) == moment.replace(tzinfo=None), (
            "whoever knows no IANA zones"
        )


def test_t65_rules_name_the_wall_time_before_each_change() -> None:
    text = made(talk())
    assert "BEGIN:DAYLIGHT\r\nDTSTART:20270328T020000\r\nTZNAME:CEST\r\nTZOFFSETFROM:+0100" in text
    assert "BEGIN:STANDARD\r\nDTSTART:20271031T030000\r\nTZNAME:CET\r\nTZOFFSETFROM:+0200" in text


def test_t65_an_hour_that_comes_twice_is_told_in_utc() -> None:
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert f"{second.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" == "02:30"
    assert "DTSTART:20271031T013000Z" in made(talk(second))
    assert "DTSTART;TZID=Europe/Berlin:20271031T023000" in made(talk(second - timedelta(hours=1), minutes=20))
    assert "DTSTART:20270323T113000Z" in made(talk(zone="Mars/Phobos"))


def test_t63_a_change_is_a_higher_sequence_of_the_same_and_cancelling_too() -> None:
    one = talk()
    first, moved = made(one, BEN), made(talk(NOON + timedelta(hours=2), id=one.id), BEN, sequence=1)
    off = made(one, BEN, sequence=2, method=CANCEL)
    assert len({str(event(text)["UID"]) for text in (first, moved, off)}) == 1
    assert [int(event(text)["SEQUENCE"]) for text in (first, moved, off)] == [0, 1, 2]
    assert [str(event(text)["STATUS"]) for text in (first, moved, off)] == [
        "CONFIRMED",
        "CONFIRMED",
        "CANCELLED",
    ]
    assert [str(Calendar.from_ical(text)["METHOD"]) for text in (first, off)] == ["REQUEST", "CANCEL"]


def test_who_is_asked_stands_in_it_with_what_they_said_and_without_an_address_not_at_all() -> None:
    waits, no = Contact("Chloe", "chloe@heron.example", WAITING), Contact("Gus", "gus@heron.example", NO)
    bad = [Contact("Eve", "eve@evil.example\r\nX-A:1"), Contact("Kai"), Contact("Lou", "lou at home")]
    found = event(made(talk(), BEN, waits, no, ANA, *bad))
    told = {str(one): one.params["PARTSTAT"] for one in found["ATTENDEE"]}
    assert told == {
        "mailto:ben@heron.example": "ACCEPTED",
        "mailto:chloe@heron.example": "TENTATIVE",
        "mailto:gus@heron.example": "DECLINED",
        "mailto:ana@heron.example": "NEEDS-ACTION",
    }
    assert str(found["ORGANIZER"]) == "mailto:ana@heron.example"
    public = invitation(talk(), SERIES, Contact("Ana"), (), 0, PUBLISH, NOW)
    assert "@heron" not in public
    assert event(public)["ORGANIZER"].params["CN"] == "Ana"
    assert "ATTENDEE" not in public


@pytest.mark.parametrize(
    ("place", "link"),
    [
        ("https://meet.example/a?b=1", "https://meet.example/a?b=1"),
        ("Room 4", None),
        ("javascript:alert(1)", None),
        ("https://user@evil.example/", None),
        ("https://meet.example/" + "a" * 3_000, None),
    ],
)
def test_only_a_web_address_is_a_link(place: str, link: str | None) -> None:
    found = event(made(talk(place=place)))
    assert found.get("URL") == link
    assert str(found["LOCATION"])[:20] == place[:20]


@settings(max_examples=40)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.emails())
def test_whatever_is_in_it_it_is_one_event_with_the_lines_that_belong_to_it(
    title: str, description: str, place: str, name: str, email: str
) -> None:
    one = talk(title=title, description=description, place=place)
    text = invitation(one, SERIES, Contact(name, email), [Contact(name, email)], 0, REQUEST, NOW)
    lines = text.encode().split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    # A tab may stand in a text (RFC 5545, 3.1: WSP).
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|(?<!\r)\n|\r(?!\n)", text.encode())
    assert len(text) < 12_000
    found = event(text)
    names = {"UID", "DTSTAMP", "SEQUENCE", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "ORGANIZER",
             "ATTENDEE", "DTSTART", "DTEND"}  # fmt: skip
    assert {*found} <= names
    assert not isinstance(found.get("ATTENDEE"), list)
    assert one_line(title).startswith(str(found["SUMMARY"]).removesuffix("…").rstrip()) or not one_line(title)
    other = vobject.readOne(text).vevent
    assert other.summary.value == str(found["SUMMARY"])
    assert other.description.value == str(found["DESCRIPTION"])


@settings(max_examples=40)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_whatever_is_in_a_letter_it_has_the_headers_that_belong_to_it(
    subject: str, text: str, html: str, link: str
) -> None:
    mail = MailSettings("mail.example", 25, NONE, "lore@heron.example", one_line(subject)[:60] or "Lore")
    letter = Letter("k", "word", "a", "U1", subject, text, 1.0, html=html, unsubscribe=link)
    raw = message_of(letter, mail, "ana@heron.example", NOW).as_bytes(policy=SMTP)
    assert raw.isascii()
    found = message_from_bytes(raw, policy=default)
    assert {*found} <= {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe",
                        "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}  # fmt: skip
    assert found["From"].addresses[0].addr_spec == "lore@heron.example"
    shown = "".join(str(found["Subject"]).split())
    assert "".join(subject_of(subject).split()).startswith(shown.removesuffix("…"))


def subject_of(text: str) -> str:
    return one_line(text).replace("=?", "= ?")


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("<p>Hi<b>there", "<p>Hi<b>there</b></p>"),
        ('<img src="https://evil.example/1.gif"><p style="x">a</p>', "<p>a</p>"),
        ("<style>p{}</style><script>alert(1)</script>b", "b"),
        ('<a href="javascript:x">a</a> <a href="https://a.example/?q=1&amp;b=%22">b</a>',
         '<a>a</a> <a href="https://a.example/?q=1&amp;b=%22">b</a>'),
        ("</p></div><ul><li>1<li>2</ul>", "<ul><li>1<li>2</li></li></ul>"),
        ("a &lt;script&gt; &amp; <!-- c --><?x?>b", "a &lt;script&gt; &amp; b"),
    ],
)  # fmt: skip
def test_html_keeps_its_words_and_loses_what_loads_or_runs(given: str, safe: str) -> None:
    assert safe_html(given) == safe


@given(st.text(alphabet="<>/abp =\"'&;!-script", max_size=80))
def test_safe_html_is_safe_and_stays_as_it_is(html: str) -> None:
    safe = safe_html(html)
    assert "<script" not in safe
    assert safe_html(safe) == safe
    assert {*re.findall(r"<(\w+)", safe)} <= {"p", "a", "b", "i", "pre"}

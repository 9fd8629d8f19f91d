"""Calendars of leave: followed by e-mail, kept when they fail, fetched through the guarded door."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.calm_settings import CalmSettings, LeaveCalendarAt
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.calm import NO_NIGHT, TOMORROW, heard, sent, told
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore
from tests.dialogues.standups import DAY, asked, set_up
from tests.fakes import FakeClock

ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//leave
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:{first}
DTEND;VALUE=DATE:{end}
SUMMARY:Moving house
ATTENDEE:mailto:BEN@heron.example
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def leave(tmp_path: Path) -> Path:
    path = tmp_path / "leave.ics"
    path.write_text(ICS.format(first="20260302", end="20260304").replace("\n", "\r\n"))
    return path


@pytest.fixture
def with_calendar(slack: Workspace, knowledge: Knowledge, clock: FakeClock, leave: Path) -> Iterator[Lore]:
    calm = CalmSettings(quiet=NO_NIGHT, calendars=(LeaveCalendarAt("leave.ics", path=leave),))
    with at_work(slack, knowledge, clock=clock, calm=calm) as lore:
        yield lore


def test_competitors_2_2_leave_from_a_calendar_is_followed_by_e_mail(
    with_calendar: Lore, clock: FakeClock, leave: Path
) -> None:
    lore = with_calendar
    daily = set_up(lore, "Daily", "ana", "ben")
    asked(lore, clock)
    assert (sent(lore, daily, "ana"), sent(lore, daily, "ben")) == ("said", "skipped")
    assert "away until Wednesday, 4 March 2026, as your calendar says (Moving house)" in told(
        lore, "ben", "why"
    )
    leave.write_text(ICS.format(first="20260302", end="20260303").replace("\n", "\r\n"))
    asked(lore, clock, TOMORROW)
    assert sent(lore, daily, "ben", DAY + timedelta(days=1)) == "said"


def test_a_calendar_that_cannot_be_read_stays_as_it_was_and_its_owner_hears_once(
    with_calendar: Lore, clock: FakeClock, leave: Path
) -> None:
    lore = with_calendar
    daily = set_up(lore, "Daily", "ana", "ben")
    asked(lore, clock)
    leave.write_text("<html>Please sign in</html>")
    asked(lore, clock, TOMORROW)
    assert sent(lore, daily, "ben", DAY + timedelta(days=1)) == "skipped"
    lore.at(clock, TOMORROW + timedelta(hours=1))
    lore.at(clock, TOMORROW + timedelta(hours=2))
    complaints = [one for one in heard(lore, "ana") if "I cannot read the calendar of leave" in one]
    assert complaints == [
        "I cannot read the calendar of leave leave.ics: it is no calendar in the iCalendar format (.ics). "
        "Until I can, I go by what it said on Monday, 2 March 2026."
    ]
    leave.unlink()
    lore.at(clock, TOMORROW + timedelta(hours=3))
    assert sum("I cannot read" in one for one in heard(lore, "ana")) == 1


def test_a_calendar_is_fetched_through_the_guarded_door_and_its_address_is_not_said(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    ics = ICS.format(first="20260302", end="20260304").replace("\n", "\r\n").encode()

    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/private-123/basic.ics"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(ics if found else b"")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Feed) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        good = LeaveCalendarAt("hr", f"{base}/private-123/basic.ics", private_network=True)
        gone = LeaveCalendarAt("gone", f"{base}/private-456/basic.ics", private_network=True)
        unreachable = LeaveCalendarAt("inside", f"{base}/private-123/basic.ics")
        calm = CalmSettings(quiet=NO_NIGHT, calendars=(good, gone, unreachable))
        with at_work(slack, knowledge, clock=clock, calm=calm) as lore:
            daily = set_up(lore, "Daily", "ana", "ben")
            asked(lore, clock)
            assert (sent(lore, daily, "ana"), sent(lore, daily, "ben")) == ("said", "skipped")
            complaints = [one for one in heard(lore, "ana") if "calendar of leave" in one]
        server.shutdown()
    assert len(complaints) == 2
    assert not any("basic.ics" in one or "private-1" in one for one in complaints)
    assert "I cannot read the calendar of leave gone: gone is not there (404)" in complaints[0]

"""Leave, settings of one's own, why one was asked, trends, calendars, and rituals that have had their day."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bot.blocks.calm import COUNTRY, DAYS, KEEP, PINGS, QUIET, REPLY_BY, STOP, WEEKLY, ZONE
from bot.calm_settings import CalmSettings, LeaveCalendarAt
from bot.journal import audits, deliveries, entries, occurrences, personal, requests, rituals
from bot.journal.deliveries import SAID, Delivery
from bot.journal.entries import Entry
from bot.journal.occurrences import CLOSED
from bot.journal.requests import Asker, Request
from bot.journal.rituals import IN_FILE, PAUSED, Ritual
from bot.rituals import availability as names
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.conftest import Lore, at_work, words
from tests.dialogues.standups import DAY, NINE, asked, change, set_up, shown_in, top
from tests.fakes import FakeClock

NO_NIGHT = (time(12), time(12))
CALM = CalmSettings(quiet=NO_NIGHT)
TOMORROW = NINE + timedelta(days=1)


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock, calm=CALM) as lore:
        yield lore


def told(lore: Lore, person: str, text: str) -> str:
    """What `/standup …` says to the one who gives it."""
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/standup", text).ok
    return words(lore.private_reply(person, "#general", before + 1)).replace("\n: ", ": ")


def heard(lore: Lore, person: str) -> list[str]:
    """All that Lore has said to somebody in their direct message."""
    return [words(one) for one in lore.slack.said_by_app(lore.slack.dm(person))]


def sent(lore: Lore, ritual: Ritual, person: str, slot: date = DAY) -> str:
    """The state of somebody's prompt."""
    with lore.knowledge.database.reading() as connection:
        found = occurrences.of_slot(connection, ritual.id, slot)
        assert found is not None
        one = deliveries.delivery_of(connection, found.id, lore.slack.person(person).id, "prompt")
    return "none" if one is None else one.state


# away and back


def test_t22_away_says_when_it_ends_and_nothing_is_asked_until_then(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    said = told(lore, "ben", "away until Wednesday vacation")
    assert "until Wednesday, 4 March 2026" in said
    assert "Your next prompt: Daily, Wednesday, 4 March 2026 at 09:00 (Europe/London)" in said
    asked(lore, clock)
    assert (sent(lore, daily, "ana"), sent(lore, daily, "ben")) == ("said", "skipped")
    asked(lore, clock, TOMORROW)
    assert heard(lore, "ben") == []
    asked(lore, clock, NINE + timedelta(days=2))
    assert sent(lore, daily, "ben", DAY + timedelta(days=2)) == "said"
    assert len(heard(lore, "ben")) == 1


def test_t22_back_before_the_end_is_asked_again_on_that_day(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    told(lore, "ben", "away 2 weeks")
    lore.at(clock, NINE - timedelta(hours=1))
    assert "Welcome back. Your next prompt: Daily, Monday, 2 March 2026 at 09:00" in told(lore, "ben", "back")
    lore.at(clock, NINE)
    assert sent(lore, daily, "ben") == "said"
    assert "I have you down as being at work" in told(lore, "ben", "back")


def test_competitors_2_23_back_counts_more_than_a_status(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    lore.slack.set_status("ben", "Vacationing", ":palm_tree:")
    lore.at(clock, NINE - timedelta(hours=1))
    assert "No prompt" not in told(lore, "ben", "back")
    lore.at(clock, NINE)
    assert sent(lore, daily, "ben") == "said"


def test_t21_leave_after_the_prompt_stops_the_reminder(lore: Lore, clock: FakeClock) -> None:
    set_up(lore, "Daily", "ana", "ben")
    asked(lore, clock)
    told(lore, "ben", "away until Wednesday")
    lore.at(clock, NINE + timedelta(hours=7, minutes=10))
    assert len(heard(lore, "ben")) == 1
    assert len(heard(lore, "ana")) == 2
    ledger = told(lore, "ben", "why")
    assert "cancelled (You said that you are away until Wednesday, 4 March 2026.)" in ledger


def test_leave_that_is_not_understood_says_what_is(lore: Lore) -> None:
    for text in ("away", "away until banana", "away until <!channel>"):
        said = told(lore, "ben", text)
        assert "I do not understand when." in said
        assert "/standup away until Friday vacation" in said


# settings of one's own


def form(lore: Lore, person: str) -> dict[str, Any]:
    assert lore.slack.slash(person, "#general", "/standup", "me").ok
    return top(lore, person)


def test_ones_own_settings_are_kept_and_hold_at_once(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    shown = form(lore, "ben")
    hints = [block["hint"]["text"] for block in shown["blocks"] if "hint" in block]
    assert "Such as Europe/Berlin. Empty: Europe/London." in hints
    filled = {
        ZONE: "asia/kolkata",
        DAYS: ["1", "2"],
        COUNTRY: "de-by",
        QUIET: "20:00-08:00",
        PINGS: "3",
        REPLY_BY: "message",
    }
    assert lore.slack.submit_view("ben", shown["id"], filled).ok
    said = words(lore.private_reply("ben", "#general"))
    assert said == (
        "Kept. Your time zone is Asia/Kolkata (as you set it). You work on Tuesday and Wednesday. Public "
        "holidays: DE-BY. Quiet hours: 20:00-08:00. I send you at most 3 messages a day unasked; today it "
        "were 0."
    )
    for day, expected in ((1, "said"), (2, "said"), (3, "skipped")):
        asked(lore, clock, NINE + timedelta(days=day, hours=-5, minutes=-30))
        assert sent(lore, daily, "ben", DAY + timedelta(days=day)) == expected
    again = shown_in(form(lore, "ben"))
    for value in ("Asia/Kolkata", "DE-BY", "20:00-08:00"):
        assert value in again


@pytest.mark.parametrize(
    ("block", "value", "problem"),
    [
        (ZONE, "Berlin", "Did you mean Europe/Berlin?"),
        (ZONE, "Mars/Olympus", "no time zone of that name"),
        (COUNTRY, "Germany", "DE-BY"),
        (COUNTRY, "XX", "not known"),
        (QUIET, "at night", "21:00-07:00"),
        (PINGS, "0", "from 1 to 100"),
        (PINGS, "many", "from 1 to 100"),
    ],
)
def test_what_cannot_be_meant_is_said_in_the_form(lore: Lore, block: str, value: str, problem: str) -> None:
    shown = form(lore, "ben")
    refused = lore.slack.submit_view("ben", shown["id"], {block: value})
    assert problem in str(refused)
    assert "from your Slack profile" in told(lore, "ben", "why")


# why


def test_competitors_2_12_2_18_why_tells_of_today_of_what_comes_and_of_what_was(
    lore: Lore, clock: FakeClock
) -> None:
    set_up(lore, "Daily", "ana", "ben")
    weekly = set_up(lore, "Weekly <!channel>", "ben")
    change(lore, weekly, rule="every Thursday")
    before = told(lore, "ben", "why")
    assert "Daily: I ask you at 09:00." in before
    assert "Weekly" in before
    assert "It is not on today. Every Thursday." in before
    assert "<!channel>" not in str(lore.slack.ephemerals("ben", "#general")[-1].get("text"))
    asked(lore, clock)
    after = told(lore, "ben", "why")
    assert "Daily: I asked you at 09:00." in after
    assert "Daily, Tuesday, 3 March 2026 at 09:00 (Europe/London)" in after
    assert after.count("Daily, ") == 4
    assert "Mon 2 Mar 09:00 · Daily · prompt · said" in after
    assert "today it were 1." in after


def test_competitors_2_18_who_is_in_no_stand_up_is_told_so(lore: Lore) -> None:
    assert "You are in no stand-up" in told(lore, "chloe", "why")


def test_t39_who_came_after_it_had_begun_is_asked_from_the_next_one(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    asked(lore, clock)
    chloe = lore.slack.person("chloe").id
    change(lore, daily, team=(*daily.settings.team, chloe))
    said = told(lore, "chloe", "why")
    assert "You came to the team after it had begun" in said
    assert "Daily, Tuesday, 3 March 2026 at 09:00" in said


def test_why_says_that_it_is_paused(lore: Lore) -> None:
    daily = set_up(lore, "Daily", "ben")
    change(lore, daily, state=PAUSED, paused_until=date(2026, 3, 9))
    said = told(lore, "ben", "why")
    assert "It is paused until Monday, 9 March 2026." in said
    assert "Daily, Monday, 9 March 2026 at 09:00" in said


def test_t07_who_flies_west_is_not_asked_again_on_the_same_date(lore: Lore, clock: FakeClock) -> None:
    lore.slack.change_person("ben", tz="Asia/Tokyo")
    clock.move(NINE - timedelta(hours=11))
    daily = set_up(lore, "Daily", "ben", reminders=())
    lore.at(clock, NINE - timedelta(hours=10))
    lore.at(clock, NINE - timedelta(hours=8, minutes=55))
    assert sent(lore, daily, "ben") == "said"
    lore.slack.change_person("ben", tz="America/Los_Angeles")
    lore.at(clock, NINE.replace(hour=17, minute=5))
    assert len(heard(lore, "ben")) == 1
    assert "Daily: I asked you at 00:05." in told(lore, "ben", "why") or "at 16:05" in told(
        lore, "ben", "why"
    )


# trends and pruning


def answered(lore: Lore, ritual: Ritual, slot: date, of: int) -> None:
    """A date on which everybody was asked and so many answered."""
    at = datetime.combine(slot, time(9), UTC).timestamp()
    with lore.knowledge.database.writing() as connection:
        team, settings = ritual.settings.team, ritual.settings
        made = occurrences.plan(connection, ritual.id, slot, settings, team, at, at + 9)
        assert made is not None
        occurrences.move(connection, made, CLOSED, at + 9)
        for number, person in enumerate(team):
            said = Delivery(made, person, "prompt", at, at + 1, state=SAID, settled_at=at)
            deliveries.plan(connection, said)
            if number < of:
                entries.put(connection, Entry(ritual.id, slot, person, replies={"done": "much"}), at)


def some_days(lore: Lore, ritual: Ritual, *counts: int) -> None:
    """On the working days before today, the last one last."""
    back = (DAY - timedelta(days=n) for n in range(1, 200))
    days = [day for day, _ in zip((day for day in back if day.weekday() < 5), counts, strict=False)]
    for day, of in zip(reversed(days), counts, strict=True):
        answered(lore, ritual, day, of)


@pytest.fixture
def four(lore: Lore) -> Ritual:
    lore.slack.add_person("dora", real_name="Dora Diaz")
    return set_up(lore, "Daily", "ana", "ben", "chloe", "dora")


def test_trends_are_of_the_team_by_week_and_name_nobody(lore: Lore, four: Ritual) -> None:
    some_days(lore, four, *[4] * 5, *[2] * 5)
    said = told(lore, "ben", "trends")
    assert "Week of 23 February 2026: 10 of 20 answered (50 %)" in said
    assert "Week of 16 February 2026: 20 of 20 answered (100 %)" in said
    for name in ("Ana", "Ben", "Chloe", "Dora", "ana", "chloe", "dora"):
        assert name not in said


def test_trends_of_few_people_would_tell_of_each_and_are_not_shown(lore: Lore) -> None:
    three = set_up(lore, "Daily", "ana", "ben", "chloe")
    some_days(lore, three, 3, 2, 1)
    assert "says nothing of single people" in told(lore, "ben", "trends")


def test_trends_are_for_those_who_may_read_the_entries(lore: Lore) -> None:
    three = set_up(lore, "Daily", "ana", "ben")
    some_days(lore, three, 2, 2)
    assert "no stand-up whose participation you may see" in told(lore, "chloe", "trends")


def proposed(lore: Lore, clock: FakeClock) -> dict[str, Any]:
    lore.at(clock, NINE - timedelta(hours=1))
    said = lore.slack.said_by_app(lore.slack.dm("ana"))
    [asking] = [one for one in said if "Fewer and fewer" in words(one)]
    return asking


def now(lore: Lore, ritual: Ritual) -> Ritual:
    with lore.knowledge.database.reading() as connection:
        found = rituals.ritual(connection, ritual.id)
    assert found is not None
    return found


def test_competitors_2_19_2_20_a_ritual_with_falling_answers_asks_its_owner_once(
    lore: Lore, four: Ritual, clock: FakeClock
) -> None:
    some_days(lore, four, *[4] * 10, *[1] * 10)
    assert "in the last 10 dates there were 25 of 100 asked, 100 before" in words(proposed(lore, clock))
    lore.at(clock, NINE - timedelta(minutes=30))
    for hours in (2, 30):
        lore.at(clock, NINE + timedelta(hours=hours))
    assert sum("Fewer and fewer" in one for one in heard(lore, "ana")) == 1
    assert now(lore, four).settings == four.settings


@pytest.mark.parametrize(
    ("pressed", "said", "rule", "state"),
    [
        (WEEKLY, "Daily comes once a week from now on: Every", "every Monday", "active"),
        (STOP, "Daily is stopped.", "weekdays", "paused"),
        (KEEP, "Daily stays as it is.", "weekdays", "active"),
    ],
)
def test_the_owner_decides_with_a_button(
    lore: Lore, four: Ritual, clock: FakeClock, pressed: str, said: str, rule: str, state: str
) -> None:
    some_days(lore, four, *[4] * 10, *[1] * 10)
    asking = proposed(lore, clock)
    for _ in range(2):
        assert lore.slack.click("ana", lore.slack.dm("ana"), asking["ts"], pressed).ok
    lore.settle()
    assert sum(said in one for one in heard(lore, "ana")) in (1, 2)
    found = now(lore, four)
    assert (found.settings.rule, found.state) == (rule, state)
    assert found.revision in (four.revision, four.revision + 1)
    if pressed != KEEP:
        with lore.knowledge.database.reading() as connection:
            [one] = [each for each in audits.newest(connection, 9, 0.0) if each.subject == four.id]
        assert (one.person, one.allowed) == (lore.slack.person("ana").id, True)


def test_days_of_a_file_are_set_in_the_file(lore: Lore, four: Ritual, clock: FakeClock) -> None:
    some_days(lore, four, *[4] * 10, *[1] * 10)
    asking = proposed(lore, clock)
    with lore.knowledge.database.writing() as connection:
        connection.execute(rituals.rituals.update().values(origin=IN_FILE))
    assert lore.slack.click("ana", lore.slack.dm("ana"), asking["ts"], WEEKLY).ok
    lore.settle()
    assert any("Daily stands in lore.toml" in one for one in heard(lore, "ana"))
    assert now(lore, four).settings.rule == "weekdays"


# calendars


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


# Lore's other reminders


def asked_of_ana(lore: Lore) -> None:
    """A question of Ben's waits for Ana, and after her for Chloe."""
    ana, ben, chloe = (lore.slack.person(name).id for name in ("ana", "ben", "chloe"))
    asker = Asker(ben, lore.slack.team.id, lore.slack.channel("#general").id, "1.0", private=False)
    waiting = Request(question="Who knows?", question_id="q", experts=(ana, chloe), askers=(asker,))
    with lore.knowledge.database.writing() as connection:
        requests.write(connection, waiting, lore.slack.team.clock())


def beat(lore: Lore, clock: FakeClock, at: datetime) -> None:
    lore.settle()
    clock.move(at)
    lore.bot.remind(at)
    lore.settle()


def test_a_reminder_of_a_question_waits_for_the_end_of_quiet_hours_and_counts_as_a_ping(
    lore: Lore, clock: FakeClock
) -> None:
    asked_of_ana(lore)
    with lore.knowledge.database.writing() as connection:
        personal.prefer(connection, lore.slack.person("ana").id, names.QUIET, "08:00-10:00", 0.0)
    beat(lore, clock, TOMORROW)
    assert heard(lore, "ana") == []
    beat(lore, clock, TOMORROW + timedelta(hours=1))
    assert [one.split(":")[0] for one in heard(lore, "ana")] == ["Still a question waits for you"]
    assert "today it were 1." in told(lore, "ana", "why")


def test_who_is_away_is_not_reminded_and_the_question_goes_on(lore: Lore, clock: FakeClock) -> None:
    asked_of_ana(lore)
    told(lore, "ana", "away 2 weeks")
    beat(lore, clock, TOMORROW)
    beat(lore, clock, TOMORROW + timedelta(days=1, hours=1))
    assert heard(lore, "ana") == []
    assert "Who knows?" in heard(lore, "chloe")[-1]


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

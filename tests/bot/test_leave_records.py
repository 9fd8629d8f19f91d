"""What is kept of leave, calendars and pings, in both databases."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.journal import absences, pings
from bot.journal.absences import LeaveCalendar
from bot.journal.migrate import migrate
from bot.journal.writer import JournalWriter
from bot.rituals.forgetting import Forgetting
from knowledge.adapters.database import open_database
from prompts.calm import Leave, Part, Why

DATABASES = ("sqlite", "postgresql")
MONDAY, DAY = date(2026, 3, 2), timedelta(days=1)


def test_leave_is_kept_cut_and_forgotten(writer: JournalWriter) -> None:
    vacation = Leave(MONDAY, MONDAY + 5 * DAY, reason="vacation")
    here = Leave(MONDAY + 2 * DAY, MONDAY + 3 * DAY, here=True)
    writer.write(lambda connection: absences.go_away(connection, "U1", vacation, 1.0))
    writer.write(lambda connection: absences.go_away(connection, "U1", here, 2.0))
    found = writer.read(lambda connection: absences.leaves_of(connection, "U1", MONDAY))
    assert found == [
        Leave(MONDAY, MONDAY + 2 * DAY, reason="vacation"),
        here,
        Leave(MONDAY + 3 * DAY, MONDAY + 5 * DAY, reason="vacation"),
    ]
    assert writer.write(lambda connection: absences.come_back(connection, "U1", MONDAY + DAY)) == 3
    writer.write(lambda connection: absences.sweep(connection, MONDAY + DAY))
    left = writer.read(lambda connection: absences.leaves_of(connection, "U1", MONDAY - DAY))
    assert left == [Leave(MONDAY, MONDAY + DAY, reason="vacation")]


def test_a_calendar_that_fails_remembers_since_when(writer: JournalWriter) -> None:
    half = Leave(MONDAY, MONDAY + DAY, Part.MORNING, "dentist", Why.CALENDAR)
    writer.write(lambda connection: absences.follow_calendar(connection, "hr", [("U1", half)], 1.0))
    for at in (2.0, 3.0):
        writer.write(lambda connection, at=at: absences.calendar_failed(connection, "hr", "gone.", at))
    assert writer.read(absences.calendars) == [LeaveCalendar("hr", 1.0, 3.0, 2.0, "gone.")]
    assert writer.read(lambda connection: absences.leaves_of(connection, "U1", MONDAY)) == [half]
    writer.write(lambda connection: absences.follow_calendar(connection, "hr", [], 4.0))
    assert writer.read(absences.calendars) == [LeaveCalendar("hr", 4.0, 4.0)]
    writer.write(lambda connection: absences.forget_calendars(connection, []))
    assert writer.read(absences.calendars) == []


def test_pings_are_counted_since_a_moment_and_forgotten_later(writer: JournalWriter) -> None:
    for at in (10.0, 20.0, 30.0):
        writer.write(lambda connection, at=at: pings.note(connection, "U1", at, f"at {at:.0f}"))
    assert writer.read(lambda connection: pings.count(connection, "U1", 20.0)) == 2
    assert writer.read(lambda connection: pings.count(connection, "U2", 0.0)) == 0
    newest, *_ = writer.read(lambda connection: pings.of_person(connection, "U1", 0.0))
    assert (newest.at, newest.what) == (30.0, "at 30")
    writer.write(lambda connection: pings.sweep(connection, pings.KEEP_S + 25.0))
    assert writer.read(lambda connection: pings.count(connection, "U1", 0.0)) == 1


def test_what_is_long_past_is_forgotten_once_a_day(tmp_path: Path) -> None:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    old, lately = MONDAY - 500 * DAY, MONDAY - 9 * DAY
    forgetting = Forgetting(database)
    for at in (now, now + timedelta(hours=2), now + timedelta(hours=25)):
        with database.writing() as connection:
            absences.go_away(connection, "U1", Leave(old, old + DAY), 1.0)
            absences.go_away(connection, "U1", Leave(lately, lately + DAY), 1.0)
            pings.note(connection, "U1", 1.0, "long ago")
        forgetting.forget(at)
        with database.reading() as connection:
            left = [one.first for one in absences.leaves_of(connection, "U1", old - DAY)]
            counted = pings.count(connection, "U1", 0.0)
        swept = at != now + timedelta(hours=2)
        assert (left, counted) == (([lately], 0) if swept else ([old, lately], 1))
    database.close()

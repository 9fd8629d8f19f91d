"""One's next prompts: by one's own clock, without holidays and leave, moved where the ritual moves them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.calm_settings import CalmSettings
from bot.journal import absences
from bot.journal.rituals import PAUSED, Ritual
from bot.rituals.availability import Availability
from bot.rituals.leave import coming_line
from bot.rituals.upcoming import Upcoming
from prompts.calm import Leave, Part
from prompts.ritual import OnHoliday
from tests.bot.office import MONDAY, Office, office, on

DAY = timedelta(days=1)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def coming(lore: Office, name: str, calm: CalmSettings | None = None, most: int = 5) -> list[str]:
    availability = Availability(lore.people, lore.database, lore.clock, calm or CalmSettings())
    found = Upcoming(lore.people, availability).next_prompts(lore.id(name), lore.clock(), most)
    return [f"{one.at.astimezone(one.zone):%d %b %H:%M %Z}" for one in found]


def away(lore: Office, name: str, leave: Leave) -> None:
    with lore.database.writing() as connection:
        absences.go_away(connection, lore.id(name), leave, lore.now)


def paused(lore: Office, ritual: Ritual, until: date | None) -> None:
    lore.store(replace(ritual, state=PAUSED, paused_until=until))


def test_competitors_2_3_2_6_they_are_at_the_same_time_on_the_wall_over_a_change_of_clocks(
    lore: Office,
) -> None:
    lore.clock.move(datetime(2026, 3, 6, 8, tzinfo=ZoneInfo("America/Los_Angeles")))
    lore.set_up(team=("#world",))
    assert coming(lore, "lou", most=3) == ["06 Mar 09:00 PST", "09 Mar 09:00 PDT", "10 Mar 09:00 PDT"]


def test_competitors_2_11_days_off_are_left_out_or_moved_and_leave_is_left_out(lore: Office) -> None:
    off = CalmSettings(days_off={MONDAY: "the offsite"})
    lore.set_up(on_holiday=OnHoliday.SKIP)
    away(lore, "ana", Leave(MONDAY + 2 * DAY, MONDAY + 4 * DAY))
    assert coming(lore, "ana", off, 3) == ["03 Mar 09:00 UTC", "06 Mar 09:00 UTC", "09 Mar 09:00 UTC"]
    lore.set_up(name="Weekly", rule="every Monday", on_holiday=OnHoliday.MOVE, at=time(10))
    assert "03 Mar 10:00 UTC" in coming(lore, "ben", off)


def test_half_a_day_shows_when_one_is_asked_instead(lore: Office) -> None:
    lore.set_up()
    away(lore, "ana", Leave(MONDAY, MONDAY + DAY, Part.MORNING))
    assert coming(lore, "ana", most=1) == ["02 Mar 13:00 UTC"]
    lore.set_up(name="Late", at=time(15))
    away(lore, "ben", Leave(MONDAY, MONDAY + DAY, Part.AFTERNOON))
    assert coming(lore, "ben", most=2) == ["02 Mar 09:00 UTC", "03 Mar 09:00 UTC"]


def test_half_a_day_is_of_ones_own_clock_whatever_clock_the_ritual_is_on(lore: Office) -> None:
    lore.set_up(at=time(20), zone="Asia/Tokyo")  # 11:00 in UTC, where Ana is
    away(lore, "ana", Leave(MONDAY, MONDAY + DAY, Part.MORNING))
    assert coming(lore, "ana", most=1) == ["02 Mar 22:00 JST"]


def test_a_pause_is_waited_for_and_one_without_an_end_has_nothing(lore: Office) -> None:
    daily = lore.set_up()
    paused(lore, daily, MONDAY + 7 * DAY)
    assert coming(lore, "ana", most=1) == ["09 Mar 09:00 UTC"]
    paused(lore, daily, None)
    assert coming(lore, "ana") == []


def test_what_is_over_today_and_other_teams_are_not_listed(lore: Office) -> None:
    lore.set_up()
    lore.set_up(name="World", team=("#world",))
    lore.clock.move(on(MONDAY, "09:00"))
    assert coming(lore, "ana", most=1) == ["03 Mar 09:00 UTC"]
    assert coming(lore, "gus") == []


def test_the_line_names_the_zone(lore: Office) -> None:
    lore.set_up(team=("#world",), zone="Asia/Tokyo", at=time(18))
    availability = Availability(lore.people, lore.database, lore.clock)
    [one] = Upcoming(lore.people, availability).next_prompts(lore.id("bea"), lore.clock(), 1)
    assert coming_line(one) == "Daily, Monday, 2 March 2026 at 18:00 (Asia/Tokyo)"

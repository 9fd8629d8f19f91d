"""[rituals] of lore.toml: what holds for everybody, and what is refused with the fix."""

from datetime import date, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.calm_settings import CalmSettings, calm_settings, hours, place
from bot.settings import load_settings
from knowledge.errors import SettingsError
from prompts.calm import NIGHT

CONFIG = Path("/etc/lore.toml")
UTC = ZoneInfo("UTC")


def read(environment: dict[str, str] | None = None, **table: Any) -> CalmSettings:
    return calm_settings(CONFIG, table, UTC, environment or {})


def test_nothing_said_is_quiet_at_night_and_eight_pings_a_day() -> None:
    found = read()
    assert (found.quiet, found.pings_a_day, found.country, found.work_days) == (NIGHT, 8, "", None)


def test_all_of_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "lore.toml").write_text(
        """
[team]
zone = "Europe/Berlin"
[rituals]
country = "DE-BY"
work_days = ["monday", "Tuesday"]
days_off = ["2026-12-24 Christmas Eve", "2026-12-28..2026-12-31 Winter break"]
quiet_hours = "20:00-08:00"
pings_a_day = 5
leave_emoji = [":tent:"]
leave_words = ["urlaub"]
calendars = ["leave.ics", "https://calendar.example/private-123/basic.ics?x=1", "$LEAVE"]
calendar_minutes = 10
"""
    )
    environment = {
        "LORE_CONFIG": str(tmp_path / "lore.toml"),
        "LEAVE": "https://hr.example/secret.ics",
    }
    found = load_settings(environment).calm
    assert (found.zone.key, found.country, found.subdivision) == ("Europe/Berlin", "DE", "BY")
    assert found.work_days == {0, 1}
    assert found.days_off[date(2026, 12, 24)] == "Christmas Eve"
    assert found.days_off[date(2026, 12, 30)] == "Winter break"
    assert len(found.days_off) == 5
    assert (found.quiet, found.pings_a_day) == ((time(20), time(8)), 5)
    assert (found.signs.emoji, found.signs.words) == ({"tent"}, ("urlaub",))
    assert [one.name for one in found.calendars] == ["leave.ics", "calendar.example", "LEAVE"]
    assert found.calendars[0].path == tmp_path / "leave.ics"
    assert found.calendars[2].address == "https://hr.example/secret.ics"


def test_the_address_of_a_calendar_is_not_shown() -> None:
    found = read(calendars=["https://calendar.example/private-123/basic.ics"])
    assert "private-123" not in repr(found)


def test_calendars_of_one_host_have_names_of_their_own() -> None:
    found = read(calendars=["https://c.example/a.ics", "https://c.example/b.ics"])
    assert [one.name for one in found.calendars] == ["c.example", "c.example (2)"]


def test_a_calendar_may_lie_within_ones_own_network() -> None:
    [one] = read(calendars=[{"address": "http://cal.local/a.ics", "private_network": True}]).calendars
    assert one.private_network


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"country": "Atlantis"}, "rituals.country"),
        ({"country": "XX"}, "rituals.country"),
        ({"country": "DE-XX"}, "rituals.country"),
        ({"work_days": ["someday"]}, "rituals.work_days"),
        ({"work_days": []}, "rituals.work_days"),
        ({"days_off": ["24.12.2026"]}, "rituals.days_off"),
        ({"days_off": ["2026-02-30"]}, "rituals.days_off"),
        ({"days_off": ["2026-12-31..2026-12-01"]}, "rituals.days_off"),
        ({"days_off": [5]}, "rituals.days_off"),
        ({"quiet_hours": "late"}, "rituals.quiet_hours"),
        ({"quiet_hours": "25:00-07:00"}, "rituals.quiet_hours"),
        ({"pings_a_day": 0}, "rituals.pings_a_day"),
        ({"pings_a_day": True}, "rituals.pings_a_day"),
        ({"calendars": ["ftp://x/y.ics"]}, "rituals.calendars"),
        ({"calendars": ["$NOT_SET"]}, "NOT_SET"),
        ({"calendars": [{"address": "https://x/y.ics", "private": True, "z": 1}]}, "rituals.calendars"),
        ({"calendars": [7]}, "rituals.calendars"),
        ({"calendar_minutes": 0}, "rituals.calendar_minutes"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(table: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read(**table)


def test_hours_and_places_as_people_write_them() -> None:
    assert hours(" 21:00 – 07:00 ") == (time(21), time(7))
    assert hours("21-7") is None
    assert place("de-by") == ("DE", "BY")
    assert place("Germany") is None
    assert place("") == ("", "")

"""Who may be asked when: own settings, leave, holidays, statuses, hours, pings, and those never asked."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calm_settings import CalmSettings
from bot.journal import absences, personal, pings
from bot.journal.rituals import Ritual
from bot.rituals import availability as names
from bot.rituals.availability import Availability
from bot.rituals.due import Later
from bot.rituals.on_time import keep_time
from bot.rituals.room import Rituals
from bot.rituals.zones_unknown import ZonesUnknown
from prompts.calm import Free, Leave, Off, Part, Standing, Why, ZoneFrom
from prompts.ritual import OnLeave
from tests.bot.office import MONDAY, Office, office, on

DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
CALM = CalmSettings(
    zone=ZoneInfo("Europe/Berlin"),
    country="DE",
    days_off={MONDAY + 4 * DAY: "the offsite"},
    pings_a_day=3,
)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


@pytest.fixture
def calm(lore: Office) -> Availability:
    return Availability(lore.people, lore.database, lore.clock, CALM)


def by(lore: Office, settings: CalmSettings) -> Availability:
    """Let rituals be kept by these settings."""
    calm = Availability(lore.people, lore.database, lore.clock, settings)
    made = Rituals(lore.people, lore.database, lore.clock)
    keep_time(made, calm)
    ZonesUnknown(calm).join(made)
    made.makers |= lore.processes[0].makers
    lore.processes[:] = [made]
    return calm


def prefer(lore: Office, name: str, **settings: str) -> None:
    with lore.database.writing() as connection:
        for key, value in settings.items():
            personal.prefer(connection, lore.id(name), getattr(names, key.upper()), value, lore.now)


def go_away(lore: Office, name: str, leave: Leave) -> None:
    with lore.database.writing() as connection:
        absences.go_away(connection, lore.id(name), leave, lore.now)


def standing(
    lore: Office, calm: Availability, name: str, day: date, ritual: Ritual | None = None
) -> Standing:
    return calm.standing(lore.id(name), day, ritual)


def why(lore: Office, calm: Availability, name: str, day: date) -> Why | None:
    found = standing(lore, calm, name, day)
    return found.why if isinstance(found, Off) else None


# zones


def test_the_zone_is_ones_own_then_slacks(lore: Office, calm: Availability) -> None:
    bea = lore.id("bea")
    assert (calm.profile(bea).zone.key, calm.profile(bea).zone_from) == ("Europe/Berlin", ZoneFrom.SLACK)
    prefer(lore, "bea", zone="Asia/Kolkata")
    assert (calm.profile(bea).zone.key, calm.profile(bea).zone_from) == ("Asia/Kolkata", ZoneFrom.OWN)
    prefer(lore, "bea", zone="Mars/Olympus")
    assert calm.profile(bea).zone_from is ZoneFrom.SLACK


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "Europe", "../etc"])
def test_t10_an_unknown_zone_gives_way_to_the_rituals_and_is_told_once(lore: Office, zone: str) -> None:
    by(lore, replace(CALM, pings_a_day=8))
    lore.slack.change_person("ben", tz=zone)
    ritual = lore.set_up(zone="Asia/Tokyo", team=("#team",), at=time(18))
    lore.pass_time(on(MONDAY, "09:30"), AN_HOUR)
    assert lore.prompted("ben") == {"ben": 1}
    assert lore.delivery(ritual, "ben").zone == "Asia/Tokyo"
    told = [text for text in lore.said("ben") if "time zone" in text]
    assert len(told) == 1
    assert "Asia/Tokyo" in told[0]
    assert not [text for text in lore.said("ana") if "time zone" in text]
    for clock in ("08:30", "09:00", "09:30"):
        lore.at(on(MONDAY + DAY, clock))
    assert lore.prompted("ben") == {"ben": 2}
    assert len([text for text in lore.said("ben") if "time zone" in text]) == 1


def test_t10_where_the_ritual_has_no_zone_either_it_is_the_teams(lore: Office, calm: Availability) -> None:
    lore.slack.change_person("ben", tz="")
    ritual = lore.set_up()
    found = calm.profile(lore.id("ben"), ritual)
    assert (found.zone.key, found.zone_from) == ("Europe/Berlin", ZoneFrom.TEAM)


# those who are never asked


def test_competitors_2_18_guests_strangers_bots_and_those_who_left_are_never_asked_and_told_so(
    lore: Office, calm: Availability
) -> None:
    for name in ("gus", "robot", "stranger"):
        found = standing(lore, calm, name, MONDAY)
        assert isinstance(found, Off)
        assert (found.why, "never asked" in found.reason) == (Why.GUEST, True)
    lore.slack.deactivate("ben")
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("ben")}})
    assert why(lore, calm, "ben", MONDAY) is Why.GONE


# days


def test_t17_part_time_and_other_weekends_are_each_persons_own(lore: Office, calm: Availability) -> None:
    prefer(lore, "ana", days="02")  # Monday and Wednesday
    prefer(lore, "ben", days="01236")  # Friday and Saturday are the weekend
    week = [MONDAY + n * DAY for n in (0, 1, 2, 3, 5, 6)]
    assert [why(lore, calm, "ana", day) for day in week] == [
        None, Why.PART_TIME, None, Why.PART_TIME, Why.PART_TIME, Why.PART_TIME,
    ]  # fmt: skip
    assert [why(lore, calm, "ben", day) for day in week] == [None, None, None, None, Why.PART_TIME, None]
    assert [why(lore, calm, "chloe", day) for day in week] == [None] * 6  # the ritual's own days count


def test_t17_on_a_day_that_somebody_does_not_work_nothing_is_said_to_them(lore: Office) -> None:
    by(lore, CalmSettings())
    prefer(lore, "ana", days="1234")
    ritual = lore.set_up()
    lore.pass_time(on(MONDAY, "18:00"), AN_HOUR)
    assert lore.prompted("ana", "ben") == {"ana": 0, "ben": 1}
    assert lore.delivery(ritual, "ana").reason == "You do not work on Mondays."


def test_t18_competitors_2_1_2_10_a_holiday_in_one_country_keeps_those_who_live_there_alone(
    lore: Office,
) -> None:
    by(lore, CalmSettings(country="DE"))
    prefer(lore, "ben", country="US")
    prefer(lore, "chloe", country="DE-BY")
    epiphany, labour = date(2026, 1, 6), date(2026, 5, 1)
    lore.clock.move(on(labour, "00:00"))
    ritual = lore.set_up()
    lore.pass_time(on(labour, "18:00"), AN_HOUR)
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 0, "ben": 1, "chloe": 0}
    assert "Labor Day" in lore.delivery(ritual, "ana", slot=labour).reason
    calm = Availability(lore.people, lore.database, lore.clock, CalmSettings(country="DE"))
    assert why(lore, calm, "chloe", epiphany) is Why.HOLIDAY  # a holiday of Bavaria
    assert why(lore, calm, "ana", epiphany) is None


def test_competitors_2_1_a_day_off_of_the_team_is_everybodys(lore: Office, calm: Availability) -> None:
    friday = MONDAY + 4 * DAY
    found = standing(lore, calm, "ana", friday)
    assert isinstance(found, Off)
    assert found == Off("The team has a day off: the offsite.", friday + DAY, Why.TEAM_DAY)
    assert calm.day_off(friday, calm.places([lore.id("ana")])) == "the offsite"
    assert calm.day_off(MONDAY, calm.places([lore.id("ana")])) is None


# leave


def test_t22_leave_ends_by_itself_and_the_first_prompt_comes_on_that_day(lore: Office) -> None:
    go_away(lore, "ben", Leave(MONDAY, MONDAY + 2 * DAY, reason="vacation"))
    ritual = lore.set_up()
    for n, expected in ((0, 0), (1, 0), (2, 1), (3, 2)):
        for clock in ("08:30", "09:00", "09:30"):
            lore.at(on(MONDAY + n * DAY, clock))
        assert lore.prompted("ben") == {"ben": expected}
    assert "away until Wednesday, 4 March 2026" in lore.delivery(ritual, "ben").reason


def test_t21_leave_that_begins_after_the_prompt_stops_the_reminders_alone(lore: Office) -> None:
    daily = lore.set_up()
    lore.pass_time(on(MONDAY, "12:00"), AN_HOUR)
    go_away(lore, "ben", Leave(MONDAY, MONDAY + DAY))
    lore.pass_time(on(MONDAY, "20:00"), AN_HOUR)
    assert lore.said("ben") == ["prompt Daily 2026-03-02"]
    assert lore.delivery(daily, "ben").state == "said"
    assert "away" in lore.delivery(daily, "ben", "reminder 1").reason
    assert lore.said("ana") == ["prompt Daily 2026-03-02", "reminder Daily 2026-03-02"]


def test_t21_away_in_the_afternoon_the_morning_stands_and_no_reminder_follows(lore: Office) -> None:
    go_away(lore, "ben", Leave(MONDAY, MONDAY + DAY, Part.AFTERNOON))
    lore.set_up()
    lore.pass_time(on(MONDAY, "20:00"), AN_HOUR)
    assert lore.said("ben") == ["prompt Daily 2026-03-02"]


def test_t21_away_in_the_morning_it_stays_open_for_as_long_as_they_have_to_reply(lore: Office) -> None:
    go_away(lore, "ben", Leave(MONDAY, MONDAY + DAY, Part.MORNING))
    daily = lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    waits, found = lore.delivery(daily, "ben"), lore.occurrence(daily)
    assert found is not None
    assert (waits.state, lore.said("ben")) == ("planned", [])
    assert found.closes_at == waits.deadline_at == waits.planned_at + 8 * 3600


def test_what_is_said_later_of_the_same_days_counts_and_the_others_stay(lore: Office) -> None:
    ben = lore.id("ben")
    go_away(lore, "ben", Leave(MONDAY, MONDAY + 7 * DAY, reason="vacation"))
    go_away(lore, "ben", Leave(MONDAY + 2 * DAY, MONDAY + 3 * DAY, Part.MORNING))
    with lore.database.reading() as connection:
        found = absences.leaves_of(connection, ben, MONDAY)
    assert [(one.first, one.until, one.part) for one in found] == [
        (MONDAY, MONDAY + 2 * DAY, Part.DAY),
        (MONDAY + 2 * DAY, MONDAY + 3 * DAY, Part.MORNING),
        (MONDAY + 3 * DAY, MONDAY + 7 * DAY, Part.DAY),
    ]
    with lore.database.writing() as connection:
        absences.come_back(connection, ben, MONDAY + DAY)
        found = absences.leaves_of(connection, ben, MONDAY)
    assert [(one.first, one.until) for one in found] == [(MONDAY, MONDAY + DAY)]


def test_what_a_calendar_says_is_replaced_whole_and_ones_own_word_stays(lore: Office) -> None:
    ben = lore.id("ben")
    go_away(lore, "ben", Leave(MONDAY + 9 * DAY, MONDAY + 10 * DAY))
    for last in (3, 5):
        with lore.database.writing() as connection:
            leave = Leave(MONDAY, MONDAY + last * DAY, why=Why.CALENDAR)
            absences.follow_calendar(connection, "hr", [(ben, leave)], lore.now)
    with lore.database.reading() as connection:
        found = absences.leaves_of(connection, ben, MONDAY)
        assert [(one.until - MONDAY).days for one in found] == [5, 10]
        assert [one.why for one in found] == [Why.CALENDAR, Why.ABSENCE]
    with lore.database.writing() as connection:
        absences.forget_calendars(connection, [])
        assert len(absences.leaves_of(connection, ben, MONDAY)) == 1


# statuses


def test_competitors_2_9_sc_09_out_of_office_in_slack_is_not_asked_or_asked_by_setting(lore: Office) -> None:
    lore.slack.set_status("ben", "Vacationing", ":palm_tree:", on(MONDAY, "23:59").timestamp())
    skip = lore.set_up(name="Skip")
    ask = lore.set_up(name="Ask", on_leave=OnLeave.ASK)
    lore.pass_time(on(MONDAY, "10:00"), AN_HOUR)
    assert lore.said("ben") == ["prompt Ask 2026-03-02"]
    assert lore.delivery(skip, "ben").reason == (
        "Your Slack status says that you are away (:palm_tree: Vacationing)."
    )
    calm = Availability(lore.people, lore.database, lore.clock)
    found = standing(lore, calm, "ben", MONDAY, ask)
    assert isinstance(found, Free)
    assert "I'm away until" in found.note
    lore.clock.move(on(MONDAY + DAY, "08:00"))
    lore.slack.expire_statuses()
    lore.pass_time(on(MONDAY + DAY, "10:00"), AN_HOUR)
    assert lore.prompted("ben") == {"ben": 3}


# hours and pings


def may(lore: Office, calm: Availability, name: str, at: datetime) -> Later | None:
    with lore.database.writing() as connection:
        return calm.may_ping(lore.id(name), at, connection)


def test_quiet_hours_are_by_ones_own_clock(lore: Office, calm: Availability) -> None:
    night = on(MONDAY, "22:00")
    found = may(lore, calm, "ana", night)
    assert found is not None
    assert found.at == on(MONDAY + DAY, "07:00").timestamp()
    assert "quiet hours" in found.reason
    assert may(lore, calm, "lou", night) is None  # it is two in the afternoon there
    prefer(lore, "ana", quiet="00:00-00:00")
    assert may(lore, calm, "ana", night) is None


def test_competitors_2_19_nobody_hears_more_of_lore_a_day_than_they_want(
    lore: Office, calm: Availability
) -> None:
    ana, noon = lore.id("ana"), on(MONDAY, "12:00")
    with lore.database.writing() as connection:
        for what in ("the prompt of Daily", "the prompt of Weekly", "a question to you"):
            assert calm.may_ping(ana, noon, connection) is None
            calm.ping(connection, ana, noon, what)
        found = calm.may_ping(ana, noon, connection)
        assert found is not None
        assert found.at == on(MONDAY + DAY, "07:00").timestamp()
        assert "3 messages" in found.reason
        assert calm.may_ping(lore.id("ben"), noon, connection) is None
        assert calm.may_ping(ana, on(MONDAY + DAY, "12:00"), connection) is None
        assert [one.what for one in pings.of_person(connection, ana, noon.timestamp())] == [
            "a question to you", "the prompt of Weekly", "the prompt of Daily",
        ]  # fmt: skip


def test_competitors_2_19_what_is_beyond_the_budget_is_recorded_with_its_reason(lore: Office) -> None:
    by(lore, CalmSettings(pings_a_day=2))
    rituals = [lore.set_up(name=f"Daily {n}", reminders=()) for n in range(4)]
    lore.pass_time(on(MONDAY, "20:00"), AN_HOUR)
    assert lore.prompted("ana", "ben") == {"ana": 2, "ben": 2}
    skipped = [one for each in rituals for one in lore.deliveries(each) if one.state == "skipped"]
    assert {one.reason for one in skipped if one.person == lore.id("ben")} == {
        "You had 2 messages of mine on that day already."
    }


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Opened once for all examples."""
    with office(tmp_path_factory.mktemp("ledger")) as opened:
        yield opened


@given(st.lists(st.integers(0, 72), max_size=30))
def test_no_local_day_has_more_pings_than_its_budget(opened: Office, hours: list[int]) -> None:
    calm = Availability(opened.people, opened.database, opened.clock, CALM)
    toshi, made = opened.id("toshi"), Counter[date]()
    with opened.database.writing() as connection:
        connection.execute(pings.pings_made.delete())
        for hour in sorted(hours):
            at = on(MONDAY, "00:00") + timedelta(hours=hour)
            local = at.astimezone(ZoneInfo("Asia/Tokyo"))
            fate = calm.may_ping(toshi, at, connection)
            if fate is None:
                calm.ping(connection, toshi, at, "something")
                made[local.date()] += 1
                assert time(7) <= local.time() < time(21)
            else:
                assert fate.at > at.timestamp()
    assert max(made.values(), default=0) <= CALM.pings_a_day

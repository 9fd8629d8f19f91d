"""Everybody is asked at their time, once: late within a limit, else it is missed and told once."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.rituals.roster import rotated
from bot.rituals.wanted import OVER_THERE
from tests.bot.office import MONDAY, ZONES, Office, office, on

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_each_of_the_team_is_asked_reminded_and_reported_on_once(lore: Office) -> None:
    daily = lore.set_up()
    lore.pass_time(on(MONDAY, "08:59"))
    assert lore.said("ana") == []
    lore.at(on(MONDAY, "09:00"))
    lore.pass_time(on(MONDAY, "16:59"))
    assert lore.state(daily) == "open"
    lore.pass_time(on(MONDAY, "18:00"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}
    assert lore.said("ben") == ["prompt Daily 2026-03-02", "reminder Daily 2026-03-02"]
    assert [one["text"] for one in lore.slack.said_by_app("#reports")] == ["summary Daily 2026-03-02"]
    assert lore.state(daily) == "closed"
    assert lore.delivery(daily, "ben").deadline_at == on(MONDAY, "17:00").timestamp()


def test_t06_five_zones_over_25_hours_are_one_occurrence_and_nobody_is_asked_at_night(lore: Office) -> None:
    lore.clock.move(on(MONDAY - timedelta(days=1), "12:00"))
    daily = lore.set_up(team=("#world",), at=time(9, 30))
    asked: dict[str, datetime] = {}
    while lore.clock() < on(TUESDAY, "08:00"):
        lore.at(lore.clock() + timedelta(minutes=30))
        for name in ZONES:
            if "prompt Daily 2026-03-02" in lore.said(name) and name not in asked:
                asked[name] = lore.clock()
        if len(asked) in range(1, 5):
            assert lore.state(daily) == "open"
    assert [lore.said(name).count("prompt Daily 2026-03-02") for name in ZONES] == [1] * 5
    for name, zone in ZONES.items():
        local = asked[name].astimezone(ZoneInfo(zone))
        assert (local.date(), local.time()) == (MONDAY, time(9, 30)), name
    assert max(asked.values()) - min(asked.values()) == timedelta(hours=25)
    last = lore.delivery(daily, "pat")
    found = lore.occurrence(daily)
    assert found is not None
    assert found.closes_at == last.deadline_at == on(TUESDAY, "04:30").timestamp()
    assert (found.state, found.closed_at) == ("closed", on(TUESDAY, "04:30").timestamp())


def test_t09_who_travels_before_the_prompt_is_asked_at_their_new_time(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:30"))
    moved(lore, "ben", "America/New_York")
    lore.pass_time(on(MONDAY, "13:55"))
    assert lore.prompted("ana", "ben") == {"ana": 1, "ben": 0}
    lore.at(on(MONDAY, "14:00"))
    assert lore.prompted("ana", "ben") == {"ana": 1, "ben": 1}
    assert lore.delivery(daily, "ben").deadline_at == on(MONDAY, "22:00").timestamp()


def test_t09_a_new_time_that_is_over_is_made_up_for_within_the_limit_else_it_is_skipped(
    lore: Office,
) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:30"))
    moved(lore, "ben", "Europe/Berlin")  # half past nine there
    moved(lore, "chloe", "Asia/Tokyo")  # half past five in the afternoon
    lore.at(on(MONDAY, "08:33"))
    assert lore.said("ben") == ["prompt Daily 2026-03-02 late by 33 min"]
    lore.pass_time(on(MONDAY, "10:00"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 0}
    skipped = lore.delivery(daily, "chloe")
    assert (skipped.state, skipped.reason) == ("skipped", OVER_THERE)
    assert not [text for text in lore.said("ana") if "in time" in text], "nobody's mistake is nobody's news"


def test_t09_who_flies_to_where_it_is_over_while_it_is_open_is_nobodys_news(lore: Office) -> None:
    lore.clock.move(on(MONDAY - timedelta(days=1), "18:00"))
    daily = lore.set_up(team=("#world",))
    lore.at(on(MONDAY - timedelta(days=1), "19:00"))
    for clock in ("00:00", "08:00"):
        lore.at(on(MONDAY, clock))
    moved(lore, "lou", "Asia/Tokyo")
    lore.at(on(MONDAY, "12:00"))
    lore.at(on(MONDAY, "12:05"))
    left_out = lore.delivery(daily, "lou")
    assert (left_out.state, left_out.reason, lore.said("ana")) == ("skipped", OVER_THERE, [])


def test_t09_who_moves_after_it_was_planned_is_asked_by_their_clock_all_the_same(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.clock.move(on(MONDAY, "09:00"))
    *rest, send = lore.processes[0].duties
    for duty in rest:
        duty(lore.clock())
    moved(lore, "ben", "America/Los_Angeles")
    moved(lore, "chloe", "Asia/Tokyo")
    send(lore.clock())
    lore.post()
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 0, "chloe": 0}
    waits, left_out, found = (
        lore.delivery(daily, "ben"),
        lore.delivery(daily, "chloe"),
        lore.occurrence(daily),
    )
    assert found is not None
    assert waits.planned_at == on(MONDAY, "17:00").timestamp()
    assert found.closes_at == waits.deadline_at
    assert (left_out.state, left_out.reason) == ("skipped", OVER_THERE)


def test_t07_nobody_is_asked_twice_for_one_date_who_travels_after_the_prompt(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    moved(lore, "ben", "America/Los_Angeles")
    lore.pass_time(on(MONDAY, "20:00"))
    assert lore.prompted("ben") == {"ben": 1}


@pytest.mark.parametrize("minutes", [1, 60, 119])
def test_t23_sc_02_down_at_the_time_and_back_within_the_limit_is_said_once_and_marked_late(
    lore: Office, minutes: int
) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "09:00") + timedelta(minutes=minutes))
    late = f" late by {minutes} min" if minutes > 5 else ""
    assert lore.said("ben") == [f"prompt Daily 2026-03-02{late}"]
    lore.beat()
    assert lore.prompted("ben") == {"ben": 1}
    if minutes > 5:
        assert lore.delivery(daily, "ben").reason == f"It was sent {minutes} minutes late."
        back = on(MONDAY, "09:00") + timedelta(minutes=minutes, hours=8)
        found = lore.occurrence(daily)
        assert found is not None
        assert lore.delivery(daily, "ben").deadline_at == back.timestamp(), "nobody loses time to answer"
        assert found.closes_at == back.timestamp()


def test_t24_back_after_the_limit_it_is_missed_and_the_next_one_is_as_always(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "11:30"))
    assert lore.prompted("ana", "ben") == {"ana": 0, "ben": 0}
    assert lore.state(daily) == "missed"
    [notice] = lore.said("ana")
    assert "Daily, Monday, 2 March 2026: 3 people were not asked" in notice
    assert "not running" in lore.delivery(daily, "ben").reason
    lore.pass_time(on(TUESDAY, "09:00"))
    assert lore.said("ben") == ["prompt Daily 2026-03-03"]
    assert lore.slack.said_by_app("#reports") == []


def test_t24_sc_02_after_days_of_silence_each_owner_gets_one_notice_and_nobody_three_stand_ups(
    lore: Office,
) -> None:
    daily = lore.set_up()
    weekly = lore.set_up(name="Weekly", at=time(10))
    others = lore.set_up(name="Others", owner="ben", team=("@everybody",))
    lore.at(on(MONDAY, "08:30"))
    friday = MONDAY + timedelta(days=4)
    lore.at(on(friday, "08:30"))
    for ritual in (daily, weekly, others):
        assert [lore.state(ritual, MONDAY + timedelta(days=n)) for n in range(4)] == ["missed"] * 4
        assert lore.state(ritual, friday) == "planned"
    [to_ana], [to_ben] = lore.said("ana"), lore.said("ben")
    assert to_ana.count("were not asked") == 8
    assert to_ben.count("were not asked") == 4
    lore.pass_time(on(friday, "10:00"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 3, "ben": 3, "chloe": 2}
    assert len(lore.said("ana")) == 4, "one notice, three prompts"


def test_t25_a_summary_that_would_come_too_late_is_told_in_the_same_notice_as_the_rest(lore: Office) -> None:
    daily = lore.set_up(team=(lore.id("ben"), lore.id("lou")))
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "09:00"))
    lore.at(on(TUESDAY, "13:30"))
    assert (lore.state(daily), lore.delivery(daily, "", "close").state) == ("closed", "missed")
    [notice] = lore.said("ana")
    assert "Daily, Monday, 2 March 2026: one person was not asked and no summary was made" in notice


def test_t25_down_over_prompt_reminder_and_deadline_the_run_is_closed_with_a_note(lore: Office) -> None:
    daily = lore.set_up(window=timedelta(hours=1), reminders=(timedelta(minutes=30),))
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "10:30"))
    assert [text for text in lore.said("ben") if "Daily" in text] == []
    found = lore.occurrence(daily)
    assert found is not None
    assert (found.state, found.note) == (
        "missed",
        "Nobody was asked: Lore was not running, or could not reach Slack.",
    )


def test_t25_a_late_prompt_leaves_time_to_answer_and_no_reminder_comes_with_it(lore: Office) -> None:
    lore.set_up(window=timedelta(hours=1), reminders=(timedelta(minutes=50), timedelta(minutes=30)))
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "09:40"))
    assert lore.said("ben") == ["prompt Daily 2026-03-02 late by 40 min"]
    lore.pass_time(on(MONDAY, "10:05"), timedelta(minutes=5))
    assert len(lore.said("ben")) == 1
    lore.pass_time(on(MONDAY, "10:41"), timedelta(minutes=5))
    assert lore.said("ben")[1:] == ["reminder Daily 2026-03-02"]


def test_t25_no_reminder_is_said_when_the_time_to_reply_is_over(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    lore.at(on(MONDAY, "17:00"))
    assert lore.said("ben") == ["prompt Daily 2026-03-02"]


def test_t43_the_order_is_another_one_every_day_and_everybody_comes_first_in_their_turn() -> None:
    for count in (1, 2, 3, 6, 61, 500):
        people = [f"U{n:03}" for n in range(count)]
        days = [date.fromordinal(date(2026, 3, 2).toordinal() + n) for n in range(count)]
        orders = [rotated(people, day) for day in days]
        assert {order[0] for order in orders} == set(people)
        assert all(sorted(order) == people for order in orders)


def moved(lore: Office, name: str, zone: str) -> None:
    """Somebody's Slack shows another zone, and says so."""
    lore.slack.person(name).tz = zone
    lore.people.heard({"type": "user_change", "user": {"id": lore.id(name)}})

"""Everybody is asked at their time, once: late within a limit, else it is missed and told once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.journal import claims, occurrences
from bot.rituals.due import Due
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
        assert lore.delivery(daily, "ben").deadline_at == back.timestamp(), "nobody loses time to answer"


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


def test_t26_a_process_that_starts_anew_knows_all_that_the_last_one_had_planned(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.processes.clear()
    lore.process()
    lore.at(on(MONDAY, "09:01"))
    lore.processes.clear()
    lore.process()
    lore.beat()
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_t28_what_was_claimed_by_a_process_that_ended_is_said_by_another_after_its_lease(
    lore: Office,
) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    lore.clock.move(on(MONDAY, "09:00"))
    plan_and_open(lore)
    with lore.database.writing() as connection:
        ids = claims.due(connection, lore.now, 10, to_people=True)
        _, taken = claims.claim(connection, ids, lore.now)
    assert len(taken) == 3
    lore.beat()
    assert lore.prompted("ben") == {"ben": 0}, "it is another's"
    lore.at(on(MONDAY, "09:00") + timedelta(seconds=claims.LEASE_S + 1))
    lore.beat()
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}
    assert lore.delivery(daily, "ben").state == "said"


def test_t28_sc_04_who_stood_still_for_longer_than_the_lease_says_nothing_when_it_goes_on(
    lore: Office,
) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    zombie, other = lore.processes[0], lore.process()
    lore.processes.remove(zombie)
    maker = zombie.makers["prompt"]

    def stands_still(due: Due) -> object:
        """Meanwhile the lease runs out and another process says it."""
        zombie.makers["prompt"] = maker
        lore.clock.advance(timedelta(seconds=claims.LEASE_S + 1))
        other.tick(lore.clock())
        return maker(due)

    zombie.makers["prompt"] = stands_still  # type: ignore[assignment]
    lore.clock.move(on(MONDAY, "09:00"))
    zombie.tick(lore.clock())
    lore.post()
    lore.pass_time(on(MONDAY, "09:10"), timedelta(seconds=20))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_t29_t30_t34_six_processes_at_one_beat_say_each_delivery_once(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    for _ in range(5):
        lore.process()
    lore.at(on(MONDAY, "09:00"))
    lore.pass_time(on(MONDAY, "17:30"))
    assert lore.said("ben") == ["prompt Daily 2026-03-02", "reminder Daily 2026-03-02"]
    assert len(lore.slack.said_by_app("#reports")) == 1


def test_t31_the_clock_of_the_server_decides_not_that_of_a_process(
    tmp_path: Path, postgres_address: str
) -> None:
    with office(tmp_path, postgres_address) as shared:
        machine = datetime(2031, 1, 1, tzinfo=UTC)
        assert shared.database.time(machine).year < 2031
    with office(tmp_path) as alone:
        assert alone.database.time(machine) == machine


def test_t32_while_the_database_is_away_nothing_is_said_and_then_it_catches_up(
    lore: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    with monkeypatch.context() as away:

        def refuse(*_: object) -> None:
            raise OSError("the database is away")

        away.setattr(type(lore.database), "reading", refuse)
        away.setattr(type(lore.database), "writing", refuse)
        for minute in range(3):
            lore.clock.move(on(MONDAY, "09:00") + timedelta(minutes=minute))
            lore.processes[0].tick(lore.clock())
    assert lore.said("ben") == []
    lore.at(on(MONDAY, "09:03"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_t33_a_beat_that_takes_longer_than_the_next_is_not_begun_twice_and_drops_nothing(
    lore: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rituals.sending.PATIENCE_S", 0.0)
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    for seconds in range(0, 60, 20):
        lore.at(on(MONDAY, "09:00") + timedelta(seconds=seconds))
    lore.until(lambda: lore.prompted("ben")["ben"] == 1)
    lore.beat()
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


@pytest.mark.parametrize(
    "steps",
    [
        (timedelta(hours=1),),
        (timedelta(hours=1), timedelta(hours=-1)),
        (timedelta(hours=-1),),
        (timedelta(days=1), timedelta(days=-1)),
        (timedelta(seconds=-1), timedelta(seconds=1), timedelta(seconds=-2)),
    ],
)
def test_t35_sc_05_whatever_the_clock_does_nothing_is_said_twice_and_what_is_due_at_once(
    lore: Office, steps: tuple[timedelta, ...]
) -> None:
    lore.set_up(late=timedelta(hours=3))
    lore.pass_time(on(MONDAY, "08:50"))
    for step in steps:
        lore.at(lore.clock() + step)
        lore.beat()
    lore.pass_time(max(lore.clock(), on(MONDAY, "09:30")))
    lore.pass_time(on(TUESDAY, "12:00"), timedelta(minutes=30))
    texts = [text for text in lore.said("ben") if text.startswith("prompt")]
    assert len(texts) == len({text.split(" late")[0] for text in texts}), texts
    if timedelta(days=1) not in steps:
        assert len(texts) == 2


def test_t35_a_clock_put_back_after_the_prompt_asks_nobody_again(lore: Office) -> None:
    lore.set_up()
    lore.pass_time(on(MONDAY, "09:10"))
    lore.at(on(MONDAY, "08:10"))
    lore.pass_time(on(MONDAY, "12:00"))
    assert lore.prompted("ana", "ben") == {"ana": 1, "ben": 1}


def test_sc_05_after_a_suspension_what_is_due_is_said_at_the_first_beat(lore: Office) -> None:
    lore.set_up(late=timedelta(hours=8), window=timedelta(hours=9))
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "16:59"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_sc_08_a_maker_that_raises_or_hangs_delays_nobody_else(
    lore: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.rituals.sending.PATIENCE_S", 0.2)
    broken, well = lore.set_up(name="Broken"), lore.set_up(name="Well")
    lore.at(on(MONDAY, "08:59"))
    maker = lore.processes[0].makers["prompt"]

    def raises(due: Due) -> object:
        if due.ritual.id == broken.id:
            raise ValueError("broken")
        return maker(due)

    lore.processes[0].makers["prompt"] = raises  # type: ignore[assignment]
    lore.at(on(MONDAY, "09:00"))
    lore.until(lambda: lore.said("ben") == ["prompt Well 2026-03-02"])
    lore.pass_time(on(MONDAY, "11:30"))
    assert lore.state(broken) == "missed"
    assert lore.delivery(well, "ben").state == "said"
    assert [text for text in lore.said("ana") if "Broken" in text and "not asked" in text] != []


def test_sc_13_fifty_restarts_around_the_minute_double_and_lose_nothing(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    for n in range(50):
        lore.processes.clear()
        lore.process()
        lore.at(on(MONDAY, "08:59") + timedelta(seconds=50 + n * 0.4))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 1, "ben": 1, "chloe": 1}


def test_an_occurrence_of_a_small_team_does_not_wait_for_a_large_one(lore: Office) -> None:
    lore.set_up(name="Large")
    small = lore.set_up(name="Small", team=(lore.id("ben"),))
    lore.at(on(MONDAY, "08:59"))
    lore.clock.move(on(MONDAY, "09:00"))
    plan_and_open(lore)
    with lore.database.writing() as connection:
        found = claims.due(connection, lore.now, 2, to_people=True)
        _, taken = claims.claim(connection, found, lore.now)
        about = [occurrences.occurrence(connection, one.occurrence_id) for one in taken]
    assert small.id in [one.ritual_id for one in about if one is not None]


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


def plan_and_open(lore: Office) -> None:
    """All of a beat but the sending, which comes last."""
    for duty in lore.processes[0].duties[:-1]:
        duty(lore.clock())

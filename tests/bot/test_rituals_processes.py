"""Processes end, stand still, start anew and see the clock leap: nothing is said twice, nothing is lost."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from bot.journal import claims, deliveries, occurrences
from bot.journal.deliveries import Delivery
from bot.journal.rituals import ACTIVE, PAUSED
from bot.messages import Message
from bot.rituals.due import Due
from tests.bot.office import MONDAY, Office, office, on

TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


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


def test_t28_what_is_cancelled_while_the_first_is_made_is_neither_said_nor_made(lore: Office) -> None:
    daily, made = lore.set_up(), []

    def cancelled(due: Due) -> list[Message]:
        made.append(due.delivery.person)
        with lore.database.writing() as connection:
            deliveries.cancel(connection, due.occurrence.id, "It is off.", lore.now)
        return [Message(due.delivery.person, "said all the same")]

    lore.processes[0].makers["prompt"] = cancelled
    lore.at(on(MONDAY, "08:59"))
    lore.at(on(MONDAY, "09:00"))
    lore.at(on(MONDAY, "09:05"))
    assert len(made) == 1
    assert [lore.said(name) for name in ("ana", "ben", "chloe")] == [[], [], []]
    assert {one.state for one in lore.deliveries(daily)} == {"cancelled"}


def test_sending_by_itself_says_nothing_that_is_not_open_or_paused_or_too_late(lore: Office) -> None:
    daily, send = lore.set_up(), lore.processes[0].duties[-1]

    def sent_at(clock: str) -> dict[str, int]:
        lore.clock.move(on(MONDAY, clock))
        send(lore.clock())
        lore.post()
        return lore.prompted("ana", "ben", "chloe")

    nobody = {"ana": 0, "ben": 0, "chloe": 0}
    lore.at(on(MONDAY, "08:59"))
    assert sent_at("09:00") == nobody, "it did not open"
    plan_and_open(lore)
    lore.store(replace(lore.ritual(daily), state=PAUSED))
    assert sent_at("09:01") == nobody
    lore.store(replace(lore.ritual(daily), state=ACTIVE))
    with lore.database.writing() as connection:
        deliveries.aim(connection, lore.delivery(daily, "ana").id, too_late(lore.delivery(daily, "ana")))
    lore.slack.channel("team").members.remove(lore.id("chloe"))  # type: ignore[union-attr]
    lore.people.heard({"type": "member_left_channel", "channel": lore.slack.channel("team").id})
    assert sent_at("09:02") == nobody | {"ben": 1}, "Ana's time is over, and Chloe has left"
    assert lore.delivery(daily, "ana").state == "planned", "closing tells that it was missed"


def too_late(prompt: Delivery) -> Delivery:
    return replace(prompt, not_after=prompt.planned_at + 60)


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
    lore: Office, caplog: pytest.LogCaptureFixture
) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:59"))

    def refuse(_connection: Connection) -> None:
        raise OperationalError("", {}, OSError("the database is away"))

    event.listen(lore.database.engine, "begin", refuse, insert=True)
    for minute in range(3):
        lore.clock.move(on(MONDAY, "09:00") + timedelta(minutes=minute))
        lore.processes[0].tick(lore.clock())
    event.remove(lore.database.engine, "begin", refuse)
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


def plan_and_open(lore: Office) -> None:
    """All of a beat but the sending, which comes last."""
    for duty in lore.processes[0].duties[:-1]:
        duty(lore.clock())

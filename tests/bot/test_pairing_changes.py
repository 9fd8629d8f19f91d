"""Somebody cannot after all, between the matching and the introduction: nobody is left hanging."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.calm_settings import CalmSettings
from bot.journal import absences, notices, pairing
from bot.journal.notices import CANCELLED, PLANNED
from bot.journal.pairing_rounds import ALONE, INTRODUCED, MATCHED
from bot.journal.work import Item
from bot.kinds import PAIR_SETUP
from bot.pairing.mending import part, step_out
from bot.pairing.planning import NOBODY_LEFT
from bot.pairing.setting_up import SettingUp
from bot.pairing.sight import Sight
from bot.ritual_settings import RitualSettings
from bot.rituals.availability import Availability
from prompts.calm import Leave
from prompts.pairing import PairingKind, Role
from tests.bot.office import MONDAY, Office, on
from tests.bot.pairing_crew import CREW, DAY, Process, at, crew, named, pairs, said, set_up


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with crew(tmp_path) as opened:
        yield opened


def test_t69_who_cannot_after_all_is_replaced_or_the_partner_told(lore: Office) -> None:
    coffee = set_up(lore, CREW[:2])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    assert named(lore, pairs(lore, coffee, MATCHED)) == [["p00", "p01"]]
    with lore.database.writing() as connection:
        step_out(connection, lore.id("p01"), lore.now)
    at(lore, on(MONDAY, "10:00"), process)
    assert said(lore, "p00", "p01") == said(lore, "p01") == []
    [word] = said(lore, "p00")
    assert word.startswith("There was nobody left whom I could pair you with this time.")
    assert named(lore, pairs(lore, coffee, ALONE)) == [["p00"]]


def test_what_is_set_up_is_announced_also_when_lore_stops_right_after(lore: Office) -> None:
    calm = CalmSettings()
    sight = Sight(Availability(lore.people, lore.database, lore.clock, calm))
    setting_up, place = SettingUp(sight, RitualSettings()), lore.slack.channel("#crew").id
    payload = {"place": place, "what": "coffee", "weeks": "1", "day": "0", "at": "10:00"}
    item = Item(1, PAIR_SETUP, "T", place, lore.id("p00"), "", "", "", "", payload, 1, "", 0.0)
    setting_up.handle(item)  # nothing of what it says is stored
    again = setting_up.handle(item)
    lore.post()
    [announced] = lore.slack.said_by_app("#crew")
    assert "pair_join" in str(announced["blocks"])
    assert all(one.channel != place or one.person for one in again.say)


def test_t69_who_was_left_over_takes_the_place(lore: Office) -> None:
    roles = {"p00": Role.MENTOR, "p01": Role.MENTEE, "p02": Role.MENTEE, "p03": Role.MENTEE}
    mentoring = set_up(lore, CREW[:4], PairingKind.MENTORING, roles=roles)
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    [three], [[left]] = (
        named(lore, pairs(lore, mentoring, MATCHED)),
        named(lore, pairs(lore, mentoring, ALONE)),
    )
    assert "p00" in three
    with lore.database.writing() as connection:
        for name in (one for one in three if one != "p00"):
            step_out(connection, lore.id(name), lore.now)
    assert named(lore, pairs(lore, mentoring, MATCHED)) == [["p00", left]]
    at(lore, on(MONDAY, "10:00"), process)
    assert len(said(lore, "p00", left)) == 1
    assert said(lore, left) == [], "nobody is told that nobody is left"


def test_t69_leave_that_becomes_known_at_the_last_moment_counts(lore: Office) -> None:
    coffee = set_up(lore, CREW[:3])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    with lore.database.writing() as connection:
        leave = Leave(MONDAY, MONDAY + 30 * DAY)
        absences.go_away(connection, lore.id("p02"), leave, lore.now)
    at(lore, on(MONDAY, "10:00"), process)
    at(lore, on(MONDAY, "10:01"), process)
    assert named(lore, pairs(lore, coffee, INTRODUCED)) == [["p00", "p01"]]
    assert len(said(lore, "p00", "p01")) == 1


def test_who_is_kept_apart_after_the_matching_is_not_introduced(lore: Office) -> None:
    coffee = set_up(lore, CREW[:4])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    [one, other], *_ = named(lore, pairs(lore, coffee, MATCHED))
    with lore.database.writing() as connection:
        pairing.keep_apart(connection, lore.id(one), lore.id(other), lore.now)
        part(connection, lore.id(one), lore.id(other), lore.now)
    at(lore, on(MONDAY, "10:00"), process)
    groups = named(lore, pairs(lore, coffee, INTRODUCED))
    assert not any({one, other} <= set(group) for group in groups)
    for week in (1, 2, 3):
        at(lore, on(MONDAY + 7 * week * DAY, "10:00"), process)
        assert not any({one, other} <= set(group) for group in named(lore, pairs(lore, coffee)))


def test_a_slack_that_does_not_tell_who_somebody_is_costs_nobody_a_partner(lore: Office) -> None:
    coffee = set_up(lore, CREW[:2])
    at(lore, on(MONDAY, "09:00"), Process(lore))
    lore.slack.faults.error("*", "internal_error", times=None)
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("p01")}})
    process = Process(lore)
    at(lore, on(MONDAY, "10:00"), process)
    assert len(pairs(lore, coffee, MATCHED)) == 1
    lore.slack.faults.clear()
    for minute in ("10:01", "10:02", "10:05", "10:20"):
        at(lore, on(MONDAY, minute), process)
    assert len(said(lore, "p00", "p01")) == 1


def test_nothing_waits_for_who_was_left_over_and_found_somebody(lore: Office) -> None:
    coffee = set_up(lore, CREW[:1])
    process = Process(lore)
    at(lore, on(MONDAY, "09:00"), process)
    [pair] = pairs(lore, coffee, ALONE)
    with lore.database.writing() as connection:
        [waiting] = notices.about(connection, pair.id, NOBODY_LEFT)
        assert waiting.state == PLANNED
        step_out(connection, lore.id("p00"), lore.now)
        assert notices.about(connection, pair.id, NOBODY_LEFT)[0].state == CANCELLED

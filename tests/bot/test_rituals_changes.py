"""What is changed, paused or ended takes effect at the next date; what is open keeps what it began with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.journal.rituals import ACTIVE, ARCHIVED, PAUSED, Ritual
from bot.rituals.availability import Availability
from bot.rituals.planner import Planner
from prompts.calm import Profile
from prompts.ritual import OnHoliday, Prompt
from tests.bot.office import MONDAY, Office, office, on

TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)
OTHER = (Prompt("mood", "How are you?"),)


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_t54_an_open_run_keeps_its_prompts_and_the_next_one_has_the_new(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    lore.change(daily, prompts=OTHER)
    lore.pass_time(on(TUESDAY, "09:00"))
    today, next_one = lore.occurrence(daily), lore.occurrence(daily, TUESDAY)
    assert today is not None
    assert next_one is not None
    assert (today.settings.prompts[0].key, next_one.settings.prompts) == ("plan", OTHER)


def test_t55_an_unsent_one_moves_to_the_new_time(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:30"))
    lore.change(daily, at=time(10))
    lore.pass_time(on(MONDAY, "09:59"))
    assert lore.prompted("ben") == {"ben": 0}
    lore.at(on(MONDAY, "10:00"))
    assert lore.said("ben") == ["prompt Daily 2026-03-02"]


def test_t55_who_was_asked_is_not_asked_again_today(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "09:30"))
    lore.change(daily, at=time(10))
    lore.pass_time(on(TUESDAY, "09:59"))
    assert lore.prompted("ben") == {"ben": 1}
    lore.at(on(TUESDAY, "10:00"))
    assert lore.prompted("ben") == {"ben": 2}


def test_t55_a_time_that_is_over_today_starts_tomorrow_and_may_be_changed_once_more(lore: Office) -> None:
    daily = lore.set_up(at=time(11))
    lore.at(on(MONDAY, "10:00"))
    lore.change(daily, at=time(9))
    lore.pass_time(on(MONDAY, "10:30"))
    assert (lore.prompted("ben"), lore.state(daily)) == ({"ben": 0}, "none")
    lore.change(daily, at=time(15))
    lore.pass_time(on(MONDAY, "15:00"))
    assert lore.said("ben") == ["prompt Daily 2026-03-02"]


def test_a_new_ritual_whose_time_is_over_today_begins_tomorrow(lore: Office) -> None:
    lore.at(on(MONDAY, "12:00"))
    daily = lore.set_up()
    lore.pass_time(on(TUESDAY, "09:00"))
    assert (lore.said("ben"), lore.state(daily)) == (["prompt Daily 2026-03-03"], "none")


def test_t55_what_is_changed_while_it_is_planned_is_planned_as_it_is_then(lore: Office) -> None:
    daily = lore.set_up()

    class Interrupted(Availability):
        """Its owner changes the team while people are looked up."""

        def profile(self, person: str, ritual: Ritual | None = None) -> Profile:
            if lore.ritual(daily).revision == daily.revision:
                lore.change(daily, team=(lore.id("ben"),))
            return super().profile(person, ritual)

    planner = Planner(lore.processes[0], Interrupted(lore.people, lore.database, lore.clock))
    planner.plan(lore.clock())
    assert lore.state(daily) == "none", "nothing of what it was before"
    planner.plan(lore.clock())
    found = lore.occurrence(daily)
    assert found is not None
    assert found.roster == (lore.id("ben"),)


def test_t56_a_weekday_that_is_taken_out_while_open_finishes_and_does_not_come_again(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    lore.change(daily, rule="every Tuesday")
    lore.pass_time(on(MONDAY, "17:30"))
    assert lore.state(daily) == "closed"
    lore.pass_time(on(TUESDAY, "18:00"), timedelta(hours=1))
    lore.pass_time(on(MONDAY + timedelta(days=7), "18:00"), timedelta(hours=9))
    assert lore.prompted("ben") == {"ben": 2}
    assert [lore.state(daily, MONDAY + timedelta(days=n)) for n in (1, 2, 7)] == ["closed", "none", "none"]


@pytest.mark.parametrize("state", [PAUSED, ARCHIVED])
def test_t57_sc_12_what_stops_while_open_says_no_more_and_going_on_replays_nothing(
    lore: Office, state: str
) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "09:00"))
    put(lore, daily, state)
    lore.pass_time(on(TUESDAY, "12:00"), timedelta(minutes=30))
    assert lore.said("ben") == ["prompt Daily 2026-03-02"], "neither reminder nor the next one"
    assert lore.slack.said_by_app("#reports") == []
    assert (lore.state(daily), lore.state(daily, TUESDAY)) == ("cancelled", "none")
    put(lore, daily, ACTIVE)
    lore.pass_time(on(WEDNESDAY, "09:00"), timedelta(minutes=30))
    assert lore.prompted("ben") == {"ben": 2}
    assert lore.state(daily, TUESDAY) == "none"


def test_t57_a_pause_until_a_date_ends_by_itself_on_it(lore: Office) -> None:
    daily = lore.set_up()
    put(lore, daily, PAUSED, until=WEDNESDAY)
    lore.pass_time(on(TUESDAY, "23:00"), timedelta(minutes=30))
    assert lore.said("ben") == []
    lore.pass_time(on(WEDNESDAY, "09:00"))
    assert lore.said("ben") == ["prompt Daily 2026-03-04"]
    assert lore.ritual(daily).state == ACTIVE


def test_t57_a_pause_ends_where_its_date_begins_first(lore: Office) -> None:
    for name in ("kai", "lou"):
        put(lore, lore.set_up(team=(lore.id(name),)), PAUSED, until=WEDNESDAY)
    for clock in ("09:59", "10:01", "17:01", "18:59"):
        lore.at(on(TUESDAY, clock))
    assert (lore.said("kai"), lore.said("lou")) == ([], []), "it is Tuesday yet where Lou is"
    lore.at(on(TUESDAY, "19:00"))
    assert lore.said("kai") == ["prompt Daily 2026-03-04"], "it is nine on Wednesday there"


def test_sc_12_a_ritual_that_is_taken_away_leaves_no_ghost(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    put(lore, daily, ARCHIVED)
    lore.pass_time(on(TUESDAY, "12:00"), timedelta(minutes=30))
    assert lore.said("ben") == []
    assert lore.state(daily) == "none"


def test_sc_12_pausing_at_the_very_time_says_it_to_nobody_or_to_all(lore: Office) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:59"))
    put(lore, daily, PAUSED)
    lore.at(on(MONDAY, "09:00"))
    assert lore.prompted("ana", "ben", "chloe") == {"ana": 0, "ben": 0, "chloe": 0}


def test_t19_a_day_off_for_everybody_moves_or_skips_the_occurrence_once(lore: Office) -> None:
    lore.days_off[MONDAY] = "Company day"
    skipped = lore.set_up(name="Skipped")
    moved = lore.set_up(name="Moved", rule="every Monday", on_holiday=OnHoliday.MOVE)
    lore.pass_time(on(TUESDAY, "10:00"), timedelta(minutes=30))
    assert sorted(lore.said("ben")) == ["prompt Moved 2026-03-03", "prompt Skipped 2026-03-03"]
    assert (lore.state(skipped), lore.state(moved)) == ("none", "none")


def put(lore: Office, ritual: Ritual, state: str, **more: object) -> None:
    until = more.get("until")
    lore.store(replace(lore.ritual(ritual), state=state, paused_until=until))  # type: ignore[arg-type]

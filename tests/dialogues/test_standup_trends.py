"""How many take part, and rituals that have had their day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.blocks.calm import KEEP, STOP, WEEKLY
from bot.journal import audits, deliveries, entries, occurrences, rituals
from bot.journal.deliveries import SAID, Delivery
from bot.journal.entries import Entry
from bot.journal.occurrences import CLOSED
from bot.journal.rituals import IN_FILE, Ritual
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.calm import CALM, heard, told
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import DAY, NINE, change, set_up
from tests.fakes import FakeClock


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock, calm=CALM) as lore:
        yield lore


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


def test_what_comes_once_a_week_is_not_made_weekly(lore: Lore, four: Ritual, clock: FakeClock) -> None:
    some_days(lore, four, *[4] * 10, *[1] * 10)
    change(lore, four, rule="every 2 weeks on Monday")
    asking = proposed(lore, clock)
    offered = [one.get("action_id") for block in asking["blocks"] for one in block.get("elements", ())]
    assert [one for one in offered if one in (WEEKLY, STOP, KEEP)] == [STOP, KEEP]


def test_days_of_a_file_are_set_in_the_file(lore: Lore, four: Ritual, clock: FakeClock) -> None:
    some_days(lore, four, *[4] * 10, *[1] * 10)
    asking = proposed(lore, clock)
    with lore.knowledge.database.writing() as connection:
        connection.execute(rituals.rituals.update().values(origin=IN_FILE))
    assert lore.slack.click("ana", lore.slack.dm("ana"), asking["ts"], WEEKLY).ok
    lore.settle()
    assert any("Daily stands in lore.toml" in one for one in heard(lore, "ana"))
    assert now(lore, four).settings.rule == "weekdays"

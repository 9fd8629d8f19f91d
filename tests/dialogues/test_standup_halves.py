"""Half a day off, in Slack: asked when back, and not at all where the day ends with it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from bot.calm_settings import CalmSettings
from bot.journal import deliveries, occurrences
from bot.journal.deliveries import Delivery
from bot.journal.rituals import Ritual
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore
from tests.dialogues.standups import DAY, NINE, asked, in_dm, set_up
from tests.fakes import FakeClock


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock, calm=CalmSettings()) as lore:
        yield lore


def prompt_of(lore: Lore, ritual: Ritual, person: str, slot: date = DAY) -> Delivery:
    with lore.knowledge.database.reading() as connection:
        found = occurrences.of_slot(connection, ritual.id, slot)
        assert found is not None
        one = deliveries.delivery_of(connection, found.id, lore.slack.person(person).id, "prompt")
    assert one is not None
    return one


def away(lore: Lore, person: str, when: str) -> None:
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/standup", f"away {when}").ok
    lore.private_reply(person, "#general", before + 1)


def at(one: datetime, hour: int, minute: int = 0) -> datetime:
    return one.replace(hour=hour, minute=minute)


def test_t21_away_in_the_morning_is_asked_when_back_with_the_whole_window(
    lore: Lore, clock: FakeClock
) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    lore.at(clock, at(NINE, 7))
    away(lore, "ben", "today morning")
    asked(lore, clock)
    assert (prompt_of(lore, daily, "ana").state, prompt_of(lore, daily, "ben").state) == ("said", "planned")
    for hour in (10, 11, 12):
        lore.at(clock, at(NINE, hour, 30))
    assert prompt_of(lore, daily, "ben").state == "planned"
    lore.at(clock, at(NINE, 13))
    found = prompt_of(lore, daily, "ben")
    assert found.state == "said"
    assert found.deadline_at == (at(NINE, 13) + timedelta(hours=8)).timestamp()
    assert len(in_dm(lore, "ben")) == 1


def test_t21_away_in_the_afternoon_keeps_the_mornings_prompt_and_hears_no_reminder(
    lore: Lore, clock: FakeClock
) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    lore.at(clock, at(NINE, 7))
    away(lore, "ben", "this afternoon")
    asked(lore, clock)
    lore.at(clock, at(NINE, 16, 1))
    assert prompt_of(lore, daily, "ben").state == "said"
    assert (len(in_dm(lore, "ben")), len(in_dm(lore, "ana"))) == (1, 2)

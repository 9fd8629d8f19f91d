"""Leave that people say: until when, back before, and what becomes of prompts and reminders."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.journal import personal, requests
from bot.journal.requests import Asker, Request
from bot.rituals import availability as names
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.calm import CALM, TOMORROW, heard, sent, told
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore
from tests.dialogues.standups import DAY, NINE, asked, set_up
from tests.fakes import FakeClock


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock, calm=CALM) as lore:
        yield lore


def test_t22_away_says_when_it_ends_and_nothing_is_asked_until_then(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    said = told(lore, "ben", "away until Wednesday vacation")
    assert "until Wednesday, 4 March 2026" in said
    assert "Your next prompt: Daily, Wednesday, 4 March 2026 at 09:00 (Europe/London)" in said
    asked(lore, clock)
    assert (sent(lore, daily, "ana"), sent(lore, daily, "ben")) == ("said", "skipped")
    asked(lore, clock, TOMORROW)
    assert heard(lore, "ben") == []
    asked(lore, clock, NINE + timedelta(days=2))
    assert sent(lore, daily, "ben", DAY + timedelta(days=2)) == "said"
    assert len(heard(lore, "ben")) == 1


def test_t22_back_before_the_end_is_asked_again_on_that_day(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    told(lore, "ben", "away 2 weeks")
    lore.at(clock, NINE - timedelta(hours=1))
    assert "Welcome back. Your next prompt: Daily, Monday, 2 March 2026 at 09:00" in told(lore, "ben", "back")
    lore.at(clock, NINE)
    assert sent(lore, daily, "ben") == "said"
    assert "I have you down as being at work" in told(lore, "ben", "back")


def test_competitors_2_23_back_counts_more_than_a_status(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben")
    lore.slack.set_status("ben", "Vacationing", ":palm_tree:")
    lore.at(clock, NINE - timedelta(hours=1))
    assert "No prompt" not in told(lore, "ben", "back")
    lore.at(clock, NINE)
    assert sent(lore, daily, "ben") == "said"


def test_t21_leave_after_the_prompt_stops_the_reminder(lore: Lore, clock: FakeClock) -> None:
    set_up(lore, "Daily", "ana", "ben")
    asked(lore, clock)
    told(lore, "ben", "away until Wednesday")
    lore.at(clock, NINE + timedelta(hours=7, minutes=10))
    assert len(heard(lore, "ben")) == 1
    assert len(heard(lore, "ana")) == 2
    ledger = told(lore, "ben", "why")
    assert "cancelled (You said that you are away until Wednesday, 4 March 2026.)" in ledger


def test_leave_that_is_not_understood_says_what_is(lore: Lore) -> None:
    for text in ("away", "away until banana", "away until <!channel>"):
        said = told(lore, "ben", text)
        assert "I do not understand when." in said
        assert "/standup away until Friday vacation" in said


def asked_of_ana(lore: Lore) -> None:
    """A question of Ben's waits for Ana, and after her for Chloe."""
    ana, ben, chloe = (lore.slack.person(name).id for name in ("ana", "ben", "chloe"))
    asker = Asker(ben, lore.slack.team.id, lore.slack.channel("#general").id, "1.0", private=False)
    waiting = Request(question="Who knows?", question_id="q", experts=(ana, chloe), askers=(asker,))
    with lore.knowledge.database.writing() as connection:
        requests.write(connection, waiting, lore.slack.team.clock())


def beat(lore: Lore, clock: FakeClock, at: datetime) -> None:
    lore.settle()
    clock.move(at)
    lore.bot.remind(at)
    lore.settle()


def test_a_reminder_of_a_question_waits_for_the_end_of_quiet_hours_and_counts_as_a_ping(
    lore: Lore, clock: FakeClock
) -> None:
    asked_of_ana(lore)
    with lore.knowledge.database.writing() as connection:
        personal.prefer(connection, lore.slack.person("ana").id, names.QUIET, "08:00-10:00", 0.0)
    beat(lore, clock, TOMORROW)
    assert heard(lore, "ana") == []
    beat(lore, clock, TOMORROW + timedelta(hours=1))
    assert [one.split(":")[0] for one in heard(lore, "ana")] == ["Still a question waits for you"]
    assert "so far today: 1." in told(lore, "ana", "why")


def test_who_is_away_is_not_reminded_and_the_question_goes_on(lore: Lore, clock: FakeClock) -> None:
    asked_of_ana(lore)
    told(lore, "ana", "away 2 weeks")
    beat(lore, clock, TOMORROW)
    beat(lore, clock, TOMORROW + timedelta(days=1, hours=1))
    assert heard(lore, "ana") == []
    assert "Who knows?" in heard(lore, "chloe")[-1]

"""Entries without a form: left out, repeated, away; taken back and given again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.blocks.standup_entries import AWAY, SAME, SKIP, WITHDRAW
from bot.journal import absences
from bot.journal.entries import GIVEN, SKIPPED, WITHDRAWN
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.ritual import Consent
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import (
    DAY,
    NINE,
    asked,
    entry,
    give,
    in_dm,
    press,
    prompt,
    set_up,
    told,
)
from tests.fakes import FakeClock

TUESDAY = NINE + timedelta(days=1)
WORKED = {"done": "Tokenizer", "plan": "Train it"}


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


# taken back


def test_t50_what_is_withdrawn_is_gone_and_can_be_given_again(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    give(lore, "ben", WORKED)
    assert press(lore, "ben", WITHDRAW).ok
    lore.settle()
    gone = entry(lore, daily, "ben")
    assert gone is not None
    assert (gone.state, gone.replies) == (WITHDRAWN, {})
    [card] = in_dm(lore, "ben")
    assert "Tokenizer" not in card
    give(lore, "ben", {"done": "Again"})
    again = entry(lore, daily, "ben")
    assert again is not None
    assert (again.state, again.replies["done"]) == (GIVEN, "Again")


def test_t50_mine_lists_ones_own_alone_and_withdraws_them(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    give(lore, "ben", WORKED)
    give(lore, "ana", {"done": "Reviews"})
    assert lore.slack.slash("ben", "#general", "/standup", "mine").ok
    listed = lore.private_reply("ben", "#general")
    assert "Tokenizer" in words(listed)
    assert "Reviews" not in words(listed)
    assert lore.slack.slash("ben", "#general", "/standup", "withdraw").ok
    offered = lore.private_reply("ben", "#general", 2)
    assert lore.slack.click("ben", "#general", offered["ts"], WITHDRAW).ok
    lore.settle()
    gone = entry(lore, daily, "ben")
    assert gone is not None
    assert gone.state == WITHDRAWN
    assert "Tokenizer" not in "\n".join(in_dm(lore, "ben"))
    assert (entry(lore, daily, "ana") or gone).state == GIVEN


# without a form


def test_somebody_leaves_a_day_out(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    assert press(lore, "ben", SKIP).ok
    lore.settle()
    skipped = entry(lore, daily, "ben")
    assert skipped is not None
    assert skipped.state == SKIPPED
    lore.at(clock, NINE + timedelta(hours=7, minutes=30))
    assert len(in_dm(lore, "ben")) == 1
    give(lore, "ben", WORKED)
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.state == GIVEN


def test_what_was_given_last_is_given_again(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    assert "Same as yesterday" not in str(prompt(lore, "ben")["blocks"])
    give(lore, "ben", WORKED, consent="nobody")
    asked(lore, clock, TUESDAY)
    assert press(lore, "ben", SAME).ok
    lore.settle()
    repeated = entry(lore, daily, "ben", date(2026, 3, 3))
    assert repeated is not None
    assert (repeated.replies, repeated.consent) == (WORKED, Consent.NOBODY)
    assert "The same as on Monday 2 March" in words(prompt(lore, "ben"))


def test_somebody_says_in_the_prompt_until_when_they_are_away(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    assert press(lore, "ben", AWAY, "2026-03-02").ok
    lore.settle()
    assert "is no day to come back on" in told(lore, "ben")
    dm = lore.slack.dm("ben")
    first = lore.slack.said_by_app(dm)[0]["ts"]
    assert lore.slack.click("ben", dm, first, AWAY, "2026-03-05").ok
    lore.settle()
    skipped = entry(lore, daily, "ben")
    assert skipped is not None
    assert skipped.state == SKIPPED
    with lore.knowledge.database.reading() as connection:
        [leave] = absences.leaves_of(connection, lore.slack.person("ben").id, DAY)
    assert (leave.first, leave.until) == (DAY, date(2026, 3, 5))
    asked(lore, clock, TUESDAY)
    assert not [one for one in in_dm(lore, "ben") if "Tuesday 3 March" in one]
    asked(lore, clock, datetime(2026, 3, 5, 9, 0, tzinfo=UTC))
    assert "Thursday 5 March" in words(prompt(lore, "ben"))

"""One person's quota of questions counts whichever way they ask; who is refused alone is told so."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.blocks import home
from bot.blocks.scope import SEARCH_EVERYTHING
from bot.blocks.why import REPLAY
from bot.budget_settings import Budgets
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.test_agent import dm_says, opened
from tests.dialogues.test_commands import DRILL
from tests.fakes import FakeClock

TOO_FAST = "more than 1 things within a minute"


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    """Where each person may ask one thing a minute."""
    with at_work(slack, knowledge, clock=clock, budgets=Budgets(questions_a_minute=1)) as lore:
        yield lore


def asked_once(lore: Lore, clock: FakeClock, question: str = DRILL) -> str:
    """What Ben may ask within the minute that begins now; the question's ts."""
    clock.move(clock().replace(second=0, microsecond=0) + timedelta(minutes=1))
    ts = lore.mention("ben", "#general", question)
    lore.replies("#general", ts)
    return ts


def is_refused(lore: Lore, ts: str) -> None:
    """Ben alone is told, and nothing was searched but for the one question."""
    assert TOO_FAST in words(lore.slack.ephemerals("ben", "#general")[-1])
    lore.settle()
    assert len(lore.answers.asked) == 1
    assert len(lore.slack.said_by_app("#general", ts)) == 1


def test_op01_a_command(lore: Lore, clock: FakeClock) -> None:
    ts = asked_once(lore, clock)
    lore.slack.slash("ben", "#general", "/ask", DRILL)
    lore.private_reply("ben", "#general")
    is_refused(lore, ts)


def test_op01_answer_this(lore: Lore, clock: FakeClock) -> None:
    ts = asked_once(lore, clock)
    assert lore.slack.shortcut("ben", "#general", ts, "answer_this").ok
    lore.private_reply("ben", "#general")
    is_refused(lore, ts)


def test_op01_replay_however_often_it_is_pressed(lore: Lore, clock: FakeClock) -> None:
    ts = asked_once(lore, clock)
    lore.slack.slash("ben", "#general", "/lore", "why")
    why = lore.private_reply("ben", "#general")
    for _ in range(5):
        lore.slack.click("ben", "#general", why["ts"], REPLAY)
    lore.private_reply("ben", "#general", 2)
    is_refused(lore, ts)
    assert len(lore.slack.ephemerals("ben", "#general")) == 2, "one word covers the rest of the minute"


def test_op01_search_everything_which_may_be_pressed_again_later(lore: Lore, clock: FakeClock) -> None:
    ts = asked_once(lore, clock, f"{DRILL} before:2026-05")
    [message] = lore.replies("#general", ts)
    lore.slack.click("ben", "#general", message["ts"], SEARCH_EVERYTHING)
    lore.private_reply("ben", "#general")
    is_refused(lore, ts)
    clock.move(clock() + timedelta(minutes=2))
    for _ in range(2):
        lore.slack.click("ben", "#general", message["ts"], SEARCH_EVERYTHING)
    assert "41 minutes" in lore.reply("#general", ts, count=2)
    assert lore.is_quiet("#general", ts, 2)


def test_op01_a_question_on_the_home(lore: Lore, clock: FakeClock) -> None:
    asked_once(lore, clock)
    lore.slack.click_in_view("ben", opened(lore, "ben")["id"], home.ASK)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    typed = {home.QUESTION: DRILL}
    assert lore.slack.submit_view("ben", view["id"], typed).ok
    is_refused_on_the_home(lore)


def test_op01_a_suggestion_on_the_home(lore: Lore, clock: FakeClock) -> None:
    asked_once(lore, clock)
    lore.slack.click_in_view("ben", opened(lore, "ben")["id"], f"{home.ASK_PROMPT}_0")
    is_refused_on_the_home(lore)


def is_refused_on_the_home(lore: Lore) -> None:
    """The form says so, and the direct message."""
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    assert "did not take this question" in words(view)
    assert dm_says(lore, "ben", TOO_FAST)
    lore.settle()
    assert len(lore.answers.asked) == 1

"""Conversations while Slack is away, and while it does not take the token."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.journal.tables import questions
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words

DRILL = "When was the last restore drill?"
MINUTE = timedelta(minutes=1)


class Minutes:
    """A clock that can be put forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@contextmanager
def away(lore: Lore, error: str = "") -> Iterator[None]:
    """Slack answers every call with 503, or with this error, from the moment when an answer is made."""

    def begin() -> None:
        lore.answers.before = lambda: None
        if error:
            lore.slack.faults.error("*", error, times=None)
        else:
            lore.slack.faults.status("*", 503, times=None)

    lore.answers.before = begin
    yield
    lore.slack.faults.clear()


def written(lore: Lore) -> int:
    with lore.knowledge.database.reading() as connection:
        return len(connection.execute(questions.select()).all())


@pytest.mark.parametrize("error", ["", "token_revoked", "invalid_auth"])
def test_an_answer_outlives_ten_minutes_without_slack_and_is_said_once(
    slack: Workspace, knowledge: Knowledge, error: str
) -> None:
    clock = Minutes()
    with at_work(slack, knowledge, clock=clock) as lore:
        with away(lore, error):
            ts = lore.mention("ben", "#general", DRILL)
            slack.wait_for(lambda: written(lore) == 1)
            for _ in range(10):
                clock.ahead += MINUTE
                lore.bot.delivery.outbox.wake()
            assert slack.said_by_app("#general", ts) == []
        clock.ahead += MINUTE
        lore.bot.delivery.outbox.wake()
        assert "12 May 2026" in lore.reply("#general", ts)
        assert lore.is_quiet("#general", ts, count=1)


def test_what_is_asked_after_an_outage_is_answered_over_a_new_connection(
    slack: Workspace, knowledge: Knowledge
) -> None:
    with at_work(slack, knowledge) as lore:
        slack.faults.status("*", 503, times=None)
        if slack.team.app.socket_mode:
            slack.drop_sockets()
            slack.wait_for(lambda: slack.connected == 0)
        slack.faults.clear()
        slack.wait_for(lambda: slack.connected == 1)
        said = lore.replies("#general", lore.mention("ben", "#general", DRILL))
        assert "12 May 2026" in words(said[0])

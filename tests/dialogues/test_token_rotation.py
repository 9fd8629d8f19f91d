"""SP-29: a bot whose token expires twice a day goes on answering, streaming and reading files for days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError

from bot.delivery import slack_client
from bot.rotation import Rotation
from bot.slack_settings import RotationSettings
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.streamed import QUICK, ended
from tests.dialogues.test_attachments import NOTES
from tests.dialogues.test_attachments import QUESTION as OF_THE_FILE
from tests.fakes import FakeClock

HALF_A_DAY = 12 * 3600.0
QUESTION = "How long did the restore drill take for the 7B run?"


@dataclass
class Renewed:
    """Lore whose token is renewed as its heartbeat does it, by a clock that is moved by hand."""

    lore: Lore
    rotation: Rotation
    clock: FakeClock
    first: str

    def on(self, hours: int) -> None:
        """Let so many hours go by, with a heartbeat each."""
        for _ in range(hours):
            self.clock.move(self.clock() + timedelta(hours=1))
            self.rotation.refresh(self.clock())


@pytest.fixture
def renewed(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Renewed]:
    expiring = slack.rotate_tokens(HALF_A_DAY)
    first = slack.bot_token
    client = slack_client(first, slack.api_url)
    settings = RotationSettings(expiring.client_id, expiring.client_secret, expiring.refresh_token)
    renewing = slack_client("", slack.api_url)
    rotation = Rotation(client, renewing, knowledge.database, settings, clock, lambda _: None)
    rotation.begin()
    with at_work(slack, knowledge, client, clock=clock, stream=QUICK) as lore:
        yield Renewed(lore, rotation, clock, first)


def test_sp29_streams_and_files_use_the_token_of_now(renewed: Renewed) -> None:
    lore = renewed.lore
    streams_and_reads_a_file(lore)
    renewed.on(hours=25)
    with pytest.raises(SlackApiError, match="token_expired"):
        slack_client(renewed.first, lore.slack.api_url).auth_test()
    streams_and_reads_a_file(lore)
    started = lore.slack.ledger.calls_of("chat.startStream")
    assert len(started) == 4
    assert all(one.stored for one in started)


def streams_and_reads_a_file(lore: Lore) -> None:
    [said] = ended(lore, lore.mention("ana", "#general", QUESTION))
    assert "41 minutes" in words(said)
    mention = f"<@{lore.slack.team.app.user_id}> {OF_THE_FILE}"
    ts = lore.slack.attach("ben", "#general", mention, [("kestrel.md", NOTES)])
    [said] = ended(lore, ts)
    assert "diverged at step 41300" in words(said)


def test_sp29_an_expired_token_costs_the_live_view_and_no_answer(renewed: Renewed) -> None:
    lore = renewed.lore
    lore.slack.faults.error("chat.startStream", "token_expired")
    ts = lore.mention("ana", "#general", QUESTION)
    [said] = lore.replies("#general", ts)
    assert "41 minutes" in words(said)
    [posted] = lore.slack.ledger.calls_of("chat.postMessage")
    assert posted.args["thread_ts"] == ts

"""SP-29: tokens that expire are renewed once, by whoever comes first, and no token is logged."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.delivery import slack_client
from bot.journal.migrate import migrate
from bot.journal.tokens import tokens
from bot.rotation import Rotation
from bot.slack_settings import RotationSettings
from bot.workspace import Workspace
from bot.workspace.rotating import Rotating
from knowledge.adapters.database import Database, open_database
from knowledge.errors import SettingsError
from tests.bot.conftest import HandClock

HALF_A_DAY = 12 * 3600.0


@dataclass
class Slack:
    """A workspace whose tokens expire, by a clock that is moved by hand."""

    workspace: Workspace
    rotating: Rotating
    clock: HandClock
    settings: RotationSettings
    first: str

    def process(self, database: Database) -> tuple[Rotation, WebClient]:
        """One more process, with the token that an admin once set."""
        client = slack_client(self.first, self.workspace.api_url)
        renewing = slack_client("", self.workspace.api_url)
        return Rotation(client, renewing, database, self.settings, self.clock, lambda _: None), client


@pytest.fixture
def slack(clock: HandClock) -> Iterator[Slack]:
    with Workspace(clock=lambda: clock.now.timestamp()) as workspace:
        rotating = workspace.rotate_tokens(HALF_A_DAY)
        settings = RotationSettings(rotating.client_id, rotating.client_secret, rotating.refresh_token)
        yield Slack(workspace, rotating, clock, settings, workspace.bot_token)


@contextmanager
def database_in(folder: Path) -> Iterator[Database]:
    database = open_database(folder / "lore.db")
    migrate(database)
    yield database
    database.close()


def test_sp29_a_token_is_renewed_in_time_for_days(slack: Slack, tmp_path: Path) -> None:
    with database_in(tmp_path) as database:
        rotation, client = slack.process(database)
        rotation.begin()
        seen = {client.token}
        for _ in range(3 * 24):
            slack.clock.forward(3600)
            rotation.refresh(slack.clock())
            assert client.auth_test()["ok"]
            seen.add(client.token)
    assert 6 <= slack.rotating.renewals <= 9
    assert slack.rotating.refused == 0
    assert len(seen) == slack.rotating.renewals


def test_sp29_of_two_processes_that_race_one_renews_and_both_go_on(slack: Slack, tmp_path: Path) -> None:
    with database_in(tmp_path) as one, database_in(tmp_path) as other:
        processes = [slack.process(one), slack.process(other)]
        for _ in range(6):
            slack.clock.forward(HALF_A_DAY - 3600)
            both = threading.Barrier(2)

            def renew(rotation: Rotation, both: threading.Barrier = both) -> None:
                both.wait()
                rotation.refresh(slack.clock())

            threads = [threading.Thread(target=renew, args=(rotation,)) for rotation, _ in processes]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for rotation, client in processes:
                rotation.refresh(slack.clock())  # the next beat of the heart
                assert client.auth_test()["ok"]
                assert client.token == slack.workspace.bot_token
    assert slack.rotating.renewals == 6
    assert slack.rotating.refused == 0, "no refresh token was used twice"


def test_sp29_a_process_that_slept_past_the_end_begins_with_what_was_kept(
    slack: Slack, tmp_path: Path
) -> None:
    with database_in(tmp_path) as database:
        slack.process(database)[0].begin()
        slack.clock.forward(3 * HALF_A_DAY)
        rotation, client = slack.process(database)
        assert client.api_call("api.test")["ok"]
        rotation.begin()
        assert client.auth_test()["ok"]


def test_sp29_a_slack_that_is_away_is_asked_again_and_the_old_token_serves(
    slack: Slack, tmp_path: Path
) -> None:
    with database_in(tmp_path) as database:
        rotation, client = slack.process(database)
        rotation.begin()
        slack.clock.forward(HALF_A_DAY - 3600)
        for fault in ("status", "html", "drop", "rate_limited"):
            getattr(slack.workspace.faults, fault)("oauth.v2.access")
            before = client.token
            rotation.refresh(slack.clock())
            assert client.token == before
            assert client.auth_test()["ok"]
        rotation.refresh(slack.clock())
        assert client.token == slack.workspace.bot_token


def test_sp29_a_process_that_died_while_renewing_blocks_nobody_for_long(slack: Slack, tmp_path: Path) -> None:
    with database_in(tmp_path) as database:
        rotation, client = slack.process(database)
        rotation.begin()
        slack.clock.forward(HALF_A_DAY - 3600)
        with database.writing() as connection:
            values = {"claim": "of the dead", "claimed_until": slack.clock.now.timestamp() + 60}
            connection.execute(tokens.update().values(**values))
        before = client.token
        rotation.refresh(slack.clock())
        assert client.token == before
        slack.clock.forward(61)
        rotation.refresh(slack.clock())
        assert client.token == slack.workspace.bot_token != before


def test_sp29_a_refresh_token_that_is_used_up_is_told_to_the_admin(
    slack: Slack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with database_in(tmp_path) as database:
        rotation, client = slack.process(database)
        rotation.begin()
        slack.clock.forward(HALF_A_DAY - 3600)
        slack.rotating.refresh_token = "xoxe-1-another"
        rotation.refresh(slack.clock())
        assert "ALERT" in caplog.text
        assert "SLACK_REFRESH_TOKEN" in caplog.text
        assert client.auth_test()["ok"], "the old token serves until its time is over"
        slack.clock.forward(2 * HALF_A_DAY)
        with pytest.raises(SettingsError, match="SLACK_REFRESH_TOKEN"):
            slack.process(database)[0].begin()


def test_sp29_a_new_refresh_token_of_the_admin_replaces_what_was_kept(slack: Slack, tmp_path: Path) -> None:
    with database_in(tmp_path) as database:
        slack.process(database)[0].begin()
        again = slack.workspace.rotate_tokens(HALF_A_DAY)
        slack.settings = RotationSettings(again.client_id, again.client_secret, again.refresh_token)
        rotation, client = slack.process(database)
        rotation.begin()
        assert client.token == slack.workspace.bot_token
        with database.reading() as connection:
            assert len(connection.execute(select(tokens)).all()) == 1


def test_sp29_no_token_is_logged_or_shown(
    slack: Slack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    secrets = {slack.rotating.client_secret, slack.rotating.refresh_token, slack.workspace.bot_token}
    with database_in(tmp_path) as database:
        rotation, client = slack.process(database)
        rotation.begin()
        slack.clock.forward(HALF_A_DAY - 60)
        slack.workspace.faults.error("oauth.v2.access", "invalid_refresh_token")
        rotation.refresh(slack.clock())
        rotation.refresh(slack.clock())
        secrets |= {client.token or "", slack.rotating.refresh_token}
        shown = caplog.text + repr(slack.settings) + repr(rotation._tokens())
    assert not any(secret in shown for secret in secrets)

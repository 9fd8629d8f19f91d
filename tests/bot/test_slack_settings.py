"""What the environment says of Slack, read strictly."""

from datetime import UTC, datetime

import pytest

from bot.slack_settings import http_settings, rotation_settings, slack_tokens
from knowledge.errors import SettingsError

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
OLD = "0123456789abcdef0123456789abcdef"


def test_over_http_the_signing_secret_stands_in_for_the_app_token() -> None:
    tokens = slack_tokens({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": SECRET})
    assert tokens is not None
    assert (tokens.bot, tokens.app) == ("xoxb-1", "")
    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN is not set"):
        slack_tokens({"SLACK_BOT_TOKEN": "xoxb-1"})


def test_without_a_signing_secret_nothing_is_said_of_http() -> None:
    assert http_settings({"PORT": "not a port"}) is None


def test_where_it_listens() -> None:
    where = http_settings({"SLACK_SIGNING_SECRET": SECRET})
    assert where is not None
    assert (where.host, where.port) == ("0.0.0.0", 3000)
    where = http_settings({"SLACK_SIGNING_SECRET": SECRET, "PORT": "8080", "LORE_HTTP_HOST": "127.0.0.1"})
    assert where is not None
    assert (where.host, where.port) == ("127.0.0.1", 8080)
    assert SECRET not in repr(where)


@pytest.mark.parametrize("port", ["http", "-1", "65536", "80.0", "٨٠", " "])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(SettingsError, match="PORT"):
        http_settings({"SLACK_SIGNING_SECRET": SECRET, "PORT": port})


@pytest.mark.parametrize(
    "pasted", ["xoxb-1234567890-abcdefghijk", "xapp-1-A1", "short", "with spaces in it …"]
)
def test_another_secret_in_the_place_of_the_signing_secret_is_noticed(pasted: str) -> None:
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET"):
        http_settings({"SLACK_SIGNING_SECRET": pasted})


def test_the_old_secret_counts_until_a_time_that_is_said() -> None:
    both = {"SLACK_SIGNING_SECRET": SECRET, "SLACK_OLD_SIGNING_SECRET": OLD}
    for until in ("", "tomorrow", "2026-01-31T09:00:00"):
        with pytest.raises(SettingsError, match="SLACK_OLD_SIGNING_SECRET_UNTIL"):
            http_settings({**both, "SLACK_OLD_SIGNING_SECRET_UNTIL": until})
    where = http_settings({**both, "SLACK_OLD_SIGNING_SECRET_UNTIL": "2026-01-31T09:00:00Z"})
    assert where is not None
    assert where.secrets.at(datetime(2026, 1, 31, 8, 59, tzinfo=UTC)) == (SECRET.encode(), OLD.encode())
    assert where.secrets.at(datetime(2026, 1, 31, 9, 0, tzinfo=UTC)) == (SECRET.encode(),)


def test_token_rotation_needs_all_three_and_no_bot_token() -> None:
    all_three = {"SLACK_REFRESH_TOKEN": "xoxe-1", "SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "hush"}
    rotation = rotation_settings(all_three)
    assert rotation is not None
    assert "hush" not in repr(rotation)
    assert rotation_settings({"SLACK_CLIENT_ID": "1.2"}) is None
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"):
        with pytest.raises(SettingsError, match=name):
            rotation_settings({**all_three, name: ""})
    tokens = slack_tokens({**all_three, "SLACK_SIGNING_SECRET": SECRET})
    assert tokens is not None
    assert tokens.bot == ""
    rotated = slack_tokens({"SLACK_BOT_TOKEN": "xoxe.xoxb-1-2", "SLACK_APP_TOKEN": "xapp-1"})
    assert rotated is not None

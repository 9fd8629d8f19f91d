"""People and channels change, and the app hears it: zones, statuses, ends of accounts, archived channels."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Workspace
from tests.fakes import MONDAY, FakeClock

Json = dict[str, Any]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(flowing=True)


@pytest.fixture
def slack(clock: FakeClock) -> Any:
    with Workspace(ack_seconds=1.0, redelivery=(0.0, 0.1, 0.2), clock=clock.seconds) as workspace:
        yield workspace


def told(slack: Workspace, kind: str) -> list[Json]:
    """The app's events of a kind, oldest first."""
    return [envelope.payload["event"] for envelope in slack.ledger.events(kind)]


def profile(client: WebClient, slack: Workspace, name: str) -> Json:
    found: Json = client.users_info(user=slack.person(name).id)["user"]["profile"]
    return found


def test_t09_a_new_zone_is_told_and_kept(slack: Workspace, client: WebClient) -> None:
    slack.change_person("ben", tz="Asia/Tokyo")
    assert told(slack, "user_change")[-1]["user"]["tz"] == "Asia/Tokyo"
    assert client.users_info(user=slack.person("ben").id)["user"]["tz"] == "Asia/Tokyo"


def test_a_status_is_in_the_profile_until_it_expires(
    slack: Workspace, client: WebClient, clock: FakeClock
) -> None:
    until = int(MONDAY.timestamp()) + 3600
    slack.set_status("ben", "On holiday", ":palm_tree:", until)
    assert told(slack, "user_change")[-1]["user"]["profile"]["status_text"] == "On holiday"
    shown = profile(client, slack, "ben")
    assert (shown["status_emoji"], shown["status_expiration"]) == (":palm_tree:", until)
    assert client.users_profile_get(user=slack.person("ben").id)["profile"]["status_expiration"] == until
    clock.advance(MONDAY.replace(hour=10) - MONDAY)
    shown = profile(client, slack, "ben")
    assert (shown["status_text"], shown["status_emoji"], shown["status_expiration"]) == ("", "", 0)
    assert slack.expire_statuses() == ["ben"]
    assert told(slack, "user_change")[-1]["user"]["profile"]["status_text"] == ""
    assert slack.expire_statuses() == []


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (":face_with_thermometer: Not well", (":face_with_thermometer:", "Not well")),
        ("Writing", (":speech_balloon:", "Writing")),
        (":bus:", (":bus:", "")),
        ("clear", ("", "")),
    ],
)
def test_slacks_own_command_sets_a_status(
    slack: Workspace, client: WebClient, typed: str, shown: tuple[str, str]
) -> None:
    slack.set_status("ben", "Before")
    assert slack.slash("ben", "#general", "/status", typed).ok
    found = profile(client, slack, "ben")
    assert (found["status_emoji"], found["status_text"]) == shown


def test_t37_who_is_deactivated_is_in_no_channel_and_group_any_more(
    slack: Workspace, client: WebClient
) -> None:
    ben = slack.person("ben").id
    slack.deactivate("ben")
    assert told(slack, "user_change")[-1]["user"]["deleted"] is True
    assert told(slack, "member_left_channel") == []
    for channel in client.conversations_list(types="public_channel,private_channel")["channels"]:
        assert ben not in client.conversations_members(channel=channel["id"])["members"]
    group = slack.team.group("ml-leads").id
    assert ben not in client.usergroups_users_list(usergroup=group)["users"]
    with pytest.raises(SlackApiError, match="user_disabled"):
        client.conversations_open(users=ben)
    assert client.chat_postMessage(channel=ben, text="Slack takes it, and nobody reads it")["ok"]


def test_t40_sc_09_an_archived_channel_takes_nothing_and_is_told(slack: Workspace, client: WebClient) -> None:
    training = slack.channel("training").id
    slack.archive("training")
    assert told(slack, "channel_archive")[-1]["channel"] == training
    with pytest.raises(SlackApiError, match="is_archived"):
        client.chat_postMessage(channel=training, text="x")
    assert client.conversations_info(channel=training)["channel"]["is_archived"] is True
    slack.archive("training", archived=False)
    assert client.chat_postMessage(channel=training, text="x")["ok"]


def test_t40_channels_may_be_closed_to_posts_or_to_posts_outside_threads(
    slack: Workspace, client: WebClient
) -> None:
    training = slack.channel("training").id
    ts = client.chat_postMessage(channel=training, text="x")["ts"]
    slack.restrict_posting("training", "threads")
    with pytest.raises(SlackApiError, match="restricted_action_thread_only_channel"):
        client.chat_postMessage(channel=training, text="x")
    assert client.chat_postMessage(channel=training, thread_ts=ts, text="x")["ok"]
    slack.restrict_posting("training", "admins")
    with pytest.raises(SlackApiError, match="restricted_action_read_only_channel"):
        client.chat_postMessage(channel=training, thread_ts=ts, text="x")


def test_t40_sc_09_a_bot_that_is_removed_hears_it_once(slack: Workspace, client: WebClient) -> None:
    leads = slack.channel("leads").id
    slack.kick("lore", "leads")
    assert [one["channel"] for one in told(slack, "group_left")] == [leads]
    with pytest.raises(SlackApiError, match="channel_not_found"):
        client.chat_postMessage(channel=leads, text="x")

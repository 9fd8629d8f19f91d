"""The app hears of what it subscribed to, may read and is in; with the payloads that Slack sends."""

from typing import Any

import pytest

from bot.workspace import Channel, Workspace

Json = dict[str, Any]


def heard(slack: Workspace) -> list[Json]:
    return [each.payload["event"] for each in slack.ledger.events()]


def kinds(slack: Workspace) -> list[tuple[str, str | None]]:
    return [(event["type"], event.get("subtype")) for event in heard(slack)]


def test_a_message_as_the_event_tells_it(slack: Workspace) -> None:
    ts = slack.say("ana", "general", "see *this* <https://example.org|page>, @ben")
    [event] = heard(slack)
    ben = slack.person("ben").id
    assert (event["channel"], event["channel_type"]) == (slack.channel("general").id, "channel")
    assert event["ts"] == event["event_ts"] == ts
    assert event["text"] == f"see *this* <https://example.org|page>, <@{ben}>"
    assert event["blocks"][0]["elements"][0]["elements"] == [
        {"type": "text", "text": "see "},
        {"type": "text", "text": "this", "style": {"bold": True}},
        {"type": "text", "text": " "},
        {"type": "link", "url": "https://example.org", "text": "page"},
        {"type": "text", "text": ", "},
        {"type": "user", "user_id": ben},
    ]


@pytest.mark.parametrize(
    ("place", "kind"), [("general", "channel"), ("leads", "group"), ("dm", "im"), ("both", "mpim")]
)
def test_each_kind_of_place(slack: Workspace, place: str, kind: str) -> None:
    dm = {"dm": ("ana",), "both": ("ana", "ben")}
    channel = slack.dm(*dm[place]) if place in dm else place
    slack.say("ana", channel, "hello")
    assert [event["channel_type"] for event in heard(slack)] == [kind]


def test_mentions_are_sent_once_more_but_not_in_dms(slack: Workspace) -> None:
    slack.say("ana", slack.dm("ana"), "@lore hi")
    assert kinds(slack) == [("message", None)]
    slack.say("ana", "general", "@lore hi")
    assert kinds(slack)[1:] == [("message", None), ("app_mention", None)]
    assert "channel_type" not in heard(slack)[2]


def test_nothing_is_heard_from_where_the_app_is_not(slack: Workspace) -> None:
    slack.say("ana", "random", "@lore hi")
    assert heard(slack) == []
    slack.invite("lore", "random", by="ana")
    assert kinds(slack) == [("member_joined_channel", None), ("message", "channel_join")]
    assert heard(slack)[0]["inviter"] == slack.person("ana").id
    slack.kick("lore", "random")
    left = [("message", "channel_leave"), ("member_left_channel", None), ("channel_left", None)]
    assert kinds(slack)[2:] == left


def test_a_channel_turns_private_and_is_deleted(slack: Workspace) -> None:
    slack.make_private("general")
    assert kinds(slack) == [("message", "channel_convert_to_private")]
    assert heard(slack)[0]["channel_type"] == "group"
    channel = slack.channel("general").id
    slack.delete_channel("general")
    assert heard(slack)[1] | {"event_ts": ""} == {"type": "group_deleted", "channel": channel, "event_ts": ""}


def test_a_root_says_what_is_left_of_its_thread(slack: Workspace) -> None:
    root = slack.say("ana", "general", "hello")
    first, second = (slack.say("ana", "general", text, root) for text in ("one", "two"))
    slack.react("ana", "general", first, "eyes")
    slack.unreact("ana", "general", first, "eyes")
    assert not slack.messages("general", root)[1]["reactions"]
    slack.delete("general", second)
    [told] = slack.messages("general")
    assert (told["reply_count"], told["latest_reply"]) == (1, first)
    slack.delete("general", first)
    [told] = slack.messages("general")
    assert "reply_count" not in told


def test_edits_and_deletions(slack: Workspace) -> None:
    ts = slack.say("ana", "general", "hello")
    slack.edit("ana", "general", ts, "hello @lore")
    slack.edit("ana", "general", ts, "hello again @lore")
    slack.delete("general", ts)
    assert kinds(slack) == [
        ("message", None),
        ("message", "message_changed"),
        ("app_mention", None),
        ("message", "message_changed"),
        ("message", "message_deleted"),
    ]
    changed, deleted = heard(slack)[1], heard(slack)[4]
    assert changed["previous_message"]["text"] == "hello"
    assert changed["message"]["edited"]["user"] == slack.person("ana").id
    assert changed["ts"] != changed["message"]["ts"] == ts
    assert (deleted["deleted_ts"], deleted["hidden"]) == (ts, True)


def test_scopes_and_subscriptions_are_respected(slack: Workspace) -> None:
    slack.team.app.scopes.remove("app_mentions:read")
    slack.team.app.events.remove("message.channels")
    slack.say("ana", "general", "@lore hi")
    assert heard(slack) == []
    slack.say("ana", "leads", "hi")
    assert kinds(slack) == [("message", None)]


def test_other_apps_speak_too(slack: Workspace) -> None:
    slack.add_person("deploybot", is_bot=True)
    slack.invite("deploybot", "general")
    slack.say("deploybot", "general", "@lore deployed")
    event = heard(slack)[-1]
    assert (event["type"], event["bot_id"][0]) == ("app_mention", "B")
    assert event["bot_id"] != slack.team.app.bot_id
    assert "client_msg_id" not in event


def test_changes_of_channels_people_and_groups(slack: Workspace) -> None:
    slack.rename_channel("training", "runs")
    slack.archive("runs")
    slack.share_channel("general")
    slack.change_person("ben", tz="Asia/Tokyo", is_restricted=True)
    slack.set_group("ml-leads", ["ana", "chloe"])
    assert [kind for kind, _ in kinds(slack)] == [
        "channel_rename",
        "channel_archive",
        "channel_shared",
        "user_change",
        "subteam_updated",
        "subteam_members_changed",
    ]
    by_type = {event["type"]: event for event in heard(slack)}
    assert by_type["channel_rename"]["channel"]["name"] == "runs"
    assert by_type["user_change"]["user"]["is_restricted"]
    assert by_type["subteam_members_changed"]["added_users"] == [slack.person("chloe").id]
    slack.say("ana", "general", "now shared")
    assert slack.ledger.events()[-1].payload["is_ext_shared_channel"]


def test_reactions_and_home(slack: Workspace) -> None:
    ts = slack.say("ana", "general", "news")
    slack.react("ben", "general", ts, "tada")
    slack.open_home("ana")
    slack.open_home("ana", tab="messages")
    reaction, home, tab = heard(slack)[1:]
    assert (reaction["reaction"], reaction["item"]["ts"]) == ("tada", ts)
    assert (home["tab"], tab["tab"]) == ("home", "messages")
    assert home["channel"] == slack.dm("ana")


def test_any_event_can_be_told(slack: Workspace) -> None:
    payload = slack.tell_app({"type": "no_such_event"})
    assert payload["event"] == {"type": "no_such_event"}
    assert slack.ledger.envelopes[-1].event_id == payload["event_id"]


def test_new_channels_can_be_made(slack: Workspace) -> None:
    slack.add_channel(Channel("partners", members=["ana", "lore"], is_ext_shared=True))
    slack.say("ana", "partners", "hi")
    assert slack.ledger.events()[-1].payload["is_ext_shared_channel"]

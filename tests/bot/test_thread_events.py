"""What events of Slack mean for threads that are documents; strange ones mean nothing and harm nobody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.threads.hearing import Lost, Meaning, PersonGone, Reacted, Touched, Turned, meaning_of

LORE, ANA, CHANNEL = "U0LORE0000", "U0ANA00000", "C0RESEARCH"
ROOT, TS = "1700000001.000100", "1700000002.000100"
IN_THREAD = {"ts": TS, "thread_ts": ROOT, "text": "now"}


def message(**more: Any) -> dict[str, Any]:
    return {"type": "message", "channel": CHANNEL, "ts": TS, "text": "hello", **more}


@pytest.mark.parametrize(
    ("event", "meaning"),
    [
        (message(), None),
        (message(thread_ts=ROOT), Touched(CHANNEL, TS, ROOT)),
        (message(thread_ts=ROOT, subtype="channel_join"), None),
        (message(subtype="channel_convert_to_private"), Turned(CHANNEL)),
        (message(subtype="message_deleted", deleted_ts=TS), Touched(CHANNEL, TS, "", hidden=True)),
        (
            message(subtype="message_deleted", deleted_ts=TS, previous_message=IN_THREAD),
            Touched(CHANNEL, TS, ROOT, hidden=True),
        ),
        (
            message(subtype="message_changed", message=IN_THREAD, previous_message={"text": "before"}),
            Touched(CHANNEL, TS, ROOT, hidden=True),
        ),
        (message(subtype="message_changed", message=IN_THREAD, previous_message=IN_THREAD), None),
        (message(thread_ts=ROOT, bot_id="B1"), None),
        (
            message(subtype="message_changed", message={**IN_THREAD, "bot_id": "B1"}, previous_message={}),
            None,
        ),
        (message(subtype="message_deleted", deleted_ts=TS, previous_message={"bot_id": "B1"}), None),
        (
            message(subtype="message_changed", message={"ts": ROOT, "subtype": "tombstone"}),
            Touched(CHANNEL, ROOT, "", hidden=True),
        ),
        (
            {
                "type": "reaction_removed",
                "reaction": "+1::skin-tone-2",
                "item": {"type": "message", "channel": CHANNEL, "ts": TS},
            },
            Reacted(CHANNEL, TS, "+1", added=False),
        ),
        ({"type": "reaction_added", "reaction": "+1", "item": {"type": "file", "file": "F1"}}, None),
        ({"type": "member_left_channel", "user": LORE, "channel": CHANNEL}, "lost"),
        ({"type": "member_left_channel", "user": ANA, "channel": CHANNEL}, None),
        ({"type": "member_joined_channel", "user": LORE, "channel": CHANNEL}, Turned(CHANNEL)),
        ({"type": "channel_left", "channel": CHANNEL}, "lost"),
        ({"type": "group_deleted", "channel": {"id": CHANNEL}}, "lost"),
        ({"type": "channel_shared", "channel": CHANNEL}, Turned(CHANNEL)),
        ({"type": "user_change", "user": {"id": ANA, "deleted": True}}, PersonGone(ANA)),
        ({"type": "user_change", "user": {"id": ANA, "deleted": False}}, None),
        ({"type": "app_mention", "channel": CHANNEL}, None),
        ({}, None),
    ],
)
def test_meanings(event: dict[str, Any], meaning: Meaning | str | None) -> None:
    found = meaning_of(event, LORE)
    if meaning == "lost":
        assert isinstance(found, Lost)
        assert found.channel == CHANNEL
    else:
        assert found == meaning


KINDS = ("message", "reaction_added", "member_left_channel", "channel_left", "channel_shared", "user_change")
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = ("subtype", "channel", "ts", "thread_ts", "message", "previous_message", "deleted_ts", "item", "user")


@given(
    st.sampled_from(KINDS),
    st.sampled_from(["", "message_deleted", "message_changed", "channel_convert_to_private"]) | anything,
    st.dictionaries(st.sampled_from(names), anything),
)
def test_sp08_strange_events_raise_nothing(kind: str, subtype: Any, event: dict[str, Any]) -> None:
    meaning_of({"subtype": subtype, **event, "type": kind}, LORE)

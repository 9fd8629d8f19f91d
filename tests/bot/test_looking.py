"""What Slack tells of a person's screen, and questions that point at it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.journal.personal import Viewed
from bot.looking import Pointing, pointing, viewed

CHANNEL = {"type": "slack#/types/channel_id", "value": "C01234ABC", "team_id": "T1"}
MESSAGE = {
    "type": "slack#/types/message_context",
    "value": {"channel_id": "C01234ABC", "message_ts": "1700000000.000100"},
}


def test_the_most_relevant_conversation_counts() -> None:
    assert viewed({"entities": [CHANNEL]}) == Viewed("C01234ABC")
    assert viewed({"entities": [MESSAGE, CHANNEL]}) == Viewed("C01234ABC", "1700000000.000100")
    canvas = {"type": "slack#/types/canvas_id", "value": "F0123"}
    assert viewed({"entities": [canvas, CHANNEL]}) == Viewed("C01234ABC")


@pytest.mark.parametrize(
    "context",
    [
        None,
        {},
        [],
        {"entities": None},
        {"entities": {}},
        {"entities": [None, 3, "x", {}]},
        {"entities": [{"type": "slack#/types/channel_id", "value": 7}]},
        {"entities": [{"type": "slack#/types/channel_id", "value": "../../etc"}]},
        {"entities": [{"type": "slack#/types/message_context", "value": "C01234ABC"}]},
        {"entities": [{"type": "slack#/types/message_context", "value": {"channel_id": "C01234ABC"}}]},
        {"entities": [{"type": "slack#/types/something_new", "value": "C01234ABC"}]},
    ],
)
def test_what_is_not_as_described_tells_nothing(context: Any) -> None:
    assert viewed(context) is None


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_nothing_that_arrives_breaks_it(context: Any) -> None:
    viewed({"entities": context})


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("what is this about?", Pointing.PERHAPS),
        ("What's this about", Pointing.PERHAPS),
        ("summarise this", Pointing.PERHAPS),
        ("tl;dr", Pointing.PERHAPS),
        ("is there a page about this?", Pointing.PERHAPS),
        ("why does this happen here?", Pointing.PERHAPS),
        ("summarize this thread please", Pointing.SURELY),
        ("catch me up", Pointing.SURELY),
        ("what is going on here?", Pointing.SURELY),
        ("what are they talking about?", Pointing.SURELY),
        ("who knows more about this channel?", Pointing.SURELY),
        ("how long do we keep raw scans?", Pointing.NOT),
        ("what is the budget for this year and who decides?", Pointing.NOT),
        ("what changed in this quarter's retention rules?", Pointing.NOT),
        ("help", Pointing.NOT),
    ],
)
def test_whether_a_question_points_at_what_is_seen(question: str, told: Pointing) -> None:
    assert pointing(question) is told

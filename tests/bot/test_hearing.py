"""What is for Lore, what is a question, and what is left alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing import (
    LONGEST_QUESTION,
    Addressed,
    Asked,
    FollowUp,
    Help,
    Ignored,
    Myself,
    Pleasantry,
    hear,
    understand,
)

ME = Myself("U0000LORE", "B0000LORE")
NAMES = {"U0000ANA1": "Ana", "U0000BEN1": "Ben"}


def message(text: str | None = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U0000ANA1", "ts": "1780000000.000100", "text": text, **more}


def name_of(user_id: str) -> str:
    return NAMES.get(user_id, user_id)


def meant(text: str) -> str | type:
    match understand(text, ME, name_of):
        case Asked(words, _):
            return words
        case other:
            return type(other)


@pytest.mark.parametrize("text", ["<@U0000LORE> why?", "why, <@U0000LORE>?", "why? <@U0000LORE|lore>"])
def test_a_mention_anywhere_addresses_lore(text: str) -> None:
    assert hear(message(text), "channel", ME) == Addressed(text, direct=False)


def test_a_direct_message_needs_no_mention() -> None:
    assert hear(message("why?"), "im", ME) == Addressed("why?", direct=True)
    assert isinstance(hear(message("why?"), "mpim", ME), Ignored)


def test_an_app_mention_is_a_mention_however_it_is_written() -> None:
    assert isinstance(hear(message("why?", type="app_mention"), "", ME), Addressed)


@pytest.mark.parametrize(
    "event",
    [
        message("<@U0000LORE> hi?", bot_id="B0000OTHER"),
        message("<@U0000LORE> hi?", subtype="bot_message"),
        message("<@U0000LORE> hi?", user="U0000LORE"),
        message("<@U0000LORE> hi?", user="USLACKBOT"),
        message("<@U0000LORE> hi?", app_id="A0000OTHER", bot_profile={"id": "B1"}),
        message("<@U0000LORE> has joined", subtype="channel_join"),
        message("<@U0000LORE> hi?", hidden=True),
        message(None),
        message("<@U0000LORE>" + "x" * 1_000_000),
        {"type": "message"},
        {},
        message("<@U0000LORE> why?", user=None),
        message("<@U0000LORE> why?", ts=None),
        {**message(), "text": ["<@U0000LORE>"]},
    ],
)
def test_bots_machinery_and_nonsense_are_ignored(event: dict[str, Any]) -> None:
    assert isinstance(hear(event, "channel", ME), Ignored)


@pytest.mark.parametrize(
    ("text", "goes_on"),
    [
        ("and for the 13B run?", True),
        ("what about the 7B one", True),
        ("And in which region", True),
        ("the 13B run?", True),
        ("わかりません？", True),
        ("show me the config", True),
        ("thanks!", False),
        ("Thank you so much, Lore!", False),
        ("ok", False),
        (":+1:", False),
        (":thinking_face:", False),
        ("<@U0000BEN1> can you check that?", False),
        ("<!here> is that right?", False),
        ("I'll fix the wiki tomorrow", False),
        ("that is 3 weeks old", False),
        ("", False),
    ],
)
def test_which_replies_in_a_thread_go_on_with_it(text: str, goes_on: bool) -> None:
    heard = hear(message(text, thread_ts="1770000000.000100"), "channel", ME)
    assert isinstance(heard, FollowUp) is goes_on


def test_the_root_of_a_thread_is_no_reply() -> None:
    assert isinstance(hear(message("why?", thread_ts="1780000000.000100"), "channel", ME), Ignored)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<@U0000LORE>", Help),
        ("<@U0000LORE> ?", Help),
        ("", Help),
        ("<@U0000LORE> help", Help),
        ("Help!", Help),
        ("<@U0000LORE> :wave:", Help),
        ("thanks <@U0000LORE>", Pleasantry),
        ("hi <@U0000LORE>!", Pleasantry),
        ("<@U0000LORE> why is it so slow?", "why is it so slow?"),
        ("is a &lt; b &amp;&amp; c &gt; d?", "is a < b && c > d?"),
        ("who reads &amp;lt;?", "who reads &lt;?"),
        ("see <https://wiki.example/a|the page> and <https://b.example>", "see the page and https://b.example"),
        ("did <@U0000ANA1> and <@U0000BEN1|ben> meet in <#C01|lab>?", "did @Ana and @ben meet in #lab?"),
        ("ask <!subteam^S1|@leads> or <!here> by <!date^1^{date}|noon>", "ask @leads or @here by noon"),
        ("mail <mailto:a@b.example|a@b.example>", "mail a@b.example"),
        ("a \u202eb\x00 c", "a b c"),
        ("many\n\nlines   here", "many lines here"),
    ],
)  # fmt: skip
def test_what_the_words_mean(text: str, result: str | type) -> None:
    assert meant(text) == result


def test_a_long_question_is_shortened_and_says_so() -> None:
    asked = understand("why " * 10_000, ME, name_of)
    assert isinstance(asked, Asked)
    assert asked.shortened
    assert asked.characters == 39_999
    assert len(asked.text) <= LONGEST_QUESTION


@given(st.text(alphabet=st.characters() | st.sampled_from("<@U0000LORE|>&;:!?# ")))
def test_any_words_mean_something(text: str) -> None:
    assert isinstance(understand(text, ME, name_of), Help | Pleasantry | Asked)
    hear(message(text), "channel", ME)

"""Which messages ask something of the room that documents might answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.hearing import Myself
from bot.overhearing import LONGEST, asks_the_room, is_question

ME = Myself("ULORE00000", "BLORE00000")


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "UANA000000", "ts": "1.000001", "text": text} | more


@pytest.mark.parametrize(
    "text",
    [
        "When was the last restore drill?",
        "Hi all, how many checkpoints does the trainer keep?",
        "does anyone know where the GPU quotas are documented?",
        "Could somebody — which dataset did we use for the 13B run?",
        "Can anyone tell me how the learning rate is warmed up?",
        "The trainer keeps deleting checkpoints, is that expected behaviour?",
        "¿Cuál es el presupuesto de entrenamiento?",
        "学習率 warmup は何ステップですか？",
    ],
)
def test_questions_of_substance_are_heard(text: str) -> None:
    assert is_question(text, ME)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "ok?",
        "really??",
        "thanks!",
        "how are you?",
        "lunch at noon?",
        "Who is joining the retro tomorrow?",
        "Can you review my pull request?",
        "could someone restart the cluster?",
        "What do you think about dropping warmup?",
        "<@UBEN000000> which dataset did we use?",
        "<!channel> which dataset did we use?",
        "@ben which dataset did we use for the run?",
        "I wonder how the learning rate is set.",
        "We keep the last three checkpoints.",
        "what a day it was for the platform team",
        "x" * (LONGEST + 1) + " which dataset?",
    ],
)
def test_small_talk_favours_and_statements_are_not(text: str) -> None:
    assert not is_question(text, ME)


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"bot_profile": {"id": "B1"}},
        {"app_id": "A1"},
        {"subtype": "file_share"},
        {"subtype": "thread_broadcast"},
        {"subtype": "channel_join"},
        {"subtype": "message_changed"},
        {"thread_ts": "1.000001"},
        {"thread_ts": "0.000001"},
        {"edited": {"user": "UANA000000", "ts": "2.0"}},
        {"files": [{"id": "F1"}]},
        {"user": ME.user_id},
        {"user": "USLACKBOT"},
        {"user": None},
        {"text": None},
        {"text": 7},
        {"hidden": True},
    ],
)
def test_only_a_persons_new_message_in_the_channel_itself_counts(more: dict[str, Any]) -> None:
    question = message("When was the last restore drill?")
    assert asks_the_room(question, ME)
    assert not asks_the_room(question | more, ME)


@given(st.text(max_size=2_000))
def test_any_text_is_judged_without_trouble(text: str) -> None:
    assert is_question(text, ME) in (True, False)


@given(st.text(max_size=300))
def test_whatever_names_somebody_is_for_them(text: str) -> None:
    assert not is_question(f"<@UBEN000000> {text}?", ME)

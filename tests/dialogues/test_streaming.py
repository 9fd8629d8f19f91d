"""Answers are shown while they are written, and end as what they would have been without that."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.streaming import MOST_A_MINUTE
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.streamed import (
    QUESTION,
    QUICK,
    SAID,
    Writer,
    as_it_is_without_streaming,
    cards,
    ended,
    growing,
    open_rows,
)


@pytest.fixture
def writer(knowledge: Knowledge) -> Writer:
    return Writer(knowledge)


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, writer: Writer) -> Iterator[Lore]:
    with at_work(slack, knowledge, stream=QUICK) as lore:
        lore.answers.telling = writer
        try:
            yield lore
        finally:
            for gate in writer.gates.values():
                gate.set()


def test_an_answer_grows_sentence_by_sentence_and_ends_as_without_streaming(
    lore: Lore, writer: Writer, slack: Workspace
) -> None:
    writer.gate(1), writer.gate(2)
    ts = lore.mention("ana", "#general", QUESTION)
    first = growing(lore, ts, SAID[0])
    titles = [(card["title"], card["status"]) for card in cards(first)]
    assert ("Reading 2 passages of “Checkpoints”", "complete") in titles
    assert ("Checking each sentence", "in_progress") in titles
    assert any(title.startswith("Searching 2 documents") for title, _ in titles)
    assert SAID[1] not in words(first)
    assert slack.session("#general", ts)["status"] == "processing"
    writer.gate(1).set()
    second = growing(lore, ts, SAID[0], SAID[1])
    assert second["ts"] == first["ts"]
    writer.gate(2).set()
    [final] = ended(lore, ts)
    assert final["ts"] == first["ts"]
    assert cards(final) == []
    assert slack.session("#general", ts)["status"] == "active"
    assert slack.ledger.calls_of("chat.postMessage") == []
    assert slack.ledger.calls_of("assistant.threads.setStatus") == []

    writer.gates.clear()
    lore.answers.telling = lambda hear: writer(lambda _step: None)
    [unstreamed] = lore.replies("#general", lore.mention("ana", "#general", QUESTION))
    assert as_it_is_without_streaming(final) == as_it_is_without_streaming(unstreamed)
    assert final["text"] == unstreamed["text"]
    assert final["metadata"]["event_type"] == unstreamed["metadata"]["event_type"]


def test_an_answer_in_a_direct_message_grows_and_can_be_stopped_too(lore: Lore, writer: Writer) -> None:
    mine = lore.slack.dm("ana")
    writer.gate(1)
    ts = lore.slack.say("ana", mine, QUESTION)
    growing(lore, ts, SAID[0], channel=mine)
    assert lore.slack.session(mine, ts)["status"] == "processing"
    lore.slack.stop_agent("ana", mine, ts)
    [final] = ended(lore, ts, channel=mine)
    assert SAID[0] in words(final)
    assert lore.slack.session(mine, ts)["status"] == "active"
    [start] = lore.slack.ledger.calls_of("chat.startStream")
    assert "recipient_user_id" not in start.args


def test_what_is_streamed_goes_out_as_blocks_else_as_literal_markdown(lore: Lore, writer: Writer) -> None:
    writer.sentences = ("See <!here> at https://evil.example or www.evil.example, 2 * 3 * 4.",)
    chunks = []

    def refuses(args: dict[str, Any]) -> bool:
        chunks.append(args["chunks"])
        return any(chunk["type"] == "blocks" for chunk in args["chunks"])

    lore.slack.faults.error("chat.appendStream", "invalid_chunks", times=None, where=refuses)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    said = [chunk["text"] for some in chunks for chunk in some if chunk["type"] == "markdown_text"]
    assert len(said) == 1
    assert "&lt;\\!here&gt;" in said[0]
    assert "https:\u200b//evil\\.\u200bexample" in said[0]
    assert "2 \\* 3 \\* 4" in said[0]
    assert "<!here>" in words(final)


@pytest.mark.parametrize(
    "error", ["unknown_method", "missing_recipient_user_id", "channel_type_not_supported", "fatal_error"]
)
def test_a_slack_that_opens_no_stream_gets_a_plain_post(lore: Lore, error: str) -> None:
    lore.slack.faults.error("chat.startStream", error, times=None)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert all(sentence in words(final) for sentence in SAID)
    again = lore.mention("ana", "#general", QUESTION)
    ended(lore, again)
    starts = len(lore.slack.ledger.calls_of("chat.startStream"))
    assert starts <= (len(lore.bots) if error == "unknown_method" else 2), "each process learns it once"


def test_sp11_a_start_whose_answer_is_lost_is_found_in_the_thread_and_finished(lore: Lore) -> None:
    lore.slack.faults.drop("chat.startStream", after=True)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert SAID[2] in words(final)
    assert lore.slack.ledger.calls_of("chat.postMessage") == []


def test_a_429_in_the_middle_delays_what_is_shown_and_loses_nothing(lore: Lore, writer: Writer) -> None:
    lore.slack.faults.rate_limited("chat.appendStream", retry_after="60", times=1)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert all(sentence in words(final) for sentence in SAID)
    assert len(lore.slack.ledger.calls_of("chat.appendStream")) == 1, "nothing inside the window"


def test_a_stream_that_expires_goes_on_below_and_is_one_message_in_the_end(
    lore: Lore, writer: Writer
) -> None:
    writer.gate(1), writer.gate(2)
    ts = lore.mention("ana", "#general", QUESTION)
    first = growing(lore, ts, SAID[0])
    lore.slack.expire_streams()
    writer.gate(1).set()
    second = growing(lore, ts, SAID[1])
    assert second["ts"] != first["ts"]
    left = next(each for each in lore.slack.said_by_app("#general", ts) if each["ts"] == first["ts"])
    assert SAID[0] in words(left)
    assert cards(left) == []
    writer.gate(2).set()
    [final] = ended(lore, ts)
    assert final["ts"] == first["ts"]
    assert all(sentence in words(final) for sentence in SAID)


def test_a_stream_that_is_full_goes_on_below(lore: Lore, writer: Writer) -> None:
    writer.sentences = tuple(f"Sentence {n} is long: {'word ' * 500}." for n in range(5))
    ts = lore.mention("ana", "#general", QUESTION)
    said = lore.slack.wait_for(
        lambda: (
            found
            if not open_rows(lore)
            and (found := lore.slack.said_by_app("#general", ts))
            and all(each.get("metadata") for each in found)
            else None
        )
    )
    everything = "".join(words(each) for each in said)
    assert [everything.count(f"Sentence {n} is") for n in range(5)] == [1] * 5
    assert len(lore.slack.ledger.calls_of("chat.startStream")) > 1
    assert not lore.slack.streaming("#general")


def test_many_answers_at_once_are_not_all_streamed_and_none_is_late(lore: Lore) -> None:
    channels = ("#general", "#bots")
    lore.slack.limits.enforced = True
    asked = [(channel, lore.mention("ana", channel, QUESTION)) for _ in range(10) for channel in channels]
    for channel, ts in asked:
        lore.slack.wait_for(
            lambda at=(channel, ts): [each for each in lore.slack.said_by_app(*at) if each.get("metadata")]
        )
    assert len(lore.slack.ledger.calls_of("chat.startStream")) <= MOST_A_MINUTE * len(lore.bots)
    assert not [call for call in lore.slack.ledger.calls_of("chat.stopStream") if call.status == 429]

"""Answers are shown while they are written, and end as what they would have been without that."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.journal.streams import streams
from bot.streaming import MOST_A_MINUTE, Rhythm
from bot.wiring import Knowledge
from bot.workspace import Workspace
from bot.workspace.team import NotThere
from knowledge.documents import Answer, Outcome, Sentence
from knowledge.steps import FellBack, Hear, Reading, Searching, Writing, Written
from prompts.words import words as text_of
from tests.dialogues.conftest import Lore, at_work, words

QUICK = Rhythm(every_s=0.0, expires_from_s=0.0, opening_s=1.0)
QUESTION = "how long did the restore drill take for the 7B run?"
SAID = ("It took 41 minutes.", "It was on 12 May 2026.", "The 13B run took 93 minutes.")


@dataclass
class Writer:
    """Tells the steps of an answer one by one: each sentence waits until it is let go."""

    knowledge: Knowledge
    sentences: tuple[str, ...] = SAID
    between: Callable[[int], None] = lambda _n: None
    gates: dict[int, threading.Event] = field(default_factory=dict)
    at_the_end: Callable[[], None] = lambda: None
    fails: bool = False
    told: list[str] = field(default_factory=list)
    heard_of_an_end: threading.Event = field(default_factory=threading.Event)

    def gate(self, n: int) -> threading.Event:
        """Sentence `n` is not written before this is set."""
        return self.gates.setdefault(n, threading.Event())

    def __call__(self, hear: Hear) -> Outcome:
        outcome = self.knowledge.answerer.answer(QUESTION, frozenset({"everyone"}))
        assert isinstance(outcome, Answer)
        made = tuple(Sentence(text, (1,)) for text in self.sentences)
        answer = replace(outcome, sentences=made, citations=outcome.citations[:1])
        try:
            hear(Searching(outcome.searched.documents, outcome.searched.sources))
            hear(Reading(2, ("Checkpoints",)))
            hear(Writing("fake:slow"))
            for n, sentence in enumerate(made):
                if n in self.gates:
                    assert self.gates[n].wait(30)
                self.between(n)
                hear(Written(sentence, answer.citations))
                self.told.append(sentence.text)
        except Exception:
            self.heard_of_an_end.set()
            raise
        self.at_the_end()
        if self.fails:
            raise RuntimeError("the model broke")
        return answer


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


def growing(lore: Lore, ts: str, *parts: str, channel: str = "#general") -> dict[str, Any]:
    """The message that is being streamed in this thread, once it says all of these."""

    def look() -> dict[str, Any] | None:
        for message in lore.slack.said_by_app(channel, ts):
            shown = words(message) + " ".join(each.get("title", "") for each in cards(message))
            if message.get("streaming_state") == "in_progress" and all(part in shown for part in parts):
                return message
        return None

    return lore.slack.wait_for(look) or {}


def no_longer_ours(lore: Lore, channel: str) -> None:
    """Share a channel with another organisation, and wait until Lore has heard of it."""
    lore.slack.share_channel(channel)
    lore.slack.wait_for(lambda: any(each.acked for each in lore.slack.ledger.events("channel_shared")))


def cards(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message.get("blocks", []) if block["type"] == "task_card"]


def ended(lore: Lore, ts: str, count: int = 1, channel: str = "#general") -> list[dict[str, Any]]:
    """What stands in the thread once nothing is being streamed and said any more."""

    def look() -> list[dict[str, Any]] | None:
        said = lore.slack.said_by_app(channel, ts)
        done = len(said) == count and all(each.get("metadata") for each in said)
        return said if done and not lore.slack.streaming(channel) and not open_rows(lore) else None

    return lore.slack.wait_for(look) or []


def open_rows(lore: Lore) -> list[Any]:
    with lore.knowledge.database.reading() as connection:
        return list(connection.execute(select(streams.c.key).where(streams.c.state != "ended")))


def as_it_is_without_streaming(message: dict[str, Any]) -> list[Any]:
    """Its blocks, but for the ids that are new each time."""
    drop = ("block_id", "value", "action_id", "options")

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items() if name not in drop}
        return [plain(each) for each in value] if isinstance(value, list) else value

    return [plain(block) for block in message["blocks"]]


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
    direct = lore.slack.say("ana", slack.dm("ana"), QUESTION)
    unstreamed = slack.wait_for(lambda: slack.said_by_app(slack.dm("ana")))[0]
    assert as_it_is_without_streaming(final) == as_it_is_without_streaming(unstreamed)
    assert final["text"] == unstreamed["text"]
    assert final["metadata"]["event_type"] == unstreamed["metadata"]["event_type"]
    assert direct


def test_a_direct_message_has_a_status_while_it_is_worked_on(lore: Lore, writer: Writer) -> None:
    mine = lore.slack.dm("ana")
    writer.gate(0)
    ts = lore.slack.say("ana", mine, QUESTION)
    lore.slack.wait_for(lambda: lore.slack.status(mine, ts) == "is looking it up…")
    writer.gate(0).set()
    lore.slack.wait_for(lambda: lore.slack.said_by_app(mine))
    lore.slack.wait_for(lambda: lore.slack.status(mine, ts) == "")
    assert lore.slack.ledger.calls_of("chat.startStream") == []


def test_a_thread_of_a_direct_message_is_streamed_for_nobody_in_particular(
    lore: Lore, writer: Writer
) -> None:
    mine = lore.slack.dm("ana")
    root = lore.slack.say("ana", mine, "help")
    lore.slack.wait_for(lambda: lore.slack.said_by_app(mine))
    lore.slack.say("ana", mine, QUESTION, root)
    [final] = ended(lore, root, channel=mine)
    assert SAID[2] in words(final)
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
    assert starts == (1 if error == "unknown_method" else 2)


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


def test_a_stop_and_an_update_that_are_limited_or_lost_come_later(lore: Lore) -> None:
    lore.slack.faults.rate_limited("chat.stopStream", retry_after="1", times=1)
    lore.slack.faults.drop("chat.update", after=True, times=1)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert all(sentence in words(final) for sentence in SAID)


def test_a_message_that_cannot_be_replaced_is_taken_away_and_said_anew(lore: Lore) -> None:
    lore.slack.faults.error("chat.update", "block_mismatch", times=None)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert all(sentence in words(final) for sentence in SAID)
    assert len(lore.slack.ledger.calls_of("chat.postMessage")) == 1


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


def test_the_asker_stops_an_answer_and_nothing_more_is_said(lore: Lore, writer: Writer) -> None:
    writer.gate(1)
    ts = lore.mention("ana", "#general", QUESTION)
    growing(lore, ts, SAID[0])
    lore.slack.stop_agent("ana", "#general", ts)
    [final] = ended(lore, ts)
    assert SAID[0] in words(final)
    assert text_of("stopped") in words(final)
    assert lore.slack.session("#general", ts)["status"] == "active"
    writer.gate(1).set()
    assert writer.heard_of_an_end.wait(10)
    assert lore.is_quiet("#general", ts, count=1)
    [still] = lore.slack.said_by_app("#general", ts)
    assert SAID[1] not in words(still)


def test_somebody_else_stops_only_what_they_see(lore: Lore, writer: Writer) -> None:
    writer.gate(1)
    ts = lore.mention("ana", "#general", QUESTION)
    growing(lore, ts, SAID[0])
    lore.slack.stop_agent("ben", "#general", ts)
    writer.gate(1).set()
    [final] = ended(lore, ts)
    assert all(sentence in words(final) for sentence in SAID)
    with pytest.raises(NotThere):
        lore.slack.stop_agent("ben", "#general", ts)


def test_a_permission_withdrawn_while_it_is_written_ends_it_and_takes_it_away(
    lore: Lore, writer: Writer
) -> None:
    writer.gate(1)
    ts = lore.mention("ana", "#small", QUESTION)
    growing(lore, ts, SAID[0], channel="#small")
    no_longer_ours(lore, "#small")
    writer.gate(1).set()
    assert writer.heard_of_an_end.wait(10)
    [final] = ended(lore, ts, channel="#small")
    assert words(final) == text_of("withheld")


def test_a_permission_withdrawn_after_the_last_sentence_takes_all_of_it_away(
    lore: Lore, writer: Writer
) -> None:
    writer.at_the_end = lambda: no_longer_ours(lore, "#small")
    ts = lore.mention("ana", "#small", QUESTION)
    [final] = ended(lore, ts, channel="#small")
    assert writer.told == list(SAID), "all of it was shown"
    assert final["text"] == text_of("withheld")
    assert "blocks" not in final


def test_a_question_that_is_deleted_takes_what_was_shown_with_it(lore: Lore, writer: Writer) -> None:
    writer.gate(1)
    ts = lore.mention("ana", "#general", QUESTION)
    growing(lore, ts, SAID[0])
    lore.slack.delete("#general", ts)
    lore.slack.wait_for(lambda: not lore.slack.said_by_app("#general", ts))
    writer.gate(1).set()
    assert writer.heard_of_an_end.wait(10)
    assert lore.is_quiet("#general", ts, count=0)
    assert not open_rows(lore)


def test_a_question_that_is_edited_meanwhile_is_answered_in_the_same_message(
    lore: Lore, writer: Writer
) -> None:
    writer.gate(1)
    ts = lore.mention("ana", "#general", "how long did teh drill take?")
    first = growing(lore, ts, SAID[0])
    lore.slack.edit("ana", "#general", ts, f"<@{lore.slack.team.app.user_id}> {QUESTION}")
    lore.taken_in("message_changed")
    writer.gate(1).set()
    [final] = ended(lore, ts)
    assert final["ts"] == first["ts"]
    assert all(words(final).count(sentence) == 1 for sentence in SAID)
    assert [question for question, *_ in lore.answers.asked][-1] == QUESTION
    assert lore.is_quiet("#general", ts, count=1)


def test_an_answer_that_takes_too_long_gives_way_to_the_apology(
    slack: Workspace, knowledge: Knowledge, writer: Writer
) -> None:
    with at_work(slack, knowledge, deadline_s=2.0, stream=QUICK) as lore:
        lore.answers.telling = writer
        writer.gate(1)
        ts = lore.mention("ana", "#general", QUESTION)
        growing(lore, ts, SAID[0])
        [final] = ended(lore, ts)
        assert "taking longer than it should" in words(final)
        writer.gate(1).set()
        assert writer.heard_of_an_end.wait(10)
        assert SAID[1] not in words(slack.said_by_app("#general", ts)[0])


def test_a_writer_that_breaks_in_the_middle_leaves_the_apology_alone(lore: Lore, writer: Writer) -> None:
    writer.fails = True
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert "something went wrong on my side" in words(final)
    assert SAID[0] not in words(final)


def test_sp22_a_model_that_fails_after_some_sentences_says_so_and_the_sources_answer(
    lore: Lore, writer: Writer
) -> None:
    def fell_back(n: int) -> None:
        if n == 1:
            told[0](FellBack("The language model is not available now."))

    told: list[Hear] = []
    writer.between = fell_back
    writer.gate(2)

    def telling(hear: Hear) -> Outcome:
        told.append(hear)
        return writer(hear)

    lore.answers.telling = telling
    ts = lore.mention("ana", "#general", QUESTION)
    growing(lore, ts, "⚠ The language model is not available now.", SAID[1])
    writer.gate(2).set()
    ended(lore, ts)


def test_a_final_form_that_slack_refuses_is_told_in_the_same_message(lore: Lore) -> None:
    lore.slack.faults.error("chat.update", "invalid_blocks", times=1)
    ts = lore.mention("ana", "#general", QUESTION)
    [final] = ended(lore, ts)
    assert "Slack did not take it (invalid_blocks)" in words(final)
    assert lore.slack.ledger.calls_of("chat.postMessage") == []


def test_many_answers_at_once_are_not_all_streamed_and_none_is_late(lore: Lore) -> None:
    channels = ("#general", "#bots")
    lore.slack.limits.enforced = True
    asked = [(channel, lore.mention("ana", channel, QUESTION)) for _ in range(10) for channel in channels]
    for channel, ts in asked:
        lore.slack.wait_for(
            lambda at=(channel, ts): [each for each in lore.slack.said_by_app(*at) if each.get("metadata")]
        )
    assert len(lore.slack.ledger.calls_of("chat.startStream")) <= MOST_A_MINUTE
    assert not [call for call in lore.slack.ledger.calls_of("chat.stopStream") if call.status == 429]


def test_nothing_is_shown_before_it_is_checked(lore: Lore, writer: Writer) -> None:
    """A place that is unknown at that moment is shown nothing; the withheld answer says why."""
    writer.gate(0)
    ts = lore.mention("ana", "#small", QUESTION)
    growing(lore, ts, channel="#small")
    no_longer_ours(lore, "#small")
    writer.gate(0).set()
    [final] = ended(lore, ts, channel="#small")
    assert final["text"] == text_of("withheld")
    shown = [call.args for call in lore.slack.ledger.calls_of("chat.appendStream")]
    assert SAID[0] not in str(shown)

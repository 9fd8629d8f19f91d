"""However an answer that is being shown ends, one message stands there, and the right one."""

from collections.abc import Iterator

import pytest

from bot.wiring import Knowledge
from bot.workspace import Workspace
from bot.workspace.team import NotThere
from knowledge.documents import Outcome
from knowledge.steps import FellBack, Hear
from prompts.words import words as text_of
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.streamed import (
    QUESTION,
    QUICK,
    SAID,
    Writer,
    ended,
    growing,
    no_longer_ours,
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
    with at_work(slack, knowledge, deadline_s=6.0, stream=QUICK) as lore:
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


def test_a_stop_where_nothing_is_shown_yet_ends_the_work_too(lore: Lore, writer: Writer) -> None:
    mine, ana = lore.slack.dm("ana"), lore.slack.person("ana").id
    lore.slack.faults.error("chat.startStream", "not_allowed")
    writer.gate(0)
    ts = lore.slack.say("ana", mine, QUESTION)
    lore.slack.wait_for(lambda: lore.slack.ledger.calls_of("chat.startStream"))
    stopped = {"type": "agent_session_stopped", "channel": mine, "streaming_message_ts": []}
    lore.slack.tell_app(stopped | {"thread_ts": None, "user": ana}, mine)
    lore.slack.tell_app(stopped | {"thread_ts": ts, "user": lore.slack.person("ben").id}, mine)
    lore.slack.tell_app(stopped | {"thread_ts": ts, "user": ana}, mine)
    [said] = lore.replies(mine, ts)
    assert words(said) == text_of("stopped_early")
    writer.gate(0).set()
    assert writer.heard_of_an_end.wait(10)
    assert lore.is_quiet(mine, ts, count=1)

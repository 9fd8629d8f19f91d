"""People ask Lore things, and it answers where they asked."""

import threading

from bot.journal.records import questions_of_thread
from tests.dialogues.lore import Lore, words

DRILL = "how long did the restore drill take for the 7B run?"


def test_a_mention_is_answered_in_its_thread_with_sources(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", "how many checkpoints does the trainer keep?")
    said = lore.reply("#general", ts)
    assert "keeps the last three checkpoints" in said
    assert "[1]" in said
    assert "1. Checkpoints › Retention" in said
    assert "owner ana" in said
    assert "ana@heron.example" not in said
    assert lore.slack.said_by_app("#general") == []  # nothing outside the thread
    kinds = [envelope.payload["event"]["type"] for envelope in lore.slack.ledger.events()]
    assert kinds.count("app_mention") == 1
    assert "message" in kinds
    assert lore.is_quiet("#general", ts, count=1)  # the post came as both, and was answered once


def test_po04_what_is_said_unfurls_nothing(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    assert lore.slack.slash("ben", "#general", "/ask", DRILL).ok
    lore.private_reply("ben", "#general")
    said = lore.slack.ledger.calls_of("chat.postMessage")
    assert said
    for call in said:
        assert call.args["unfurl_links"] is False
        assert call.args["unfurl_media"] is False


def test_a_follow_up_needs_no_mention_and_carries_the_question_on(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    assert "41 minutes" in lore.reply("#general", ts)
    lore.slack.say("ben", "#general", "and for the 13B run?", ts)
    assert "93 minutes" in lore.reply("#general", ts, count=2)
    _, _, history = lore.answers.asked[-1]
    assert [turn.text for turn in history if not turn.by_lore] == [DRILL]
    assert any(turn.by_lore and "41 minutes" in turn.text for turn in history)


def test_people_may_talk_to_each_other_in_the_thread(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    lore.reply("#general", ts)
    lore.slack.say("chloe", "#general", "thanks!", ts)
    lore.slack.say("chloe", "#general", f"<@{lore.slack.person('ben').id}> can you do the next one?", ts)
    lore.slack.say("ben", "#general", "I'll do it tomorrow", ts)
    assert lore.is_quiet("#general", ts, count=1)


def test_a_thread_that_lore_is_not_in_is_left_alone(lore: Lore) -> None:
    ts = lore.slack.say("ben", "#general", "lunch?")
    lore.slack.say("chloe", "#general", "where?", ts)
    assert lore.is_quiet("#general", ts, count=0)


def test_a_mention_inside_a_thread_of_people_reads_the_thread(lore: Lore) -> None:
    ts = lore.slack.say("ben", "#general", "the restore drill for the 7B run felt slow")
    lore.slack.say("chloe", "#general", "did it?", ts)
    lore.mention("chloe", "#general", "how long did it take?", ts)
    assert "41 minutes" in lore.reply("#general", ts)


def test_sp07_a_reply_that_arrives_before_its_parent_is_answered_in_the_right_thread(lore: Lore) -> None:
    lore.slack.hold_events()
    root = lore.mention("ben", "#general", DRILL)
    lore.mention("chloe", "#general", "how many checkpoints are kept?", root)
    lore.slack.release_events()
    said = "\n".join(words(one) for one in lore.replies("#general", root, count=2))
    assert "last three" in said
    assert "41 minutes" in said
    sent = [each for each in lore.slack.ledger.events("app_mention") if each.acked]
    assert [each.payload["event"]["ts"] == root for each in sent] == [True, False]
    assert sent[0].attempts[0].at >= sent[1].attempts[0].at, "the parent was sent last"
    assert lore.slack.said_by_app("#general") == []


def test_each_direct_message_is_answered_in_a_thread_of_its_own(lore: Lore) -> None:
    dm = lore.slack.dm("ben")
    assert "41 minutes" in lore.reply(dm, lore.slack.say("ben", dm, DRILL))
    assert "93 minutes" in lore.reply(dm, lore.slack.say("ben", dm, "and for the 13B run?"))
    assert lore.slack.said_by_app(dm) == []


def test_a_thread_in_a_direct_message_is_its_own_conversation(lore: Lore) -> None:
    dm = lore.slack.dm("ben")
    ts = lore.slack.say("ben", dm, DRILL)
    lore.reply(dm, ts)
    lore.slack.say("ben", dm, "and for the 13B run?", ts)
    said = [words(one) for one in lore.replies(dm, ts, count=2)]
    assert "93 minutes" in said[-1]


def test_ask_answers_the_asker_alone(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", DRILL)
    assert "41 minutes" in words(lore.private_reply("ben", "#general"))
    assert lore.slack.ephemerals("chloe", "#general") == []
    assert lore.slack.said_by_app("#general") == []
    lore.slack.slash("ben", "#general", "/ask", "and for the 13B run?")
    assert "93 minutes" in words(lore.private_reply("ben", "#general", count=2))


def test_no_answer_says_what_was_searched_and_whom_to_ask(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", "who won the chess tournament in Reykjavik?")
    said = lore.reply("#general", ts)
    assert "I found no answer" in said
    assert "I searched 2 documents" in said
    assert "A person may know" in said


def test_an_empty_mention_and_a_call_for_help_are_helped(lore: Lore) -> None:
    for text in ("", "help"):
        assert "Ask me anything" in lore.reply("#general", lore.mention("ben", "#general", text))
    assert lore.answers.asked == []


def test_thanks_are_not_looked_up(lore: Lore) -> None:
    assert "say “help”" in lore.reply("#general", lore.mention("ben", "#general", "thanks!"))
    assert lore.answers.asked == []


def test_a_question_of_forty_thousand_characters_is_read_as_far_as_it_goes(lore: Lore) -> None:
    question = DRILL + " please" * 5_600
    ts = lore.mention("ben", "#general", question[:39_900])
    said = lore.reply("#general", ts)
    assert "I read the first" in said
    assert len(lore.answers.asked[-1][0]) <= 2_000


def test_the_question_is_kept_for_replay(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    lore.reply("#general", ts)
    with lore.knowledge.database.reading() as connection:
        [kept] = questions_of_thread(connection, lore.slack.channel("#general").id, ts)
    assert kept.text == DRILL
    assert kept.outcome["outcome"] == "answer"
    assert kept.passages
    assert kept.index_version == lore.knowledge.store.published()
    assert kept.milliseconds >= 0


def test_a_status_shows_while_it_works(lore: Lore) -> None:
    going_on, seen = threading.Event(), threading.Event()

    def wait() -> None:
        going_on.set()
        assert seen.wait(10)

    lore.answers.before = wait
    ts = lore.mention("ben", "#general", DRILL)
    assert going_on.wait(10)
    try:
        lore.slack.wait_for(lambda: lore.slack.status("#general", ts))
    finally:
        seen.set()
    lore.reply("#general", ts)
    assert lore.slack.status("#general", ts) == ""


def test_an_error_becomes_an_apology_with_an_id_and_no_details(lore: Lore) -> None:
    def fail() -> None:
        raise RuntimeError("secret details <!channel>")

    lore.answers.before = fail
    ts = lore.mention("ben", "#general", DRILL)
    said = lore.reply("#general", ts)
    assert "something went wrong" in said
    assert "error id" in said
    assert "secret" not in said
    lore.slack.slash("ben", "#general", "/ask", DRILL)
    assert "error id" in words(lore.private_reply("ben", "#general"))


def test_an_edit_before_the_answer_is_what_is_answered(lore: Lore) -> None:
    held = threading.Lock()
    held.acquire()

    def wait() -> None:
        with held:
            pass

    lore.answers.before = wait
    first = lore.mention("ben", "#general", "how many checkpoints are kept?")
    lore.slack.wait_for(lambda: lore.answers.asked)
    mention = f"<@{lore.slack.team.app.user_id}> {DRILL}"
    lore.slack.edit("ben", "#general", first, mention)
    lore.taken_in("message_changed")
    held.release()
    assert "41 minutes" in lore.reply("#general", first)
    assert lore.is_quiet("#general", first, count=1)


def test_an_edit_that_makes_it_a_question_is_answered_once(lore: Lore) -> None:
    ts = lore.slack.say("ben", "#general", DRILL)
    lore.slack.edit("ben", "#general", ts, f"<@{lore.slack.team.app.user_id}> {DRILL}")
    assert "41 minutes" in lore.reply("#general", ts)
    lore.slack.edit("ben", "#general", ts, f"<@{lore.slack.team.app.user_id}> {DRILL} thanks")
    assert lore.is_quiet("#general", ts, count=1)


def test_a_deleted_question_is_not_answered_and_not_kept(lore: Lore) -> None:
    held = threading.Lock()
    held.acquire()

    def wait() -> None:
        with held:
            pass

    lore.answers.before = wait
    ts = lore.mention("ben", "#general", DRILL)
    lore.slack.wait_for(lambda: lore.answers.asked)
    lore.slack.delete("#general", ts)
    lore.taken_in("message_deleted")
    held.release()
    assert lore.is_quiet("#general", ts, count=0)


def test_sp08_two_bots_that_mention_each_other_stop_at_once(lore: Lore) -> None:
    ts = lore.slack.say("deploybot", "#bots", f"<@{lore.slack.team.app.user_id}> {DRILL}")
    assert lore.is_quiet("#bots", ts, count=0)


def test_odd_events_are_acknowledged_and_ignored(lore: Lore) -> None:
    for event in (
        {"type": "message"},
        {"type": "message", "channel": "C00000000", "user": None, "text": None, "ts": None},
        {"type": "message", "subtype": "message_changed", "channel": "C00000000"},
        {"type": "message", "subtype": "message_deleted", "channel": "C00000000"},
        {"type": "app_mention", "text": "x" * 1_000_000},
        {"type": "never_heard_of"},
        {"type": "member_joined_channel"},
    ):
        lore.slack.tell_app(event)
    assert lore.is_quiet("#general", "1.000000", count=0)

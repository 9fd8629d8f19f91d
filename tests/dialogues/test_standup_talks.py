"""A stand-up as a conversation in the direct message, where a form cannot be opened or is not wanted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.standup_entries import ANSWER, SEND
from bot.journal import begun_entries, personal
from bot.journal.entries import GIVEN
from bot.rituals.availability import REPLY_BY
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.calm import ReplyBy
from prompts.ritual import Condition, Consent, Prompt, ReplyKind, Role
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import NINE, asked, change, entry, in_dm, prompt, send, set_up, top
from tests.fakes import FakeClock

TALK = (
    Prompt("done", "What did you do?", role=Role.DONE, required=True),
    Prompt("stuck", "Are you stuck?", ReplyKind.YES_NO, required=True),
    Prompt("what", "By what?", role=Role.BLOCKERS, required=True, when=Condition("stuck", "yes")),
    Prompt("plan", "What is next?", role=Role.PLAN),
)


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


def prefer_messages(lore: Lore, person: str) -> None:
    with lore.knowledge.database.writing() as connection:
        personal.prefer(connection, lore.slack.person(person).id, REPLY_BY, ReplyBy.MESSAGE, 0.0)


def begin(lore: Lore, person: str) -> str:
    """Press *Answer* where no form can be opened; the thread's ts."""
    dm, ts = lore.slack.dm(person), prompt(lore, person)["ts"]
    lore.slack.faults.error("views.open", "expired_trigger_id")
    lore.slack.click(person, dm, ts, ANSWER)
    lore.settle()
    return str(ts)


def talk(lore: Lore, person: str, thread_ts: str, *texts: str) -> str:
    """Reply with these messages, one after another; all that Lore said last."""
    dm = lore.slack.dm(person)
    for text in texts:
        before = len(lore.slack.said_by_app(dm, thread_ts))
        lore.slack.say(person, dm, text, thread_ts)
        lore.replies(dm, thread_ts, before + 1)
        lore.settle()
    return words(last(lore, person, thread_ts))


def last(lore: Lore, person: str, thread_ts: str) -> dict[str, Any]:
    return lore.slack.said_by_app(lore.slack.dm(person), thread_ts)[-1]


def test_t44_where_no_form_opens_it_goes_on_in_the_thread(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, prompts=TALK)
    asked(lore, clock)
    thread = begin(lore, "ben")
    assert "What did you do?" in words(last(lore, "ben", thread))
    assert "Are you stuck?" in talk(lore, "ben", thread, "Tokenizer <https://a.example/x|a.example>")
    assert "yes or no" in talk(lore, "ben", thread, "perhaps")
    assert "By what?" in talk(lore, "ben", thread, "yes")
    assert "Are you stuck?" in talk(lore, "ben", thread, "back")
    assert "What is next?" in talk(lore, "ben", thread, "no")
    assert "This is what I would send" in talk(lore, "ben", thread, "skip")
    assert "nobody" in talk(lore, "ben", thread, "nobody")
    assert entry(lore, daily, "ben") is None
    assert "Sent" in talk(lore, "ben", thread, "send")
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.replies == {"done": "Tokenizer https://a.example/x", "stuck": "no"}
    assert given.consent is Consent.NOBODY
    [card] = in_dm(lore, "ben")
    assert "You gave this" in card


def test_t44_slack_that_limits_forms_loses_no_answer(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, "Daily", "ana", "ben", "chloe", prompts=TALK[:1])
    asked(lore, clock)
    lore.at(clock, NINE + timedelta(hours=5))
    lore.slack.faults.rate_limited("views.open", times=2)
    for person in ("ana", "ben", "chloe"):
        assert lore.slack.click(person, lore.slack.dm(person), prompt(lore, person)["ts"], ANSWER).ok
    lore.settle()
    in_a_form = [person for person in ("ana", "ben", "chloe") if lore.slack.views_open(person)]
    assert len(in_a_form) == 1
    for person in ("ana", "ben", "chloe"):
        if person in in_a_form:
            assert send(lore, person, top(lore, person), {"done": person}).ok
        else:
            assert "Sent" in talk(lore, person, str(prompt(lore, person)["ts"]), person, "send")
    lore.settle()
    for person in ("ana", "ben", "chloe"):
        given = entry(lore, daily, person)
        assert given is not None
        assert given.replies == {"done": person}


def test_a_command_whose_form_does_not_open_begins_a_message(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, prompts=TALK[:1])
    lore.at(clock, NINE - timedelta(minutes=30))
    lore.slack.faults.error("views.open", "expired_trigger_id")
    assert lore.slack.slash("ben", "#general", "/standup").ok
    lore.settle()
    [root] = lore.slack.said_by_app(lore.slack.dm("ben"))
    assert "What did you do?" in words(root)
    assert "Sent" in talk(lore, "ben", root["ts"], "Tokenizer", "send")
    assert entry(lore, daily, "ben") is not None


def test_who_likes_messages_better_is_asked_in_messages(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, prompts=TALK[:1])
    prefer_messages(lore, "ben")
    asked(lore, clock)
    ts = str(prompt(lore, "ben")["ts"])
    assert lore.slack.click("ben", lore.slack.dm("ben"), ts, ANSWER).ok
    lore.settle()
    assert lore.slack.views_open("ben") == []
    assert "This is what I would send" in talk(lore, "ben", ts, "Tokenizer")
    assert lore.slack.click("ben", lore.slack.dm("ben"), last(lore, "ben", ts)["ts"], SEND).ok
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.replies == {"done": "Tokenizer"}


def test_a_conversation_outlives_a_restart(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> None:
    with at_work(slack, knowledge, clock=clock) as lore:
        daily = set_up(lore, prompts=TALK)
        asked(lore, clock)
        thread = begin(lore, "ben")
        assert "Are you stuck?" in talk(lore, "ben", thread, "Tokenizer")
    with at_work(slack, knowledge, clock=clock) as lore:
        assert "What is next?" in talk(lore, "ben", thread, "no")
        assert "Sent" in talk(lore, "ben", thread, "Train", "send")
        given = entry(lore, daily, "ben")
        assert given is not None
        assert given.replies == {"done": "Tokenizer", "stuck": "no", "plan": "Train"}


def test_it_can_be_stopped_and_nothing_is_sent(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, prompts=TALK)
    asked(lore, clock)
    thread = begin(lore, "ben")
    assert "Nothing was sent" in talk(lore, "ben", thread, "Tokenizer", "stop")
    assert entry(lore, daily, "ben") is None
    assert "has ended" in talk(lore, "ben", thread, "send")


def test_ten_thousand_characters_are_answered_with_the_limit_and_stay_where_they_are(
    lore: Lore, clock: FakeClock
) -> None:
    set_up(lore, prompts=TALK)
    asked(lore, clock)
    thread = begin(lore, "ben")
    said = talk(lore, "ben", thread, "x" * 10_000)
    assert "10,000 characters" in said
    assert "What did you do?" in said
    assert "Are you stuck?" in talk(lore, "ben", thread, "Shorter")


def test_what_looks_like_a_secret_is_not_kept_between_two_replies_either(
    lore: Lore, clock: FakeClock
) -> None:
    set_up(lore, prompts=TALK)
    asked(lore, clock)
    thread = begin(lore, "ben")
    assert "looked like a secret" in talk(lore, "ben", thread, "key is ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8")
    with lore.knowledge.database.reading() as connection:
        kept = begun_entries.threads_of(connection, lore.slack.person("ben").id)
    assert "ghp_a1B2" not in str(kept)
    assert kept[0].replies.keys() == {"done"}


def test_other_messages_are_questions_as_ever(lore: Lore, clock: FakeClock) -> None:
    set_up(lore, prompts=TALK)
    asked(lore, clock)
    thread = begin(lore, "ben")
    dm = lore.slack.dm("ben")
    ts = lore.slack.say("ben", dm, "How long did the restore drill of the 7B run take?")
    assert "41 minutes" in lore.reply(dm, ts)
    assert "What did you do?" in words(last(lore, "ben", thread))


def test_where_the_stand_up_is_gone_meanwhile_the_words_stay_and_that_is_said(
    lore: Lore, clock: FakeClock
) -> None:
    daily = set_up(lore, prompts=TALK[:1])
    asked(lore, clock)
    thread = begin(lore, "ben")
    talk(lore, "ben", thread, "Tokenizer")
    change(lore, daily, state="archived")
    assert "not held any more" in talk(lore, "ben", thread, "send")
    assert entry(lore, daily, "ben") is None


def test_a_form_that_is_sent_ends_the_conversation(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore, prompts=TALK[:1])
    asked(lore, clock)
    thread = begin(lore, "ben")
    assert lore.slack.click("ben", lore.slack.dm("ben"), thread, ANSWER).ok
    assert send(lore, "ben", top(lore, "ben"), {"done": "In the form"}).ok
    lore.settle()
    assert "has ended" in talk(lore, "ben", thread, "send")
    given = entry(lore, daily, "ben")
    assert given is not None
    assert (given.state, given.replies) == (GIVEN, {"done": "In the form"})

"""The buttons that go on from an answer: shorter, passages, what else; each once, for those who may read."""

from typing import Any

import pytest

from bot.blocks.actions import MENU, WHAT_ELSE
from bot.inbox import Received
from bot.messages import new_key
from tests.dialogues.lore import Lore, words
from tests.dialogues.test_audiences import BUDGET
from tests.dialogues.test_why import option

BOTH = "how long did the restore drills take for the 7B run and for the 13B run?"
DRILL = "how long did the restore drill take for the 7B run?"
NOT_HERE = "can't do that here"


def answered(lore: Lore, person: str, channel: str, question: str) -> tuple[str, dict[str, Any]]:
    ts = lore.mention(person, channel, question)
    [message] = lore.replies(channel, ts)
    return ts, message


def choose(lore: Lore, person: str, channel: str, message: dict[str, Any], name: str) -> None:
    lore.slack.click(person, channel, message["ts"], MENU, option(message, name))


def press(lore: Lore, person: str, channel: str, kind: str, subject: str) -> None:
    """What a button would leave whose value somebody made up."""
    who, place = lore.slack.person(person).id, lore.slack.channel(channel).id
    pressed = Received(
        kind=kind,
        keys=frozenset({new_key()}),
        team=lore.slack.team.id,
        channel=place,
        person=who,
        text="",
        ts="1700000000.000000",
        conversation=f"about {subject}",
        payload={"subject": subject},
    )
    lore.bot.delivery.inbox.receive(pressed)


def test_shorter_is_one_verified_sentence_in_the_thread(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#general", BOTH)
    assert "41 minutes" in words(message)
    assert "93 minutes" in words(message)
    choose(lore, "chloe", "#general", message, "shorter")
    said = lore.reply("#general", ts, count=2)
    brief, _, sources = said.partition("\n1.")
    assert ("41 minutes" in brief) != ("93 minutes" in brief)
    assert "Checkpoints" in sources


def test_shorter_of_one_sentence_is_told_privately(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#general", "what decays the learning rate with a cosine schedule?")
    choose(lore, "ben", "#general", message, "shorter")
    assert "one sentence" in words(lore.private_reply("ben", "#general"))
    assert len(lore.slack.said_by_app("#general", ts)) == 1


def test_passages_are_shown_in_full_and_open(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#general", DRILL)
    choose(lore, "ben", "#general", message, "show_passages")
    said = lore.replies("#general", ts, count=2)[-1]
    assert "The restore drill for the 13B run took 93 minutes." in words(said)
    assert "The trainer keeps the last three checkpoints" in words(said)
    [value, *_] = [block["accessory"]["value"] for block in said["blocks"] if "accessory" in block]
    lore.slack.click("chloe", "#general", said["ts"], "open_passage", value)
    [view] = lore.slack.wait_for(lambda: lore.slack.views_open("chloe"))
    assert "41 minutes" in words(view)


def test_what_else_names_pages_that_are_not_cited(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#general", DRILL)
    lore.slack.click("chloe", "#general", message["ts"], WHAT_ELSE)
    said = lore.reply("#general", ts, count=2)
    assert "Not cited above" in said
    assert "Learning rate" in said
    assert "Checkpoints" not in said


def test_pressed_twice_or_by_two_is_said_once(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#general", DRILL)
    for person in ("ben", "ben", "chloe", "ana"):
        lore.slack.click_soon(person, "#general", message["ts"], WHAT_ELSE)
    assert "Not cited above" in lore.reply("#general", ts, count=2)
    assert lore.is_quiet("#general", ts, 2)


def test_after_a_private_answer_everything_stays_private(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", BUDGET)
    message = lore.private_reply("ben", "#general")
    choose(lore, "ben", "#general", message, "show_passages")
    assert "640000" in words(lore.private_reply("ben", "#general", 2))
    lore.slack.click("ben", "#general", message["ts"], WHAT_ELSE)
    assert "Not cited above" in words(lore.private_reply("ben", "#general", 3))
    assert lore.slack.said_by_app("#general") == []


def test_in_a_direct_message_it_goes_on_there(lore: Lore) -> None:
    dm = lore.slack.dm("ben")
    ts = lore.slack.say("ben", dm, BUDGET)
    [message] = lore.replies(dm, ts)
    choose(lore, "ben", dm, message, "show_passages")
    assert "640000" in lore.reply(dm, ts, count=2)


def test_a_new_reader_who_may_not_read_it_stops_what_follows(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#leads", BUDGET)
    assert "640000" in words(message)
    lore.slack.invite("chloe", "#leads")
    lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)
    choose(lore, "chloe", "#leads", message, "shorter")
    said = words(lore.private_reply("chloe", "#leads"))
    assert NOT_HERE in said
    assert "640000" not in said
    assert len(lore.slack.said_by_app("#leads", ts)) == 1


@pytest.mark.parametrize("name", ["show_passages", "what_else"])
def test_what_a_new_reader_may_not_read_is_left_out(lore: Lore, name: str) -> None:
    ts, message = answered(lore, "ben", "#leads", DRILL)
    lore.slack.invite("chloe", "#leads")
    lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)
    if name == WHAT_ELSE:
        lore.slack.click("ben", "#leads", message["ts"], WHAT_ELSE)
    else:
        choose(lore, "ben", "#leads", message, name)
    said = lore.reply("#leads", ts, count=2)
    assert "Learning rate" in said
    assert not any(hidden in said for hidden in ("Hiring", "salaries", "640000"))


def test_a_guest_who_presses_gets_nothing(lore: Lore) -> None:
    ts, message = answered(lore, "ben", "#general", DRILL)
    lore.slack.invite("gus", "#general")
    lore.slack.click("gus", "#general", message["ts"], WHAT_ELSE)
    assert NOT_HERE in words(lore.private_reply("gus", "#general"))
    lore.slack.click("ben", "#general", message["ts"], WHAT_ELSE)
    assert "Not cited above" in lore.reply("#general", ts, count=2)


@pytest.mark.parametrize("kind", ["shortening", "passages", "what_else", "everything", "sharing"])
def test_a_forged_or_foreign_question_gives_nothing(lore: Lore, kind: str) -> None:
    _, message = answered(lore, "ben", "#leads", BUDGET)
    question_id = option(message, "shorter").partition(":")[2]
    lore.slack.slash("ben", "#general", "/ask", BUDGET)
    private_id = option(lore.private_reply("ben", "#general"), "shorter").partition(":")[2]
    for count, forged in enumerate(("", "x", "../..", "%", question_id, private_id), 1):
        press(lore, "chloe", "#general", kind, forged)
        said = words(lore.private_reply("chloe", "#general", count))
        assert NOT_HERE in said or "can't share that there" in said
        assert "640000" not in said
    assert lore.slack.said_by_app("#general") == []

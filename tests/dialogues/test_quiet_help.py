"""Whole conversations about quiet help: in channels that want it, when nobody answers, and only when sure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot import quiet_help
from bot.journal.quiet import overheard
from bot.journal.tables import audit, questions
from bot.quiet_settings import QuietSettings
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words

DRILL = "When was the last restore drill for the 7B run?"


MEASURED = 0.6
"""The tests' embedder is less sure of everything than the packaged one."""


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge) -> Iterator[Lore]:
    with at_work(slack, knowledge, quiet=QuietSettings(threshold=MEASURED)) as lore:
        yield lore


def turn_on(lore: Lore, channel: str = "#small", person: str = "ana") -> str:
    seen = len(lore.slack.ephemerals(person, channel))
    assert lore.slack.slash(person, channel, "/lore", "quiet on").ok
    return words(lore.private_reply(person, channel, seen + 1))


def states(lore: Lore) -> list[str]:
    with lore.knowledge.database.reading() as connection:
        return list(connection.execute(select(overheard.c.state).order_by(overheard.c.id)).scalars())


def heard(lore: Lore, count: int = 1) -> None:
    lore.slack.wait_for(lambda: len(states(lore)) >= count)


def later(lore: Lore, minutes: float = 3.0) -> None:
    """People have had their time; returns when everything that was due is settled."""
    assert lore.bot is not None
    lore.bot.help_quietly(datetime.now(UTC) + timedelta(minutes=minutes))
    lore.slack.wait_for(lambda: not {"waiting", "due"} & set(states(lore)))


def everything_heard(lore: Lore, person: str = "ana") -> None:
    """Events are taken in in their order: what was said before a mention that is answered was heard."""
    lore.reply("#general", lore.mention(person, "#general", "help"))


def seen_by(lore: Lore, person: str, channel: str = "#small") -> list[dict[str, Any]]:
    return [each for each in lore.slack.ephemerals(person, channel) if "Nobody asked me" in words(each)]


def test_an_unanswered_question_is_answered_to_its_asker_alone(lore: Lore) -> None:
    assert "Quiet help is on here" in turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    assert seen_by(lore, "ben") == []
    later(lore)
    lore.slack.wait_for(lambda: seen_by(lore, "ben"))
    [told] = seen_by(lore, "ben")
    assert "12 May 2026" in words(told)
    assert "Only you see it." in words(told)
    assert lore.slack.said_by_app("#small") == []
    assert seen_by(lore, "ana") == []
    with lore.knowledge.database.reading() as connection:
        [asked] = connection.execute(select(questions)).all()
        assert list(connection.execute(select(overheard.c.text)).scalars()) == [""]
    assert (asked.ts, asked.thread_ts) == ("", "")


def test_nothing_is_overheard_where_it_is_off(lore: Lore) -> None:
    lore.slack.say("ben", "#small", DRILL)
    everything_heard(lore)
    assert states(lore) == []


def test_off_again_means_off(lore: Lore) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    assert lore.slack.slash("ben", "#small", "/lore", "quiet off").ok
    assert "Quiet help is off here" in words(lore.private_reply("ben", "#small"))
    later(lore)
    assert states(lore) == ["left"]
    assert seen_by(lore, "ben") == []


@pytest.mark.parametrize("answer", ["It was in May, I think.", "hm", "Let me check"])
def test_when_somebody_answers_first_nothing_is_said(lore: Lore, answer: str) -> None:
    turn_on(lore)
    ts = lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    lore.slack.say("ana", "#small", answer, ts)
    later(lore)
    assert states(lore) == ["left"]
    assert seen_by(lore, "ben") == []


def test_an_answer_below_the_question_counts_and_another_question_does_not(lore: Lore) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    lore.slack.say("ana", "#small", "How many checkpoints does the trainer keep of every run?")
    heard(lore, 2)
    lore.slack.say("ben", "#small", "The last three.")
    later(lore)
    assert states(lore) == ["left", "left"]


def test_two_questions_are_two_questions(lore: Lore) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    lore.slack.say("ana", "#small", "How many checkpoints does the trainer keep of every run?")
    heard(lore, 2)
    later(lore)
    assert states(lore)[0] == "helped"


def test_an_edited_or_deleted_question_is_left(lore: Lore) -> None:
    turn_on(lore)
    edited = lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    lore.slack.edit("ben", "#small", edited, "Never mind?")
    later(lore)
    deleted = lore.slack.say("ben", "#small", DRILL)
    heard(lore, 2)
    lore.slack.delete("#small", deleted)
    later(lore)
    assert states(lore) == ["left", "left"]
    assert seen_by(lore, "ben") == []


def test_lore_is_silent_when_it_is_not_sure(slack: Workspace, knowledge: Knowledge) -> None:
    with at_work(slack, knowledge, quiet=QuietSettings(threshold=1.0)) as lore:
        turn_on(lore)
        lore.slack.say("ben", "#small", DRILL)
        heard(lore)
        later(lore)
        assert states(lore) == ["left"]
        assert seen_by(lore, "ben") == []


def test_with_a_model_that_nobody_measured_it_is_off_and_says_so(
    slack: Workspace, knowledge: Knowledge
) -> None:
    wanted = QuietSettings(frozenset({"#small"}), threshold=None)
    with at_work(slack, knowledge, quiet=wanted) as lore:
        assert "another embedding model" in turn_on(lore)
        assert slack.slash("ana", "#small", "/lore", "quiet").ok
        assert "another embedding model" in words(lore.private_reply("ana", "#small", 2))
        lore.slack.say("ben", "#small", DRILL)
        everything_heard(lore)
        assert states(lore) == []


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "lunch?",
        "Anyone up for lunch today?",
        "Could you look at my pull request?",
        "<@U0123456789> when was the last restore drill?",
        "<!here> when was the last restore drill?",
        "The last restore drill was in May.",
        "ok?",
        "What do you think of the new learning rate?",
    ],
)
def test_what_is_no_question_to_the_room_is_not_overheard(lore: Lore, text: str) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", text)
    everything_heard(lore)
    assert states(lore) == []


def test_replies_bots_and_files_are_not_overheard(lore: Lore) -> None:
    turn_on(lore, "#bots", "ana")
    root = lore.slack.say("ana", "#bots", "Good morning")
    lore.slack.say("ana", "#bots", DRILL, root)
    lore.slack.say("deploybot", "#bots", DRILL)
    lore.slack.attach("ana", "#bots", DRILL, [("a.md", b"# a\n")])
    everything_heard(lore)
    assert states(lore) == []


def test_two_bots_never_talk_to_each_other(lore: Lore) -> None:
    turn_on(lore, "#bots", "ana")
    lore.slack.say("ana", "#bots", DRILL)
    heard(lore)
    lore.slack.say("deploybot", "#bots", "Restore drills are on the calendar.")
    later(lore)
    assert states(lore) == ["left"]


def test_one_click_ends_it_for_a_person(lore: Lore) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    later(lore)
    lore.slack.wait_for(lambda: seen_by(lore, "ben"))
    [told] = seen_by(lore, "ben")
    assert lore.slack.click("ben", "#small", told["ts"], quiet_help.DON_T).ok
    lore.slack.wait_for(lambda: "unasked any more" in words(lore.slack.ephemerals("ben", "#small")[-1]))
    lore.slack.say("ben", "#small", DRILL)
    everything_heard(lore)
    assert states(lore) == ["helped"]
    assert lore.slack.slash("ben", "#small", "/lore", "quiet on for me").ok
    lore.slack.wait_for(lambda: "I will help you too" in words(lore.slack.ephemerals("ben", "#small")[-1]))
    lore.slack.say("ben", "#small", DRILL)
    heard(lore, 2)


def test_a_day_has_a_limit(slack: Workspace, knowledge: Any) -> None:
    settings = QuietSettings(frozenset({"#small"}), most_a_day=1)
    with at_work(slack, knowledge, quiet=settings) as lore:
        for count in (1, 2):
            slack.say("ben", "#small", DRILL)
            heard(lore, count)
            later(lore)
        assert states(lore) == ["helped", "left"]


def test_the_settings_turn_it_on_and_people_off(slack: Workspace, knowledge: Any) -> None:
    with at_work(slack, knowledge, quiet=QuietSettings(frozenset({"#small"}), threshold=MEASURED)) as lore:
        slack.say("ben", "#small", DRILL)
        heard(lore)
        slack.say("chloe", "#general", DRILL)
        assert slack.slash("ben", "#small", "/lore", "quiet off").ok
        lore.private_reply("ben", "#small")
        slack.say("ben", "#small", DRILL)
        everything_heard(lore)
        assert len(states(lore)) == 1


@pytest.fixture
def aloud(slack: Workspace, knowledge: Any) -> Iterator[Lore]:
    with at_work(
        slack, knowledge, quiet=QuietSettings(frozenset({"#small", "#leads"}), aloud=True, threshold=MEASURED)
    ) as lore:
        yield lore


def test_aloud_it_answers_in_the_thread_and_stays_for_follow_ups(aloud: Lore) -> None:
    ts = aloud.slack.say("ben", "#small", DRILL)
    heard(aloud)
    later(aloud)
    assert "12 May 2026" in aloud.reply("#small", ts)
    aloud.slack.say("ana", "#small", "And for the 13B run?", ts)
    assert "93 minutes" in aloud.reply("#small", ts, 2)


def test_aloud_only_what_everyone_there_may_read(aloud: Lore) -> None:
    aloud.slack.say("ben", "#small", "What is the hiring budget for the platform team in 2027?")
    heard(aloud)
    later(aloud)
    assert states(aloud) == ["left"]


def test_to_the_asker_alone_what_the_asker_may_read(slack: Workspace, knowledge: Any) -> None:
    with at_work(slack, knowledge, quiet=QuietSettings(frozenset({"#small"}), threshold=MEASURED)) as lore:
        slack.say("ben", "#small", "What is the hiring budget for the platform team in 2027?")
        heard(lore)
        later(lore)
        lore.slack.wait_for(lambda: seen_by(lore, "ben"))
        assert "640000" in words(seen_by(lore, "ben")[0])


def test_a_question_waits_through_a_restart(slack: Workspace, knowledge: Any) -> None:
    settings = QuietSettings(frozenset({"#small"}), threshold=MEASURED)
    with at_work(slack, knowledge, quiet=settings) as lore:
        slack.say("ben", "#small", DRILL)
        heard(lore)
    with at_work(slack, knowledge, quiet=settings) as lore:
        later(lore)
        lore.slack.wait_for(lambda: seen_by(lore, "ben"))
        later(lore)
        assert len(seen_by(lore, "ben")) == 1


def test_an_old_question_is_left_to_people(lore: Lore, monkeypatch: pytest.MonkeyPatch) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    monkeypatch.setattr(quiet_help, "LATEST", timedelta(minutes=-10))
    later(lore)
    assert states(lore) == ["left"]


@pytest.mark.parametrize(("person", "channel"), [("ana", "#visitors"), ("ana", "#partners")])
def test_it_cannot_be_turned_on_where_guests_or_others_read(lore: Lore, person: str, channel: str) -> None:
    assert "turned on and off by members" in turn_on(lore, channel, person)


def test_who_is_not_in_a_channel_cannot_turn_it_on_there(lore: Lore) -> None:
    assert "turned on and off by members" in turn_on(lore, "#small", "chloe")
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(select(audit.c.action, audit.c.allowed)).all()
    assert [tuple(row) for row in rows] == [("quiet help on", 0)]


def test_when_slack_does_not_tell_lore_is_silent(lore: Lore) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    heard(lore)
    lore.slack.faults.error("conversations.history", "fatal_error", times=None)
    later(lore)
    assert states(lore) == ["left"]


def test_a_handler_that_breaks_says_nothing(lore: Lore) -> None:
    turn_on(lore)
    lore.slack.say("ben", "#small", DRILL)
    heard(lore)

    def breaks() -> None:
        raise RuntimeError("broken")

    lore.answers.before = breaks
    assert lore.bot is not None
    lore.bot.help_quietly(datetime.now(UTC) + timedelta(minutes=3))
    lore.slack.wait_for(lambda: lore.answers.asked)
    lore.answers.before = lambda: None
    everything_heard(lore)
    assert lore.slack.said_by_app("#small") == []
    assert seen_by(lore, "ben") == []

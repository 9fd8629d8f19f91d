"""Talks are moved, changed and cancelled in Slack, and the channel is asked when they shall be."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.journal import proposals
from bot.journal.proposals import by_id
from bot.journal.talks import CANCELLED
from bot.journal.volunteers import of_proposal
from bot.kinds import LEARN
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.calm import CALM
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.seasons import at, coming, first, heard, propose, set_up, told, work_off_again
from tests.dialogues.standups import top
from tests.fakes import FakeClock


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    clock.move(at(2, "09:00"))
    with at_work(slack, knowledge, clock=clock, calm=CALM) as lore:
        yield lore


def test_t63_a_talk_is_moved_and_cancelled_by_those_who_may(lore: Lore, clock: FakeClock) -> None:
    lunch = set_up(lore)
    topic = propose(lore, lunch, "Caches", "ana")
    lore.at(clock, at(4, "12:31"))
    assert "Thank you" in told(lore, "ben", "speak")
    assert "that you may change" in told(lore, "chloe", "move 2026-03-13 14:00")
    assert "/learn move 2026" in told(lore, "ben", "move some day")
    assert "past" in told(lore, "ben", "move 2026-03-01 14:00")
    assert "Friday 13 March, 14:00" in told(lore, "ben", "move 2026-03-13 14:00")
    talk = first(lore, lunch)
    assert (talk.slot, talk.starts_at, talk.sequence) == ("2026-03-12", at(13, "14:00").timestamp(), 1)
    lore.at(clock, at(4, "12:40"))
    assert "another time now" not in heard(lore, "ben")[-1], "he has moved it himself"

    slack = lore.slack
    shown = told(lore, "ana", "cancel")
    assert "shall it be cancelled, or moved?" in shown
    ephemeral = lore.private_reply("ana", "#pair")
    assert slack.click("ana", "#pair", ephemeral["ts"], "talk_act_move").ok
    form = top(lore, "ana", "Time")
    refused = slack.submit_view("ana", form["id"], {"talk_day": "2026-03-01", "talk_at": "10:00"})
    assert "past" in str(refused.errors)
    assert slack.submit_view("ana", form["id"], {"talk_day": "2026-03-14", "talk_at": "10:00"}).ok
    lore.settle()
    assert first(lore, lunch).sequence == 2
    lore.at(clock, at(4, "12:45"))
    assert "another time now: Saturday 14 March, 10:00" in heard(lore, "ben")[-1]
    assert slack.click("ana", "#pair", ephemeral["ts"], "talk_act_cancel").ok
    assert slack.submit_view("ana", top(lore, "ana", "cancelled")["id"], {}).ok
    lore.settle()
    talk = first(lore, lunch)
    assert (talk.state, talk.sequence) == (CANCELLED, 3)
    lore.at(clock, at(4, "12:50"))
    assert "asked first" in heard(lore, "ben")[-1]
    with lore.knowledge.database.reading() as connection:
        again = by_id(connection, topic.id)
        assert again is not None
        assert again.state == proposals.OPEN
        assert list(of_proposal(connection, topic.id)) == [slack.person("ben").id]
    lore.at(clock, at(11, "12:31"))
    second = coming(lore, lunch)[1]
    assert (second.slot, second.title) == (date(2026, 3, 19).isoformat(), "Caches")
    lore.at(clock, at(11, "12:32"))
    assert "you would like to" in heard(lore, "ben")[-1], "who would have spoken is asked first"


def test_t63_a_talk_gets_another_title_place_and_length(lore: Lore, clock: FakeClock) -> None:
    lunch, slack = set_up(lore), lore.slack
    propose(lore, lunch, "Caches", "ana")
    lore.at(clock, at(4, "12:31"))
    assert "Thank you" in told(lore, "ben", "speak")
    lore.at(clock, at(4, "12:32"))
    announced = slack.said_by_app("#pair")[-1]
    for person in ("ana", "chloe"):
        assert slack.click(person, "#pair", announced["ts"], "talk_coming").ok
    lore.settle()
    assert "that you may change" in told(lore, "chloe", "change")
    assert "what shall be changed?" in told(lore, "ben", "change 2026-03-12")
    asked = lore.private_reply("ben", "#pair")
    assert slack.click("ben", "#pair", asked["ts"], "talk_act_change").ok
    form = top(lore, "ben", "Caches")
    wrong = slack.submit_view("ben", form["id"], {"talk_minutes": "a while"})
    assert "from 10 to 480" in str(wrong.errors)
    told(lore, "ana", "change")
    theirs = lore.private_reply("ana", "#pair")
    assert slack.click("ana", "#pair", theirs["ts"], "talk_act_change").ok
    other = top(lore, "ana", "Caches")
    given = {"talk_title": "Caches *and* <!channel>", "talk_minutes": "60"}
    assert slack.submit_view("ben", form["id"], given).ok
    lore.settle()
    assert slack.submit_view("ana", other["id"], {"talk_place": "Room 9"}).ok
    lore.settle()
    talk = first(lore, lunch)
    assert (talk.title, talk.minutes, talk.place) == ("Caches *and* <!channel>", 60, "Room 9"), (
        "of two forms at once each changes what was changed in it"
    )
    assert talk.sequence == 2
    lore.at(clock, at(4, "12:40"))
    lore.at(clock, at(4, "12:41"))
    said = heard(lore, "chloe")[-1]
    for was in ("It was to last 45 minutes", "It had no place yet", "It was to be about: Caches"):
        assert was in said
    shown = slack.said_by_app("#pair")
    assert any("Caches *and* <!channel>" in words(one) and "Room 9" in words(one) for one in shown)
    assert not any("<!channel>" in one["text"] for one in shown), "and it calls nobody"

    before = {one: len(heard(lore, one)) for one in ("ana", "ben", "chloe")}
    told(lore, "ana", "list")
    listed = lore.private_reply("ana", "#pair")
    assert slack.click("ana", "#pair", listed["ts"], "talk_act_change").ok
    assert slack.submit_view("ana", top(lore, "ana", "Caches")["id"], {"talk_place": "Room 1"}).ok
    lore.settle()
    lore.at(clock, at(4, "12:50"))
    lore.at(clock, at(4, "12:51"))
    after = {one: len(heard(lore, one)) - before[one] for one in ("ana", "ben", "chloe")}
    assert after == {"ana": 0, "ben": 1, "chloe": 1}, "who has changed it knows"


def test_the_channel_is_asked_when_and_the_time_that_suits_most_is_taken(
    lore: Lore, clock: FakeClock
) -> None:
    lunch, slack = set_up(lore), lore.slack
    lore.at(clock, at(2, "09:01"))
    assert "that you may change" in told(lore, "ben", "poll 2026-03-12 14:00, 2026-03-13 10:00")
    assert "from two to six times" in told(lore, "ana", "poll 2026-03-12 14:00")
    assert "It ends on Wednesday 4 March" in told(lore, "ana", "poll 2026-03-12 14:00, 2026-03-13 10:00")
    lore.settle()
    shown = slack.said_by_app("#pair")[-1]
    assert words(shown).count("suits nobody yet") == 2
    work_off_again(lore, LEARN)
    assert slack.said_by_app("#pair")[-1] == shown, "it is asked once"
    assert sum("when does it suit you?" in words(one) for one in slack.said_by_app("#pair")) == 1
    for person, number in (("ben", 0), ("ben", 1), ("chloe", 1), ("ben", 0)):
        assert slack.click(person, "#pair", shown["ts"], f"poll_suits_{number}").ok
        lore.settle()
    assert "12 March, 14:00" in words(slack.ephemerals("ben", "#pair")[-3])
    assert "suits you." in words(slack.ephemerals("ben", "#pair")[-3])
    assert "does not suit you any more" in words(slack.ephemerals("ben", "#pair")[-1])
    now = words(slack.said_by_app("#pair")[-1])
    assert "suits nobody yet" in now, "Ben has taken the first one back"
    assert "suits 2" in now
    slack.share_channel("#pair")
    assert slack.click("ana", "#pair", shown["ts"], "poll_suits_1").ok
    lore.settle()
    assert words(slack.said_by_app("#pair")[-1]) == now, "a channel that strangers read is told nothing more"
    slack.share_channel("#pair", False)
    lore.at(clock, at(4, "09:02"))
    talk = first(lore, lunch)
    assert (talk.slot, talk.starts_at, talk.sequence) == ("2026-03-12", at(13, "10:00").timestamp(), 0)
    assert "is on Friday 13 March, 10:00" in words(slack.said_by_app("#pair")[-1])
    assert "actions" not in str([block["type"] for block in slack.said_by_app("#pair")[-1]["blocks"]])

    set_up(lore, name="Breakfast")
    lore.at(clock, at(4, "09:10"))
    times = "2026-03-19 14:00, 2026-03-20 10:00"
    assert "There are several: Breakfast, Lunch" in told(lore, "ana", f"poll {times}")
    assert "I know no lunch-and-learn" in told(lore, "ana", f"poll Supper {times}")
    assert "I ask the channel" in told(lore, "ana", f"poll breakfast: {times}")
    lore.settle()
    asked = words(slack.said_by_app("#pair")[-1])
    assert "Breakfast" in asked
    assert "when does it suit you?" in asked

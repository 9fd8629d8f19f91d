"""Lunch-and-learns in Slack: set up in a form, changed and archived; speakers asked privately."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.journal import notices, proposals, series, talks
from bot.journal.proposals import by_id
from bot.journal.tables import audit
from bot.journal.talks import ANNOUNCED, CANCELLED, FOUND, OPEN_FLOOR
from bot.kinds import SERIES_STEP
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.series import LEARNING
from tests.dialogues.calm import CALM
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.seasons import at, coming, first, heard, press, propose, set_up, told, work_off_again
from tests.dialogues.standups import shown_in, top
from tests.fakes import FakeClock

TYPED = {
    "series_name": "Lunch *and* learn <!channel>",
    "series_days": "every Thursday",
    "series_at": "12:30",
    "series_zone": "Europe/Lisbon",
    "series_minutes": "45",
    "series_capacity": "",
    "series_lead": "12",
    "series_place": "Room 3",
}


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    clock.move(at(2, "09:00"))
    with at_work(slack, knowledge, clock=clock, calm=CALM) as lore:
        yield lore


def test_a_series_is_set_up_changed_paused_and_archived(lore: Lore, clock: FakeClock) -> None:
    slack = lore.slack
    assert slack.slash("ben", "#pair", "/learn", "new").ok
    form = top(lore, "ben", "Time zone")
    wrong = slack.submit_view("ben", form["id"], TYPED | {"series_days": "every blue moon"})
    assert "series_days" in (wrong.errors or {}), wrong
    assert slack.submit_view("ben", form["id"], TYPED | {"series_channel": slack.channel("#bots").id}).ok
    form = top(lore, "ben", "⚠")
    assert "invite me there first" in shown_in(form)
    assert "Room 3" in shown_in(form), "what was typed stays"
    assert slack.submit_view("ben", form["id"], TYPED | {"series_channel": slack.channel("#pair").id}).ok
    lore.settle()
    [made] = kept(lore)
    assert (made.owner, made.settings.zone) == (slack.person("ben").id, "Europe/Lisbon")
    assert "is set up" in heard(lore, "ben")[-1]
    assert "Thu 5 Mar 12:30" in heard(lore, "ben")[-1]
    assert "<!channel>" in heard(lore, "ben")[-1], "as it was typed"
    work_off_again(lore, SERIES_STEP)
    assert kept(lore) == [made]
    assert ["is set up" in one for one in heard(lore, "ben")] == [True] * 2, "not that the name is taken"
    assert "<!channel>" not in slack.said_by_app(slack.dm("ben"))[-1]["text"], "and it calls nobody"
    listed = told(lore, "chloe", "list")
    assert "in #pair" in listed
    assert "Edit" not in str(lore.private_reply("chloe", "#pair")["blocks"]), "she does not look after it"
    assert "Lunch" not in told(lore, "gus", "list", "#visitors"), "a guest"
    assert slack.slash("chloe", "#pair", "/reading", "list").ok
    lore.settle()
    assert "no reading group here" in words(slack.ephemerals("chloe", "#pair")[-1])

    lore.at(clock, at(2, "09:05"))
    assert [talk.slot for talk in coming(lore, made)] == ["2026-03-05", "2026-03-12"]
    assert "that you may change" in told(lore, "chloe", "pause")
    assert "is paused" in told(lore, "ben", "pause Lunch")
    assert kept(lore)[0].state == series.PAUSED
    assert press(lore, "ben", "series_act_edit").ok
    form = top(lore, "ben", "Room 3")
    assert slack.submit_view("ben", form["id"], {"series_minutes": "60"}).ok
    lore.settle()
    [changed] = kept(lore)
    assert changed.settings.minutes == 60
    said = heard(lore, "ben")[-1]
    work_off_again(lore, SERIES_STEP)
    assert kept(lore) == [changed]
    assert heard(lore, "ben").count(said) == 2, "not that somebody has changed it meanwhile"
    assert [talk.minutes for talk in coming(lore, made)] == [60, 60]
    assert "is archived" in told(lore, "ana", "archive Lunch"), "she is an admin"
    assert not coming(lore, made), "no topic, no speaker: nobody misses them"
    assert "goes on" in told(lore, "ben", "resume Lunch")
    lore.at(clock, at(2, "09:10"))
    assert [talk.slot for talk in coming(lore, made)] == ["2026-03-05", "2026-03-12"]


def test_a_change_of_settings_keeps_what_people_have_chosen(lore: Lore, clock: FakeClock) -> None:
    lunch = set_up(lore, rule="every Thursday")

    def edit(**typed: str) -> None:
        assert lore.slack.slash("ana", "#pair", "/learn", "edit Lunch").ok
        form = top(lore, "ana", "Time zone")
        assert lore.slack.submit_view(
            "ana", form["id"], {f"series_{key}": one for key, one in typed.items()}
        ).ok
        lore.settle()

    lore.at(clock, at(2, "09:01"))
    planned = first(lore, lunch)
    told(lore, "ana", "poll 2026-03-12 14:00, 2026-03-13 10:00")
    edit(minutes="60", place="Room 4")
    assert (first(lore, lunch).id, first(lore, lunch).minutes) == (planned.id, 60)
    assert "when does it suit you?" in words(lore.slack.said_by_app("#pair")[-1])
    edit(at="13:00")
    lore.at(clock, at(2, "09:03"))
    anew = first(lore, lunch)
    assert (anew.id != planned.id, anew.starts_at) == (True, at(12, "13:00").timestamp())
    poll = next(said for one in lore.slack.said_by_app("#pair") if "poll" in (said := words(one)))
    assert poll.strip() == "This date is planned anew, so this poll is over."
    assert "Friday 13 March, 14:00" in told(lore, "ana", "move 2026-03-13 14:00")
    edit(at="15:00", place="Room 5")
    lore.at(clock, at(2, "09:05"))
    [kept_as_moved] = coming(lore, lunch)
    assert (kept_as_moved.id, kept_as_moved.place) == (anew.id, "Room 5")
    assert kept_as_moved.starts_at == at(13, "14:00").timestamp()


def test_what_archiving_cancelled_comes_back_and_what_a_person_cancelled_does_not(
    lore: Lore, clock: FakeClock
) -> None:
    lunch = set_up(lore, lead_days=20)
    topic = propose(lore, lunch, "Caches", "ana")
    lore.at(clock, at(4, "12:31"))
    assert "Thank you" in told(lore, "ben", "speak")
    lore.at(clock, at(4, "12:32"))
    told(lore, "ana", "poll 2026-03-12 14:00, 2026-03-13 10:00")
    told(lore, "ana", "cancel 2026-03-19")
    ephemeral = lore.private_reply("ana", "#pair")
    assert lore.slack.click("ana", "#pair", ephemeral["ts"], "talk_act_cancel").ok
    assert lore.slack.submit_view("ana", top(lore, "ana", "cancelled")["id"], {}).ok
    lore.settle()
    lore.at(clock, at(4, "12:40"))
    assert "is archived" in told(lore, "ana", "archive Lunch")
    lore.at(clock, at(4, "12:42"))
    assert [one.state for one in coming(lore, lunch)] == [CANCELLED, CANCELLED]
    assert any("is cancelled, so this poll is over" in words(one) for one in lore.slack.said_by_app("#pair"))
    lore.at(clock, at(4, "12:50"))
    resumed = told(lore, "ana", "resume Lunch")
    assert "Next: Thu 12 Mar 12:30, Thu 26 Mar 12:30" in resumed, "not the 19th"
    lore.at(clock, at(4, "12:52"))
    assert any("takes place after all: Thursday 12 March" in said for said in heard(lore, "ben"))
    again, cancelled = coming(lore, lunch)[:2]
    assert (again.state, again.title, again.floor, again.sequence) == (ANNOUNCED, "Caches", FOUND, 2)
    assert cancelled.state == CANCELLED
    with lore.knowledge.database.reading() as connection:
        chosen = by_id(connection, topic.id)
        briefs = notices.about(connection, again.id, "talk brief", "speaker's brief")
    assert [one.state for one in briefs] == [notices.PLANNED] * 2
    assert chosen is not None
    assert chosen.state == proposals.CHOSEN


def kept(lore: Lore) -> list[series.Series]:
    with lore.knowledge.database.reading() as connection:
        return list(series.all_series(connection, LEARNING))


def test_t64_speakers_are_asked_privately_swap_and_step_back(lore: Lore, clock: FakeClock) -> None:
    lunch = set_up(lore)
    topic = propose(lore, lunch, "Eviction of caches", "ana", "chloe")
    lore.at(clock, at(2, "09:01"))
    assert "What shall it be about?" in words(lore.slack.said_by_app("#pair")[-1])
    lore.at(clock, at(4, "12:31"))
    lore.at(clock, at(4, "12:32"))
    asked = [one for one in ("ana", "ben", "chloe") if "Would you speak" in "".join(heard(lore, one))]
    assert len(asked) == 1, "one at a time"
    assert press(lore, asked[0], "talk_act_another").ok
    assert "asked first for the next one" in heard(lore, asked[0])[-1]
    with lore.knowledge.database.reading() as connection:
        assert not connection.execute(select(audit)).all(), "who could not is nobody's to read"
    lore.at(clock, at(4, "12:33"))
    lore.at(clock, at(4, "12:34"))
    [other] = [
        one
        for one in ("ana", "ben", "chloe")
        if one not in asked and "Would you" in "".join(heard(lore, one))
    ]
    assert press(lore, other, "talk_act_yes").ok
    talk = first(lore, lunch)
    assert (talk.state, talk.floor, talk.sequence) == (ANNOUNCED, FOUND, 0)
    [third] = {"ana", "ben", "chloe"} - {*asked, other}
    mention = f"<@{lore.slack.person(third).id}>"
    assert "and tell you" in told(lore, other, f"swap {mention}")
    assert "asked for this one already" in told(lore, other, f"swap {mention}")
    lore.at(clock, at(4, "12:40"))
    assert press(lore, third, "talk_act_swap_yes").ok
    lore.at(clock, at(4, "12:41"))
    assert "in your place" in heard(lore, other)[-1]
    assert speaking(lore, talk) == {third}
    assert "and tell you" in told(lore, third, f"with <@{lore.slack.person(other).id}>")
    lore.at(clock, at(4, "12:45"))
    assert press(lore, other, "talk_act_with_yes").ok
    assert speaking(lore, talk) == {third, other}
    assert press(lore, other, "talk_act_step-back").ok
    assert first(lore, lunch).floor == FOUND, "one is left"
    assert "do not speak" in told(lore, third, "step-back")
    lore.at(clock, at(12, "11:30"))
    assert first(lore, lunch).floor == OPEN_FLOOR, "everybody has said no"
    assert any("floor is open" in words(one) for one in lore.slack.said_by_app("#pair"))
    assert "Thank you" in told(lore, asked[0], "speak"), "later than never"
    assert speaking(lore, talk) == set(asked)
    lore.at(clock, at(12, "13:20"))
    assert first(lore, lunch).state == talks.HELD
    with lore.knowledge.database.reading() as connection:
        held = by_id(connection, topic.id)
    assert held is not None
    assert held.state == proposals.HELD


def speaking(lore: Lore, talk: talks.Talk) -> set[str]:
    ids = {lore.slack.person(one).id: one for one in ("ana", "ben", "chloe")}
    with lore.knowledge.database.reading() as connection:
        return {ids[one.person] for one in talks.speakers_of(connection, talk.id, talks.SPEAKS)}


def test_nothing_of_a_private_series_is_told_to_who_does_not_read_its_channel(
    lore: Lore, clock: FakeClock
) -> None:
    lunch, slack = set_up(lore, "#leads", members=()), lore.slack
    propose(lore, lunch, "Secret caches", "ana")
    lore.at(clock, at(2, "09:01"))
    chloe = f"<@{slack.person('chloe').id}>"
    assert "cannot read #leads" in told(lore, "ana", f"ask {chloe}", "#leads")
    lore.at(clock, at(4, "12:31"))
    lore.at(clock, at(4, "12:32"))
    [speaker] = [one for one in ("ana", "ben") if "Would you speak" in "".join(heard(lore, one))]
    [other] = {"ana", "ben"} - {speaker}
    assert press(lore, speaker, "talk_act_yes").ok
    for verb in ("swap", "with"):
        assert "cannot read #leads" in told(lore, speaker, f"{verb} {chloe}", "#leads")
    assert "and tell you" in told(lore, speaker, f"with <@{slack.person(other).id}>", "#leads")
    before = heard(lore, other)
    slack.kick(other, "#leads")
    lore.at(clock, at(4, "12:45"))
    assert heard(lore, other) == before, "who has left the channel meanwhile is not asked"
    assert heard(lore, "chloe") == []

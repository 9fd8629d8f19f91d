"""Pairing, from the form that sets it up to the word to who does not reply any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks import pairing as blocks
from bot.journal import pairing, pairing_rounds
from bot.journal.pairing_rounds import ALONE, INTRODUCED
from bot.journal.tables import audit, inbox, outbox
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import top
from tests.fakes import FakeClock

DAY = timedelta(days=1)


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


def on(day: int, clock: str) -> datetime:
    """A day of March 2026 and a time."""
    return datetime.fromisoformat(f"2026-03-{day:02}T{clock}:00+00:00")


def told(lore: Lore, person: str, text: str, channel: str = "#general") -> str:
    """What `/pair …` says to the one who gives it."""
    before = len(lore.slack.ephemerals(person, channel))
    assert lore.slack.slash(person, channel, "/pair", text).ok
    return words(lore.private_reply(person, channel, before + 1))


def set_up(lore: Lore, channel: str = "#general", **chosen: Any) -> str:
    """Set up by Ana, weekly on Mondays at 10:00 unless chosen otherwise; the pairing's id."""
    before = len(lore.slack.ephemerals("ana", channel))
    assert lore.slack.slash("ana", channel, "/pair", "new").ok
    form = top(lore, "ana", "What for")
    values = {blocks.WEEKS: "1", blocks.DAY: "0", blocks.AT: "10:00"} | chosen
    assert lore.slack.submit_view("ana", form["id"], values).ok
    assert "is set up" in words(lore.private_reply("ana", channel, before + 1))
    with lore.knowledge.database.reading() as connection:
        return pairing.all_pairings(connection, "active")[-1].id


def press(lore: Lore, person: str, message: dict[str, Any], action: str) -> None:
    """Press a button in the direct message with Lore."""
    assert lore.slack.click(person, lore.slack.dm(person), message["ts"], action).ok
    lore.settle()


def joined(lore: Lore, *people: str, channel: str = "#general") -> None:
    announced = lore.slack.said_by_app(lore.slack.channel(channel).id)[-1]
    for person in people:
        before = len(lore.slack.ephemerals(person, channel))
        assert lore.slack.click(person, channel, announced["ts"], f"{blocks.JOIN}_either").ok
        assert "You take part" in words(lore.private_reply(person, channel, before + 1))


def together(lore: Lore, pairing_id: str, *states: str) -> list[set[str]]:
    """Who is together in the newest round, by name."""
    names = {one.id: one.name for one in lore.slack.team.people.values()}
    with lore.knowledge.database.reading() as connection:
        [last] = pairing_rounds.newest(connection, pairing_id)
        found = pairing_rounds.pairs_of(connection, last.id, *states)
    return [{names[one] for one in pair.people} for pair in found]


def heard(lore: Lore, *people: str) -> list[str]:
    """What Lore has said in the conversation with these people."""
    return [words(one) for one in lore.slack.said_by_app(lore.slack.dm(*people))]


def a_round(lore: Lore, clock: FakeClock, at: datetime) -> None:
    """It is matched an hour before, and people are introduced at its time."""
    lore.at(clock, at - timedelta(hours=1))
    lore.at(clock, at)


def test_t69_a_season_of_rounds(lore: Lore, clock: FakeClock) -> None:
    """Set up, joined, snoozed before the introduction, met, not replied to, and back with a press."""
    coffee = set_up(lore)
    announced = words(lore.slack.said_by_app(lore.slack.channel("#general").id)[-1])
    assert "ana has set up pairing here: Coffee in #general, every Monday" in announced
    assert "the first time on Monday, 9 March 2026 at 10:00" in announced
    joined(lore, "ben", "chloe")
    assert "3 people take part · next round: Monday, 9 March 2026 at 10:00" in told(lore, "ben", "list")

    lore.at(clock, on(9, "09:00"))
    assert together(lore, coffee) == [{"ana", "ben", "chloe"}], "three are a trio"
    assert heard(lore, "ana", "ben", "chloe") == [], "it is stored before anything is said"
    assert "You are not paired until Monday, 23 March 2026" in told(lore, "chloe", "snooze until 23 March")
    assert "left out until Monday, 23 March 2026" in told(lore, "chloe", "list")
    lore.at(clock, on(9, "10:00"))
    assert together(lore, coffee, INTRODUCED) == [{"ana", "ben"}]
    assert heard(lore, "ana", "ben", "chloe") == heard(lore, "chloe") == []
    [intro] = heard(lore, "ana", "ben")
    assert intro.startswith("ana and ben: you are paired for a coffee this time.")
    assert "How about" in intro
    assert "Tuesday, 10 March 2026 at 10:00 (Europe/London)" in str(
        lore.slack.said_by_app(lore.slack.dm("ana", "ben"))
    )
    assert "ana looks after “Checkpoints”. Ask each other about it." in intro

    lore.at(clock, on(13, "10:00"))
    asked = lore.slack.said_by_app(lore.slack.dm("ana"))[-1]
    assert "Did you and ben meet for a coffee?" in words(asked)
    press(lore, "ana", asked, f"{blocks.REPLY}_met")
    assert "Good to hear that you met" in heard(lore, "ana")[-1]
    with lore.knowledge.database.reading() as connection:
        pair = next(
            one
            for one in pairing_rounds.pairs_of(
                connection, pairing_rounds.newest(connection, coffee)[0].id, INTRODUCED
            )
        )
        assert set(pairing_rounds.replies(connection, pair.id).values()) == {"met"}, "for both"

    a_round(lore, clock, on(16, "10:00"))
    assert together(lore, coffee, INTRODUCED) == [{"ana", "ben"}], "a repeat, as nobody else is there"
    assert "with ben, as 1 round before" in told(lore, "ana", "why")
    assert "left out until Monday, 23 March" in told(lore, "chloe", "why")
    lore.at(clock, on(20, "10:00"))

    for monday, friday in ((on(23, "10:00"), on(27, "10:00")), (on(30, "10:00"), on(30, "10:00") + 4 * DAY)):
        a_round(lore, clock, monday)
        assert together(lore, coffee, INTRODUCED) == [{"ana", "ben", "chloe"}]
        lore.at(clock, friday)
        asked = lore.slack.said_by_app(lore.slack.dm("ana"))[-1]
        press(lore, "ana", asked, f"{blocks.REPLY}_no")
    a_round(lore, clock, on(30, "10:00") + 7 * DAY)
    assert "I have not heard from you after the last three rounds in #general" in heard(lore, "ben")[-1]
    assert together(lore, coffee, INTRODUCED) == [{"ana", "chloe"}], "Ben did not reply three times"
    gone = lore.slack.said_by_app(lore.slack.dm("ben"))[-1]
    press(lore, "ben", gone, f"{blocks.JOIN}_either")
    assert "You take part: Coffee in #general" in heard(lore, "ben")[-1]
    a_round(lore, clock, on(30, "10:00") + 14 * DAY)
    assert together(lore, coffee) == [{"ana", "ben", "chloe"}]


def test_whom_one_does_not_want_to_meet_leaves_no_trace_and_owners_change_what_is_theirs(
    lore: Lore, clock: FakeClock
) -> None:
    """Mentoring in a private channel, edited, paused and ended; who is kept apart is nowhere to be read."""
    ben = lore.slack.person("ben").id
    lore.slack.faults.rate_limited("views.open")
    assert "Slack did not open the form in time" in told(lore, "ana", "new")
    assert "Name one other person" in told(lore, "chloe", "exclude")
    assert "`" not in told(lore, "chloe", f"exlude <@{ben}|ben>"), "a slip of the pen gets the help"
    assert "Name one other person" in told(lore, "chloe", f"exclude <@{ben}|ben> please, and <@{ben}>")
    said = told(lore, "chloe", f"exclude <@{ben}|ben>")
    assert "I never pair the two of you" in said
    lore.settle()
    with lore.knowledge.database.reading() as connection:
        rows = [
            *(str(row) for table in (inbox, outbox, audit) for row in connection.execute(select(table))),
        ]
    assert not any(ben in row or "exclude <" in row or "exlude" in row for row in rows)

    mentoring = set_up(
        lore, "#pair", **{blocks.KIND: "mentoring", blocks.CHANNEL: lore.slack.channel("#pair").id}
    )
    assert "As what do you want to take part" in told(lore, "ben", "join mentoring", "#pair")
    assert "You take part: Mentoring in #pair" in told(lore, "ben", "join as a mentor", "#pair")
    assert "You take part" in told(lore, "chloe", "join mentoring as a mentee")
    told(lore, "ana", "leave")
    lore.at(clock, on(9, "09:00"))
    lore.at(clock, on(9, "10:00"))
    assert together(lore, mentoring, INTRODUCED) == []
    assert len(together(lore, mentoring, ALONE)) == 2, "the only mentor is kept apart from the only mentee"
    for person in ("ben", "chloe"):
        assert "There was nobody left" in heard(lore, person)[-1]
        why = told(lore, person, "why")
        assert "nobody was left for you; in the next one you come first" in why
        assert "exclu" not in why + told(lore, person, "list")
    assert "does not" not in told(lore, "chloe", f"include <@{ben}>")
    a_round(lore, clock, on(16, "10:00"))
    assert together(lore, mentoring, INTRODUCED) == [{"ben", "chloe"}]
    assert "with whom you had not been before" in told(lore, "ben", "why")

    told(lore, "ana", "list", "#pair")
    listed = lore.slack.ephemerals("ana", "#pair")[-1]
    assert "2 people take part" in words(listed)
    assert lore.slack.click("ana", "#pair", listed["ts"], f"{blocks.MANAGE}_edit").ok
    form = top(lore, "ana", "How often")
    values = {blocks.WEEKS: "2", blocks.DAY: "3", blocks.AT: "14:30"}
    assert lore.slack.submit_view("ana", form["id"], values).ok
    lore.settle()
    assert "every 2 weeks on Thursday; the next round is on Thursday, 19 March 2026 at 14:30" in words(
        lore.private_reply("ana", "#pair")
    )
    assert lore.slack.click("ana", "#pair", listed["ts"], f"{blocks.MANAGE}_pause").ok
    lore.settle()
    lore.at(clock, on(19, "14:30"))
    assert together(lore, mentoring, INTRODUCED) == [{"ben", "chloe"}], "the round before: none was made"
    assert lore.slack.click("ana", "#pair", listed["ts"], f"{blocks.MANAGE}_end").ok
    lore.settle()
    assert "No pairing is set up that you can take part in" in told(lore, "ben", "list")
    assert "I cannot set it up there" in refused(lore, "#partners")


def refused(lore: Lore, channel: str) -> str:
    """What Ana is told who wants to set it up where others read."""
    before = len(lore.slack.ephemerals("ana", "#general"))
    assert lore.slack.slash("ana", "#general", "/pair", "new").ok
    form = top(lore, "ana", "What for")
    values = {blocks.WEEKS: "1", blocks.DAY: "0", blocks.CHANNEL: lore.slack.channel(channel).id}
    assert lore.slack.submit_view("ana", form["id"], values, forged=True).ok
    return words(lore.private_reply("ana", "#general", before + 1))

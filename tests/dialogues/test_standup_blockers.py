"""Blockers in Slack: who is named is asked, nudged and passed over; who is held up is helped, alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks import requests as request_blocks
from bot.blocks import standup_blockers as blocks
from bot.inbox import Received
from bot.journal import audits, blockers, occurrences, personal, pings, rituals
from bot.journal.blocker_tables import blockers as table
from bot.journal.entries import Entry
from bot.journal.rituals import Ritual
from bot.kinds import BLOCKER_STEP
from bot.rituals.availability import QUIET
from bot.rituals.giving import give
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.ritual import Consent, Prompt, Role, Standup, SummaryMode
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import MONDAY, FakeClock

DAY = MONDAY.date()
PROMPTS = (Prompt("plan", "What is next?"), Prompt("blockers", "What holds you up?", role=Role.BLOCKERS))
LONDON = "Europe/London"
NEVER_DUE = "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24"


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


@pytest.fixture
def daily(lore: Lore) -> Ritual:
    """A stand-up of Ana (who looks after it), Ben and Chloe that is never due by itself."""
    ids = tuple(lore.slack.person(name).id for name in ("ana", "ben", "chloe"))
    settings = Standup("Daily", ids, PROMPTS, NEVER_DUE, time(9, 0), LONDON, summary=SummaryMode.NONE)
    ritual = Ritual(settings, owner=ids[0], id="daily")
    with lore.knowledge.database.writing() as connection:
        rituals.put(connection, ritual, MONDAY.timestamp())
        made = occurrences.plan(connection, "daily", DAY, settings, ids, 1.0, 2.0)
        assert made is not None
        occurrences.move(connection, made, occurrences.CLOSED, 2.0)
    return ritual


def enter(lore: Lore, person: str, said: str, clock: FakeClock, day: date = DAY, **more: Any) -> None:
    entry = Entry("daily", day, lore.slack.person(person).id, replies={"blockers": said}, **more)
    with lore.knowledge.database.writing() as connection:
        give(connection, entry, clock().timestamp())
    lore.bot.delivery.wake()
    lore.settle()


def direct(lore: Lore, person: str) -> list[str]:
    """All that Lore has said to a person directly."""
    return [words(one) for one in lore.slack.said_by_app(lore.slack.dm(person))]


def press(lore: Lore, person: str, action: str, place: int = -1, to: str = "") -> None:
    """Press a button of a message to `person` (the newest that has it), as `to` or the person."""
    dm = lore.slack.dm(person)
    messages = [one for one in lore.slack.said_by_app(dm) if action in str(one.get("blocks"))]
    assert lore.slack.click(person, dm, messages[place]["ts"], action).ok
    lore.settle()


def fill(lore: Lore, person: str, text: str) -> None:
    [view] = lore.slack.views_open(person)
    assert lore.slack.submit_view(person, view["id"], {"text": text}).ok
    lore.settle()


def states(lore: Lore) -> list[tuple[str, str]]:
    names = {lore.slack.person(name).id: name for name in ("ana", "ben", "chloe")}
    with lore.knowledge.database.reading() as connection:
        found = connection.execute(select(table).order_by(table.c.opened_at, table.c.text)).all()
    return [(one.state, names[one.owner]) for one in found]


def at(hour: int, minute: int = 0, days: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC) + timedelta(days=days)


def test_who_is_named_is_asked_alone_takes_it_and_solves_it(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "chloe", "Waiting for Ben to grant GPU quota", clock)
    assert direct(lore, "ben") == []
    lore.at(clock, at(9, 1))
    [asked] = direct(lore, "ben")
    assert "chloe is held up and named you." in asked
    assert "Waiting for Ben to grant GPU quota" in asked
    assert direct(lore, "ana") == []
    press(lore, "ben", blocks.TAKE)
    assert states(lore) == [("acknowledged", "ben")]
    assert "You look at it." in direct(lore, "ben")[-1]
    press(lore, "ben", blocks.UPDATE)
    fill(lore, "ben", "Asked infra, by noon")
    lore.at(clock, at(9, 30))
    assert "ben looks at it." in direct(lore, "chloe")[-1]
    assert "ben: Asked infra, by noon" in direct(lore, "chloe")[-1]
    press(lore, "ben", blocks.RESOLVE)
    press(lore, "ben", blocks.SOLUTION)
    fill(lore, "ben", "Infra raised it on zebra")
    assert states(lore) == [("resolved", "ben")]
    lore.at(clock, at(10))
    assert "ben says that it is resolved." in direct(lore, "chloe")[-1]
    assert "ben on what solved it: Infra raised it on zebra" in direct(lore, "chloe")[-1]
    press(lore, "chloe", blocks.REOPEN)
    assert states(lore) == [("open", "ben")]


def test_what_the_next_entry_does_not_name_is_asked_about_and_resolved_with_one_press(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "ben", "CI is red\nThe data is late", clock)
    clock.move(at(9, days=1))
    enter(lore, "ben", "the data is still late", clock, DAY + timedelta(days=1))
    [asked] = [one for one in direct(lore, "ben") if "Is it resolved?" in one]
    assert "CI is red" in asked
    assert "data" not in asked
    press(lore, "ben", blocks.RESOLVE)
    assert states(lore) == [("resolved", "ben"), ("open", "ben")]
    press(lore, "ben", blocks.REOPEN)
    assert states(lore) == [("open", "ben"), ("open", "ben")]


def test_it_is_nudged_once_a_working_day_in_the_persons_own_morning_and_escalated(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "chloe", "Waiting for @ben", clock)
    lore.at(clock, at(9, 1))
    assert len(direct(lore, "ben")) == 1
    lore.at(clock, at(18))
    lore.at(clock, at(7, 30, days=1))
    assert len(direct(lore, "ben")) == 1
    lore.at(clock, at(9, 20, days=1))
    assert "chloe is still held up." in direct(lore, "ben")[-1]
    lore.at(clock, at(12, days=1))
    assert len(direct(lore, "ben")) == 2
    lore.at(clock, at(9, 30, days=3))
    assert "chloe has been held up for 3 days." in direct(lore, "ana")[-1]
    lore.at(clock, at(12, days=3))
    assert len(direct(lore, "ana")) == 1
    before = len(direct(lore, "ben"))
    lore.at(clock, at(12, days=5))  # a Saturday
    assert len(direct(lore, "ben")) == before


def test_nobody_is_pinged_at_night_or_beyond_their_budget(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    ben = lore.slack.person("ben").id
    with lore.knowledge.database.writing() as connection:
        personal.prefer(connection, ben, QUIET, "21:00-07:00", 1.0)
    clock.move(at(23))
    enter(lore, "chloe", "Waiting for @ben", clock)
    lore.at(clock, at(23, 5))
    assert direct(lore, "ben") == []
    with lore.knowledge.database.writing() as connection:
        for _ in range(50):
            pings.note(connection, ben, at(8, days=1).timestamp(), "others")
    lore.at(clock, at(10, days=1))
    assert direct(lore, "ben") == []
    lore.at(clock, at(10, days=2))
    assert len(direct(lore, "ben")) == 1


def test_not_me_ends_the_asking_and_the_team_may_resolve_it(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "chloe", "Waiting for @ben", clock)
    lore.at(clock, at(9, 1))
    press(lore, "ben", blocks.NOT_MINE)
    lore.at(clock, at(9, 30, days=1))
    assert "Thank you: I ask you no more." in direct(lore, "ben")[-1]
    lore.slack.slash("ana", "#general", "/standup", "blockers")
    listed = lore.private_reply("ana", "#general")
    assert "Waiting for @ben" in words(listed)
    assert "chloe · open · 25 hours · Daily" in words(listed)
    assert "not listed" not in words(listed)


def test_a_person_outside_of_the_team_sees_nothing_and_can_do_nothing(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    with lore.knowledge.database.writing() as connection:
        ids = tuple(lore.slack.person(name).id for name in ("ana", "chloe"))
        rituals.put(
            connection,
            Ritual(Standup("Daily", ids, PROMPTS, NEVER_DUE, time(9)), ids[0], id="daily"),
            1.0,
        )
    enter(lore, "chloe", "The salary file is locked", clock)
    lore.slack.slash("ben", "#general", "/standup", "blockers")
    assert "salary" not in words(lore.private_reply("ben", "#general"))
    [one] = the_blockers(lore)
    forged(lore, "ben", one, "resolved")
    assert states(lore) == [("open", "chloe")]
    assert ("resolved blocker", False) in acts(lore)
    forged(lore, "gus", one, "resolved")
    assert states(lore) == [("open", "chloe")]


def the_blockers(lore: Lore) -> list[str]:
    with lore.knowledge.database.reading() as connection:
        return list(connection.execute(select(table.c.id)).scalars())


def acts(lore: Lore) -> list[tuple[str, bool]]:
    with lore.knowledge.database.reading() as connection:
        return [(one.action, one.allowed) for one in audits.newest(connection, 50, 0.0)]


def forged(lore: Lore, person: str, blocker_id: str, step: str, **more: str) -> None:
    """What a button would leave that this person was never shown."""
    payload = {"subject": blocker_id, "step": step, **more}
    dm = lore.slack.dm(person)
    lore.bot.delivery.inbox.receive(
        Received(
            kind=BLOCKER_STEP,
            keys=frozenset(),
            team=lore.slack.team.id,
            channel=dm,
            person=lore.slack.person(person).id,
            text="",
            ts="",
            thread_ts="",
            conversation=f"about {blocker_id}",
            payload=payload,
        )
    )
    lore.settle()


def test_t37_what_somebody_had_who_left_goes_back_to_the_person(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "chloe", "Waiting for @ben", clock)
    lore.at(clock, at(9, 1))
    press(lore, "ben", blocks.TAKE)
    lore.slack.deactivate("ben")
    lore.at(clock, at(15))
    assert states(lore) == [("open", "chloe")]
    lore.at(clock, at(15, 30))
    assert "You are held up, and it is yours now: whoever had it has left." in direct(lore, "chloe")[-1]
    told = len(direct(lore, "chloe"))
    lore.at(clock, at(16))
    assert len(direct(lore, "chloe")) == told


def test_who_solved_the_like_is_shown_to_the_person_alone_and_asked_only_when_they_press(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "ana", "GPU quota on zebra is used up", clock)
    [one] = the_blockers(lore)
    forged(lore, "ben", one, "resolved")
    forged(lore, "ben", one, "solved by")
    clock.move(at(9, days=1))
    enter(lore, "chloe", "The GPU quota on zebra is used up again", clock, DAY + timedelta(days=1))
    [help_] = [one for one in direct(lore, "chloe") if "Perhaps this helps" in one]
    assert "ben solved “GPU quota on zebra is used up” (2 Mar 2026)" in help_
    assert not any("chloe" in one for one in direct(lore, "ben"))
    press(lore, "chloe", f"{blocks.ASK}_0")
    assert "chloe asks you something" in direct(lore, "ben")[-1]
    assert "The GPU quota on zebra is used up again" in direct(lore, "ben")[-1]
    press(lore, "ben", request_blocks.ANSWER)
    fill(lore, "ben", "Free the idle notebooks first.")
    assert "Free the idle notebooks first." in direct(lore, "chloe")[-1]


def test_the_passage_that_helps_is_shown_to_the_person_alone_and_helped_resolves_it(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "chloe", "How many checkpoints does the trainer keep of every run", clock)
    [help_] = [one for one in direct(lore, "chloe") if "Perhaps this helps" in one]
    assert "The trainer keeps the last three checkpoints of every run." in help_
    assert "ana looks after what I found." in help_
    press(lore, "chloe", blocks.HELPED)
    assert states(lore) == [("resolved", "chloe")]
    with lore.knowledge.database.reading() as connection:
        [kept] = blockers.resolved_since(connection, 0.0)
    assert kept.helped_by == "wiki/checkpoints.md"


def test_what_the_person_may_not_read_helps_nobody(lore: Lore, daily: Ritual, clock: FakeClock) -> None:
    said = "What is the hiring budget for the platform team in 2027?"
    enter(lore, "chloe", said, clock)
    assert not any("Perhaps this helps" in one for one in direct(lore, "chloe"))
    enter(lore, "ben", said, clock)
    assert any("640000" in one for one in direct(lore, "ben"))


def test_entries_for_nobody_help_nobody_and_nobody_else_can_be_asked(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "ana", "GPU quota on zebra is used up", clock, consent=Consent.NOBODY)
    [one] = the_blockers(lore)
    forged(lore, "ben", one, "resolved")
    clock.move(at(9, days=1))
    enter(lore, "chloe", "The GPU quota on zebra is used up again", clock, DAY + timedelta(days=1))
    assert not any("Perhaps this helps" in one for one in direct(lore, "chloe"))
    asked = [one for one in the_blockers(lore) if one != one_of("ana", lore)]
    forged(lore, "chloe", asked[0], "asked", expert=lore.slack.person("ben").id)
    assert direct(lore, "ben")[-1:] == [] or "asks you" not in direct(lore, "ben")[-1]


def one_of(person: str, lore: Lore) -> str:
    with lore.knowledge.database.reading() as connection:
        theirs = select(table.c.id).where(table.c.person == lore.slack.person(person).id)
        return str(connection.execute(theirs).scalar_one())


def test_t61_t62_what_somebody_types_pings_and_links_nobody(
    lore: Lore, daily: Ritual, clock: FakeClock
) -> None:
    enter(lore, "chloe", "<!channel> <https://evil.example|click> ignore all rules, @ben", clock)
    lore.at(clock, at(9, 1))
    [message] = lore.slack.said_by_app(lore.slack.dm("ben"))
    assert "<!channel>" not in str(message.get("text"))
    assert "evil.example" not in [str(one.get("url")) for one in links(message.get("blocks"))]
    assert '"broadcast"' not in str(message.get("blocks"))


def links(blocks_: Any) -> Iterator[dict[str, Any]]:
    """Every element with a type `link` or `user`, however deep."""
    if isinstance(blocks_, dict):
        if blocks_.get("type") in ("link", "user", "broadcast"):
            yield blocks_
        for value in blocks_.values():
            yield from links(value)
    elif isinstance(blocks_, list):
        for value in blocks_:
            yield from links(value)

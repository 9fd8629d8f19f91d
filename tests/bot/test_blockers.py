"""Blockers in the journal follow entries; steps fit or are refused; the plan says who is told of what."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.journal import blockers, entries, rituals
from bot.journal.blocker_steps import BlockerStep, Step, steps_of, write
from bot.journal.blocker_tables import blocker_mentions
from bot.journal.blockers import BLOCKERS, Blocker
from bot.journal.entries import SKIPPED, WITHDRAWN, Entry
from bot.journal.migrate import migrate
from bot.journal.rituals import Ritual
from bot.journal.tables import inbox
from bot.rituals.blocker_plan import Pass, Reason, Tell, Watched, plan
from knowledge.adapters.database import Database, open_database
from prompts.ritual import Prompt, ReplyKind, Role, Standup

ANA, BEN, CHLOE, LEAD = "UANA000000", "UBEN000000", "UCHLOE0000", "ULEAD00000"
PROMPTS = (
    Prompt("plan", "What is next?", role=Role.PLAN),
    Prompt("stuck", "Are you stuck?", ReplyKind.YES_NO, Role.BLOCKERS),
    Prompt("blockers", "What holds you up?", role=Role.BLOCKERS),
)
DAILY = Standup("Daily", ("#team",), PROMPTS, "every weekday", time(9), lead=LEAD)
RITUAL = Ritual(DAILY, owner=LEAD, id="daily")
DAY = timedelta(days=1).total_seconds()
KEY = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lore.db")
    migrate(opened)
    with opened.writing() as connection:
        rituals.put(connection, RITUAL, 0.0)
    yield opened
    opened.close()


def enter(database: Database, day: int, said: str, state: str = entries.GIVEN, now: float = 0.0) -> None:
    replies = {"blockers": said, "plan": "Rest", "stuck": "yes"}
    with database.writing() as connection:
        entry = Entry("daily", date(2026, 3, day), ANA, state, replies)
        blockers.from_entry(connection, entries.put(connection, entry, now or day * DAY), now or day * DAY)


def stored(database: Database) -> list[Blocker]:
    with database.reading() as connection:
        return [*blockers._all(connection, select(blockers.blockers))]


def shown(database: Database) -> list[tuple[str, str]]:
    return [(one.state, one.text) for one in stored(database)]


def waiting(database: Database) -> int:
    queued = select(func.count()).where(inbox.c.kind == BLOCKERS, inbox.c.state == "queued")
    with database.reading() as connection:
        return connection.execute(queued).scalar_one()


def take(database: Database, step: Step, person: str = BEN, now: float = 1.0, **more: str) -> bool:
    [one] = stored(database)
    with database.writing() as connection:
        return write(connection, BlockerStep(one.id, person, step, **more), now)


def test_replies_to_prompts_about_blockers_become_blockers_without_secrets(database: Database) -> None:
    enter(database, 2, f"CI is red\nThe token {KEY} is refused")
    assert [state for state, _ in shown(database)] == ["open", "open"]
    assert sorted(text for _, text in shown(database)) == [
        "CI is red",
        "The token [redacted: Hugging Face token] is refused",
    ]
    assert {one.person for one in stored(database)} == {one.owner for one in stored(database)} == {ANA}
    assert waiting(database) == 1


def test_what_stays_goes_on_and_what_is_gone_is_asked_about_once(database: Database) -> None:
    enter(database, 2, "CI is red\nWaiting for GPU quota")
    enter(database, 3, "Still waiting for the GPU quota from Ben")
    quota = next(one for one in stored(database) if "quota" in one.text)
    assert quota.text == "Still waiting for the GPU quota from Ben"
    assert (quota.first_slot, quota.last_slot) == (date(2026, 3, 2), date(2026, 3, 3))
    gone = next(one for one in stored(database) if one.text == "CI is red")
    assert gone.gone_slot == date(2026, 3, 3)
    enter(database, 4, "none")
    assert next(one for one in stored(database) if one.text == "CI is red").gone_slot == date(2026, 3, 3)
    enter(database, 5, "CI is red again")
    assert next(one for one in stored(database) if "red" in one.text).gone_slot is None


def test_an_edit_changes_the_same_blocker_and_takes_back_what_it_leaves_out(database: Database) -> None:
    enter(database, 2, "CI is red\nGPU quota")
    enter(database, 2, "The CI is red since noon")
    assert sorted(shown(database)) == [("open", "The CI is red since noon"), ("withdrawn", "")]


def test_an_entry_of_the_past_asks_nothing_about_later_ones(database: Database) -> None:
    enter(database, 4, "CI is red")
    enter(database, 3, "none")
    [one] = stored(database)
    assert one.gone_slot is None


def test_skipping_asks_nothing(database: Database) -> None:
    enter(database, 2, "CI is red")
    enter(database, 3, "", SKIPPED)
    [one] = stored(database)
    assert (one.state, one.gone_slot) == ("open", None)


def test_t50_a_withdrawn_entry_takes_its_blockers_words_with_it(database: Database) -> None:
    enter(database, 2, "The salary file is locked")
    assert take(database, Step.UPDATE, note="It is about the salary file")
    enter(database, 2, "", WITHDRAWN)
    [one] = stored(database)
    assert (one.state, one.text, one.solution) == ("withdrawn", "", "")
    with database.reading() as connection:
        assert [step.note for step in steps_of(connection, [one.id])[one.id]] == [""]
        assert connection.execute(select(blocker_mentions)).all() == []


def test_t50_a_withdrawn_day_leaves_the_words_of_the_days_before(database: Database) -> None:
    enter(database, 2, "Waiting for GPU quota")
    enter(database, 3, "Waiting for GPU quota, the bill is 900 euros")
    enter(database, 3, "", WITHDRAWN)
    assert shown(database) == [("open", "Waiting for GPU quota")]
    enter(database, 4, "Waiting for GPU quota")
    assert len(stored(database)) == 1


def test_what_is_resolved_stays_so_when_its_entry_is_edited_and_is_new_when_it_comes_back(
    database: Database,
) -> None:
    enter(database, 2, "CI is red")
    assert take(database, Step.RESOLVE, BEN, note="A new runner")
    enter(database, 2, "CI is red since noon")
    [one] = stored(database)
    assert (one.state, one.resolved_by, one.solution) == ("resolved", BEN, "A new runner")
    enter(database, 3, "CI is red")
    assert [one.state for one in stored(database)] == ["resolved", "open"]


def test_steps_fit_or_change_nothing(database: Database) -> None:
    enter(database, 2, "CI is red")
    assert not take(database, Step.REOPEN)
    assert take(database, Step.TAG, "", about=BEN)
    assert take(database, Step.ACKNOWLEDGE)
    assert [(one.state, one.owner, one.tagged) for one in stored(database)] == [("acknowledged", BEN, (BEN,))]
    assert take(database, Step.NOT_ME)
    assert [(one.state, one.owner, one.tagged) for one in stored(database)] == [("open", ANA, ())]
    assert take(database, Step.RESOLVE, CHLOE, now=7.0)
    assert not take(database, Step.RESOLVE, BEN)
    assert [(one.resolved_by, one.resolved_at) for one in stored(database)] == [(CHLOE, 7.0)]
    assert take(database, Step.REOPEN, ANA)
    [one] = stored(database)
    assert (one.state, one.resolved_by, one.resolved_at) == ("open", "", None)
    with database.reading() as connection:
        taken = [(step.person, step.step) for step in steps_of(connection, [one.id])[one.id]]
    assert taken == [
        ("", Step.TAG),
        (BEN, Step.ACKNOWLEDGE),
        (BEN, Step.NOT_ME),
        (CHLOE, Step.RESOLVE),
        (ANA, Step.REOPEN),
    ]


@pytest.mark.parametrize("step", [*Step])
def test_a_withdrawn_blocker_takes_no_step(database: Database, step: Step) -> None:
    enter(database, 2, "CI is red")
    enter(database, 2, "", WITHDRAWN)
    assert take(database, step) is (step is Step.TOLD)
    assert shown(database) == [("withdrawn", "")]


# what is due


def watched(blocker: Blocker, *steps: BlockerStep) -> Watched:
    return Watched(blocker, steps, RITUAL)


def blocked(**more: object) -> Blocker:
    made = Blocker(
        id="b",
        ritual_id="daily",
        person=ANA,
        state="open",
        text="CI is red",
        owner=ANA,
        tagged=(BEN, CHLOE),
        first_slot=date(2026, 3, 2),
        last_slot=date(2026, 3, 2),
        gone_slot=None,
        opened_at=1.0,
        changed_at=1.0,
        told_at=1.0,
        gone_told_at=None,
        escalated_at=None,
        look_at=1.0,
        resolved_at=None,
        resolved_by="",
        solution="",
        helped_by="",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def due(one: Watched, now: float = 10.0, left: tuple[str, ...] = ()) -> list[tuple[str, Reason]]:
    return [(tell.person, tell.reason) for tell in plan([one], left, now) if isinstance(tell, Tell)]


def test_whoever_is_named_is_asked_until_one_takes_it(database: Database) -> None:
    assert due(watched(blocked())) == [(BEN, Reason.NAMED), (CHLOE, Reason.NAMED)]
    told = BlockerStep("b", "", Step.TOLD, BEN, at=2.0)
    assert due(watched(blocked(), told)) == [(BEN, Reason.STILL), (CHLOE, Reason.NAMED)]
    taken = watched(
        blocked(owner=BEN, state="acknowledged"), told, BlockerStep("b", BEN, Step.ACKNOWLEDGE, at=3.0)
    )
    assert due(taken) == [(ANA, Reason.NEWS), (BEN, Reason.STILL)]


def test_news_are_told_once(database: Database) -> None:
    update = BlockerStep("b", BEN, Step.UPDATE, note="Half way", at=3.0)
    one = watched(blocked(tagged=()), update)
    [tell] = [tell for tell in plan([one], (), 10.0) if isinstance(tell, Tell)]
    assert (tell.person, tell.reason, tell.news) == (ANA, Reason.NEWS, (update,))
    [told] = tell.noted()
    assert due(watched(blocked(tagged=()), update, replace(told, at=4.0))) == [(ANA, Reason.STILL)]


def test_it_is_escalated_once_to_the_lead_and_never_to_the_person_themselves(database: Database) -> None:
    late = 1.0 + 3 * DAY
    assert (LEAD, Reason.LATE) in due(watched(blocked()), late)
    assert (LEAD, Reason.LATE) not in due(watched(blocked()), late - 1)
    assert (LEAD, Reason.LATE) not in due(watched(blocked(escalated_at=5.0)), late)
    assert Reason.LATE not in [why for _, why in due(watched(blocked(person=LEAD, owner=LEAD)), late)]


def test_t37_what_somebody_who_left_had_goes_to_the_person_then_the_lead(database: Database) -> None:
    one = watched(blocked(owner=BEN, state="acknowledged"))
    [passed] = plan([one], (BEN,), 10.0)
    assert isinstance(passed, Pass)
    assert (passed.step.step, passed.step.about) == (Step.REASSIGN, ANA)
    [passed] = plan([watched(blocked())], (ANA,), 10.0)
    assert isinstance(passed, Pass)
    assert passed.step.about == LEAD
    given = watched(blocked(owner=LEAD), BlockerStep("b", "", Step.REASSIGN, LEAD, at=5.0))
    assert due(given, left=(ANA,)) == [(LEAD, Reason.YOURS)]
    assert due(watched(blocked(owner=LEAD, person=LEAD)), left=(BEN,)) == [(CHLOE, Reason.NAMED)]


def test_a_ritual_that_is_paused_or_archived_tells_nobody(database: Database) -> None:
    for state in (rituals.PAUSED, rituals.ARCHIVED):
        assert plan([Watched(blocked(), (), replace(RITUAL, state=state))], (), 1.0 + 9 * DAY) == []

"""People are asked and give their part of a stand-up: in forms, late, edited, doubled, taken back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.blocks.standup_entries import ANSWER
from bot.journal import deliveries, entries
from bot.journal.entries import GIVEN
from bot.journal.ritual_tables import deliveries as delivery_table
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.ritual import Consent, Prompt
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.standups import (
    DAY,
    NINE,
    PROMPTS,
    asked,
    change,
    entry,
    give,
    in_dm,
    opened,
    press,
    prompt,
    send,
    set_up,
    shown_in,
    top,
)
from tests.fakes import FakeClock

TUESDAY = NINE + timedelta(days=1)
WORKED = {"done": "Tokenizer", "plan": "Train it"}


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


def states(lore: Lore, kind: str, person: str) -> list[tuple[str, str]]:
    """State and reason of a person's deliveries of a kind."""
    wanted = select(delivery_table).where(delivery_table.c.person == lore.slack.person(person).id)
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(wanted.order_by(delivery_table.c.planned_at)).all()
    return [(row.state, row.reason) for row in rows if row.kind.startswith(kind)]


def test_somebody_is_asked_answers_in_a_form_and_sees_what_they_gave(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    assert "What did you do?" in words(prompt(lore, "ben"))
    assert "17:00" in words(prompt(lore, "ben"))
    give(lore, "ben", WORKED, consent="everyone")
    given = entry(lore, daily, "ben")
    assert given is not None
    assert (given.state, given.replies, given.consent, given.late) == (GIVEN, WORKED, Consent.EVERYONE, False)
    [card] = in_dm(lore, "ben")
    assert "Tokenizer" in card
    assert "everybody in the workspace" in card
    assert "What did you do?" in in_dm(lore, "ana")[0], "nobody else's message changes"


def test_the_next_form_begins_with_the_last_plan(lore: Lore, clock: FakeClock) -> None:
    set_up(lore)
    asked(lore, clock)
    give(lore, "ben", {**WORKED, "blockers": "No GPUs"})
    asked(lore, clock, TUESDAY)
    form = opened(lore, "ben")
    assert "Train it" in shown_in(form)
    assert "No GPUs" in shown_in(form)
    assert "Monday 2 March" in shown_in(form)


def test_reminders_stop_when_the_form_opens(lore: Lore, clock: FakeClock) -> None:
    set_up(lore)
    asked(lore, clock)
    opened(lore, "ben")
    lore.at(clock, NINE + timedelta(hours=7, minutes=30))
    assert len(in_dm(lore, "ben")) == 1
    assert "still waits for you" in in_dm(lore, "ana")[-1]
    assert states(lore, "reminder", "ben") == [("cancelled", "You had opened the form.")]


def test_a_reminder_that_was_said_goes_with_the_entry(lore: Lore, clock: FakeClock) -> None:
    set_up(lore)
    asked(lore, clock)
    lore.at(clock, NINE + timedelta(hours=7, minutes=30))
    assert "still waits for you" in in_dm(lore, "ben")[-1]
    give(lore, "ben", WORKED)
    [card] = in_dm(lore, "ben")
    assert "Tokenizer" in card


def test_who_gave_theirs_early_is_not_asked(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    lore.at(clock, NINE - timedelta(hours=1))
    assert lore.slack.slash("ben", "#general", "/standup").ok
    assert send(lore, "ben", top(lore, "ben", "What did you do?"), WORKED).ok
    lore.settle()
    lore.at(clock, NINE)
    [card] = in_dm(lore, "ben")
    assert "Tokenizer" in card
    assert states(lore, "prompt", "ben")[0] == ("skipped", "You had given your entry already.")
    assert (entry(lore, daily, "ben") or entry).late is False  # type: ignore[union-attr]


# dates


def test_for_tomorrow_on_friday_is_for_monday(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    lore.at(clock, datetime(2026, 3, 6, 16, 0, tzinfo=UTC))
    assert lore.slack.slash("ben", "#general", "/standup", "tomorrow").ok
    form = top(lore, "ben", "Monday 9 March")
    assert send(lore, "ben", form, WORKED).ok
    lore.settle()
    assert entry(lore, daily, "ben", date(2026, 3, 9)) is not None
    assert entry(lore, daily, "ben", date(2026, 3, 7)) is None


def test_a_date_without_one_is_refused_with_what_there_is(lore: Lore, clock: FakeClock) -> None:
    set_up(lore)
    lore.at(clock, NINE)
    assert lore.slack.slash("ben", "#general", "/standup", "2026-03-07").ok
    assert "Friday 6 March" in shown_in(top(lore, "ben", "There is none on Saturday 7 March"))


def test_with_several_it_is_asked_which(lore: Lore, clock: FakeClock) -> None:
    set_up(lore)
    watch = set_up(lore, "Training watch")
    lore.at(clock, NINE - timedelta(minutes=30))
    assert lore.slack.slash("ben", "#general", "/standup", "tomorrow").ok
    asking = top(lore, "ben", "Which stand-up")
    assert lore.slack.click_in_view("ben", asking["id"], "standup_choose", watch.id).ok
    form = top(lore, "ben", "Tuesday 3 March")
    assert "Training watch" in shown_in(form)
    assert send(lore, "ben", form, WORKED).ok
    lore.settle()
    assert entry(lore, watch, "ben", date(2026, 3, 3)) is not None
    assert lore.slack.slash("ben", "#general", "/standup", "answer train").ok
    assert "Training watch" in shown_in(top(lore, "ben", "Monday 2 March"))


def test_t39_who_joins_while_it_runs_is_not_asked_and_may_answer(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    chloe = lore.slack.person("chloe").id
    change(lore, daily, team=(*daily.settings.team, chloe))
    lore.at(clock, NINE + timedelta(hours=1))
    assert in_dm(lore, "chloe") == []
    assert lore.slack.slash("chloe", "#general", "/standup").ok
    assert send(lore, "chloe", top(lore, "chloe", "What did you do?"), WORKED).ok
    lore.settle()
    assert entry(lore, daily, "chloe") is not None
    assert "Tokenizer" in in_dm(lore, "chloe")[0]


def test_who_is_in_no_team_is_told_so_and_can_press_nothing(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    assert lore.slack.slash("chloe", "#general", "/standup").ok
    assert top(lore, "chloe", "You are in no stand-up")
    assert lore.slack.slash("gus", "#general", "/standup").ok
    lore.settle()
    assert entry(lore, daily, "chloe") is None


# late, edited, doubled


def test_t48_an_edit_replaces_what_was_given(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    give(lore, "ben", WORKED)
    give(lore, "ben", {"done": "Tokenizer and tests", "plan": ""})
    edited = entry(lore, daily, "ben")
    assert edited is not None
    assert (edited.replies, edited.revision) == ({"done": "Tokenizer and tests"}, 2)
    assert edited.edited_at is not None


def test_t49_an_edit_changes_the_message_in_place_and_makes_no_noise(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    give(lore, "ben", WORKED)
    lore.at(clock, NINE + timedelta(hours=9))
    give(lore, "ben", {"done": "More"})
    [card] = in_dm(lore, "ben")
    assert "More" in card
    assert "edited" in card
    edited = entry(lore, daily, "ben")
    assert edited is not None
    assert not edited.late, "it was in time at first"


def test_t51_a_late_answer_is_taken_and_marked(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    lore.at(clock, NINE + timedelta(hours=8, minutes=5))
    assert lore.slack.slash("ben", "#general", "/standup").ok
    form = top(lore, "ben", "The time for this one is up")
    assert send(lore, "ben", form, WORKED).ok
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.late
    assert "after its time was up" in in_dm(lore, "ben")[0]


def test_t51_one_of_yesterday_is_taken_too(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    asked(lore, clock, TUESDAY)
    assert lore.slack.slash("ben", "#general", "/standup", "yesterday").ok
    assert send(lore, "ben", top(lore, "ben", "Monday 2 March"), WORKED).ok
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.late
    assert entry(lore, daily, "ben", date(2026, 3, 3)) is None


def test_t52_two_clicks_are_one_entry_and_one_message(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    form = opened(lore, "ben")
    values = {f"reply:{key}": reply for key, reply in WORKED.items()}
    both = [lore.slack.submit_view_soon("ben", form["id"], values) for _ in range(2)]
    assert all(one.result().error is None for one in both)
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.revision == 1
    assert len(in_dm(lore, "ben")) == 1


def test_t52_of_two_devices_the_last_one_counts(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    give(lore, "ben", WORKED)
    assert lore.slack.slash("ben", "#general", "/standup").ok
    assert send(lore, "ben", top(lore, "ben", "Tokenizer"), {"done": "From my phone"}).ok
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.replies["done"] == "From my phone"
    assert len(in_dm(lore, "ben")) == 1


def test_t53_a_form_of_yesterday_belongs_to_yesterday(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    form = opened(lore, "ben")
    asked(lore, clock, TUESDAY)
    assert send(lore, "ben", form, WORKED).ok
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.late
    assert entry(lore, daily, "ben", date(2026, 3, 3)) is None
    first, second = in_dm(lore, "ben")
    assert "Tokenizer" in first
    assert "What did you do?" in second
    assert "You gave this" not in second


def test_t54_a_form_asks_what_the_occurrence_began_with(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    form = opened(lore, "ben")
    change(lore, daily, prompts=(Prompt("mood", "How are you?", required=True),))
    lore.at(clock, NINE + timedelta(minutes=5))
    assert send(lore, "ben", form, WORKED).ok
    lore.settle()
    given = entry(lore, daily, "ben")
    assert given is not None
    assert given.replies == WORKED
    assert "What did you do?" in shown_in(opened(lore, "ana"))
    asked(lore, clock, TUESDAY)
    assert "How are you?" in words(prompt(lore, "ben"))


def test_sc_14_late_and_doubled_and_edited_there_is_one_entry_a_day(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    first, second = opened(lore, "ben"), None
    assert send(lore, "ben", first, WORKED).ok
    lore.settle()
    lore.at(clock, NINE + timedelta(hours=10))
    for text in ("One", "Two", "Two"):
        second = opened(lore, "ben")
        assert send(lore, "ben", second, {"done": text, "plan": "P"}).ok
        lore.settle()
    with lore.knowledge.database.reading() as connection:
        [only] = [one for one in entries.of_slot(connection, daily.id, DAY) if one.person != "x"]
    assert (only.replies, only.revision, only.late) == ({"done": "Two", "plan": "P"}, 3, False)
    assert len(in_dm(lore, "ben")) == 1


def test_nothing_waits_for_who_has_dealt_with_it(lore: Lore, clock: FakeClock) -> None:
    daily = set_up(lore)
    asked(lore, clock)
    give(lore, "ben", WORKED)
    assert all(state == "cancelled" for state, _ in states(lore, "reminder", "ben"))
    with lore.knowledge.database.reading() as connection:
        ledger = deliveries.of_person(connection, lore.slack.person("ben").id)
    assert {one.reason for one in ledger if one.kind.startswith("reminder")} <= {
        "You had opened the form.",
        "You had given your entry.",
    }
    assert press(lore, "ben", ANSWER).ok
    assert entry(lore, daily, "ben") is not None
    assert PROMPTS[0].key == "done"

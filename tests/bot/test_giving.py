"""The one way an entry is given, and the forms that give it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from bot.blocks.entry_forms import About
from bot.journal import begun_entries, blockers, deliveries, entries, occurrences, rituals
from bot.journal.deliveries import Delivery
from bot.journal.entries import GIVEN, SKIPPED, WITHDRAWN, Entry
from bot.journal.migrate import migrate
from bot.journal.ritual_tables import deliveries as delivery_table
from bot.journal.rituals import Ritual
from bot.rituals.giving import give
from bot.rituals.opening import NotOpened, Opened, Unknown, Wish, open_entry
from bot.rituals.submitting import Refused, Submission, Taken, Wrong, submit
from knowledge.adapters.database import Database, open_database
from prompts.ritual import Consent, Prompt, Role, Standup

BEN, ANA = "U00000BEN1", "U00000ANA1"
DAY = date(2026, 3, 2)
PROMPTS = (
    Prompt("done", "What did you do?", role=Role.DONE, required=True),
    Prompt("plan", "What is next?", role=Role.PLAN),
    Prompt("blockers", "What holds you up?", role=Role.BLOCKERS),
)
DAILY = Ritual(Standup("Daily", (BEN,), PROMPTS, "weekdays", time(9)), owner=ANA, id="daily")
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOW = NINE.timestamp()
ENTRY = Entry("daily", DAY, BEN, replies={"done": "Tokenizer", "blockers": "No GPUs"})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lore.db")
    migrate(opened)
    with opened.writing() as connection:
        rituals.put(connection, DAILY, NOW)
        occurrences.plan(connection, "daily", DAY, DAILY.settings, (BEN,), NOW, NOW + 8 * 3600)
        for kind, at in (("prompt", NOW), ("reminder 1", NOW + 3600), ("reminder 2", NOW + 7200)):
            deliveries.plan(connection, Delivery(1, BEN, kind, at, at + 3600, NOW + 8 * 3600))
        claimed = update(delivery_table).where(delivery_table.c.kind == "reminder 2")
        connection.execute(claimed.values(state="claimed", claim="other process", leased_until=NOW + 60))
    yield opened
    opened.close()


def states(connection: Connection) -> list[tuple[str, str, str | None]]:
    rows = connection.execute(select(delivery_table).order_by(delivery_table.c.id)).all()
    return [(row.kind, row.state, row.claim) for row in rows]


def opening(connection: Connection, person: str = BEN) -> Opened:
    found = open_entry(connection, Wish(About("daily", DAY), person), NINE)
    assert isinstance(found, Opened)
    return found


def sent(opened: Opened, trigger: str = "t1", **replies: str) -> Submission:
    about = replace(opened.form.about)
    return Submission(
        about, opened.begun.person, {"done": "", "plan": "", "blockers": "", **replies}, Consent.TEAM, trigger
    )


def test_t52_the_same_again_changes_nothing(database: Database) -> None:
    with database.writing() as connection:
        first = give(connection, ENTRY, NOW)
        again = give(connection, ENTRY, NOW + 60)
        other = give(connection, replace(ENTRY, consent=Consent.NOBODY), NOW + 90)
    assert first == again
    assert (first.revision, other.revision, other.edited_at) == (1, 2, NOW + 90)


@pytest.mark.parametrize("state", [GIVEN, SKIPPED, WITHDRAWN])
def test_what_waits_to_remind_is_cancelled_also_where_another_process_has_it(
    database: Database, state: str
) -> None:
    with database.writing() as connection:
        give(connection, replace(ENTRY, state=state), NOW)
        assert states(connection) == [
            ("prompt", "planned", None),
            ("reminder 1", "cancelled", None),
            ("reminder 2", "cancelled", None),
        ]


def test_blockers_follow_an_entry_and_go_with_it(database: Database) -> None:
    with database.writing() as connection:
        give(connection, ENTRY, NOW)
        assert [one.text for one in blockers.standing_of(connection, "daily", BEN)] == ["No GPUs"]
        give(connection, replace(ENTRY, state=WITHDRAWN), NOW + 1)
        assert blockers.standing_of(connection, "daily", BEN) == []


def test_t50_nothing_of_what_was_withdrawn_is_kept(database: Database) -> None:
    with database.writing() as connection:
        opened = opening(connection)
        typed = replace(opened.begun, replies={"done": "Tokenizer"})
        begun_entries.put(connection, typed, NOW)
        give(connection, ENTRY, NOW)
        give(connection, replace(ENTRY, state=WITHDRAWN), NOW + 1)
        for table in ("entries", "begun_entries", "blockers", "standup_drafts", "inbox", "outbox"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert "Tokenizer" not in str(rows)
            assert "No GPUs" not in str(rows)


def test_t52_a_submission_that_is_delivered_again_does_not_undo_a_later_one(database: Database) -> None:
    with database.writing() as connection:
        phone, desk = opening(connection), opening(connection)
        first = sent(phone, "phone", done="From my phone")
        assert isinstance(submit(connection, first, NINE), Taken)
        assert isinstance(submit(connection, sent(desk, "desk", done="From my desk"), NINE), Taken)
        again = submit(connection, first, NINE)
        assert isinstance(again, Taken)
        kept = entries.entry_of(connection, "daily", DAY, BEN)
    assert kept is not None
    assert (kept.replies, kept.revision) == ({"done": "From my desk"}, 2)


def test_t51_late_is_counted_from_ones_own_prompt(database: Database) -> None:
    with database.writing() as connection:
        own = update(delivery_table).where(delivery_table.c.kind == "prompt")
        connection.execute(own.values(deadline_at=NOW + 600))
        taken = submit(connection, sent(opening(connection), done="x"), NINE.replace(minute=11))
    assert isinstance(taken, Taken)
    assert taken.entry.late


def test_an_edit_of_what_was_in_time_is_in_time(database: Database) -> None:
    with database.writing() as connection:
        submit(connection, sent(opening(connection), done="x"), NINE)
        taken = submit(connection, sent(opening(connection), "t2", done="y"), NINE.replace(hour=23))
    assert isinstance(taken, Taken)
    assert not taken.entry.late


def test_what_is_missing_is_said_and_nothing_is_stored(database: Database) -> None:
    with database.writing() as connection:
        found = submit(connection, sent(opening(connection)), NINE)
        assert isinstance(found, Wrong)
        assert found.problems.keys() == {"done"}
        assert entries.entry_of(connection, "daily", DAY, BEN) is None


@pytest.mark.parametrize(
    "about", [About("other", DAY), About("daily", date(2026, 3, 3)), About("daily", DAY, "x")]
)
def test_az_26_metadata_that_was_made_up_is_refused(database: Database, about: About) -> None:
    with database.writing() as connection:
        opened = opening(connection)
        wrong = replace(about, begun=about.begun or opened.begun.id)
        made_up = replace(sent(opened, done="x"), about=wrong)
        assert isinstance(submit(connection, made_up, NINE), Refused)
        assert isinstance(submit(connection, replace(sent(opened, done="x"), person=ANA), NINE), Refused)


def test_who_is_not_on_the_roster_is_looked_up_before_anything_opens(database: Database) -> None:
    with database.writing() as connection:
        assert isinstance(open_entry(connection, Wish(About("daily", DAY), ANA), NINE), Unknown)
        known = Wish(About("daily", DAY), ANA, belongs=True)
        assert isinstance(open_entry(connection, known, NINE), Opened)
        nowhere = Wish(About("nowhere", DAY), ANA, belongs=True)
        assert isinstance(open_entry(connection, nowhere, NINE), NotOpened)


def test_what_was_typed_before_stands_in_the_next_form(database: Database) -> None:
    with database.writing() as connection:
        opened = opening(connection)
        begun_entries.put(connection, replace(opened.begun, replies={"done": "half a"}), NOW)
        assert opening(connection).form.replies == {"done": "half a"}


def test_what_was_begun_long_ago_is_forgotten(database: Database) -> None:
    with database.writing() as connection:
        old = opening(connection).begun
        later = NOW + begun_entries.KEEP_S + 1
        begun_entries.put(connection, replace(old, id="new"), later)
        assert begun_entries.begun(connection, old.id, BEN) is None
        assert begun_entries.begun(connection, "new", BEN) is not None

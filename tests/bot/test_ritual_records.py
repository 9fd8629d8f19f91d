"""Rituals, occurrences, deliveries and entries in the journal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from bot.journal import claims, deliveries, entries, occurrences, rituals
from bot.journal.deliveries import Delivery
from bot.journal.entries import SKIPPED, WITHDRAWN, Entry
from bot.journal.migrate import migrate
from bot.journal.rituals import Ritual
from knowledge.adapters.database import Database, open_database
from prompts.ritual import Condition, Prompt, ReplyKind, Role, Standup, SummaryMode

DAILY = Standup(
    name="Daily",
    team=("#research", "ana@heron.example"),
    prompts=(
        Prompt("plan", "What is next?", role=Role.PLAN, required=True),
        Prompt("stuck", "Are you stuck?", ReplyKind.YES_NO),
        Prompt("blocker", "What stops you?", role=Role.BLOCKERS, when=Condition("stuck", "yes")),
    ),
    rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    at=time(9, 30),
    reminders=(timedelta(hours=2), timedelta(minutes=30)),
    summary=SummaryMode.AUTO,
)
DAY = date(2026, 10, 26)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "lore.db")
    migrate(opened)
    yield opened
    opened.close()


def test_a_stand_up_comes_back_as_it_was_set_up(database: Database) -> None:
    assert Standup.from_json(DAILY.to_json()) == DAILY
    kept = Ritual(DAILY, owner="U000000001", co_owners=("U000000002",))
    with database.writing() as connection:
        rituals.put(connection, kept, now=5.0)
        rituals.planned(connection, kept.id, until=100.0)
        rituals.planned(connection, kept.id, until=50.0)
        found = rituals.ritual(connection, kept.id)
    assert found is not None
    assert (found.settings, found.owners) == (DAILY, {"U000000001", "U000000002"})
    assert (found.planned_until, found.created_at) == (100.0, 5.0)


def test_one_occurrence_a_date_and_one_delivery_of_a_kind_to_a_person(database: Database) -> None:
    with database.writing() as connection:
        made = occurrences.plan(connection, "r", DAY, DAILY, ("U1", "U2"), 10.0, 20.0)
        assert made is not None
        assert occurrences.plan(connection, "r", DAY, DAILY, ("U1",), 30.0, 40.0) is None
        kept = occurrences.of_slot(connection, "r", DAY)
        assert kept is not None
        assert (kept.roster, kept.opens_at) == (("U1", "U2"), 10.0)
        first = Delivery(made, "U1", "prompt", planned_at=10.0, not_after=12.0)
        assert deliveries.plan(connection, first)
        assert not deliveries.plan(connection, first)
        assert [one.kind for one in deliveries.of_person(connection, "U1")] == ["prompt"]
        assert deliveries.of_person(connection, "U1", until=9.0) == [], "it is only planned"
        for until, closes in ((15.0, 20.0), (25.0, 25.0)):
            occurrences.keep_open(connection, made, until)
            kept = occurrences.occurrence(connection, made)
            assert kept is not None
            assert kept.closes_at == closes, "no earlier than is known"


def test_t28_what_is_claimed_is_ones_own_while_the_claim_is_renewed(database: Database) -> None:
    with database.writing() as connection:
        deliveries.plan(connection, Delivery(1, "U1", "prompt", planned_at=10.0, not_after=100.0))
        [waits] = deliveries.of_person(connection, "U1")
        mine, [taken] = claims.claim(connection, [waits.id], 10.0)
        assert claims.renew(connection, taken.id, mine, 110.0)
        assert claims.claim(connection, [waits.id], 10.0 + claims.LEASE_S)[1] == []
        assert deliveries.miss(connection, 131.0, "It was not sent.") == [], "somebody is about to say it"
        other, [taken] = claims.claim(connection, [waits.id], 110.0 + claims.LEASE_S)
        said = replace(taken, state=deliveries.SAID)
        assert not claims.renew(connection, taken.id, mine, 240.0)
        assert not claims.end(connection, said, mine, 240.0)
        claims.put_off(connection, taken.id, other, 300.0, "Later.")
        assert claims.claim(connection, [waits.id], 299.0)[1] == [], "it is put off"
        other, [taken] = claims.claim(connection, [waits.id], 300.0)
        assert claims.end(connection, said, other, 301.0)


def test_the_last_entry_counts_and_a_withdrawn_one_has_no_words(database: Database) -> None:
    first = Entry("r", DAY, "U1", replies={"plan": "evals"}, late=False)
    with database.writing() as connection:
        entries.put(connection, first, now=1.0)
        again = entries.put(connection, Entry("r", DAY, "U1", replies={"plan": "tests"}, late=True), now=2.0)
        assert (again.replies, again.given_at, again.edited_at) == ({"plan": "tests"}, 1.0, 2.0)
        assert (again.revision, again.late) == (2, False)
        gone = entries.put(connection, Entry("r", DAY, "U1", WITHDRAWN, {"plan": "tests"}), now=3.0)
        assert gone.replies == {}
        assert entries.last_before(connection, "r", "U1", DAY + timedelta(days=1)) is None


def test_what_is_given_after_a_skip_is_not_an_edit(database: Database) -> None:
    with database.writing() as connection:
        entries.put(connection, Entry("r", DAY, "U1", SKIPPED), now=1.0)
        given = entries.put(connection, Entry("r", DAY, "U1", replies={"plan": "evals"}, late=True), now=2.0)
        assert (given.given_at, given.edited_at, given.late) == (2.0, None, True)
        [found] = [entries.last_before(connection, "r", "U1", DAY + timedelta(days=1))]
        assert found == given


def test_t17_t18_looking_back_goes_over_weekends_holidays_and_what_was_skipped(database: Database) -> None:
    thursday, friday, monday = date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 4)
    with database.writing() as connection:
        entries.put(connection, Entry("r", thursday, "U1", replies={"plan": "evals"}), now=1.0)
        entries.put(connection, Entry("r", friday, "U1", SKIPPED), now=2.0)
        found = entries.last_before(connection, "r", "U1", monday)
    assert found is not None
    assert (found.slot, found.replies) == (thursday, {"plan": "evals"})

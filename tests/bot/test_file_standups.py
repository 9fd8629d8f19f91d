"""Stand-ups of lore.toml: brought in when Lore starts, changed with the file, archived when they are gone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.delivery import slack_client
from bot.journal import deliveries, rituals
from bot.journal.rituals import ACTIVE, ARCHIVED, IN_FILE, PAUSED, Ritual
from bot.journal.tables import audit
from bot.people import People
from bot.ritual_settings import FileStandup
from bot.rituals.from_file import AGAIN, FromFile, ritual_id
from bot.rituals.managing import report_refusal
from bot.rituals.roster import roster_of
from bot.settings import load_settings
from bot.workspace import Workspace
from bot.workspace.description import Description
from tests.bot.office import MONDAY, TEAM, Office, office, on, standup
from tests.fakes import FakeClock

EXAMPLES = Path(__file__).parents[2] / "examples"
DAILY = FileStandup(standup(report="", name="Daily"), "ana@lore.example", ("ben@lore.example",))


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    people = [{**one, "email": f"{one['name']}@lore.example"} for one in TEAM["people"]]
    with office(tmp_path, team={**TEAM, "people": people}) as opened:
        yield opened


def start(lore: Office, *standups: FileStandup) -> FromFile:
    """Lore starts with this file."""
    begun = FromFile(lore.people, lore.database, standups)
    begun.bring_in(lore.clock())
    return begun


def kept(lore: Office) -> dict[str, Ritual]:
    with lore.database.reading() as connection:
        return {one.name: one for one in rituals.all_rituals(connection)}


def with_settings(**settings: object) -> FileStandup:
    return replace(DAILY, settings=replace(DAILY.settings, **settings))


def test_it_is_brought_in_with_its_owners_and_planned_at_the_same_beat(lore: Office) -> None:
    begun = FromFile(lore.people, lore.database, [DAILY])
    lore.processes[0].duties.insert(0, begun.bring_in)
    lore.beat()
    found = kept(lore)["Daily"]
    assert (found.origin, found.owner, found.co_owners) == (IN_FILE, lore.id("ana"), (lore.id("ben"),))
    assert found.id == ritual_id("daily")
    lore.at(on(MONDAY, "09:00"))
    assert {lore.delivery(found, name).state for name in ("ana", "ben", "chloe")} == {deliveries.SAID}


def test_a_start_with_the_same_file_changes_nothing(lore: Office) -> None:
    start(lore, DAILY)
    before = kept(lore)["Daily"]
    start(lore, DAILY)
    assert kept(lore) == {"Daily": before}
    with lore.database.reading() as connection:
        assert connection.execute(select(audit.c.action)).scalars().all() == ["set up stand-up"]


def test_what_has_changed_has_a_new_revision_and_what_was_paused_stays_so(lore: Office) -> None:
    start(lore, DAILY)
    with lore.database.writing() as connection:
        rituals.put(connection, replace(kept(lore)["Daily"], state=PAUSED), lore.now)
    start(lore, with_settings(window=timedelta(hours=2)))
    found = kept(lore)["Daily"]
    assert (found.revision, found.state, found.settings.window) == (2, PAUSED, timedelta(hours=2))


def test_what_is_gone_from_the_file_is_archived_and_what_comes_back_goes_on(lore: Office) -> None:
    ours = lore.set_up(name="Ours")
    start(lore, DAILY)
    start(lore)
    assert kept(lore)["Daily"].state == ARCHIVED
    assert kept(lore)["Ours"].state == ours.state == ACTIVE
    start(lore, DAILY)
    assert (kept(lore)["Daily"].state, kept(lore)["Daily"].id) == (ACTIVE, ritual_id("Daily"))


def test_an_owner_whom_slack_does_not_tell_is_asked_for_again(lore: Office) -> None:
    lore.slack.faults.error("users.lookupByEmail", "internal_error", times=None)
    begun = start(lore, DAILY)
    assert kept(lore)["Daily"].owner == ""
    lore.slack.faults.clear()
    begun.bring_in(lore.clock())
    assert kept(lore)["Daily"].owner == "", "not at every beat"
    lore.clock.advance(AGAIN)
    begun.bring_in(lore.clock())
    assert (kept(lore)["Daily"].owner, kept(lore)["Daily"].revision) == (lore.id("ana"), 2)


def test_t38_an_owner_who_has_left_does_not_come_back_with_the_file(lore: Office) -> None:
    start(lore, DAILY)
    lore.slack.deactivate("ana")
    lore.people.heard({"type": "user_change", "user": {"id": lore.id("ana")}})
    with lore.database.writing() as connection:
        heir = replace(kept(lore)["Daily"], owner=lore.id("ben"), co_owners=())
        rituals.put(connection, heir, lore.now)
    start(lore, DAILY)
    assert kept(lore)["Daily"].owner == lore.id("ben")


def test_where_nothing_can_be_reported_the_owner_is_told_once(lore: Office) -> None:
    start(lore, with_settings(report="#world"))
    start(lore, with_settings(report="#world"))
    lore.post()
    [said] = lore.said("ana")
    assert "Everybody in the workspace can read" in said


def test_two_processes_that_start_at_once_set_it_up_once(lore: Office) -> None:
    start(lore, DAILY)
    other = FromFile(lore.people, lore.database, [DAILY])
    other.bring_in(lore.clock())
    assert kept(lore)["Daily"].revision == 1


def test_the_stand_up_of_the_examples_asks_six_people_and_may_report(tmp_path: Path) -> None:
    [one] = load_settings({"LORE_CONFIG": str(EXAMPLES / "lore.toml")}).rituals.standups
    with Workspace(Description.from_toml(EXAMPLES / "workspace.toml")) as slack:
        people = People(slack_client(slack.bot_token, slack.api_url), FakeClock())
        owners = [people.members(named) for named in (one.owner, *one.co_owners)]
        assert all(owners)
        assert len(roster_of(people, one.settings.team).people) == 6
        assert report_refusal(people, one.settings, ()) == ""

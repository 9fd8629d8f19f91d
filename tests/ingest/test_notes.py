"""What readers ask to remember: handed back while it is true, forgotten as soon as it may not be."""

from pathlib import Path

import pytest

from knowledge.errors import Cancelled
from tests.records import RESEARCH
from tests.sources import UNREADABLE, Team


@pytest.fixture
def team(tmp_path: Path) -> Team:
    made = Team(tmp_path / "data", remote=frozenset({"wiki"}))
    made.wiki.update({"a.md": "A\n\nOne.", "b.md": "B\n\nTwo."})
    made.notes["wiki"] = {"cursor": 1}
    made.sync()
    return made


def remembered(team: Team) -> object:
    """What the reader is told at the next sync."""
    team.sync()
    return dict(team.told["wiki"].remembered)


def test_a_note_comes_back_with_what_is_published(team: Team) -> None:
    assert remembered(team) == {"cursor": 1}
    assert set(team.told["wiki"].known) == {"a.md", "b.md"}
    del team.notes["wiki"]
    assert remembered(team) == {"cursor": 1}
    assert remembered(team) == {"cursor": 1}, "a reader that says nothing takes nothing back"
    team.notes["wiki"] = {"cursor": 2}
    team.sync()
    assert remembered(team) == {"cursor": 2}


@pytest.mark.parametrize("how", ["unread", "incomplete", "unlisted", "refused", "cancelled"])
def test_a_note_is_not_kept_when_something_it_tells_of_was_not_published(team: Team, how: str) -> None:
    team.notes["wiki"] = {"cursor": 2}
    match how:
        case "unread":
            team.wiki["a.md"] = UNREADABLE
        case "incomplete":
            team.incomplete.add("wiki")
        case "unlisted":
            team.missing.add("wiki")
        case "refused":
            team.wiki.clear()
    if how == "cancelled":
        team.wiki["c.md"] = "C\n\nThree."
        with pytest.raises(Cancelled):
            team.syncer().sync(team.sources(), stopped=lambda: team.loads == 3)
    else:
        team.sync()
    assert remembered(team) == {"cursor": 1}


def test_a_note_is_kept_when_nothing_lacks_but_what_the_reader_goes_on_with(team: Team) -> None:
    team.notes["wiki"] = {"cursor": 2}
    team.incomplete.add("wiki")
    team.going_on = True
    whole_at = team.syncer().last_syncs()["wiki"].succeeded_at
    team.sync()
    assert remembered(team) == {"cursor": 2}
    last = team.syncer().last_syncs()["wiki"]
    assert (last.report.goes_on, last.succeeded_at) == (True, whole_at)


def test_settings_that_matter_make_a_reader_start_afresh(team: Team) -> None:
    team.audiences["wiki"] = RESEARCH
    assert remembered(team) == {}


def test_nothing_is_remembered_of_a_source_that_went_away(team: Team) -> None:
    kept = team.pages.pop("wiki")
    team.sync()
    team.pages["wiki"] = kept
    assert remembered(team) == {}


def test_nothing_is_remembered_after_a_roll_back(team: Team) -> None:
    team.wiki["a.md"] += "\n\nMore."
    team.sync()
    team.syncer().roll_back(1, team.sources())
    assert remembered(team) == {}


def test_a_reader_may_keep_things_in_a_folder_of_its_own(team: Team) -> None:
    keep = team.told["wiki"].keep
    assert keep is not None
    assert keep.is_relative_to(team.data)
    team.audiences["wiki"] = RESEARCH
    team.sync()
    assert team.told["wiki"].keep != keep
    team.syncer().planned(team.sources())
    assert team.told["wiki"].keep is None


def test_how_the_last_sync_of_each_source_went(team: Team) -> None:
    first = team.syncer().last_syncs()["wiki"]
    assert (first.report.added, first.succeeded_at) == (2, first.at)
    team.missing.add("wiki")
    team.sync()
    second = team.syncer().last_syncs()["wiki"]
    assert second.report.unlisted == "there is no folder /wiki"
    assert second.succeeded_at == first.at
    assert second.at > first.at

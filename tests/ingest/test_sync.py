"""A sync from plan to published version, over pages in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.report import PlanReport, SourcePlan
from knowledge.adapters.generations import index_lock
from knowledge.audience import Audience
from knowledge.errors import Busy, SettingsError
from tests.fakes import HashEmbedder
from tests.records import RESEARCH
from tests.sources import SKIPPED, UNREADABLE, Team

A = "Learning rates\n\nThe baseline uses three e minus four.\n\nWarm up slowly."
B = "Booking\n\nBook a node in the calendar."
NOTHING = {"added": 0, "changed": 0, "moved": 0, "removed": 0, "kept": 0, "failed": [], "chunks_embedded": 0}


@pytest.fixture
def team(tmp_path: Path) -> Team:
    made = Team(tmp_path / "data")
    made.wiki.update({"a.md": A, "b.md": B})
    return made


def test_new_pages_are_added_embedded_and_found(team: Team) -> None:
    team = replace(team, indexed=True)
    assert team.sync() == NOTHING | {"added": 2, "chunks_embedded": 5, "version": 1}
    assert team.found("book a node")[0] == "b.md"
    assert team.generations.serving() == "00000001-000"
    assert team.store.report(1)["added"] == 2


def test_a_sync_without_changes_reads_nothing_and_publishes_nothing(team: Team) -> None:
    team = replace(team, indexed=True)
    team.sync()
    before = sorted(path.name for path in (team.data / "generations").iterdir())
    loads = team.loads
    assert team.sync() == NOTHING | {"kept": 2, "version": 1}
    assert team.loads == loads
    assert sorted(path.name for path in (team.data / "generations").iterdir()) == before


def test_one_changed_word_embeds_one_chunk(team: Team) -> None:
    team.wiki["long.md"] = "\n\n".join(f"Paragraph {n} about topic {n}." for n in range(1000))
    team.sync()
    old = team.store.published()
    team.wiki["long.md"] = team.wiki["long.md"].replace("topic 500.", "zebras.")
    assert team.sync() == NOTHING | {"changed": 1, "kept": 2, "chunks_embedded": 1, "version": 2}
    assert not any("topic 500." in str(page) for page in team.seen()["wiki/long.md"].values())
    assert any("topic 500." in str(page) for page in team.seen(old)["wiki/long.md"].values())


@pytest.mark.parametrize("titles_from_paths", [False, True])
def test_a_moved_page_embeds_nothing_and_is_there_once(team: Team, titles_from_paths: bool) -> None:
    team.titles_from_paths = titles_from_paths
    team.sync()
    team.wiki["guides/rates.md"] = team.wiki.pop("a.md")
    assert team.sync() == NOTHING | {"moved": 1, "kept": 1, "version": 2}
    assert set(team.seen()) == {"wiki/guides/rates.md", "wiki/b.md"}
    assert team.found("baseline three e minus four")[0] == "guides/rates.md"


def test_a_removed_page_is_gone_from_every_answer(team: Team) -> None:
    team.sync()
    del team.wiki["b.md"]
    assert team.sync() == NOTHING | {"removed": 1, "kept": 1, "version": 2}
    assert "b.md" not in team.found("book a node in the calendar")
    assert team.store.current_audience("wiki/b.md") is None


def test_a_page_that_cannot_be_read_is_reported_and_its_old_version_stays(team: Team) -> None:
    team.sync()
    team.wiki.update(
        {"a.md": UNREADABLE, "c.md": UNREADABLE + " too", "b.md": SKIPPED, "d.md": "New\n\nPage."}
    )
    report = team.sync()
    assert report["failed"] == [
        {"path": "b.md", "reason": "cannot be opened"},
        {"path": "a.md", "reason": "is not text"},
        {"path": "c.md", "reason": "is not text"},
    ]
    assert report | {"failed": []} == NOTHING | {"added": 1, "kept": 2, "chunks_embedded": 2, "version": 2}
    assert set(team.seen()) == {"wiki/a.md", "wiki/b.md", "wiki/d.md"}
    assert team.found("baseline three e minus four")[0] == "a.md"


def test_a_source_that_cannot_be_listed_loses_nothing(team: Team) -> None:
    team.pages["lab"] = {"x.md": "Lab\n\nNotes."}
    team.sync()
    team.missing = {"wiki"}
    report = team.sync()
    assert report["failed"] == [{"path": "wiki", "reason": "there is no folder /wiki"}]
    assert (report["removed"], report["kept"], report["version"]) == (0, 3, 1)


def test_a_source_that_is_no_longer_set_up_is_removed(team: Team) -> None:
    team.pages["lab"] = {"x.md": "Lab\n\nNotes."}
    team.sync()
    del team.pages["lab"]
    assert team.sync()["removed"] == 1


def test_only_the_named_sources_are_synced(team: Team) -> None:
    team.pages["lab"] = {"x.md": "Lab\n\nNotes."}
    team.sync()
    team.wiki["new.md"] = "New\n\nPage."
    team.pages["lab"]["y.md"] = "Lab two\n\nNotes."
    assert team.sync(only=frozenset({"lab"}))["added"] == 1
    assert "wiki/new.md" not in team.seen()
    assert "wiki/a.md" in team.seen()
    with pytest.raises(SettingsError, match="no source named nowhere"):
        team.sync(only=frozenset({"nowhere"}))


def test_a_new_audience_of_a_source_applies_without_embedding(team: Team) -> None:
    team.sync()
    team.audiences["wiki"] = RESEARCH
    assert team.sync() == NOTHING | {"changed": 2, "version": 2}
    assert team.found("book a node") == []
    assert team.found("book a node", frozenset({RESEARCH.key}))[0] == "b.md"


@pytest.mark.parametrize("how", ["unreadable", "skipped", "not listed"])
def test_a_new_audience_applies_to_what_cannot_be_read_as_well(team: Team, how: str) -> None:
    team.sync()
    team.audiences["wiki"] = RESEARCH
    if how == "not listed":
        team.missing = {"wiki"}
    else:
        team.wiki.update(
            {"a.md": UNREADABLE, "b.md": UNREADABLE} if how == "unreadable" else {"b.md": SKIPPED}
        )
    team.sync()
    assert team.store.audience_keys(team.store.published()) == {RESEARCH.key}
    assert set(team.seen()) == {"wiki/a.md", "wiki/b.md"}
    team.missing = set()
    team.wiki.update({"a.md": A, "b.md": B})
    team.sync()
    assert team.sync() == NOTHING | {"kept": 2, "version": team.store.published()}


def test_the_same_text_under_two_audiences_is_embedded_once_and_shown_by_audience(team: Team) -> None:
    team.pages["lab"] = {"copy.md": A}
    team.audiences["lab"] = RESEARCH
    assert team.sync()["chunks_embedded"] == 5
    assert set(team.found("warm up slowly")) == {"a.md", "b.md"}
    assert set(team.found("warm up slowly", frozenset({RESEARCH.key}))) == {"copy.md"}


def test_in_29_another_embedder_gets_an_index_of_its_own(team: Team) -> None:
    team.sync()
    other = team.with_embedder(HashEmbedder("other", 32))
    assert other.sync() == NOTHING | {"kept": 2, "chunks_embedded": 5, "version": 2}
    assert other.found("book a node")[0] == "b.md"
    assert {len(chunk[1]) for page in other.seen().values() for k, chunk in page.items() if k.isdigit()} == {
        32 * 4
    }
    assert other.sync() == NOTHING | {"kept": 2, "version": 2}


def test_in_29_another_embedder_also_embeds_what_this_sync_does_not_read(team: Team) -> None:
    team.pages["lab"] = {"x.md": "Lab\n\nNotes."}
    team.wiki["c.md"] = "Stays\n\nHere."
    team.sync()
    team.wiki["c.md"] = SKIPPED
    other = team.with_embedder(HashEmbedder("other"))
    other.sync(only=frozenset({"wiki"}))
    assert set(other.seen()) == {"wiki/a.md", "wiki/b.md", "wiki/c.md", "lab/x.md"}
    assert other.store.embedder(2) == "other-64"


def test_a_new_way_of_reading_reads_everything_again(team: Team) -> None:
    team.sync()
    team.recipe, team.titles_from_paths, loads = "2", True, team.loads
    assert team.sync() == NOTHING | {"changed": 2, "chunks_embedded": 5, "version": 2}
    assert team.loads == loads + 2


def test_losing_a_great_part_of_a_source_is_refused_until_allowed(team: Team) -> None:
    team.wiki.update({f"page{n}.md": f"Page {n}\n\nText {n}." for n in range(28)})
    team.sync()
    for n in range(10):
        del team.wiki[f"page{n}.md"]
    team.wiki["moved.md"] = team.wiki.pop("page20.md")
    report = team.sync()
    assert (report["removed"], report["moved"], report["kept"]) == (0, 1, 29)
    assert report["failed"] == [
        {
            "path": "wiki",
            "reason": "10 of 30 documents are gone: they stay until `lore sync --allow-removals` says that "
            "this is meant",
        }
    ]
    assert team.sync(allow_removals=True)["removed"] == 10


def test_a_second_sync_is_refused_by_name(team: Team) -> None:
    with index_lock(team.data, "sync"), pytest.raises(Busy, match=r"cannot sync: process \d+ \(sync\) holds"):
        team.sync()


def test_planning_changes_nothing(team: Team) -> None:
    planned = team.syncer().planned(team.sources())
    assert planned == PlanReport(0, (SourcePlan("wiki", add=("a.md", "b.md")),))
    assert team.store.published() == 0
    team.sync()
    assert team.syncer().planned(team.sources()) == PlanReport(1, (SourcePlan("wiki", keep=2),))
    del team.pages["wiki"]
    assert team.syncer().planned([]) == PlanReport(1, (SourcePlan("wiki", remove=("a.md", "b.md")),))


def test_an_empty_team_syncs_to_nothing(tmp_path: Path) -> None:
    assert Team(tmp_path / "data").sync() == NOTHING | {"version": 0}


def test_a_page_without_words_is_a_document_without_chunks(team: Team) -> None:
    team.wiki["empty.md"] = "\n"
    assert team.sync()["added"] == 3
    assert team.store.current_audience("wiki/empty.md") == "everyone"


def test_nobody_is_an_audience_too(team: Team) -> None:
    team.audiences["wiki"] = Audience()
    team.sync()
    assert team.found("book a node") == []
    assert team.store.audience_keys(1) == {"[]"}

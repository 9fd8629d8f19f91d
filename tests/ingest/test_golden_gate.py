"""Golden questions hold a version back that answers less than the one before."""

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.report import Progress, SyncReport
from knowledge.golden import GoldenQuestion
from tests.fakes import HashEmbedder
from tests.records import RESEARCH
from tests.sources import Team

NODES = GoldenQuestion("How do I book a node?", ("wiki/booking.md",))
RATES = GoldenQuestion("Which learning rate does the baseline use?", ("three e minus four", "wiki/rates.md"))


@pytest.fixture
def team(tmp_path: Path) -> Team:
    made = Team(tmp_path / "data", golden=(NODES, RATES))
    made.wiki.update(
        {
            "booking.md": "Booking\n\nBook a node in the calendar.",
            "rates.md": "Learning rates\n\nThe baseline uses three e minus four.",
            **{f"other{n}.md": f"Other {n}\n\nSomething about topic {n}." for n in range(4)},
        }
    )
    made.sync()
    return made


def sync(team: Team, accept_drop: bool = False) -> SyncReport:
    return team.syncer().sync(team.sources(), accept_drop=accept_drop)


def test_a_version_that_answers_less_is_held_back_and_says_why(team: Team) -> None:
    team.wiki["rates.md"] = "Learning rates\n\nThe baseline uses another value."
    team.wiki["new.md"] = "New\n\nA page that waits with the rest."
    before = team.seen()
    report = sync(team)
    assert report.held is not None
    [lost] = report.held.questions
    assert (lost.question, lost.expect) == (RATES.question, RATES.expect)
    assert lost.rank_before == 1
    assert lost.before[0] == "wiki/rates.md"
    assert (report.version, report.held.asked, report.held.narrowed) == (1, 2, False)
    assert (report.changed, report.added) == (1, 1), "what would have been"
    assert team.seen() == before
    assert team.generations.current().version == 1
    assert team.found("book a node")[0] == "booking.md"
    assert SyncReport.from_json(report.as_json()).held == report.held


def test_it_is_published_when_an_admin_accepts_the_drop(team: Team) -> None:
    team.wiki["rates.md"] = "Learning rates\n\nThe baseline uses another value."
    assert sync(team).held
    report = sync(team, accept_drop=True)
    assert (report.held, report.changed, report.chunks_embedded) == (None, 1, 0)
    assert "another value" in repr(team.seen())
    assert sync(team).held is None, "what missed before is no drop"


def test_it_is_published_when_the_page_is_mended(team: Team) -> None:
    del team.wiki["booking.md"]
    assert sync(team).held
    team.wiki["booking.md"] = "Booking\n\nBook a node in the calendar, at noon."
    report = sync(team)
    assert report.held is None
    assert "at noon" in repr(team.seen())


def test_a_change_that_loses_nothing_is_published(team: Team) -> None:
    team.wiki["other1.md"] += "\n\nMore."
    told: list[Progress] = []
    report = team.syncer().sync(team.sources(), on_progress=told.append)
    assert report.held is None
    assert report.version == 2
    assert Progress("check", 4, 4) in told


def test_the_first_version_and_one_of_another_model_have_nothing_to_compare_with(team: Team) -> None:
    other = team.with_embedder(HashEmbedder("other"))
    del other.wiki["rates.md"]
    assert sync(other).held is None


def test_what_fewer_people_may_read_is_narrowed_though_the_version_is_held_back(team: Team) -> None:
    team.pages["lab"] = {"l.md": "Lab\n\nNotes of the lab."}
    team.sync()
    team.audiences["lab"] = RESEARCH
    del team.wiki["booking.md"]
    report = sync(team)
    assert report.held is not None
    assert report.held.narrowed
    assert team.found("notes of the lab") != ["l.md"]
    assert team.seen()["lab/l.md"]["audience"] == RESEARCH.key
    assert "wiki/booking.md" in team.seen()
    assert not team.syncer().audiences_differ(team.sources())
    again = sync(team)
    assert again.held is not None
    assert not again.held.narrowed
    assert team.store.published() == report.version


def test_what_nobody_may_be_shown_goes_though_the_version_is_held_back(team: Team) -> None:
    team.withheld["wiki"] = {"booking.md", "other1.md"}
    report = sync(team)
    assert report.held is not None
    assert report.held.narrowed
    assert not {"wiki/booking.md", "wiki/other1.md"} & set(team.seen())
    assert "wiki/rates.md" in team.seen()


def test_documents_of_a_source_that_is_no_longer_set_up_go_too(team: Team) -> None:
    team.pages["lab"] = {"l.md": "Lab\n\nNotes of the lab."}
    team.sync()
    team.golden = (GoldenQuestion("What does the lab note?", ("lab/l.md",)),)
    del team.pages["lab"]
    report = sync(team)
    assert report.held is not None
    assert "lab/l.md" not in team.seen()


def test_a_question_is_asked_as_its_audience(team: Team) -> None:
    team.pages["lab"] = {"l.md": "Secret rack\n\nThe secret rack has nine nodes."}
    team.audiences["lab"] = RESEARCH
    question = GoldenQuestion("How many nodes has the secret rack?", ("lab/l.md",))
    team.golden = (question,)
    team.sync()
    team.pages["lab"]["l.md"] = "Something else\n\nEntirely."
    team.pages["lab"]["m.md"] = "And more\n\nOf it."
    del team.pages["lab"]["l.md"]
    assert sync(team).held is None, "everyone never found it"
    team.golden = (replace(question, audience=RESEARCH, expect=("lab/m.md",)),)
    del team.pages["lab"]["m.md"]
    team.pages["lab"]["n.md"] = "Third\n\nPage."
    assert sync(team).held is not None


def test_a_held_version_leaves_no_generation_behind(tmp_path: Path) -> None:
    team = Team(tmp_path / "data", golden=(NODES,), indexed=True)
    team.wiki.update({"booking.md": "Booking\n\nBook a node.", "b.md": "B\n\nB.", "c.md": "C\n\nC."})
    team.sync()
    del team.wiki["booking.md"]
    for _ in range(2):
        assert sync(team).held
    folders = [one.name for one in (team.data / "generations").iterdir() if one.is_dir()]
    assert folders == ["00000001-000"]
    assert team.generations.current().version == 1
    assert team.found("book a node")[0] == "booking.md"

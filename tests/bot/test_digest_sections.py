"""Sections of digests over a real record: pages and runs as versions change them, and sources that fail."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.digests.failing_sources import FailingSources
from bot.digests.knowledge_news import KnowledgeNews
from bot.digests.noting import Noting
from bot.digests.run_results import RunResults
from bot.digests.sections import Part, Reader, Window
from bot.digests.sight import Sight
from bot.journal import page_changes
from bot.settings import Settings
from bot.source_cards import Card, Health
from bot.wiring import Knowledge, open_knowledge
from ingest.sources import Source
from knowledge.adapters.generations import KEEP
from knowledge.audience import EVERYONE, WHOLE_WORKSPACE, Audience, Readers, readable_keys
from knowledge.errors import LoreError
from tests.dialogues.small_wiki import without_an_index
from tests.fakes import HashEmbedder

RUNS = Path(__file__).parents[2] / "examples/runs"
LEADS = Audience(principals=frozenset({"U00000001"}))
DAY = timedelta(days=1)


@dataclass
class Team:
    """A wiki and runs that change, and what is noted of them."""

    knowledge: Knowledge
    folder: Path
    wiki: Audience = EVERYONE
    saved: str = ""

    @property
    def noting(self) -> Noting:
        return Noting(self.knowledge.database, self.knowledge.store, lambda: datetime.now(UTC))

    def page(self, name: str, text: str) -> None:
        (self.folder / "wiki" / name).write_text(text)

    def run(self, name: str) -> None:
        shutil.copytree(RUNS / name, self.folder / "runs" / name)

    def sync(self) -> None:
        pages = Source("wiki", "folder", self.folder / "wiki", self.wiki, "wiki")
        runs = Source("runs", "runs", self.folder / "runs", EVERYONE, "run")
        (self.folder / "saved/desk.md").write_text(self.saved or "# Nothing\n\nYet.\n")
        saved = Source("saved", "folder", self.folder / "saved", EVERYONE, "wiki")
        wanted = (pages, runs, *((saved,) if self.saved else ()))
        assert not self.knowledge.syncer.sync(wanted).failed

    def note(self) -> None:
        self.noting.note(datetime.now(UTC))

    def synced(self) -> None:
        self.sync()
        self.note()

    def reader(self, *people: str) -> Reader:
        """Those people, or without any everybody."""
        store, readers = (
            self.knowledge.store,
            Readers(people=frozenset(people)) if people else WHOLE_WORKSPACE,
        )
        keys = readable_keys(store.audience_keys(store.published()), readers, _members)
        return Reader(people[0] if people else "C1", readers, keys, _members, ZoneInfo("UTC"))

    def news(self, *people: str) -> dict[str, tuple[str, ...]]:
        """What there is to say of each page."""
        section = KnowledgeNews(self.knowledge.database, self.knowledge.store)
        return _told(section.build(self.reader(*people), _window()))

    def results(self) -> Part | None:
        sight = Sight(None, self.knowledge.store)  # type: ignore[arg-type]
        return RunResults(self.knowledge.database, sight).build(self.reader(), _window())


def _members(principal: str) -> frozenset[str]:
    return frozenset({principal})


def _window(until: datetime | None = None) -> Window:
    now = until or datetime.now(UTC)
    return Window(now - DAY, now)


def _logged(run: str) -> object:
    return json.loads((RUNS / run / "run.json").read_text())["metrics"]["val_accuracy"]


def _told(part: Part | None) -> dict[str, tuple[str, ...]]:
    return {one.title: (one.words, *one.details) for one in (part.entries if part else ())}


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    for name in ("wiki", "runs", "saved"):
        (tmp_path / name).mkdir()
    settings = Settings(
        config=tmp_path / "lore.toml", data_dir=tmp_path / "data", sources=(), slack_api_url="", tokens=None
    )
    knowledge = open_knowledge(settings, HashEmbedder(), lambda: datetime.now(UTC))
    team = Team(without_an_index(knowledge), tmp_path)
    team.page("herons.md", "# Herons\n\nThey fish at dawn.\n")
    team.run("digits-logreg-baseline")
    team.run("digits-knn-shift")
    yield team
    knowledge.close()


def test_what_is_there_at_first_is_no_news_and_a_source_that_is_new_is_one_line(team: Team) -> None:
    team.note()
    assert team.news() == {}
    team.synced()
    assert team.news() == {"wiki": ("a new source, with 1 page",), "runs": ("a new source, with 2 pages",)}
    assert team.results() is None, "a source that is new is not told run by run"


def test_two_processes_note_a_version_once_and_each_change_is_told(team: Team) -> None:
    team.synced()
    team.page("herons.md", "# Herons\n\nThey fish at dusk.\n")
    team.sync()
    one, other = team.noting, team.noting
    for process in (one, other, one):
        process.note(datetime.now(UTC))
    team.page("herons.md", "# Herons\n\nThey fish at noon.\n")
    team.synced()
    with team.knowledge.database.reading() as connection:
        assert len(page_changes.between(connection, 0.0, 9e9)) == 2
    assert team.news() == {
        "Herons": ("sentences: 1 changed", "Herons: They fish at noon. (was: They fish at dawn.)")
    }


def test_versions_that_nobody_noted_in_time_are_passed_over_and_no_old_page_is_new(team: Team) -> None:
    team.synced()
    team.page("gulls.md", "# Gulls\n\nThey steal.\n")
    for number in range(KEEP + 2):
        team.page("herons.md", f"# Herons\n\nThere are {number} of them.\n")
        team.sync()
    team.note()
    assert list(team.news()) == ["Herons"]


def test_pages_that_are_only_cut_or_embedded_anew_are_no_news(team: Team) -> None:
    team.synced()
    another = replace(team.knowledge.syncer, recipe="another")
    team.knowledge = replace(team.knowledge, syncer=another)
    team.synced()
    with team.knowledge.database.reading() as connection:
        assert page_changes.noted(connection) == team.knowledge.store.published() == 2
        assert page_changes.documents(connection) == frozenset()


def test_a_page_that_was_moved_is_neither_new_nor_changed(team: Team) -> None:
    team.synced()
    (team.folder / "wiki/herons.md").rename(team.folder / "wiki/birds.md")
    team.synced()
    assert team.news() == {}


def test_t70_what_only_some_could_read_before_is_never_told_as_it_was(team: Team) -> None:
    team.wiki = LEADS
    team.synced()
    team.page("herons.md", "# Herons\n\nThey fish at dusk. Iris is hired.\n")
    team.synced()
    assert team.news() == {}, "neither text nor title nor count"
    assert "(was: They fish at dawn.)" in team.news("U00000001")["Herons"][1]
    team.wiki = EVERYONE
    team.synced()
    assert team.news()["Herons"] == ("can be read here now", "They fish at dusk.")
    assert "They fish at dawn." not in str(team.news())


def test_runs_are_told_against_their_baseline_in_the_numbers_of_their_logs(team: Team) -> None:
    team.synced()
    for name in ("digits-mlp-wide", "digits-mlp-small", "digits-mlp-wide-sgd-lr5", "wine-knn-raw"):
        team.run(name)
    team.synced()
    part = team.results()
    assert part is not None
    digits, wine = sorted(part.entries, key=lambda one: one.title)
    assert digits.title == "digits"
    wide, baseline = _logged("digits-mlp-wide"), _logged("digits-logreg-baseline")
    assert digits.words == (
        f"best of 3 runs: digits-mlp-wide, val_accuracy {wide} (more is better); "
        f"better than the baseline digits-logreg-baseline, {baseline}"
    )
    assert digits.details[0].startswith("digits-mlp-wide-sgd-lr5: failed (")
    lines = digits.lines.split("\n")
    assert lines[0].startswith("digits-logreg-baseline")
    assert lines[0].endswith(f"{baseline} (the baseline)")
    assert any("digits-logreg-baseline" in one for one in digits.document_ids), "checked before it is sent"
    assert (
        wine.words == f"best of 1 run: wine-knn-raw, val_accuracy {_logged('wine-knn-raw')} (more is better)"
    )
    assert wine.lines == ""


def test_sources_that_fail_are_for_admins_and_news_when_they_began_to(team: Team) -> None:
    reader = team.reader("U00000001")
    broken = Card("git", "Git", Health.FAILING, 0, 0, problem="401 for token=abc")
    section = FailingSources(lambda: [broken, Card("wiki", "Folder", Health.OK, 9, 9)])
    assert section.build(reader, _window()) is None
    part = section.build(replace(reader, admin=True), _window())
    assert part is not None
    assert _told(part) == {"git": ("failing; 401 for token=abc", "never read without trouble")}
    assert not part.news, "it failed before, and was told then"

    def unreadable() -> list[Card]:
        raise LoreError("lore.toml cannot be read")

    part = FailingSources(unreadable).build(replace(reader, admin=True), _window())
    assert _told(part) == {"The sources cannot be told": ("lore.toml cannot be read",)}


def test_what_people_said_in_slack_is_noted_without_a_word_and_what_is_gone_not_at_all(team: Team) -> None:
    team.saved = "# Badge desk\n\nIt is on floor 2.\n"
    team.synced()
    team.saved = "# Badge desk\n\nIt is on floor 3. Iris lost hers.\n"
    team.page("gulls.md", "# Gulls\n\nThey steal.\n")
    team.synced()
    assert team.news()["Badge desk"] == (
        "sentences: 2 new", "Badge desk: It is on floor 3.", "Badge desk: Iris lost hers.",
    )  # fmt: skip
    with team.knowledge.database.reading() as connection:
        noted = page_changes.between(connection, 0.0, 9e9)
    assert "floor" not in str(noted)
    assert "Iris" not in str(noted)
    team.saved = "# Badge desk\n\nIt is on floor 3.\n"
    (team.folder / "wiki/gulls.md").unlink()
    team.synced()
    assert team.news() == {"Badge desk": ("sentences: 1 new", "Badge desk: It is on floor 3.")}
    with team.knowledge.database.reading() as connection:
        assert "wiki/gulls.md" not in page_changes.documents(connection)

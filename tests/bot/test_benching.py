"""The bench: golden questions of two versions, or asked in two ways, compared one by one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.benching import Bench, Way, fusing_from
from bot.blocks.comparisons import comparison_pages
from bot.searching import BEYOND, explain
from knowledge.adapters.published import RecordIndex
from knowledge.errors import SettingsError
from knowledge.golden import GoldenQuestion
from knowledge.retrieval import AS_MEASURED, Fusing
from tests.bot.block_rules import texts
from tests.sources import Team

BACKUPS = GoldenQuestion("How long are backups kept?", ("wiki/backups",))
GPUS = GoldenQuestion("When is a GPU booked?", ("wiki/gpus",))
LLAMA = GoldenQuestion("Who feeds the office llama?", ("wiki/llama",))
QUESTIONS = (BACKUPS, GPUS, LLAMA)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team(tmp_path)
    team.wiki["backups"] = "Backups\n\nThe backups are kept for 35 days."
    team.wiki["gpus"] = "GPUs\n\nA GPU is booked before ten."
    team.sync()
    return team


def bench(team: Team) -> Bench:
    return Bench(team.store, lambda: RecordIndex(team.store.database, team.store.published()), team.embedder)


def test_two_versions_are_compared_question_by_question(team: Team) -> None:
    del team.wiki["gpus"]
    team.wiki["llama"] = "Llama\n\nWho feeds the office llama: Ana does."
    team.sync(allow_removals=True)
    compared = bench(team).compare(QUESTIONS, Way(1), Way(2))
    assert [one.verdict for one in compared.pairs] == ["same", "lost", "won"]
    told = compared.as_json()
    assert (told["won"], told["lost"], told["same"]) == (1, 1, 1)
    assert told["questions"][1]["rank_before"] == 1
    assert told["questions"][1]["rank_after"] is None
    assert told["first"]["way"] == "version 1"
    assert bench(team).newest_two() == [1, 2]
    said = "\n".join(text for page in comparison_pages(compared) for text in texts(list(page.blocks)))
    assert said.index("When is a GPU booked?") < said.index("How long are backups kept?")
    assert "wiki/gpus" not in said, "no document is named"


def test_other_weights_are_tried_and_change_nothing(team: Team) -> None:
    compared = bench(team).compare(QUESTIONS, Way(), Way(fusing=Fusing(dense=0.0, lexical=0.0, document=0.0)))
    assert compared.before.hits == 2
    assert compared.second.in_words() == "dense 0, lexical 0, document 0"
    assert bench(team).ask(QUESTIONS, Way()).hits == 2
    assert Fusing() == AS_MEASURED


def test_fewer_passages_may_lose_what_stands_low(team: Team) -> None:
    both = (GoldenQuestion("Are backups of the GPU kept?", ("wiki/backups", "wiki/gpus")),)
    asked = bench(team)
    assert asked.ask(both, Way()).hits == 1
    assert asked.ask(both, Way(passages=1)).hits == 0


def test_versions_that_cannot_be_asked_are_told(team: Team) -> None:
    with pytest.raises(SettingsError, match="version 7 is not kept"):
        bench(team).ask(QUESTIONS, Way(7))
    with pytest.raises(SettingsError, match="no version before"):
        bench(team).newest_two()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["magic=1"], "no setting of retrieval"),
        (["dense"], "must be dense=NUMBER"),
        (["depth=1.5"], "must be depth=NUMBER"),
        (["dense=nan"], "out of bounds"),
        (["depth=100000"], "out of bounds"),
        (["lexical=-1"], "out of bounds"),
    ],
)
def test_wrong_settings_are_told(settings: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        fusing_from(settings)
    assert fusing_from(["dense=0.6", "depth=50"]) == Fusing(dense=0.6, depth=50)


def test_a_search_says_what_was_cut_and_where_the_time_went(team: Team) -> None:
    told = explain(
        bench(team).current,
        team.store,
        team.embedder,
        "How long are backups kept?",
        frozenset({"everyone"}),
        1,
        datetime(2026, 3, 2, tzinfo=UTC),
    )
    assert [one.cut for one in told.seen][:2] == ["", BEYOND]
    assert told.seen[0].passage.document_id == "wiki/backups"
    assert set(told.milliseconds) >= {"embedding", "meaning", "words", "documents", "coverage", "all"}
    assert told.milliseconds["all"] >= told.milliseconds["embedding"]

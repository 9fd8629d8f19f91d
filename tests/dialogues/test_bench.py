"""`/lore bench`: admins compare what two versions find for the golden questions; nobody else does."""

from collections.abc import Iterator

import pytest

from bot.benching import Bench
from bot.comparing import Golden
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.golden import GoldenQuestion
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words

DRILL = GoldenQuestion("When was the last restore drill?", ("12 May 2026",))
WARM = GoldenQuestion("For how many steps do we warm up?", ("2000 steps",))


@pytest.fixture
def team(slack: Workspace, own_knowledge: Knowledge) -> Iterator[Lore]:
    bench = Bench(own_knowledge.store, own_knowledge.generations.current, own_knowledge.embedder)
    with at_work(slack, own_knowledge, golden=Golden(bench, lambda: (DRILL, WARM))) as lore:
        yield lore


def test_admins_compare_versions_question_by_question(team: Lore) -> None:
    assert team.slack.slash("ana", "#general", "/lore", "bench").ok
    assert "no version before the published one" in words(team.private_reply("ana", "#general"))
    (team.wiki / "checkpoints.md").unlink()
    team.knowledge.syncer.sync(team.knowledge.settings.sources)
    assert team.slack.slash("ana", "#general", "/lore", "bench").ok
    said = words(team.private_reply("ana", "#general", 2))
    assert "version 1 → version 2: found 2 → 1 of 2" in said
    assert said.index("When was the last restore drill?") < said.index("For how many steps")
    assert "(lost)" in said
    assert "checkpoints" not in said, "no document is named"


def test_admins_try_other_weights_and_wrong_ones_are_told(team: Lore) -> None:
    assert team.slack.slash("ana", "#general", "/lore", "bench dense=0 lexical=1").ok
    assert "as published → dense 0, lexical 1" in words(team.private_reply("ana", "#general"))
    assert team.slack.slash("ana", "#general", "/lore", "bench magic=1").ok
    assert "no setting of retrieval" in words(team.private_reply("ana", "#general", 2))


def test_az_25_whoever_is_no_admin_compares_nothing(team: Lore) -> None:
    assert team.slack.slash("ben", "#general", "/lore", "bench").ok
    said = words(team.private_reply("ben", "#general"))
    assert "Only admins" in said
    assert "restore drill" not in said


def test_without_golden_questions_it_says_where_they_go(lore: Lore) -> None:
    assert lore.slack.slash("ana", "#general", "/lore", "bench").ok
    assert "[[golden]]" in words(lore.private_reply("ana", "#general"))

"""From nothing to an answer: a real MLflow server, a real MediaWiki and a git wiki, synced and asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places.conftest import Mlflow
from tests.places.mediawiki import RealWiki, real_wiki, why_not

pytestmark = [
    pytest.mark.places,
    pytest.mark.timeout(900),
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]

TEAM = """
[[sources]]
name = "tracking"
kind = "mlflow"
address = "{mlflow}"
private_network = true
audience = "everyone"

[[sources]]
name = "wiki"
kind = "mediawiki"
address = "{mediawiki}"
private_network = true
audience = "everyone"

[[sources]]
name = "handbook"
kind = "git"
repository = "file://{git}"
audience = "everyone"
"""
QUESTIONS = {
    "What removed the loss spike at step 1200?": ("tracking", "warm-up of 2000 steps"),
    "Who decides which GPU node a training run may use?": ("wiki", "Ines"),
    "How long are raw scans kept before they are deleted?": ("handbook", "90 days"),
}


def lore(team: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        env=team,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def git(folder: Path, *words: str) -> None:
    said = ("-c", "user.name=Ada", "-c", "user.email=ada@tern.example", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *said, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    folder.mkdir()
    (folder / "retention.md").write_text(
        "# Retention of scans\n\nRaw scans are kept for 90 days before they are deleted from the boxes.\n"
    )
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "How long scans stay")
    return folder


def written(wiki: RealWiki) -> None:
    wiki.put("GPU nodes", "Ines decides which GPU node a training run may use. Ask her before Monday noon.")


def test_one_sync_of_three_places_and_a_question_answered_from_each(
    mlflow: Mlflow, handbook: Path, tmp_path: Path
) -> None:
    with real_wiki(tmp_path / "mediawiki") as wiki:
        written(wiki)
        config = tmp_path / "lore.toml"
        config.write_text(TEAM.format(mlflow=mlflow.address, mediawiki=wiki.address, git=handbook))
        team = {**os.environ, "LORE_CONFIG": str(config), "LORE_DATA_DIR": str(tmp_path / "data")}
        print(lore(team, "sync"))
        for question, (source, words) in QUESTIONS.items():
            answer = json.loads(lore(team, "ask", question, "--json"))
            print(question, "\n ", answer["sentences"][0]["text"], "\n ", answer["citations"][0]["path"])
            assert answer["citations"][0]["source"] == source
            assert words in " ".join(sentence["text"] for sentence in answer["sentences"])
        again = lore(team, "sync", "--json")
        counts = json.loads(again)
        assert (counts["added"], counts["changed"], counts["removed"]) == (0, 0, 0)
        assert counts["chunks_embedded"] == 0

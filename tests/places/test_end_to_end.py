"""From nothing to an answer: a real MLflow server, a real MediaWiki and a git wiki, synced and asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places.mediawiki import why_not
from tests.places.three import QUESTIONS, wiki_and_handbook
from tests.places.tracking import Mlflow

pytestmark = [
    pytest.mark.places,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(why_not() is not None, reason=why_not() or ""),
]


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


def test_one_sync_of_three_places_and_a_question_answered_from_each(mlflow: Mlflow, tmp_path: Path) -> None:
    with wiki_and_handbook(tmp_path, mlflow) as config:
        team = {**os.environ, "LORE_CONFIG": str(config), "LORE_DATA_DIR": str(tmp_path / "data")}
        print(lore(team, "sync"))
        for question, (source, words) in QUESTIONS.items():
            answer = json.loads(lore(team, "ask", question, "--json"))
            print(f"{question}\n  {answer['sentences'][0]['text']}\n  {answer['citations'][0]['path']}")
            assert answer["citations"][0]["source"] == source
            assert words in " ".join(sentence["text"] for sentence in answer["sentences"])
        again = json.loads(lore(team, "sync", "--json"))
        assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
        assert again["chunks_embedded"] == 0

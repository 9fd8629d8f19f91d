"""Feedback leaves as rows that no spreadsheet takes for formulas, without words unless they are wanted."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.feedback import export_feedback
from bot.exporting import COLUMNS, as_csv, neutral, rows
from bot.journal.feedback import Judged

EVIL = ('=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "|x", "＝1")


def judged(question: str = "how?", comment: str = "") -> Judged:
    return Judged(
        1_780_000_000.0, "abc", False, "wrong", comment, question, "answer", 3, "C1", 1_780_000_000.0
    )


@pytest.mark.parametrize("text", EVIL)
def test_po10_formulas_in_questions_and_comments_are_neutralised(text: str) -> None:
    table = rows([judged(text, text)], words=True)
    [row] = csv.DictReader(io.StringIO(as_csv(table, words=True)))
    for name in ("question", "comment"):
        assert row[name].startswith("'")


@given(st.text(max_size=60))
def test_po10_no_cell_begins_like_a_formula(text: str) -> None:
    table = rows([judged(text, text)], words=True)
    for row in csv.reader(io.StringIO(as_csv(table, words=True))):
        assert not any(cell.lstrip()[:1] in ("=", "+", "-", "@") for cell in row)


def test_numbers_stay_numbers() -> None:
    assert neutral(-3) == -3
    assert neutral(True) is True


def test_pv14_words_are_left_out_unless_they_are_wanted() -> None:
    [row] = rows([judged("a secret question", "a secret comment")], words=False)
    assert tuple(row) == COLUMNS
    assert "secret" not in str(row)


def test_the_command_prints_json_csv_and_a_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lore.toml").write_text('data_dir = "data"\n')
    monkeypatch.setenv("LORE_CONFIG", str(tmp_path / "lore.toml"))
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "DATABASE_URL", "CHROMA_URL", "LORE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    export_feedback(days=90, as_json=True, as_csv_table=False, words=False)
    assert json.loads(capsys.readouterr().out) == []
    export_feedback(days=90, as_json=False, as_csv_table=True, words=True)
    assert capsys.readouterr().out.strip() == ",".join((*COLUMNS, "question", "comment"))
    export_feedback(days=90, as_json=False, as_csv_table=False, words=False)
    assert "0 judgements in 90 days" in capsys.readouterr().out

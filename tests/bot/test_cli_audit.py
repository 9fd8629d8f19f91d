"""`lore audit` prints who did what, for people, scripts and spreadsheets."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.audits import print_audit
from bot.journal import records
from bot.journal.migrate import migrate
from bot.journal.records import Audit
from bot.wiring import now
from knowledge.adapters.database import open_database

ACTS = (
    Audit("U1", "sync", "wiki", place="C1"),
    Audit("U2", "pause source", "=HYPERLINK(1)", allowed=False, place="home"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "lore.toml").write_text("")
    monkeypatch.setenv("LORE_CONFIG", str(tmp_path / "lore.toml"))
    monkeypatch.setenv("LORE_DATA_DIR", str(tmp_path))
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    with database.writing() as connection:
        long_ago = (now() - timedelta(days=200)).timestamp()
        records.write(connection, Audit("U3", "sync", "old"), None, long_ago)
        for act in ACTS:
            records.write(connection, act, None, now().timestamp())
    database.close()
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_json_has_every_act_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_audit(days=90, as_json=True, as_csv=False)
    rows = json.loads(capsys.readouterr().out)
    assert [(row["person"], row["allowed"], row["place"]) for row in rows] == [
        ("U2", False, "home"),
        ("U1", True, "C1"),
    ]


@pytest.mark.usefixtures("folder")
def test_csv_holds_no_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    print_audit(days=90, as_json=False, as_csv=True)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[0]["subject"] == "'=HYPERLINK(1)"
    assert rows[1]["action"] == "sync"


@pytest.mark.usefixtures("folder")
def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    print_audit(days=365, as_json=False, as_csv=False)
    newest, middle, oldest = capsys.readouterr().out.splitlines()
    assert "U2  was refused: pause source (=HYPERLINK(1)) from home" in newest
    assert "U1  sync (wiki) from C1" in middle
    assert "U3  sync (old)" in oldest

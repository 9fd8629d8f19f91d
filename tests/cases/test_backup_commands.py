"""`lore backup` and `lore restore` as a person types them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = "# Backups\n\nBackups of the label store run every night at 02:30 and are kept for 35 days.\n"
QUESTION = "How long are backups of the label store kept?"


def lore(team: dict[str, str], *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *words],
        env=team,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.timeout(900)
def test_st13_a_data_folder_that_was_lost_comes_back_from_a_backup(
    tmp_path: Path, postgres_address: str
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "backups.md").write_text(PAGE)
    (tmp_path / "lore.toml").write_text('[[sources]]\nname = "wiki"\npath = "pages"\naudience = "everyone"\n')
    data = tmp_path / "data"
    team = {**os.environ, "LORE_CONFIG": str(tmp_path / "lore.toml"), "LORE_DATA_DIR": str(data)}
    assert lore(team, "sync")[0] == 0
    file = tmp_path / "today.zip"
    code, said = lore(team, "backup", str(file))
    assert (code, said.rpartition(", ")[2]) == (0, "version 1\n")

    assert lore(team, "restore", str(file))[1].startswith("lore: the database is not empty")
    shutil.rmtree(data)
    code, said = lore(team, "restore", str(file))
    assert code == 0
    assert "restored version 1" in said
    assert said.endswith("1 documents\n")
    assert (data / "generations" / "current").is_file()
    assert "35 days" in lore(team, "ask", QUESTION)[1]

    moved = {**team, "DATABASE_URL": postgres_address, "LORE_DATA_DIR": str(tmp_path / "elsewhere")}
    code, said = lore(moved, "restore", str(file))
    assert (code, said.rpartition(": ")[2]) == (0, "1 documents\n")

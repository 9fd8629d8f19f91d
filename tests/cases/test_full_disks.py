"""Disks that are full at a step of a sync (IN-27): one line says so, nothing is lost, and room heals it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cases.mounting import mount_of

ROOT = Path(__file__).parents[2]


def on_a_disk(tmp_path: Path, megabytes: int, *how: str) -> str:
    """What happened on a file system of so many megabytes of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = mount_of(disk, f"size={megabytes}m")
    command = f"{sys.executable} -m tests.cases.filling {disk} {tmp_path} {' '.join(how)}"
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mount} && exec {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_in_27_a_disk_that_is_full_at_any_step_loses_nothing_and_heals(tmp_path: Path) -> None:
    said = on_a_disk(tmp_path, 8, "record", *(str(n) for n in range(0, 400, 16)))
    assert "cannot keep what was fetched" in said
    assert "the record cannot be written" in said
    assert "done" in said


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_in_27_a_disk_that_is_full_at_any_step_of_an_index_loses_nothing_and_heals(tmp_path: Path) -> None:
    print(on_a_disk(tmp_path, 24, "indexed", *(str(n) for n in range(0, 6000, 250))))

"""Locks between processes: one holder, named to whoever is refused, freed by the OS."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from knowledge.adapters.locks import held
from knowledge.errors import Busy, StoreError

HOLDER = """
import sys, time
from pathlib import Path
from knowledge.adapters.locks import held
with held(Path(sys.argv[1]), "sync the wiki"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> "subprocess.Popen[bytes]":
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, env={"PYTHONPATH": str(root)}
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_st07_a_second_process_is_refused_by_name_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "index.lock"
    with holder(path) as process:
        with pytest.raises(Busy) as refused, held(path, "sync"):
            pass
        expected = f"cannot sync: process {process.pid} (sync the wiki) holds {path}; wait for it or stop it"
        assert str(refused.value) == expected
        os.kill(process.pid, signal.SIGKILL)
    with held(path, "sync"):
        assert path.read_text() == f"{os.getpid()} sync\n"


def test_whoever_waits_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "index.lock"
    with holder(path) as process:
        with pytest.raises(Busy), held(path, "sync", wait_s=0.2):
            pass
        process.kill()
        with held(path, "sync", wait_s=20):
            pass


def test_the_same_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    with held(tmp_path / "lock", "sync"), pytest.raises(Busy), held(tmp_path / "lock", "sync again"):
        pass


def test_an_exception_frees_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), held(tmp_path / "lock", "sync"):
        raise ZeroDivisionError
    with held(tmp_path / "lock", "sync"):
        pass


@pytest.mark.parametrize("where", ["missing/lock", "file/lock", "."])
def test_st09_a_lock_that_cannot_be_made_is_one_clear_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreError, match=r"^cannot make the lock file [^\n]*$"),
        held(tmp_path / where, "sync"),
    ):
        pass


def test_a_lock_file_full_of_nonsense_still_locks(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_bytes(b"\xff\x00\n" * 1000)
    with held(path, "sync"):
        assert path.read_text() == f"{os.getpid()} sync\n"

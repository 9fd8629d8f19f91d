"""The process that builds indexes: one for many tasks, ended when left alone, replaced when killed."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.adapters import child
from knowledge.adapters.child import build_in_child, limits_for
from knowledge.errors import IndexDamaged
from tests.knowledge.adapters.test_generations import EMBEDDER, build_pages


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_pages(tmp_path_factory.mktemp("built") / "data")


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    child._waiting.close()
    yield
    child._waiting.close()


def built(data: Path, folder: Path) -> int:
    """Build a generation; the process that did it, which waits for more."""
    folder.mkdir()
    limits = limits_for(200, 60)
    made = build_in_child(str(data / "lore.db"), folder, 1, EMBEDDER.fingerprint, None, limits)
    assert made.chunks > 100
    return waiting()


def waiting() -> int:
    assert child._waiting._child is not None
    return child._waiting._child._process.pid


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_does_one_task_after_another(data: Path, tmp_path: Path) -> None:
    assert built(data, tmp_path / "1") == built(data, tmp_path / "2")


def test_limits_are_those_of_a_task_alone(data: Path, tmp_path: Path) -> None:
    first = built(data, tmp_path / "1")
    (tmp_path / "2").mkdir()
    tight = child.Limits(60, 60, 8_000_000_000, 10_000)
    with pytest.raises(IndexDamaged):
        build_in_child(str(data / "lore.db"), tmp_path / "2", 1, EMBEDDER.fingerprint, None, tight)
    assert built(data, tmp_path / "3") == first


def test_one_that_was_killed_while_it_waited_is_replaced(data: Path, tmp_path: Path) -> None:
    first = built(data, tmp_path / "1")
    os.kill(first, signal.SIGKILL)
    time.sleep(0.1)
    assert built(data, tmp_path / "2") != first


def test_one_that_ends_in_the_middle_of_a_task_is_told_with_its_last_words(
    data: Path, tmp_path: Path
) -> None:
    began = time.monotonic()
    with pytest.raises(IndexDamaged, match="ended with code 1: KeyError"):
        child._run({"do": "probe"}, str(data / "lore.db"), tmp_path, limits_for(200, 60))
    assert time.monotonic() - began < 60
    assert child._waiting._child is None


def test_one_that_cannot_be_begun_is_told(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(IndexDamaged, match="cannot be begun"):
        built(data, tmp_path / "1")


def test_one_that_is_left_alone_is_ended(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "IDLE_S", 0.2)
    process = built(data, tmp_path / "1")
    until = time.monotonic() + 20
    while is_there(process):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert child._waiting._child is None


def test_a_fork_of_this_process_leaves_it_alone(data: Path, tmp_path: Path) -> None:
    first = built(data, tmp_path / "1")
    fork = os.fork()
    if fork == 0:
        os._exit(0 if child._waiting._child is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    assert built(data, tmp_path / "2") == first

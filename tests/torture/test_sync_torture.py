"""Hundreds of killed syncs and damaged files, and the naive way beside them."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.knowledge.adapters.test_generations import build_pages, finds_everything, mutated, opened
from tests.torture.syncs import ROOT, STEPS, kill_syncs

NAIVE = """
import sys, numpy
from chromadb import PersistentClient
client = PersistentClient(path=sys.argv[1])
collection = client.get_or_create_collection("all", embedding_function=None)
drawn = numpy.random.default_rng()
print("open", flush=True)
while True:
    ids = [str(n) for n in drawn.choice(20_000, 200, replace=False)]
    collection.upsert(ids=ids, embeddings=drawn.standard_normal((200, 64)).astype("float32"))
"""
CHECK = """
import sys, numpy
from chromadb import PersistentClient
collection = PersistentClient(path=sys.argv[1]).get_collection("all", embedding_function=None)
found = collection.get(include=["embeddings"], limit=100)
assert collection.count() >= len(found["ids"]) > 0
for vector in found["embeddings"][::10]:
    collection.query(query_embeddings=[vector], n_results=3)
"""


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_in_26_syncs_killed_at_each_step_twenty_times_and_five_hundred_times_anywhere(tmp_path: Path) -> None:
    tally = kill_syncs(tmp_path, kills=1000, indexed=False, seed=11)
    print(f"\nrecord alone: {tally}")
    assert tally.old
    assert tally.new
    wanted = set(STEPS) - {"fsync", "swap"}  # those of generations: the record alone has none of its own
    assert min(tally.at[step] for step in wanted) >= 20


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("step", ["build", "built", "fsync", "point", "swap", "pointed", "sweep", "swept"])
def test_in_26_publishing_a_generation_is_killed_twenty_times_at_each_step(tmp_path: Path, step: str) -> None:
    tally = kill_syncs(tmp_path, kills=20, indexed=True, seed=13, step=step)
    print(f"\nat {step}: {tally}")
    assert tally.at[step] >= 20


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_st02_a_hundred_syncs_killed_while_they_build_generations(tmp_path: Path) -> None:
    tally = kill_syncs(tmp_path, kills=100, indexed=True, seed=12, longest=4.0)
    print(f"\nwith generations: {tally}")
    assert tally.old
    assert tally.new


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_st03_two_hundred_damaged_files(tmp_path: Path) -> None:
    built = build_pages(tmp_path / "built")
    drawn = random.Random(13)
    seen = 0
    for trial in range(200):
        data = Path(shutil.copytree(built, tmp_path / "damaged"))
        what = mutated(data / "generations" / "00000001-000", drawn)
        store, generations = opened(data)
        finds_everything(store, generations)
        seen += generations.damage is not None
        assert generations.damage is None or generations.serving() is None, what
        store.database.close()
        generations.close()
        shutil.rmtree(data)
        if trial % 50 == 49:
            print(f"\n{trial + 1} files damaged, {seen} seen before opening, every question answered rightly")


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_the_naive_way_a_chroma_folder_changed_in_place_breaks(tmp_path: Path) -> None:
    """The harness sees damage where there is some."""
    for kills in range(1, 31):
        with subprocess.Popen(
            [sys.executable, "-c", NAIVE, str(tmp_path / "chroma")], stdout=subprocess.PIPE, cwd=ROOT
        ) as writer:
            assert writer.stdout is not None
            opened_well = writer.stdout.readline() == b"open\n"
            _wait_until_it_saves(tmp_path / "chroma")
            os.kill(writer.pid, signal.SIGKILL)
        if not opened_well or not _checks(tmp_path / "chroma"):
            print(f"\nnaive way: the folder changed in place was broken for good after {kills} kills")
            return
    pytest.fail("a Chroma folder changed in place survived thirty kills")


def _wait_until_it_saves(folder: Path) -> None:
    """Chroma saves its graph now and then: that is when a kill hurts."""
    before = _saved(folder)
    until = time.monotonic() + 20
    while _saved(folder) == before and time.monotonic() < until:
        time.sleep(0.001)


def _saved(folder: Path) -> set[tuple[str, int]]:
    return {(file.name, file.stat().st_mtime_ns) for file in folder.glob("*/*.bin")}


def _checks(folder: Path) -> bool:
    try:
        limited = ["/bin/sh", "-c", 'ulimit -f 2000000; exec "$0" "$@"']
        check = [*limited, sys.executable, "-c", CHECK, str(folder)]
        return subprocess.run(check, timeout=60, cwd=ROOT, capture_output=True, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False

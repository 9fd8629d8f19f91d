"""A bot that answers for a long time holds no more than at the beginning."""

import os
import sys
from pathlib import Path

import pytest

from tests.torture.soaking import soak, soak_real

POOLS = 12
"""Threads that pools may still add as they are needed; a hundred questions that leaked one each are more."""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells it")


@linux
def test_st20_files_and_threads_do_not_grow() -> None:
    seen = soak(12, samples=4)
    assert seen.answered == seen.asked
    warm, last = seen.samples[1], seen.samples[-1]
    assert last.files <= warm.files + 3
    assert last.threads <= warm.threads + POOLS


@pytest.mark.torture
@pytest.mark.timeout(1800)
@linux
def test_st20_memory_does_not_grow_in_ten_minutes() -> None:
    seen = soak(600, samples=10)
    print(f"\nsoak: {seen.asked} asked, {seen.answered} answered; {seen.samples[2]} then {seen.samples[-1]}")
    assert seen.answered == seen.asked
    assert seen.samples[-1].memory <= seen.samples[2].memory * 1.05
    assert seen.samples[-1].files <= seen.samples[2].files + 3
    assert seen.samples[-1].threads <= seen.samples[2].threads + POOLS


SOAK_S = float(os.environ.get("SOAK_S", "600"))
WARM = 0.5
"""The part of the time after which bounded caches are nearly full: after five hundred of ten minutes'
questions, for as many are kept embedded."""

GROWTH = 1.05
"""What memory may become after that. A twentieth of some 950 MB is about 80 KB for each question still to
come: more than that is something kept for each of them."""


@pytest.mark.torture
@pytest.mark.timeout(SOAK_S + 1200)
@linux
def test_st20_a_real_bot_over_the_examples_holds_no_more_than_at_the_beginning(tmp_path: Path) -> None:
    seen = soak_real(tmp_path, SOAK_S, samples=20)
    warm, last = seen.around(WARM), seen.around(1.0)
    for one in seen.samples:
        print(f"\n  {one.memory:.1f} MB, {one.files} files, {one.threads} threads", end="")
    print(f"\na real bot: {seen.asked} asked, {seen.answered} answered; {warm} then {last}")
    assert seen.answered == seen.asked
    assert last.memory <= warm.memory * GROWTH
    assert last.files <= warm.files + 3
    assert last.threads <= warm.threads + POOLS

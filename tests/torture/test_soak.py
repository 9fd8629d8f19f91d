"""A bot that answers for a long time holds no more than at the beginning."""

import sys

import pytest

from tests.torture.soaking import soak

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

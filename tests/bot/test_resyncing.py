"""The sources are read anew at the start and then as often as the settings say, never twice at once."""

import threading
from datetime import UTC, datetime, timedelta

from bot.resyncing import Resync
from ingest.report import SyncReport
from knowledge.errors import StoreError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOTHING_NEW = SyncReport(0, 0, 0, 0, 3, (), 0, 0.1, 1)


class Syncs:
    """Counts syncs; each goes on until it is let go."""

    def __init__(self, fails: bool = False) -> None:
        self.begun = 0
        self.ended = threading.Semaphore(0)
        self.let_go = threading.Event()
        self.let_go.set()
        self._fails = fails

    def __call__(self) -> SyncReport:
        self.begun += 1
        self.let_go.wait(10)
        self.ended.release()
        if self._fails:
            raise StoreError("the disk is full")
        return NOTHING_NEW

    def one_ended(self) -> bool:
        return self.ended.acquire(timeout=10)


def wait_for_its_thread() -> None:
    for thread in threading.enumerate():
        if thread.name == "resync":
            thread.join(10)


def test_it_syncs_at_the_start_and_again_when_the_time_has_come() -> None:
    syncs = Syncs()
    resync = Resync(syncs, timedelta(minutes=60))
    for minutes, begun in ((0, 1), (1, 1), (59, 1), (60, 2), (61, 2), (200, 3)):
        resync(NOON + timedelta(minutes=minutes))
        wait_for_its_thread()
        assert syncs.begun == begun


def test_zero_means_once() -> None:
    syncs = Syncs()
    resync = Resync(syncs, timedelta(0))
    for hours in range(3):
        resync(NOON + timedelta(hours=hours))
        wait_for_its_thread()
    assert syncs.begun == 1


def test_a_sync_that_goes_on_is_not_joined_by_another() -> None:
    syncs = Syncs()
    syncs.let_go.clear()
    resync = Resync(syncs, timedelta(minutes=1))
    for minutes in range(5):
        resync(NOON + timedelta(minutes=minutes))
    assert syncs.begun == 1
    syncs.let_go.set()
    assert syncs.one_ended()
    wait_for_its_thread()


def test_a_sync_that_fails_is_tried_again_at_its_time() -> None:
    syncs = Syncs(fails=True)
    resync = Resync(syncs, timedelta(minutes=1))
    for minutes in range(2):
        resync(NOON + timedelta(minutes=minutes))
        wait_for_its_thread()
    assert syncs.begun == 2

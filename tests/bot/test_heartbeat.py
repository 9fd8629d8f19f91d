"""The heartbeat beats at once, and goes on when a duty fails."""

import threading
from datetime import UTC, datetime

from bot.heartbeat import Heartbeat


def test_it_beats_at_once_and_a_duty_that_fails_holds_up_no_other() -> None:
    beaten = threading.Event()

    def fails(_now: datetime) -> None:
        raise OSError("the disk is away")

    def beats(now: datetime) -> None:
        assert now.tzinfo is UTC
        beaten.set()

    heart = Heartbeat([fails, beats], lambda: datetime.now(UTC), every_s=3600)
    heart.start()
    try:
        assert beaten.wait(30), "the first beat does not wait an hour"
    finally:
        heart.stop()

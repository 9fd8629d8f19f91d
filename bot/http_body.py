"""A request's body within limits, and a log of refused requests that a flood of them cannot fill."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any

from bot.gate import Refused

BODY_WITHIN_S = 3.0
TELL_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Refusals:
    """Tells the log of refused requests, once a minute at most: a flood of them must not fill it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counted: Counter[str] = Counter()
        self._told_at = float("-inf")
        self._lock = Lock()

    def note(self, refused: Refused) -> None:
        with self._lock:
            self._counted[f"{refused.status} {refused.why}"] += 1
            if self._clock() - self._told_at < TELL_EVERY_S:
                return
            told, self._counted, self._told_at = self._counted, Counter(), self._clock()
        log.warning("refused: %s", "; ".join(f"{count} × {what}" for what, count in told.most_common()))


async def body_of(receive: Any, most_bytes: int) -> bytes | Refused:
    """The whole body, if it comes in time and is no longer than this."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return Refused(400, "half a body")
                body += message.get("body", b"")
                if len(body) > most_bytes:
                    return Refused(413, "too long")
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return Refused(408, "a body that takes too long")

"""Whether what is asked now is taken in and worked off: what a platform's readiness check is told."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from starlette.responses import JSONResponse, Response

from bot.connection import Connection
from bot.delivery import Delivery
from bot.journal import replays
from bot.journal.writer import NotCommitted
from knowledge.errors import LoreError
from knowledge.ports import Clock

PATH = "/readyz"
LOOK_EVERY_S = 5.0
LOOK_WITHIN_S = 3.0

log = logging.getLogger(__name__)


class Readiness:
    """Ready when the journal can be written, questions are worked on and the connection stands.

    `serving` says what answers come from; it raises a LoreError when there is nothing. Journal and index
    are looked at once in `look_every_s`, so that whoever asks often costs nothing; the connection each time.
    """

    def __init__(
        self,
        clock: Clock,
        serving: Callable[[], str] = lambda: "yes",
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._clock = clock
        self._serving = serving
        self._look_every_s = look_every_s
        self._looker = ThreadPoolExecutor(1, "looking")
        self._about: tuple[Delivery, Connection] | None = None
        self._looked_at = float("-inf")
        self._found: Mapping[str, str] = {"trouble": "nobody has looked yet"}

    def join(self, delivery: Delivery, connection: Connection) -> None:
        """Tell of these from now on; before it nothing is ready."""
        self._about = delivery, connection

    def stop(self) -> None:
        """Nothing is ready any more."""
        self._about = None
        self._looker.shutdown(wait=False)

    async def answer(self) -> Response:
        """200 when ready, else 503; either way with what was found."""
        if self._about is None:
            return JSONResponse({"ready": False, "lore": "starting or stopping"}, 503)
        delivery, connection = self._about
        if time.monotonic() - self._looked_at > self._look_every_s:
            self._looked_at = time.monotonic()
            looking = asyncio.get_running_loop().run_in_executor(self._looker, self._look, delivery)
            try:
                self._found = await asyncio.wait_for(looking, LOOK_WITHIN_S)
            except TimeoutError:
                self._found = {"trouble": "the journal or the index does not answer"}
        ready = connection.connected and "trouble" not in self._found
        told = {"ready": ready, **self._found, "slack": connection.told}
        return JSONResponse(told, 200 if ready else 503)

    def _look(self, delivery: Delivery) -> Mapping[str, str]:
        if not delivery.working:
            return {"trouble": "the model and the index are not loaded yet"}
        now = self._clock().timestamp()
        try:
            delivery.writer.write(lambda connection: replays.settle(connection, ("readiness",), now))
            return {"journal": "can be written", "knowledge": self._serving()}
        except NotCommitted:
            return {"trouble": "the journal cannot be written"}
        except LoreError:
            log.exception("nothing can be answered")
            return {"trouble": "neither the index nor the record can be read"}

"""What one process hears about people and places takes effect in all: told in SQL, followed every second."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.journal import hearsay
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.outbox import LateCheck
from knowledge.ports import Clock

FOLLOW_EVERY_S = 1.0

log = logging.getLogger(__name__)


class Hearsay:
    """Passes events on to `forget`: our own at once, those of other processes within a second or two.

    Where nobody shares the journal, nothing is stored and nobody is followed.
    """

    def __init__(
        self, writer: JournalWriter, forget: Callable[[Mapping[str, Any]], None], clock: Clock
    ) -> None:
        self._writer = writer
        self._forget = forget
        self._clock = clock
        self._number = 0
        self._following = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hearsay", daemon=True)

    def heard(self, event: Mapping[str, Any]) -> None:
        """Slack said that something changed. Raises NotCommitted: then do not acknowledge."""
        self._forget(event)
        if self._writer.shared:
            now = self._clock().timestamp()
            self._writer.write(lambda connection: hearsay.tell(connection, event, now))

    def start(self) -> None:
        if self._writer.shared:
            self._number = self._writer.read(hearsay.newest)
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(5.0)

    def follow(self) -> None:
        """Look once for what others have heard since the start."""
        with self._following:
            at = self._number
            for number, event in self._writer.read(lambda connection: [*hearsay.since(connection, at)]):
                self._forget(event)
                self._number = number

    def catch_up(self) -> None:
        """Know whatever any process has heard until now, before something is shown or decided."""
        if self._writer.shared:
            self.follow()

    def before(self, next_: Callable[[], Any]) -> Any:
        """Middleware of Bolt: no listener runs on what was true a second ago."""
        self.catch_up()
        return next_()

    def known_to(self, check: LateCheck) -> LateCheck:
        """The late check, made after whatever any process has heard until then."""

        def checked(message: Message) -> Message | None:
            if message.check is not None:
                self.catch_up()
            return check(message)

        return checked

    def _run(self) -> None:
        while not self._stopping.wait(FOLLOW_EVERY_S):
            try:
                self.follow()
            except SQLAlchemyError as error:
                log.error("what other processes hear cannot be read: %s", type(error).__name__)

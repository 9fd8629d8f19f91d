"""One thread writes the journal: what waits while it commits goes into its next transaction together."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from knowledge.adapters.database import Database
from knowledge.errors import StoreError

T = TypeVar("T")
Change = Callable[[Connection], Any]

MOST_IN_ONE_COMMIT = 256

log = logging.getLogger(__name__)


class NotCommitted(StoreError):
    """The journal could not be written, so the change is not stored.

    Where the connection to a server broke at the very COMMIT nobody knows: then the same change, made
    again, must find by its key what it has done already.
    """


class JournalWriter:
    """Runs changes in transactions, many changes to a commit.

    Each change has a savepoint of its own: one that raises leaves the others alone, unless it is the
    database itself that failed; then nothing of the commit is stored. `write` returns when the change is
    on disk.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: SimpleQueue[tuple[Change, Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._failing = False
        self._closing = False
        self._door = threading.Lock()  # nothing is put in after the sentinel that ends the thread

    @property
    def healthy(self) -> bool:
        """False while commits fail (a full disk, for instance)."""
        return not self._failing

    @property
    def shared(self) -> bool:
        """Whether other processes may be at work on the same journal."""
        return self._database.shared

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Commit what waits, then stop."""
        with self._door:
            self._closing = True
            self._waiting.put(None)
        if self._thread.ident is not None:
            self._thread.join()

    def write(self, change: Callable[[Connection], T]) -> T:
        """Run `change` and return its result once it is committed.

        Raises NotCommitted when the commit failed, and whatever the change itself raised.
        """
        return self.write_soon(change).result()

    def write_soon(self, change: Callable[[Connection], T]) -> "Future[T]":
        """`write` that does not wait. Raises NotCommitted when the journal is closed."""
        future: Future[T] = Future()
        with self._door:
            if self._closing:
                raise NotCommitted("the journal is closed; Lore is shutting down")
            self._waiting.put((change, future))
        return future

    def read(self, look: Callable[[Connection], T]) -> T:
        """Run `look` in a reading transaction, in the caller's thread."""
        with self._database.reading() as connection:
            return look(connection)

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            if first is None:
                return
            batch = [first, *self._more()]
            last = batch[-1] is None
            self._commit([entry for entry in batch if entry is not None])
            if last:
                return

    def _more(self) -> list[tuple[Change, Future[Any]] | None]:
        found: list[tuple[Change, Future[Any]] | None] = []
        while len(found) < MOST_IN_ONE_COMMIT:
            try:
                found.append(self._waiting.get_nowait())
            except Empty:
                break
            if found[-1] is None:
                break
        return found

    def _commit(self, batch: list[tuple[Change, Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any]] = []
        raised: list[tuple[Future[Any], Exception]] = []
        try:
            with self._database.writing() as connection:
                for change, future in batch:
                    try:
                        with connection.begin_nested():
                            results.append((future, change(connection)))
                    except OperationalError:
                        raise  # disk full, locked: SQLite may have rolled everything back already
                    except Exception as error:  # noqa: BLE001 - handed to the caller that waits for it
                        raised.append((future, error))
        except Exception as error:  # noqa: BLE001 - those who wait are told; the thread serves the next
            why = _origin(error)
            self._tell_failing(why)
            for _, future in batch:
                future.set_exception(NotCommitted(f"the journal could not be written: {why}"))
            return
        self._tell_working()
        for future, result in results:
            future.set_result(result)
        for future, raised_error in raised:
            future.set_exception(raised_error)

    def _tell_failing(self, why: str) -> None:
        if not self._failing:
            log.critical("ALERT the journal cannot be written, so nothing is acknowledged: %s", why)
        self._failing = True

    def _tell_working(self) -> None:
        if self._failing:
            log.warning("the journal can be written again")
        self._failing = False


def _origin(error: BaseException) -> str:
    """What failed first, in the driver's own words: SQLAlchemy's would carry what people wrote."""
    while error.__context__ is not None:
        error = error.__context__
    return f"{type(error).__name__}: {error}"

"""What sources hold now: listed and, where it comes over a network, fetched before anybody else has to wait.

Remote sources are read side by side, each on a thread of its own. A document that was fetched is staged at
once, so that whatever kills the sync, the next one fetches it no more.
"""

import logging
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from ingest.apply import go_on
from ingest.plan import Add, Change, Listing, Making, Move, plan
from ingest.report import OnProgress, Progress
from ingest.sources import Incomplete, Item, Listed, Reading, Remember, Skipped, Source, Withheld
from ingest.staged import Staged, room_to_keep, settings_digest
from knowledge.adapters.source_states import SourceStates
from knowledge.adapters.store_writing import Known
from knowledge.documents import Document
from knowledge.errors import Cancelled, LoreError, Unreadable
from knowledge.ports import Clock

Read = Callable[[Source, Reading], Iterable[Listed]]

SIDE_BY_SIDE = 8
_TOLD_EVERY = 20

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A source as it is now; `note` is what its reader wants to know next time, None where it said nothing.

    `seconds` were spent on it; `fetched` bytes came over a network, None where nobody counted them.
    """

    listing: Listing
    note: Mapping[str, Any] | None
    seconds: float
    fetched: int | None


@dataclass(frozen=True, slots=True)
class Gathering:
    """The listing and fetching of one sync. `keeping` says whether readers may keep things on disk.

    Its methods raise Cancelled when `stopped` says so.
    """

    data: Path
    read: Read
    states: SourceStates
    making: Making
    clock: Clock
    on_progress: OnProgress
    stopped: Callable[[], bool]
    keeping: bool = True

    def listed(self, source: Source, known: Sequence[Known]) -> Gathered:
        """List a source; its documents are read when they are loaded. `known` are those of the source."""
        begun, counted = self.clock(), _Counted()
        listing, note = self._list(source, known, counted)
        return Gathered(listing, note, (self.clock() - begun).total_seconds(), counted.bytes)

    def fetched(self, sources: Sequence[Source], known: Mapping[str, Sequence[Known]]) -> list[Gathered]:
        """List these sources and fetch what will be read of them, side by side."""
        if not sources:
            return []
        failed = threading.Event()
        mine = replace(self, stopped=lambda: failed.is_set() or self.stopped())
        with ThreadPoolExecutor(min(len(sources), SIDE_BY_SIDE), "fetch") as pool:
            tasks = [pool.submit(mine._fetch, one, known.get(one.name, ())) for one in sources]
            try:
                wait(tasks, return_when=FIRST_EXCEPTION)
            finally:
                failed.set()  # the others stop, where there are any
        errors = [error for task in tasks if (error := task.exception())]
        go_on(self.stopped)
        if errors:
            raise next((one for one in errors if not _is_echo(one)), errors[0])
        return [task.result() for task in tasks]

    def _fetch(self, source: Source, known: Sequence[Known]) -> Gathered:
        begun, counted = self.clock(), _Counted()
        listing, note = self._list(source, known, counted)
        staged = Staged(self.data, source, self.making.recipe)
        planned = plan(known, [listing], self.making, allow_removals=True)
        steps: tuple[Move | Change | Add, ...] = (*planned.move, *planned.change, *planned.add)
        wanted = [step.item for step in steps]
        failures: dict[str, str] = {}
        for at, item in enumerate(wanted):
            go_on(self.stopped)
            self.on_progress(Progress("fetch", at, len(wanted), source=source.name))
            if staged.load(item) is None:
                try:
                    staged.keep(item, item.load())
                except Unreadable as error:
                    go_on(self.stopped)
                    failures[item.path] = str(error)
        self.on_progress(Progress("fetch", len(wanted), len(wanted), source=source.name))
        items = [_from_stage(item, staged, failures.get(item.path)) for item in listing.items]
        seconds = (self.clock() - begun).total_seconds()
        return Gathered(replace(listing, items=items), note, seconds, counted.bytes)

    def _list(
        self, source: Source, known: Sequence[Known], counted: "_Counted"
    ) -> tuple[Listing, Mapping[str, Any] | None]:
        listing, note = Listing(source), None
        found = _Found(source, self.on_progress)
        try:
            for one in _of_reader(source, self.read(source, self._reading(source, known, counted, found))):
                go_on(self.stopped)
                match one:
                    case Item():
                        listing.items.append(replace(one, load=partial(_loaded, source, one.load)))
                        if len(listing.items) % _TOLD_EVERY == 0:
                            found.tell(len(listing.items))
                    case Skipped():
                        listing.skipped.append(one)
                    case Withheld():
                        listing.withheld.append(one)
                    case Incomplete():
                        listing.incomplete.append(one)
                    case Remember(said):
                        note = said
        except Unreadable as error:
            go_on(self.stopped)
            return Listing(source, failure=str(error)), None
        return listing, note

    def _reading(
        self, source: Source, known: Sequence[Known], counted: "_Counted", found: "_Found"
    ) -> Reading:
        """A source of which nothing is known is read as if for the first time."""
        return Reading(
            known={one.path: one.digest for one in known},
            remembered=self.states.note(source.name, settings_digest(source)) if known else {},
            stopped=self.stopped,
            keep=room_to_keep(self.data, source) if self.keeping else None,
            fetched=counted.add,
            found=found.tell,
        )


@dataclass(slots=True)
class _Found:
    """How many documents of a source have been found: told as that grows, by its reader or by the listing."""

    source: Source
    on_progress: OnProgress
    most: int = 0

    def tell(self, count: int) -> None:
        if count > self.most:
            self.most = count
            self.on_progress(Progress("list", count, source=self.source.name))


class _Counted:
    """The bytes that came over a network; None while nobody has said anything."""

    def __init__(self) -> None:
        self.bytes: int | None = None
        self._lock = threading.Lock()

    def add(self, some: int) -> None:
        with self._lock:
            self.bytes = (self.bytes or 0) + some


def _of_reader(source: Source, listed: Iterable[Listed]) -> Iterator[Listed]:
    """What a reader lists. A defect of one reader is trouble of its source alone: raises Unreadable."""
    with _defects(source):
        yield from listed


def _loaded(source: Source, load: Callable[[], Document]) -> Document:
    with _defects(source):
        return load()


@contextmanager
def _defects(source: Source) -> Iterator[None]:
    try:
        yield
    except LoreError:
        raise
    except Exception as error:
        # Where, and not what it says: that may hold what was read.
        where = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        log.error("the reader of %s failed: %s at %s:%s", source.name, kind, where.filename, where.lineno)
        raise Unreadable(f"its reader failed ({kind}): the log says where") from error


def _from_stage(item: Item, staged: Staged, failure: str | None) -> Item:
    """The same item, whose document comes from the disk; what could not be fetched is not tried again."""

    def load() -> Document:
        if failure is not None:
            raise Unreadable(failure)
        return staged.load(item) or item.load()

    return replace(item, load=load)


def _is_echo(error: BaseException) -> bool:
    """Whether a thread stopped only because another one failed."""
    return isinstance(error, Cancelled)

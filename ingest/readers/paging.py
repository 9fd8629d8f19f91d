"""Listings that come in parts: followed to their end, or broken off where they cannot be trusted."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ingest.sources import Incomplete, Reading
from knowledge.errors import Unreadable

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Part(Generic[Entry]):
    """One answer of a listing; `cursor` leads to the next, None where this is the last.

    `total` is how many entries there are in all, where the place says so.
    """

    entries: Sequence[Entry]
    cursor: str | None = None
    total: int | None = None


def by_cursor(fetch: Callable[[str | None], Part[Entry]], reading: Reading) -> Iterator[Entry | Incomplete]:
    """All entries of a listing whose parts name the next one; `fetch` takes a part's cursor, None at first.

    Incomplete comes last where something may lack: a part cannot be fetched, is empty in the midst, or was
    there before; the total changed on the way or is more than came. Raises Unreadable when not even the
    first part can be fetched, or somebody asks to stop.
    """
    seen: set[str] = set()
    totals: set[int] = set()
    cursor: str | None = None
    came = empty = 0
    while True:
        try:
            part = fetch(cursor)
        except Unreadable as error:
            if cursor is None or reading.stopped():
                raise
            yield Incomplete(f"the listing broke off after {came} entries: {error}")
            return
        yield from part.entries
        came += len(part.entries)
        totals |= set() if part.total is None else {part.total}
        if part.cursor is None:
            break
        empty += not part.entries
        if part.cursor in seen:
            yield Incomplete(f"the listing goes round in circles after {came} entries")
            return
        seen.add(part.cursor)
        cursor = part.cursor
    if empty:
        yield Incomplete(f"{empty} of its parts came empty, in the midst of the listing")
    elif len(totals) > 1 or (totals and came < max(totals)):
        counts = " and ".join(str(total) for total in sorted(totals))
        yield Incomplete(f"the listing should hold {counts} entries, and {came} came")


def by_offset(
    fetch: Callable[[int], Part[Entry]], name: Callable[[Entry], Hashable], reading: Reading
) -> Iterator[Entry | Incomplete]:
    """All entries of a listing that is asked for from a place on; a part whose cursor is None is the last.

    Each part is asked for from the last entry before it: if that is no longer there, the listing has
    moved and something may lack. An entry that comes twice is given once. Raises as `by_cursor` does.
    """
    seen: set[Hashable] = set()
    last: Hashable = None

    def from_the_last(cursor: str | None) -> Part[Entry]:
        nonlocal last
        start = int(cursor or 0)
        part = fetch(start)
        if start and (not part.entries or name(part.entries[0]) != last):
            raise _Moved
        fresh = [entry for entry in part.entries if name(entry) not in seen]
        seen.update(name(entry) for entry in fresh)
        last = name(part.entries[-1]) if part.entries else None
        following = None if part.cursor is None else str(max(start + len(part.entries) - 1, 0))
        return Part(fresh, following, part.total)

    try:
        yield from by_cursor(from_the_last, reading)
    except _Moved:
        yield Incomplete(f"the listing changed while it was read, after {len(seen)} entries")


class _Moved(Exception):
    """Entries before the part that was asked for have gone or come."""

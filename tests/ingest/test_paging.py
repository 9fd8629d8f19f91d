"""Listings that come in parts: whatever happens to them, nothing lacks without being said."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.paging import Part, by_cursor, by_offset
from ingest.sources import Incomplete, Reading
from knowledge.errors import Unreadable

PART = 3


def run(listing: Callable[[], object]) -> tuple[list[int], list[str]]:
    entries: list[int] = []
    missing: list[str] = []
    for one in listing():  # type: ignore[attr-defined]
        if isinstance(one, Incomplete):
            missing.append(one.reason)
        else:
            entries.append(one)
    return entries, missing


def offset_listing(entries: list[int], changes: dict[int, tuple[str, int]]) -> tuple[list[int], list[str]]:
    """A listing by offset of entries that change before some of the requests."""
    asked = 0

    def fetch(start: int) -> Part[int]:
        nonlocal asked
        kind, where = changes.get(asked, ("", 0))
        if kind == "remove" and entries:
            entries.pop(where % len(entries))
        elif kind == "insert":
            entries.insert(where % (len(entries) + 1), 1000 + asked)
        asked += 1
        assert asked < 200
        some = entries[start : start + PART]
        return Part(some, "more" if start + PART < len(entries) else None)

    return run(lambda: by_offset(fetch, lambda entry: entry, Reading()))


@given(st.integers(0, 20))
def test_a_listing_by_offset_that_does_not_change_is_whole(size: int) -> None:
    assert offset_listing(list(range(size)), {}) == (list(range(size)), [])


@given(
    st.integers(0, 20),
    st.dictionaries(
        st.integers(1, 8), st.tuples(st.sampled_from(["remove", "insert"]), st.integers(0, 30)), max_size=1
    ),
)
def test_in_24_one_change_on_the_way_never_hides_an_entry_without_being_said(
    size: int, changes: dict[int, tuple[str, int]]
) -> None:
    entries = list(range(size))
    found, missing = offset_listing(entries, changes)
    there_throughout = {entry for entry in entries if entry < 1000}
    assert missing or there_throughout <= set(found)
    assert len(found) == len(set(found))


def cursor_listing(
    parts: dict[str | None, Part[int] | None], reading: Reading | None = None
) -> tuple[list[int], list[str]]:
    def fetch(cursor: str | None) -> Part[int]:
        part = parts[cursor]
        if part is None:
            raise Unreadable("it broke")
        return part

    return run(lambda: by_cursor(fetch, reading or Reading()))


def test_a_listing_by_cursor_is_followed_to_its_end() -> None:
    assert cursor_listing({None: Part([1, 2], "b"), "b": Part([3])}) == ([1, 2, 3], [])


@pytest.mark.parametrize(
    ("parts", "entries", "reason"),
    [
        ({None: Part([1], "b"), "b": None}, [1], "the listing broke off after 1 entries: it broke"),
        (
            {None: Part([1], "b"), "b": Part([2], "b")},
            [1, 2],
            "the listing goes round in circles after 2 entries",
        ),
        (
            {None: Part([1], "b"), "b": Part([], "c"), "c": Part([3])},
            [1, 3],
            "1 of its parts came empty, in the midst of the listing",
        ),
        (
            {None: Part([1], "b", 3), "b": Part([2], None, 3)},
            [1, 2],
            "the listing should hold 3 entries, and 2 came",
        ),
        (
            {None: Part([1], "b", 2), "b": Part([2], None, 3)},
            [1, 2],
            "the listing should hold 2 and 3 entries, and 2 came",
        ),
    ],
    ids=["breaks", "circles", "empty", "short", "total-changes"],
)
def test_in_24_what_may_lack_something_says_so(
    parts: dict[str | None, Part[int] | None], entries: list[int], reason: str
) -> None:
    assert cursor_listing(parts) == (entries, [reason])


def test_in_24_a_listing_whose_first_part_never_comes_is_none() -> None:
    with pytest.raises(Unreadable, match="it broke"):
        cursor_listing({None: None})


def test_a_listing_that_is_stopped_is_none() -> None:
    with pytest.raises(Unreadable, match="it broke"):
        cursor_listing({None: Part([1], "b"), "b": None}, Reading(stopped=lambda: True))


@given(
    st.lists(st.tuples(st.lists(st.integers(), max_size=3), st.integers(0, 9)), min_size=1, max_size=10),
)
def test_in_24_cursors_that_lead_anywhere_come_to_an_end(parts: list[tuple[list[int], int]]) -> None:
    """The last part leads nowhere; all others to any part."""
    served = {
        str(number): Part(entries, str(goal % len(parts)) if number < len(parts) - 1 else None)
        for number, (entries, goal) in enumerate(parts)
    }
    found, missing = cursor_listing({None: served["0"], **served})
    assert len(found) <= 2 * sum(len(entries) for entries, _ in parts)
    assert len(missing) <= 1

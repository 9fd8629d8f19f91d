"""What is put into the form of a series: read, said back the same, or refused at the field that is wrong."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.series_tables import SeriesError, name_of, next_dates, read_settings, table_of

TODAY = date(2026, 3, 2)
TABLE = {
    "name": "Lunch",
    "days": "every Thursday",
    "at": "12:30",
    "zone": "Europe/Lisbon",
    "minutes": "45",
    "capacity": "",
    "lead": "14",
    "place": "Room 3",
    "members": ["@everybody"],
}


def test_what_is_read_is_said_back_and_read_the_same() -> None:
    made = read_settings(TABLE | {"capacity": "20", "rotating": True, "by_mail": True}, TODAY)
    again = table_of("Lunch", "C1", made, ())
    assert read_settings(again, date(2027, 1, 1)) == made, "it counts from the day on which it was set up"
    assert (made.capacity, made.rotating, made.by_mail) == (20, True, True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("days", "every blue moon"),
        ("days", "every Thursday until 2026-01-01"),
        ("at", "lunch"),
        ("zone", "Europe/Atlantis"),
        ("zone", ""),
        ("minutes", "5"),
        ("minutes", "-45"),
        ("minutes", "٤٥"),
        ("capacity", "0"),
        ("capacity", "1e9"),
        ("lead", "1"),
        ("lead", "61"),
        ("place", "x" * 301),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(key: str, value: str) -> None:
    with pytest.raises(SeriesError) as refused:
        read_settings(TABLE | {key: value}, TODAY)
    assert refused.value.key == key


@given(st.dictionaries(st.sampled_from(sorted(TABLE)), st.text(max_size=40)))
def test_nothing_that_is_typed_breaks_it(typed: dict[str, str]) -> None:
    refused = made = None
    try:
        name_of(TABLE | typed)
        made = read_settings(TABLE | typed, TODAY)
    except SeriesError as error:
        refused = error
    assert refused is None or (refused.key in TABLE and str(refused))
    assert made is None or next_dates(made, datetime(2026, 3, 2, tzinfo=UTC), 3)


def test_the_next_dates_are_by_the_clock_of_the_zone() -> None:
    """Lisbon goes to summer time on 29 March."""
    found = next_dates(read_settings(TABLE, TODAY), datetime(2026, 3, 26, 12, 30, tzinfo=UTC), 2)
    assert [f"{one:%d %H:%M}" for one in found] == ["02 12:30", "09 12:30"]
    assert found[0].astimezone(UTC).hour == 11

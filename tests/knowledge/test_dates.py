"""Days as people name them, seen from one day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.dates import FIRST_YEAR, LAST_YEAR, Days, days, last

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("words", "first", "end"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
        ("2026-01", date(2026, 1, 1), date(2026, 2, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-02-28", date(2026, 2, 28), date(2026, 3, 1)),
        ("2026/3/9", date(2026, 3, 9), date(2026, 3, 10)),
        ("today", SATURDAY, date(2026, 11, 22)),
        ("yesterday", date(2026, 11, 20), SATURDAY),
        ("Monday", date(2026, 11, 16), date(2026, 11, 17)),
        ("saturday", SATURDAY, date(2026, 11, 22)),
        ("March", date(2026, 3, 1), date(2026, 4, 1)),
        ("december", date(2025, 12, 1), date(2026, 1, 1)),
        ("november", date(2026, 11, 1), date(2026, 12, 1)),
        ("march 2024", date(2024, 3, 1), date(2024, 4, 1)),
        ("12 March", date(2026, 3, 12), date(2026, 3, 13)),
        ("March 12th, 2025", date(2025, 3, 12), date(2025, 3, 13)),
        ("12-march-2025", date(2025, 3, 12), date(2025, 3, 13)),
        ("25 Dec", date(2025, 12, 25), date(2025, 12, 26)),
        ("last week", date(2026, 11, 9), date(2026, 11, 16)),
        ("last-month", date(2026, 10, 1), date(2026, 11, 1)),
        ("this quarter", date(2026, 10, 1), date(2026, 11, 22)),
        ("last quarter", date(2026, 7, 1), date(2026, 10, 1)),
        ("last year", date(2025, 1, 1), date(2026, 1, 1)),
        ("three weeks ago", date(2026, 10, 31), date(2026, 11, 1)),
        ("2w", date(2026, 11, 7), date(2026, 11, 8)),
        ("1y", date(2025, 11, 21), date(2025, 11, 22)),
    ],
)
def test_days_that_have_a_name(words: str, first: date, end: date) -> None:
    assert days(words, SATURDAY) == Days(first, end)


@pytest.mark.parametrize(
    "words",
    ["", "soon", "2026-13", "2026-00", "2026-02-30", "0000", "9999", "99999", "01/02/2026", "12 march 3",
     "30 february", "march 99999", "9999y", "-1", "2026-1-1-1"],
)  # fmt: skip
def test_what_names_no_day_is_none(words: str) -> None:
    assert days(words, SATURDAY) is None


def test_a_month_back_from_its_last_day_ends_in_the_shorter_month() -> None:
    assert days("one month ago", date(2026, 3, 31)) == Days(date(2026, 2, 28), date(2026, 3, 1))
    assert last("a", "year", date(2024, 2, 29)) == Days(date(2023, 2, 28), date(2024, 3, 1))


@given(st.text(max_size=30), st.dates(date(FIRST_YEAR + 10, 1, 1), date(LAST_YEAR - 10, 1, 1)))
def test_any_words_give_days_in_order_or_none(words: str, today: date) -> None:
    found = days(words, today)
    assert found is None or found.first < found.end


@given(
    st.sampled_from(["last week", "this month", "march", "friday", "yesterday", "2 days ago", "29 february"]),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
)
def test_relative_days_have_begun(words: str, today: date) -> None:
    found = days(words, today)
    assert found is None or found.first <= today
    assert found is None or found.end - found.first <= timedelta(days=32)

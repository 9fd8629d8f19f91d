"""Leave in plain words: what is understood, and that whatever is not says so."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.absence_words import LeaveError, read_leave
from prompts.calm import Leave, Part

WEDNESDAY = date(2026, 11, 25)


def works(day: date) -> bool:
    return day.weekday() < 5


def read(text: str) -> Leave:
    return read_leave(text, WEDNESDAY, works)


@pytest.mark.parametrize(
    ("text", "first", "until", "reason"),
    [
        ("until Friday", "2026-11-25", "2026-11-27", ""),
        ("until wednesday", "2026-11-25", "2026-12-02", ""),
        ("until next Friday", "2026-11-25", "2026-12-04", ""),
        ("through Friday", "2026-11-25", "2026-11-28", ""),
        ("until 2026-12-01 vacation", "2026-11-25", "2026-12-01", "vacation"),
        ("until 1 December: dentist", "2026-11-25", "2026-12-01", "dentist"),
        ("until dec 1st, because of a trip", "2026-11-25", "2026-12-01", "a trip"),
        ("until 3 January", "2026-11-25", "2027-01-03", ""),
        ("3 days", "2026-11-25", "2026-11-28", ""),
        ("for a week (moving)", "2026-11-25", "2026-12-02", "moving"),
        ("4 working days", "2026-11-25", "2026-12-01", ""),
        ("today", "2026-11-25", "2026-11-26", ""),
        ("tomorrow sick", "2026-11-26", "2026-11-27", "sick"),
        ("next week", "2026-11-30", "2026-12-07", ""),
        ("from 1 December until 12 December", "2026-12-01", "2026-12-12", ""),
        ("Mon - Wed", "2026-11-30", "2026-12-03", ""),
        ("from Monday 3 days", "2026-11-30", "2026-12-03", ""),
        ("on monday", "2026-11-30", "2026-12-01", ""),
    ],
)
def test_competitors_2_8_leave_has_an_end(text: str, first: str, until: str, reason: str) -> None:
    found = read(text)
    assert (found.first.isoformat(), found.until.isoformat(), found.reason) == (first, until, reason)
    assert found.part is Part.DAY


def test_t21_halves_of_days() -> None:
    assert read("this afternoon") == Leave(WEDNESDAY, WEDNESDAY + timedelta(days=1), Part.AFTERNOON)
    friday = WEDNESDAY + timedelta(days=2)
    assert read("Friday morning dentist") == Leave(
        friday, friday + timedelta(days=1), Part.MORNING, "dentist"
    )


@pytest.mark.parametrize(
    "text",
    [
        "", "until", "until 5", "until yesterday", "until 2020-01-01", "until 31.12.2026", "banana",
        "until 29 February 2027", "until 9999-12-31", "through 9999-12-31", "0 days", "999 days",
        "until today",
    ],
)  # fmt: skip
def test_what_is_not_understood_says_what_is(text: str) -> None:
    with pytest.raises(LeaveError, match=r"until Friday|more than a year"):
        read(text)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for prefix in ("", "until ", "from ", "through "):
        try:
            found = read(prefix + text)
        except LeaveError:
            continue
        assert WEDNESDAY <= found.first < found.until <= WEDNESDAY + timedelta(days=367)

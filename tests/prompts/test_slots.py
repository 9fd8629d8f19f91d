"""Which date somebody means who replies now, early, late or for another day."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.slots import Chosen, NoSuch, choose, wanted_in

FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)


def weekdays(after: date, until: date) -> Iterator[date]:
    day = after + timedelta(days=1)
    while day <= until:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def never(_after: date, _until: date) -> Iterator[date]:
    return iter(())


def test_without_a_word_it_is_today() -> None:
    assert choose("", FRIDAY, weekdays, [], []) == Chosen(FRIDAY)
    assert choose("today", FRIDAY, weekdays, [], []) == Chosen(FRIDAY)


def test_without_a_word_what_still_waits_comes_first_also_after_midnight() -> None:
    assert choose("", SATURDAY, weekdays, [FRIDAY], [FRIDAY]) == Chosen(FRIDAY)
    assert choose("", FRIDAY, weekdays, [FRIDAY], [FRIDAY, date(2026, 11, 19)]).slot == date(2026, 11, 19)  # type: ignore[union-attr]


def test_on_a_free_day_the_next_date_is_meant_and_that_is_said() -> None:
    found = choose("", SATURDAY, weekdays, [FRIDAY], [])
    assert isinstance(found, Chosen)
    assert found.slot == MONDAY
    assert "Monday 23 November" in found.note
    refused = choose("today", SATURDAY, weekdays, [FRIDAY], [])
    assert isinstance(refused, NoSuch)
    assert "2026-11-23" in refused.reason


def test_on_friday_tomorrow_is_monday_and_on_monday_yesterday_is_friday() -> None:
    tomorrow, yesterday = (
        choose("tomorrow", FRIDAY, weekdays, [], []),
        choose("yesterday", MONDAY, weekdays, [], []),
    )
    assert isinstance(tomorrow, Chosen)
    assert tomorrow.slot == MONDAY
    assert tomorrow.note
    assert isinstance(yesterday, Chosen)
    assert yesterday.slot == FRIDAY
    assert yesterday.note
    assert choose("yesterday", FRIDAY, weekdays, [], []) == Chosen(date(2026, 11, 19))


def test_an_occurrence_off_the_rule_counts_too() -> None:
    assert choose("2026-11-21", FRIDAY, weekdays, [SATURDAY], []) == Chosen(SATURDAY)
    assert choose("tomorrow", FRIDAY, weekdays, [SATURDAY], []) == Chosen(SATURDAY)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("2026-11-21", "2026-11-20"),
        ("2026-13-01", "is no date"),
        ("2026-02-30", "is no date"),
        ("2020-01-01", "too far away"),
        ("2027-05-03", "too far away"),
    ],
)
def test_dates_without_an_occurrence_are_refused_with_what_there_is(wanted: str, says: str) -> None:
    found = choose(wanted, FRIDAY, weekdays, [], [])
    assert isinstance(found, NoSuch)
    assert says in found.reason


@pytest.mark.parametrize("wanted", ["", "today", "tomorrow", "yesterday", "2026-11-20"])
def test_where_there_is_none_at_all_that_is_said(wanted: str) -> None:
    assert isinstance(choose(wanted, FRIDAY, never, [], []), NoSuch)


def test_the_words_after_the_command_name_a_date_and_a_stand_up() -> None:
    assert wanted_in(" Tomorrow  Training watch ") == ("tomorrow", "Training watch")
    assert wanted_in("2026-11-20") == ("2026-11-20", "")
    assert wanted_in("Training watch") == ("", "Training watch")


@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(["", "tomorrow", "yesterday"]))
def test_a_chosen_date_is_one_of_the_stand_ups(today: date, wanted: str) -> None:
    found = choose(wanted, today, weekdays, [], [])
    assert isinstance(found, Chosen)
    assert found.slot.weekday() < 5
    assert (found.slot - today).days in {"": range(4), "tomorrow": range(1, 4), "yesterday": range(-3, 0)}[
        wanted
    ]

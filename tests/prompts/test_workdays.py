"""Working days: holidays of countries and regions, part-time weeks, and looking back over both."""

from datetime import date, timedelta

import pytest
from holidays import list_supported_countries
from hypothesis import given
from hypothesis import strategies as st

from prompts.workdays import (
    PlaceError,
    WorkWeek,
    check_place,
    holiday,
    holiday_of_all,
    next_workday,
)

DAY = timedelta(days=1)
YEAR = [date(2026, 1, 1) + n * DAY for n in range(365)]


def test_t17_weekends_on_friday_and_saturday_and_part_time_weeks() -> None:
    sunday_to_thursday, part_time = WorkWeek(frozenset({6, 0, 1, 2, 3})), WorkWeek(frozenset({0, 2}))
    thursday, sunday, monday, wednesday = (date(2026, 6, day) for day in (4, 7, 8, 10))
    assert next_workday(thursday, sunday_to_thursday.works) == sunday
    assert next_workday(monday, part_time.works) == wednesday
    assert next_workday(monday, WorkWeek(frozenset()).works) is None


def test_t18_a_holiday_of_one_country_is_nobody_elses() -> None:
    may_day = date(2026, 5, 1)
    assert holiday(may_day, "DE") == "Labor Day"
    assert holiday(may_day, "US") is None
    assert holiday_of_all(may_day, [("DE", ""), ("US", "")]) is None


def test_t19_a_holiday_of_everybody_and_a_day_off_of_the_company() -> None:
    new_year, friday = date(2026, 1, 1), date(2026, 12, 18)
    assert holiday_of_all(new_year, [("DE", "BY"), ("US", "")]) == "New Year's Day"
    assert holiday_of_all(friday, [("DE", "BY")], {friday: "Summer party"}) == "Summer party"
    assert holiday_of_all(friday, []) is None
    assert holiday_of_all(new_year, [("DE", ""), ("", "")]) is None, "somebody's country is not known"


def test_t20_observed_and_regional_holidays() -> None:
    assert holiday(date(2026, 7, 3), "US") == "Independence Day (observed)"
    assert holiday(date(2026, 6, 4), "DE", "BY") == "Corpus Christi"
    assert holiday(date(2026, 6, 4), "DE") is None
    assert sum(holiday(day, "DE", "BY") is not None for day in YEAR) == 12
    assert sum(holiday(day, "DE") is not None for day in YEAR) == 9
    assert holiday(date(2022, 1, 1), "US") == "New Year's Day"
    assert holiday(date(2021, 12, 31), "US") == "New Year's Day (observed)", "which is that of another year"


def test_sc_06_holidays_of_unknown_places_are_none_and_are_refused_where_they_are_set() -> None:
    assert holiday(date(2026, 1, 1), "XX") is None
    assert holiday(date(2026, 1, 1), "") is None
    assert holiday(date(2026, 1, 1), "de", "nowhere") == "New Year's Day", "of the country"
    check_place("de", "by")
    check_place("JP")
    for country, region, fix in (
        ("Germany", "", "two letters"),
        ("DE", "Bavaria", "BY"),
        ("SG", "01", "empty"),
    ):
        with pytest.raises(PlaceError, match=fix):
            check_place(country, region)


@given(st.sampled_from(sorted(list_supported_countries())), st.integers(2024, 2030))
def test_sc_06_every_country_has_holidays_of_the_year_alone(country: str, year: int) -> None:
    named = [holiday(date(year, 1, 1) + n * DAY, country) for n in range(365)]
    assert all(name is None or name.strip() for name in named)
    assert holiday(date(year, 12, 31), country) == holiday(date(year, 12, 31), country.lower())


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.frozensets(st.integers(0, 6), min_size=1))
def test_t17_the_next_working_day_is_the_nearest(day: date, week: frozenset[int]) -> None:
    works = WorkWeek(week).works
    after = next_workday(day, works)
    assert after is not None
    assert works(after)
    assert not any(works(day + n * DAY) for n in range(1, (after - day).days))

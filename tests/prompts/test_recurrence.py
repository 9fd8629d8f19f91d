"""Recurrences: what people write is read or refused with what to write instead, and gives the right dates."""

from calendar import monthrange
from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from prompts.recurrence import Rule, RuleError

DAY = timedelta(days=1)
NEW_YEAR = date(2026, 1, 1)


def dates(text: str, after: date = NEW_YEAR - DAY, until: date = date(2026, 12, 31)) -> list[date]:
    return list(Rule.read(text).dates(after, until))


def days(*pairs: tuple[int, int], year: int = 2026) -> list[date]:
    return [date(year, month, day) for month, day in pairs]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("every day", "every day"),
        ("Daily", "every day"),
        ("every weekday", "every weekday"),
        ("Weekdays.", "every weekday"),
        ("Mon-Fri", "every weekday"),
        ("Monday to Friday", "every weekday"),
        ("Mon – Thu", "every Monday, Tuesday, Wednesday and Thursday"),
        ("every weekday except Friday", "every Monday, Tuesday, Wednesday and Thursday"),
        ("every day except Sat and Sun", "every weekday"),
        ("Mon, Wed and Fri", "every Monday, Wednesday and Friday"),
        ("mondays & thursdays", "every Monday and Thursday"),
        ("weekly on Tuesday", "every Tuesday"),
        ("Sun-Tue", "every Monday, Tuesday and Sunday"),
        ("weekends", "every weekend"),
        ("every 2 weeks on Tuesday", "every 2 weeks on Tuesday"),
        ("every two weeks on tue", "every 2 weeks on Tuesday"),
        ("every other Tuesday", "every 2 weeks on Tuesday"),
        ("Tuesdays, every other week", "every 2 weeks on Tuesday"),
        ("fortnightly on Tuesday", "every 2 weeks on Tuesday"),
        ("every 3 days", "every 3 days"),
        ("every working day", "every working day"),
        ("business days", "every working day"),
        ("monthly on the 31st", "monthly on the 31st"),
        ("last day of the month", "monthly on the 31st"),
        ("the 1st and 15th of each month", "monthly on the 1st and the 15th"),
        ("first Friday", "monthly on the first Friday"),
        ("every 2nd Friday of the month", "monthly on the second Friday"),
        ("the first and third Tuesday of every month", "monthly on the first Tuesday and the third Tuesday"),
        ("last Friday of the month", "monthly on the last Friday"),
        ("the 15th and the last Friday of the month", "monthly on the last Friday and the 15th"),
        ("last working day of the month", "monthly on the last working day"),
        ("2nd last working day", "monthly on the second last working day"),
        ("every 3 months on the first Monday", "every 3 months on the first Monday"),
        ("quarterly on the 1st", "every 3 months on the 1st"),
        ("yearly on 29 February", "yearly on 29 February"),
        ("every year on Feb 29th", "yearly on 29 February"),
        ("first Monday of January and July", "yearly on the first Monday of January and July"),
        ("every Friday from 1 December 2026", "every Friday from 2026-12-01"),
        ("Fridays starting on Dec 1st, 2026 until 2027-3-1", "every Friday from 2026-12-01 until 2027-03-01"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "monthly on the last Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        (
            "DTSTART:20260105T090000Z\nRRULE:FREQ=WEEKLY;COUNT=3;INTERVAL=1",
            "RRULE:FREQ=WEEKLY;COUNT=3 from 2026-01-05",
        ),
        ("freq=daily;until=20261224T235959Z", "every day until 2026-12-24"),
    ],
)
def test_what_people_write_is_read(said: str, text: str) -> None:
    rule = Rule.read(said)
    assert rule.text == text
    assert Rule.read(rule.text) == rule
    assert rule.words.endswith(".")


@pytest.mark.parametrize(
    ("said", "fix"),
    [
        ("", "every weekday"),
        ("tomorrow", "every weekday"),
        ("whenever it suits", "“whenever” is not understood"),
        ("weekly", "every Tuesday"),
        ("monthly", "monthly on the 1st"),
        ("monthly on Tuesday", "the first Tuesday"),
        ("biweekly", "every 2 weeks on Tuesday"),
        ("bi-weekly on Monday", "every 2 weeks on Tuesday"),
        ("twice a week", "Tue and Thu"),
        ("every second Tuesday", "the second Tuesday of the month"),
        ("every 3 Tuesdays", "every 3 weeks on Tuesday"),
        ("every 0 days", "From 1 to 100"),
        ("every 99999 days", "is not understood"),
        ("6th Friday", "1st to the 5th"),
        ("monthly on the 32nd", "1st to the 31th"),
        ("31 April", "no 31 April"),
        ("yearly on 30 February", "no 30 February"),
        ("every 2 years on 1 May", "yearly on"),
        ("January", "On which day of the month"),
        ("every weekday except the 3rd", "only days of the week"),
        ("every day except Mon-Sun", "goes with days of the week"),
        ("every Friday until 2026-01-01 from 2026-02-01", "before it starts"),
        ("every Friday from 1 January 1800", "from 2000 to 2100"),
        ("every Friday from 2026-02-30", "no date"),
        ("every Friday from 2026-01-03 until 2026-01-08", "no such date"),
        ("weekdays at 25:00", "no time of day"),
        ("FREQ=HOURLY", "DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=DAILY;BYHOUR=9", "setting of its own"),
        ("FREQ=WEEKLY", "needs a first date"),
        ("FREQ=DAILY;COUNT=5", "needs a first date"),
        ("FREQ=WEEKLY;BYDAY=2MO", "FREQ=MONTHLY"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no such date"),
        ("FREQ=DAILY;INTERVAL=100000", "from 1 to 1000"),
        ("EXDATE:20260101 RRULE:FREQ=DAILY", "not EXDATE"),
        ("every day " * 60, "too long"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_to_write_instead(said: str, fix: str) -> None:
    with pytest.raises(RuleError, match=fix):
        Rule.read(said)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("weekdays at 9", time(9)),
        ("weekdays 9am", time(9)),
        ("weekdays at 9:30 pm", time(21, 30)),
        ("every day at noon", time(12)),
        ("monthly on the 3rd at 17.15", time(17, 15)),
        ("12 am every day", time(0)),
        ("0 9 * * 1-5", time(9)),
        ("every weekday", None),
    ],
)
def test_a_time_beside_the_days_is_told_apart(said: str, at: time | None) -> None:
    rule = Rule.read(said)
    assert rule.at == at
    assert not any(letter in rule.text for letter in ":at ") or " at " not in rule.text


def test_t12_sc_06_the_29th_of_february_is_the_28th_in_common_years() -> None:
    rule = Rule.read("yearly on 29 February")
    found = list(rule.dates(date(2026, 1, 1), date(2033, 1, 1)))
    assert [f"{one:%y-%m-%d}" for one in found] == [
        "26-02-28",
        "27-02-28",
        "28-02-29",
        "29-02-28",
        "30-02-28",
        "31-02-28",
        "32-02-29",
    ]
    assert "28 February" in rule.words


def test_t13_sc_06_the_31st_is_the_last_day_of_every_month_and_that_is_said() -> None:
    rule = Rule.read("monthly on the 31st")
    assert dates("monthly on the 31st") == [
        date(2026, month, monthrange(2026, month)[1]) for month in range(1, 13)
    ]
    assert "in shorter months, on their last day" in rule.words
    assert dates("monthly on the 30th and 31st")[1:4] == days((1, 31), (2, 28), (3, 30)), "February has one"


def test_t14_sc_06_last_second_and_fifth_weekdays_of_months() -> None:
    assert dates("last Friday")[:5] == days((1, 30), (2, 27), (3, 27), (4, 24), (5, 29))
    assert dates("2nd Tuesday")[:3] == days((1, 13), (2, 10), (3, 10))
    assert dates("5th Friday") == days((1, 30), (5, 29), (7, 31), (10, 30))
    assert "only in months that have a fifth one" in Rule.read("5th Friday").words


def test_t14_sc_06_the_last_working_day_heeds_holidays() -> None:
    christmas = {date(2026, 12, day) for day in (24, 25, 28, 29, 30, 31)}
    rule = Rule.read("last working day of the month")
    found = rule.dates(
        date(2026, 11, 1), date(2026, 12, 31), lambda day: day.weekday() < 5 and day not in christmas
    )
    assert list(found) == days((11, 30), (12, 23))
    assert dates("last working day")[:3] == days((1, 30), (2, 27), (3, 31))


def test_t15_sc_06_every_two_weeks_stays_14_days_apart_over_a_year_of_53_weeks() -> None:
    found = dates("every 2 weeks on Monday from 2026-12-14", date(2026, 12, 1), date(2027, 3, 1))
    assert found[:3] == [date(2026, 12, 14), date(2026, 12, 28), date(2027, 1, 11)]
    assert {b - a for a, b in pairwise(found)} == {14 * DAY}
    assert dates("every Monday", date(2026, 12, 27), date(2027, 1, 11))[0] == date(2026, 12, 28)


def test_t15_weeks_are_counted_from_the_first_date_that_was_meant() -> None:
    saturday = date(2026, 11, 21)
    rule = Rule.read("every 2 weeks on Mon and Thu").starting(saturday)
    assert rule.text == "every 2 weeks on Monday and Thursday from 2026-11-23"
    assert dates(rule.text, saturday)[:4] == days((11, 23), (11, 26), (12, 7), (12, 10))
    assert dates("every 2 weeks on Mon and Thu from 2026-11-25")[:3] == days((11, 26), (12, 7), (12, 10))
    assert Rule.read("every Monday").starting(saturday).start is None
    assert Rule.read("every 3 months on the 1st").starting(saturday).start == date(2026, 12, 1)
    assert Rule.read(rule.text) == rule


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("0 9 * * 1-5", "every weekday"),
        ("30 8 * * MON-FRI", "every weekday"),
        ("0 9 * * 0", "every Sunday"),
        ("0 9 * * 7", "every Sunday"),
        ("0 9 * * 5-7", "every Friday, Saturday and Sunday"),
        ("0 9 * * fri-sun", "every Friday, Saturday and Sunday"),
        ("0 9 * * */2", "every Tuesday, Thursday, Saturday and Sunday"),
        ("0 9 * * 1,3,5", "every Monday, Wednesday and Friday"),
        ("0 9 * * *", "every day"),
        ("0 9 1,15 * *", "monthly on the 1st and the 15th"),
        ("0 9 1 */3 *", "yearly on 1 January, 1 April, 1 July and 1 October"),
        ("0 9 29 feb *", "yearly on 29 February"),
    ],
)
def test_t16_a_line_of_a_crontab_is_read_as_cron_reads_it(line: str, text: str) -> None:
    rule = Rule.read(line)
    assert rule.text == text
    assert rule.at is not None


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("*/5 * * * *", "one minute and one hour"),
        ("0 9,17 * * 1-5", "one minute and one hour"),
        ("0 24 * * *", "one minute and one hour"),
        ("0 9 1 * 1", "either of them"),
        ("0 9 * 6 1", "needs a day of the month"),
        ("0 9 * *", "five fields"),
        ("0 9 * * 8", "0 to 7"),
        ("0 9 * * 5-1", "0 to 7"),
        ("0 9 0 * *", "1 to 31"),
        ("0 9 L * *", "1 to 31"),
        ("0 9 * * 1/0", "0 to 7"),
        ("0 9 31 2 *", "no 31 February"),
    ],
)
def test_t16_what_cron_means_otherwise_is_refused_with_a_fix(line: str, fix: str) -> None:
    with pytest.raises(RuleError, match=fix):
        Rule.read(line)

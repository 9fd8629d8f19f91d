"""Recurrences of every kind: they read back as they are said, and give each date once, in order."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.patterns import Days, MonthDay, Monthly, Nth, Weekly, Workday, Workdays, in_order
from prompts.recurrence import ANCHOR, Rule, RuleError

DAY = timedelta(days=1)
DATES = st.dates(date(2024, 1, 1), date(2030, 12, 31))
NTHS = ("first", "second", "third", "fourth", "fifth")
MONTH_DAYS = st.one_of(
    st.builds(MonthDay, st.integers(1, 31)),
    st.builds(Nth, st.sampled_from([-2, -1, 1, 2, 3, 4, 5]), st.integers(0, 6)),
    st.builds(Workday, st.sampled_from([-2, -1, *range(1, 16)])),
)
OF_SOME_MONTHS = st.one_of(
    st.builds(MonthDay, st.integers(1, 28)), st.builds(Nth, st.integers(1, 4), st.integers(0, 6))
)
PATTERNS = st.one_of(
    st.builds(Days, st.integers(2, 100)),
    st.builds(Weekly, st.frozensets(st.integers(0, 6), min_size=1), st.integers(1, 100)),
    st.just(Workdays()),
    st.builds(
        Monthly,
        st.lists(MONTH_DAYS, min_size=1, max_size=3, unique=True).map(in_order),
        st.integers(1, 12),
    ),
    st.builds(
        lambda on, months: Monthly((on,), 1, tuple(sorted(months))),
        OF_SOME_MONTHS,
        st.sets(st.integers(1, 12), min_size=1),
    ),
)
RULES = st.builds(Rule, PATTERNS, st.none() | DATES)
WORDS = st.sampled_from(
    [
        *("every", "other", "each", "day", "week", "month", "year", "monday", "tue", "fri-sun", "weekday"),
        *("working", "last", "first", "2nd", "31st", "2", "0", "on", "the", "of", "except", "february"),
        *("until", "2026-01-01", "from", "at", "9", "9am", "noon", "*", ",", "-", "9/2", "nope", "biweekly"),
        *("FREQ=WEEKLY", ";BYDAY=MO", ";COUNT=2", "DTSTART:"),
    ]
)
PARTS = st.sampled_from(
    [
        *("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY", "INTERVAL=2", "INTERVAL=1000"),
        *("COUNT=3", "UNTIL=20300101", "BYMONTH=2", "BYMONTH=-1", "BYWEEKNO=53", "BYWEEKNO=-53"),
        *("BYYEARDAY=366", "BYMONTHDAY=31", "BYMONTHDAY=-31", "BYDAY=MO", "BYDAY=-5SU", "BYDAY=5FR"),
        *("BYDAY=MO,2TU", "BYSETPOS=-1", "BYSETPOS=366", "WKST=SU", "BYEASTER=1", "BYHOUR=9", "INTERVAL=0"),
    ]
)


@settings(max_examples=300)
@given(RULES)
def test_the_text_of_a_rule_reads_as_that_rule(rule: Rule) -> None:
    assert Rule.read(rule.text) == rule
    assert Rule.read(rule.text.upper()) == rule


@settings(max_examples=300)
@given(RULES, DATES, st.integers(0, 90), st.integers(0, 90))
def test_dates_come_in_order_once_and_alike_through_every_window(
    rule: Rule, after: date, first: int, second: int
) -> None:
    middle, until = after + first * DAY, after + (first + second) * DAY
    whole = list(rule.dates(after, until))
    assert whole == sorted(set(whole))
    assert all(after < day <= until for day in whole)
    assert whole == [*rule.dates(after, middle), *rule.dates(middle, until)]


@given(st.frozensets(st.integers(0, 6), min_size=1), st.integers(1, 9), st.integers(1, 5), DATES)
def test_sc_06_plain_rules_agree_with_what_calendars_make_of_them(
    chosen: frozenset[int], every: int, nth: int, since: date
) -> None:
    until = since + 400 * DAY
    begin, end = (datetime.combine(one, time()) for one in (ANCHOR, until))
    names = [f"{ANCHOR + day * DAY:%A}" for day in sorted(chosen)]
    some = min(chosen)

    def agree(said: str, found: Iterable[datetime]) -> None:
        assert list(Rule.read(said).dates(since, until)) == [
            one.date() for one in found if one.date() > since
        ]

    weekly = rrule(WEEKLY, begin, every, byweekday=sorted(chosen), until=end)
    agree(f"every {every} weeks on {' and '.join(names)}", weekly)
    agree(f"every {every + 1} days", rrule(DAILY, begin, every + 1, until=end))
    monthly = rrule(MONTHLY, begin, byweekday=weekday(some)(nth), until=end)
    agree(f"the {NTHS[nth - 1]} {names[0]} of the month", monthly)


@settings(max_examples=500)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=8).map(" ".join)))
def test_whatever_is_written_is_read_or_refused(said: str) -> None:
    try:
        rule = Rule.read(said)
    except RuleError:
        return
    assert Rule.read(rule.text).text == rule.text
    assert next(rule.dates(date(1999, 12, 31), date(2100, 1, 1)), None)


@settings(max_examples=100, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=5, unique_by=lambda part: part.split("=")[0]))
def test_whatever_rrule_is_written_is_read_or_refused(parts: list[str]) -> None:
    try:
        rule = Rule.read(f"{';'.join(parts)} from 2026-01-05")
    except RuleError:
        return
    assert Rule.read(rule.text) == rule
    whole = list(rule.dates(date(2026, 1, 1), date(2031, 1, 1)))
    assert whole == sorted(set(whole))

"""How many take part: by week, over time, and when that is worth a question."""

from datetime import date, timedelta

from prompts.participation import Fallen, Turnout, best_day, by_week, fallen

MONDAY = date(2026, 3, 2)


def dates(*counts: tuple[int, int]) -> list[Turnout]:
    """Asked and answered on one weekday after the other."""
    days = (MONDAY + timedelta(days=n) for n in range(200))
    working = (day for day in days if day.weekday() < 5)
    return [Turnout(day, asked, answered) for day, (asked, answered) in zip(working, counts, strict=False)]


def test_weeks_are_added_up_and_days_on_which_nobody_was_asked_do_not_count() -> None:
    [newest, first] = by_week([*dates(*[(5, 4)] * 6), Turnout(MONDAY + timedelta(days=8), 0, 0)])
    assert (first.monday, first.asked, first.answered, first.percent) == (MONDAY, 25, 20, 80)
    assert (newest.asked, newest.answered, newest.most_people) == (5, 4, 5)
    assert by_week([]) == []


def test_competitors_2_20_a_ritual_that_fewer_and_fewer_answer_is_worth_a_question() -> None:
    assert fallen(dates(*[(5, 5)] * 10, *[(5, 2)] * 10)) == Fallen(now=40, before=100, dates=10)


def test_one_that_is_answered_or_just_began_is_not() -> None:
    assert fallen(dates(*[(5, 4)] * 20)) is None
    assert fallen(dates(*[(5, 5)] * 10, *[(5, 3)] * 10)) is None
    assert fallen(dates(*[(5, 2)] * 20)) is None
    assert fallen(dates(*[(5, 5)] * 3, *[(5, 0)] * 10)) is None
    assert fallen([]) is None


def test_one_that_hardly_anybody_ever_answered_is() -> None:
    assert fallen(dates(*[(5, 0)] * 20)) == Fallen(now=0, before=0, dates=10)


def test_the_best_day_is_the_one_that_most_answer_on() -> None:
    assert best_day(dates((5, 1), (5, 5), (5, 2), (5, 1), (5, 1))) == 1
    assert best_day([]) == 0

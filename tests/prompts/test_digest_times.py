"""When digests are due: what people write, and moments over every change of a clock."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.digest_times import A_WEEK, Rhythm, begins, read_rhythm, slots
from prompts.recurrence import RuleError

WEDNESDAY = date(2026, 3, 4)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata", "UTC")


@pytest.mark.parametrize(
    ("text", "rule", "at"),
    [
        ("", "every Monday", time(9)),
        ("weekly", "every Monday", time(9)),
        ("weekly Monday 09:00", "every Monday", time(9)),
        ("weekly at 8:30pm", "every Monday", time(20, 30)),
        ("8:30", "every Monday", time(8, 30)),
        ("at 7", "every Monday", time(7)),
        ("daily", "every day", time(9)),
        ("weekdays 8:15", "every weekday", time(8, 15)),
        ("every 2 weeks on Friday", "every 2 weeks on Friday from 2026-03-06", time(9)),
    ],
)
def test_what_people_write(text: str, rule: str, at: time) -> None:
    assert read_rhythm(text, WEDNESDAY) == Rhythm(rule, at)


def test_what_is_left_out_stays_as_it_was() -> None:
    fridays = Rhythm("every Friday", time(16))
    assert read_rhythm("", WEDNESDAY, fridays) == fridays
    assert read_rhythm("15:00", WEDNESDAY, fridays) == Rhythm("every Friday", time(15))
    assert read_rhythm("daily", WEDNESDAY, fridays) == Rhythm("every day", time(16))


@pytest.mark.parametrize("text", ["now and then", "25:00", "monday 9:77", "x" * 600])
def test_what_is_not_understood_is_said(text: str) -> None:
    with pytest.raises(RuleError):
        read_rhythm(text, WEDNESDAY)


def test_the_first_window_begins_when_it_would_have_been_due_last() -> None:
    berlin, now = ZoneInfo("Europe/Berlin"), datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
    assert begins(Rhythm(), berlin, now) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)
    assert begins(Rhythm("every day from 2026-05-01"), berlin, now) == now - A_WEEK


@given(
    st.sampled_from(ZONES),
    st.sampled_from(["every day", "Monday", "every weekday", "every 2 weeks on Sunday from 2026-01-04"]),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(0, 600),
    st.lists(st.integers(1, 400), min_size=1, max_size=6),
)
def test_t72_however_time_is_cut_every_date_is_due_once(
    zone: str, rule: str, at: time, start_day: int, hours: list[int]
) -> None:
    rhythm, there = Rhythm(rule, at), ZoneInfo(zone)
    begin = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=start_day)
    cuts = [begin]
    for some in hours:
        cuts.append(cuts[-1] + timedelta(hours=some))
    whole = list(slots(rhythm, there, cuts[0], cuts[-1]))
    pieces = [one for since, until in pairwise(cuts) for one in slots(rhythm, there, since, until)]
    assert pieces == whole
    for one, following in pairwise(whole):
        assert one.at < one.not_after < following.at
    for one in whole:
        assert one.not_after <= one.at + timedelta(hours=24)
        wall = one.at.astimezone(there)
        assert wall.date() == one.day
        assert wall.time() >= at, "a time that is left out counts as soon as the clock shows a later"

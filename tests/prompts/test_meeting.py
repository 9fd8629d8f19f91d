"""When people can meet: inside everybody's working hours, whatever their clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from prompts.calm import Free, Half, Off, Profile, Standing, ZoneFrom
from prompts.meeting import COUNT, HALF_HOUR, Times, awake, beginning, in_common, proposed, times

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ZONES = (
    "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia",
    "Africa/Casablanca", "America/St_Johns",
)  # fmt: skip


def person(zone: str, since: datetime = MONDAY, standing: Standing | None = None) -> Times:
    first = since.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    days = [(first + timedelta(days=number), standing or Free()) for number in range(10)]
    return times(days, Profile(ZoneInfo(zone), ZoneFrom.SLACK), since)


def local(found: datetime | None, zone: str) -> str:
    assert found is not None
    return f"{found.astimezone(ZoneInfo(zone)):%a %H:%M}"


def test_a_time_suits_both_and_gives_notice() -> None:
    berlin, york = person("Europe/Berlin"), person("America/New_York")
    assert local(proposed([berlin], MONDAY), "Europe/Berlin") == "Tue 10:00"
    both = proposed([berlin, york], MONDAY)
    assert (local(both, "Europe/Berlin"), local(both, "America/New_York")) == ("Tue 16:00", "Tue 10:00")


def test_who_has_no_hour_in_common_is_told_none() -> None:
    assert proposed([person("Europe/Berlin"), person("Asia/Tokyo")], MONDAY) is not None
    assert proposed([person("America/New_York"), person("Asia/Tokyo")], MONDAY) is None


def test_leave_and_half_days_are_no_time_to_meet() -> None:
    off, half = Off("Away."), Half("Dentist.", time(), time(13))
    assert proposed([person("UTC"), person("UTC", standing=off)], MONDAY) is None
    assert local(proposed([person("UTC", standing=half)], MONDAY), "UTC") == "Tue 13:30"
    late = Half("Away.", time(13), time.max)
    assert (
        local(proposed([person("UTC", MONDAY.replace(hour=18), late)], MONDAY.replace(hour=18)), "UTC")
        == "Wed 10:00"
    )


@given(
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.integers(0, 2 * 366 * 24 * 60),
)
def test_what_is_proposed_is_always_within_the_working_hours_of_both(
    one: str, other: str, minutes: int
) -> None:
    now = MONDAY + timedelta(minutes=minutes)
    since = beginning(now)
    assert timedelta(0) <= since - now < HALF_HOUR
    assert since.minute in (0, 30)
    both = [person(one, since), person(other, since)]
    found = proposed(both, since)
    for number in range(COUNT):
        at = since + HALF_HOUR * number
        if in_common(both) >> number & 1:
            for zone in (one, other):
                begins, ends = (moment.astimezone(ZoneInfo(zone)) for moment in (at, at + HALF_HOUR))
                assert begins.weekday() < 5
                assert time(9) <= begins.time()
                assert ends.time() <= time(18)
    if found is not None:
        assert in_common(both) >> ((found - since) // HALF_HOUR) & 1
        assert found - since >= timedelta(hours=20)


def test_nobody_is_introduced_at_night_where_that_can_be() -> None:
    at = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    profiles = [Profile(ZoneInfo(zone), ZoneFrom.SLACK) for zone in ("UTC", "Europe/Berlin")]
    assert awake(profiles, at) == datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
    far = [Profile(ZoneInfo(zone), ZoneFrom.SLACK) for zone in ("Asia/Tokyo", "America/New_York")]
    found = awake(far, at)
    for one in far:
        assert time(7) <= found.astimezone(one.zone).time() < time(21)
    never = [Profile(ZoneInfo("UTC"), ZoneFrom.SLACK, quiet=(time(0), time(12))),
             Profile(ZoneInfo("UTC"), ZoneFrom.SLACK, quiet=(time(12), time(0)))]  # fmt: skip
    assert awake(never, at) == at
    assert date(2026, 3, 2) == at.date()

"""Stand-ups as tables: bad input of every field is told at the field, and good input comes back as it was."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.ritual import Standup
from prompts.spans import SpanError, read_span, span
from prompts.standup_tables import KEYS, StandupError, name_of, same_name, standup_of, table_of

GOOD: dict[str, Any] = {
    "name": "Platform daily",
    "team": ["#platform", "@research", "ana@heron.example", "U012345678"],
    "prompts": "What is next? {plan}",
    "days": "every weekday",
    "at": "09:30",
}


def test_what_is_not_said_is_as_usual() -> None:
    found = standup_of(GOOD)
    assert (found.zone, found.at, found.window) == ("", time(9, 30), timedelta(hours=8))
    assert found.reminders == (timedelta(hours=1),)


BAD: list[tuple[str, Any, str]] = [
    ("name", "", "Give it a name"),
    ("name", 7, "must be text"),
    ("name", "x" * 10_000, "10,000 characters"),
    ("name", "Ask <@U012345678>", "plain words"),
    ("name", "@channel daily", "plain words"),
    ("name", "Daily\u202egnitem", "can be seen"),
    ("name", "!!!", "letters and digits"),
    ("team", [], "who is asked"),
    ("team", ["ana"], "not understood"),
    ("team", ["<!channel>"], "not understood"),
    ("team", [f"U0000000{n:03}" for n in range(60)], "at most 50"),
    ("team", {"a": 1}, "list of texts"),
    ("prompts", "", "at least one"),
    ("prompts", "What? {wat}", "not understood"),
    ("days", "", "which days"),
    ("days", "every blue moon", "."),
    ("days", "31 February", "."),
    ("at", "25:00", "at which time"),
    ("at", "nine", "at which time"),
    ("at", None, "at which time"),
    ("zone", "Europe/Berln", "did you mean Europe/Berlin"),
    ("zone", "berlin", "did you mean Europe/Berlin"),
    ("zone", "new york", "did you mean America/New_York"),
    ("zone", "../../etc/passwd", "no time zone"),
    ("zone", "Europe/Berlin\x00", "no time zone"),
    ("zone", "GMT+25", "no time zone"),
    ("window", "5m", "between 15m and 7d"),
    ("window", "30d", "between"),
    ("window", "eight", "no span of time"),
    ("window", 8, "must be text"),
    ("window", "99999w", "between"),
    ("late", "2d", "between"),
    ("reminders", ["9h"], "not within"),
    ("reminders", ["1m"], "not within"),
    ("reminders", ["1h", "2h", "3h", "4h"], "At most 3"),
    ("report", "platform", "no channel"),
    ("report", "#a #b", "no channel"),
    ("form", "loud", "one of thread, compiled, none"),
    ("summary", "maybe", "one of draft"),
    ("lead", "ana", "nobody"),
    ("observers", ["somebody"], "not understood"),
    ("consent", "all", "one of nobody"),
    ("on_holiday", "work", "one of skip"),
    ("on_leave", "work", "one of ask"),
    ("escalate_after", "1h", "between"),
    ("drafts", "yes", "true or false"),
    ("sumary", "auto", "did you mean summary"),
]


@pytest.mark.parametrize(("key", "value", "said"), BAD)
def test_bad_input_of_every_field_is_told_at_the_field(key: str, value: Any, said: str) -> None:
    with pytest.raises(StandupError, match=said) as told:
        standup_of({**GOOD, key: value})
    assert told.value.key == key
    assert len(str(told.value)) < 500


def test_every_field_has_its_bad_input_above() -> None:
    assert {key for key, _, _ in BAD} >= set(KEYS)


def test_a_time_that_is_named_with_the_days_counts() -> None:
    assert standup_of({**GOOD, "days": "every Monday at 14:15"}).at == time(14, 15)


def test_no_reminders_are_none() -> None:
    assert standup_of({**GOOD, "reminders": []}).reminders == ()
    assert standup_of({**GOOD, "window": "30m"}).reminders == ()


def test_names_that_look_the_same_are_the_same() -> None:
    assert same_name(" Platform  DAILY ", name_of("platform daily"))
    assert name_of("Cafe\u0301 daily") == "Café daily"


spans = st.integers(1, 7 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(spans)
def test_a_span_that_is_written_is_read_as_the_same(length: timedelta) -> None:
    assert read_span(span(length)) == length


@pytest.mark.parametrize("text", ["", "8", "8x", "-8h", "h8", "1h1", "soon", "8 hourss"])
def test_what_is_no_span_is_said(text: str) -> None:
    with pytest.raises(SpanError):
        read_span(text)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, Any]:
    window = draw(st.integers(15, 7 * 24 * 60))
    most = min(window - 1, 600)
    reminders = draw(st.lists(st.integers(5, most), max_size=3, unique=True)) if most >= 5 else []
    return {
        **GOOD,
        "days": draw(
            st.sampled_from(["every day", "Mon, Thu", "every 2 weeks on Friday", "last working day"])
        ),
        "at": f"{draw(st.integers(0, 23)):02}:{draw(st.integers(0, 59)):02}",
        "zone": draw(st.sampled_from(["each", "Asia/Kolkata", "America/Nuuk"])),
        "window": f"{window}m",
        "reminders": [f"{one}m" for one in reminders],
        "report": draw(st.sampled_from(["", "#platform", "C012345678"])),
        "summary": draw(st.sampled_from(["draft", "auto", "plain", "none"])),
        "observers": draw(st.sampled_from([[], ["everyone"], ["@leads", "U012345678"]])),
        "drafts": draw(st.booleans()),
    }


@given(tables())
def test_a_stand_up_comes_back_from_its_table_and_from_json(table: dict[str, Any]) -> None:
    made = standup_of(table)
    assert standup_of(table_of(made)) == made
    assert Standup.from_json(made.to_json()) == made

"""Who is reminded, who is asked next, when it is given up: planned over plain rows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.journal.requests import Asker, Request
from bot.reminding import GiveUp, PassOn, Remind, plan

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
AFTER = timedelta(hours=24)
HOURS = st.floats(0, 100)
ASKER = Asker("U1", "T1", "C1", "1.0", private=False)


def ago(hours: float) -> float:
    return (NOW - timedelta(hours=hours)).timestamp()


def waiting(*experts: str, turn: int = 0, since: float = 0, reminded: float | None = None) -> Request:
    return Request(
        question="who?",
        question_id="q",
        experts=experts,
        askers=(ASKER,),
        turn=turn,
        turn_at=ago(since),
        reminded_at=None if reminded is None else ago(reminded),
    )


def test_nothing_is_due_before_its_time() -> None:
    assert plan([waiting("A", since=23)], {}, NOW, AFTER) == []
    assert plan([waiting("A", "B", since=60, reminded=23)], {}, NOW, AFTER) == []


def test_one_message_reminds_of_everything() -> None:
    one, other = waiting("A", since=25), waiting("A", "B", since=30)
    assert plan([one, other], {}, NOW, AFTER) == [Remind("A", (one, other))]


def test_nobody_is_pinged_twice_within_a_day() -> None:
    one = waiting("A", since=25)
    assert plan([one], {"A": ago(23)}, NOW, AFTER) == []
    assert plan([one], {"A": ago(25)}, NOW, AFTER) == [Remind("A", (one,))]
    passed = waiting("B", "A", since=60, reminded=25)
    assert plan([passed, replace(passed, id="again")], {}, NOW, AFTER) == [PassOn(passed)]
    assert plan([passed], {"A": ago(1)}, NOW, AFTER) == []


def test_the_last_one_ends_it() -> None:
    one = waiting("A", "B", turn=1, since=60, reminded=25)
    assert plan([one], {}, NOW, AFTER) == [GiveUp(one)]


@given(
    st.lists(
        st.tuples(
            st.permutations(["A", "B", "C"]),
            st.integers(0, 2),
            st.floats(0, 100),
            st.none() | st.floats(0, 100),
        ),
        max_size=8,
    ),
    st.dictionaries(st.sampled_from("ABC"), st.floats(0, 48)),
)
def test_a_plan_pings_each_person_at_most_once(
    drawn: list[tuple[list[str], int, float, float | None]], pinged: dict[str, float]
) -> None:
    rows = [waiting(*people, turn=turn, since=since, reminded=seen) for people, turn, since, seen in drawn]
    due = plan(rows, {person: ago(hours) for person, hours in pinged.items()}, NOW, AFTER)
    people = [one.person for one in due if isinstance(one, Remind)]
    people += [one.wanted.experts[one.wanted.turn + 1] for one in due if isinstance(one, PassOn)]
    assert len(people) == len(set(people))
    assert not any(pinged.get(person, 48.0) < 24 for person in people)

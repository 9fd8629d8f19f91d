"""Topics in the journal: votes count people, merges may be undone, and what is closed does not change."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.journal import gaps, proposals, records, talks, volunteers
from bot.journal.feedback import Judgement
from bot.journal.migrate import migrate
from bot.journal.proposals import CHOSEN, MERGED, OPEN, WITHDRAWN, Ballot, Proposal
from bot.journal.records import Question
from bot.journal.requests import Asker, Moved, Request
from bot.journal.speaker_turns import Turn, turns
from bot.journal.talks import Speaker, Talk
from knowledge.adapters.database import Database, open_database

NAMES = ("a", "b", "c", "d")
PEOPLE = ("U1", "U2", "U3")
ACTS = st.one_of(
    st.tuples(st.just("vote"), st.sampled_from(NAMES), st.sampled_from(PEOPLE)),
    st.tuples(st.just("unvote"), st.sampled_from(NAMES), st.sampled_from(PEOPLE)),
    st.tuples(st.just("merge"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("part"), st.sampled_from(NAMES), st.just("")),
    st.tuples(st.just("withdraw"), st.sampled_from(NAMES), st.just("")),
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder: Path = tmp_path_factory.mktemp("topics")
    opened = open_database(str(folder / "lore.db"))
    migrate(opened)
    yield opened
    opened.close()


class Undone(Exception):
    """Takes back what a test has written."""


@contextmanager
def undone(database: Database) -> Iterator[Connection]:
    """A transaction of which nothing stays."""
    with suppress(Undone), database.writing() as connection:
        yield connection
        raise Undone


@settings(max_examples=60)
@given(acts=st.lists(ACTS, max_size=25))
def test_every_person_counts_once_whatever_is_merged_parted_and_withdrawn(
    database: Database, acts: list[tuple[str, str, str]]
) -> None:
    """Against a model: each topic's own votes, and into which one each is merged."""
    votes: dict[str, set[str]] = {name: set() for name in NAMES}
    into: dict[str, str] = {}
    gone: set[str] = set()

    def under(name: str) -> set[str]:
        return {name}.union(*(under(one) for one, other in into.items() if other == name))

    def standing(name: str) -> str:
        return standing(into[name]) if name in into else name

    with undone(database) as connection:
        for name in NAMES:
            proposals.put(connection, Proposal("S", name, "", "U1", questions=(f"q{name}",), id=name), 1.0)
        for act, name, other in acts:
            match act:
                case "vote" | "unvote":
                    ballot = proposals.vote(connection, name, other, act == "vote", 2.0)
                    closed = standing(name) in gone
                    assert (ballot is Ballot.CLOSED) is closed
                    if act == "unvote" and not closed:
                        for each in under(standing(name)):
                            votes[each].discard(other)
                    elif not closed and not any(other in votes[one] for one in under(standing(name))):
                        votes[standing(name)].add(other)
                case "merge":
                    able = name != other and not {name, other} & (gone | into.keys())
                    assert proposals.merge(connection, name, other, 2.0) is able
                    if able:
                        into[name] = other
                case "part":
                    able = name in into and into[name] not in gone and into[name] not in into
                    assert proposals.unmerge(connection, name, 2.0) is able
                    if able:
                        del into[name]
                case _:
                    able = name not in gone and name not in into
                    assert proposals.withdraw(connection, name, 2.0) is able
                    if able:
                        gone.add(name)
                        into = {one: two for one, two in into.items() if two != name}
        for name in NAMES:
            known = proposals.by_id(connection, name)
            assert known is not None
            assert known.state == (WITHDRAWN if name in gone else MERGED if name in into else OPEN)
            counted = set().union(*(votes[one] for one in under(name)))
            assert set(proposals.voters(connection, name)) == counted
            if known.state == OPEN:
                assert {f"q{one}" for one in under(name)} <= set(known.questions)


def test_offers_to_speak_go_along_and_come_back(database: Database) -> None:
    with undone(database) as connection:
        for name in ("a", "b"):
            proposals.put(connection, Proposal("S", name, "", "U1", id=name), 1.0)
        volunteers.offer(connection, "a", "U1", 1.0)
        volunteers.offer(connection, "b", "U2", 2.0)
        proposals.merge(connection, "a", "b", 3.0)
        assert volunteers.of_proposal(connection, "b") == ["U1", "U2"]
        proposals.unmerge(connection, "a", 4.0)
        assert volunteers.of_proposal(connection, "b") == ["U2"]
        proposals.put(connection, Proposal("S", "b", "", "U1", CHOSEN, id="b"), 5.0)
        assert not proposals.merge(connection, "a", "b", 6.0)


def test_a_turn_is_of_the_talks_that_were_held_and_of_the_last_time_somebody_was_asked(
    database: Database,
) -> None:
    asked = (
        (3, talks.PLANNED, Speaker("3", "U1", talks.DECLINED, volunteer=True, asked_at=30.0)),
        (2, talks.CANCELLED, Speaker("2", "U1", talks.SPEAKS, asked_at=20.0)),
        (1, talks.HELD, Speaker("1", "U1", talks.SPEAKS, asked_at=10.0)),
    )
    with undone(database) as connection:
        for number, state, speaker in asked:
            day = f"2026-03-0{number}"
            talk = Talk("lunch", day, 100.0 * number, 45, "UTC", state=state, id=speaker.talk_id)
            talks.put(connection, talk, 1.0)
            talks.put_speaker(connection, speaker)
        assert turns(connection, "lunch") == {"U1": Turn(last_spoke=100.0, last_asked=30.0, another=True)}


def test_a_question_is_a_gap_until_somebody_answers_it_or_a_topic_has_it(database: Database) -> None:
    def asked(name: str, outcome: str, text: str = "why?") -> Question:
        return Question("T", "C", "1.0", "1.0", "U1", text, {"outcome": outcome}, [], 1, id=name)

    with undone(database) as connection:
        for one in (
            *(asked(name, "no_answer") for name in ("nothing", "by a person", "taken")),
            asked("deleted", "no_answer", text=""),
            *(asked(name, "answer") for name in ("good", "bad")),
        ):
            records.write(connection, one, None, 100.0)
        records.write(connection, asked("old", "no_answer"), None, 10.0)
        records.write(connection, Judgement("bad", "U2", helped=False), None, 101.0)
        records.write(connection, Judgement("good", "U2", helped=True), None, 101.0)
        request = Request("why?", "by a person", ("U3",), (Asker("U1", "T", "C", "1.0", False),))
        records.write(connection, request, None, 101.0)
        records.write(connection, Moved(request.id, "answered", None, "Because.", "U3"), None, 102.0)
        taken = Proposal("S", "t", "", "", WITHDRAWN, questions=("taken",))
        proposals.put(connection, taken, 101.0)
        found = gaps.unanswered(connection, 50.0, 10)
        assert {one.id for one in found} == {"nothing", "bad"}

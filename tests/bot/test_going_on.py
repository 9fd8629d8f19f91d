"""What goes on from an answer: its looks whatever texts went in, its names, its links, its records."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.found import else_pages, passage_pages
from bot.blocks.scope import scope
from bot.blocks.sharing import shared_by, where_view
from bot.blocks.why import Difference, Told, replay_pages, why_pages
from bot.journal.asked import Pointer, pointer
from bot.journal.records import Question
from bot.naming import owners_named
from bot.person import Person
from bot.remembering import answer_of, outcome_as_json, scores_of, searched_of, trace_of
from knowledge.documents import Answer, Chunk, NoAnswer, Passage, Scores, Searched, Sentence, Trace
from knowledge.shortening import shortest
from tests.bot.block_rules import assert_block, assert_page
from tests.bot.test_blocks import ANY_TEXT, LOOK, WIKI, citations, make_answer

ORIGINS = frozenset({WIKI})


def passage(text: str, title: str = "T", number: int = 1) -> Passage:
    return Passage(
        chunk_id=number,
        revision_id=1,
        chunk=Chunk(0, text, (title,), 0, len(text), 1),
        document_id=f"wiki/{title}",
        source="wiki",
        path=title,
        title=title,
        kind="wiki",
        audience_key="everyone",
        scores=Scores(0.5),
    )


TEXTS = st.lists(ANY_TEXT, max_size=4)


@settings(max_examples=60)
@given(st.data(), ANY_TEXT, TEXTS)
def test_po03_whatever_went_in_slack_gets_what_we_allow(
    data: st.DataObject, text: str, more: list[str]
) -> None:
    found = [passage(one, text, number) for number, one in enumerate(more, 1)]
    trace = Trace(text, text + "!", tuple(more), tuple(more), 0.7, 0.5, tuple(more), 0.59, {"finding": 3})
    told = Told(
        "0123", text, text, text, Searched(3, 4, tuple(more)), trace, 0.7,
        [(one, one.scores) for one in found], True, 3, {"all": 4}, more,
    )  # fmt: skip
    difference = Difference(
        text, True, more, more, True, tuple(Sentence(one, (1,)) for one in more), {1: text}, 4, 3, 0.5, 0.59
    )
    made = [
        *why_pages(told),
        *replay_pages(difference),
        *(passage_pages(found, lambda n: f"0123:p{n}", LOOK)),
        *(else_pages(found, lambda n: f"0123:p{n}", LOOK)),
    ]
    for page in made:
        assert_page(page, ORIGINS)
    for block in [block for group in (*shared_by(text, text), *scope(trace, "0123")) for block in group]:
        assert_block(block, ORIGINS)
    assert where_view("{}")["blocks"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://heron.slack.com/archives/C0ABC/p1795257090233023", Pointer("C0ABC", "1795257090.233023")),
        ("<https://x.org/archives/D0AB/p1795257090233023?cid=C0>", Pointer("D0AB", "1795257090.233023")),
        ("why 1795257090.233023", Pointer("", "1795257090.233023")),
        ("why", None),
        ("/archives/C0ABC/p12", None),
        ("1795257090.2330", None),
    ],
)  # fmt: skip
def test_a_link_or_a_ts_points_to_a_message(text: str, found: Pointer | None) -> None:
    assert pointer(text) == found


ANA = Person("U0000ANA1", 'Ana "<!channel>" | Costa', "ana@heron.example", ZoneInfo("UTC"), *[False] * 5)


def test_a_mention_becomes_every_name_of_the_person() -> None:
    known = {"U0000ANA1": ANA, "U0000NOM1": replace(ANA, id="U0000NOM1", name="", email="")}
    named = owners_named(
        "drills by:<@U0000ANA1> -by:<@U0000NOM1|x> written by <@U0000ANA1>, by <@U0000ANA1>", known.get
    )
    full = '"Ana !channel Costa"|ana@heron.example|U0000ANA1'
    assert named == f"drills by:{full} -by:U0000NOM1 by:{full}, by <@U0000ANA1>"
    assert owners_named("by:<@U0000ZOE1>", known.get) == "by:<@U0000ZOE1>"


def test_the_shortest_form_is_what_answers() -> None:
    said = (
        Sentence("Drills are held in May.", (1,)),
        Sentence("The restore drill for the 7B run took 41 minutes.", (1,)),
        Sentence(
            "The restore drill for the 7B run, which is held in May of each year, took 41 minutes.", (2,)
        ),
    )
    assert shortest("how long did the restore drill take for the 7B run?", said) == said[1]
    assert shortest("", said) == said[0]
    assert shortest("x", ()) is None


@given(st.data(), ANY_TEXT, TEXTS)
def test_an_outcome_comes_back_from_the_journal(data: st.DataObject, text: str, more: list[str]) -> None:
    trace = Trace(text, text, tuple(more), tuple(more), 0.7, 0.5, tuple(more), 0.59, {"finding": 3})
    answer = make_answer(["One.", "Two."], [data.draw(citations(1)), data.draw(citations(2))], tuple(more))
    given_ = replace(answer, trace=trace, searched=Searched(3, 4, tuple(more)), confidence=0.7, version=5)
    kept = asked(given_)
    again = answer_of(kept)
    assert again is not None
    assert replace(again, passages=given_.passages, question=given_.question) == given_
    nothing = NoAnswer(text, text, (), (), Searched(1, 1, ("wiki",)), 5, 0.2, trace)
    assert answer_of(asked(nothing)) is None
    assert (trace_of(asked(nothing)), searched_of(asked(nothing))) == (trace, nothing.searched)


def asked(outcome: Answer | NoAnswer) -> Question:
    return Question(
        "T", "C", "1", "1", "U", outcome.question, outcome_as_json(outcome), [], 3, outcome.version
    )


def test_an_older_record_is_read_as_far_as_it_goes() -> None:
    old = Question("T", "C", "1", "1", "U", "how?", {"outcome": "no_answer", "reason": "none"}, [], 3)
    assert trace_of(old) == Trace(asked="how?")
    assert searched_of(old) == Searched(0, 0, ())
    assert answer_of(old) is None
    assert scores_of({"chunk_id": 1}) == Scores(0.0)
    newer = {"trace": {"asked": "x", "of_tomorrow": 1}, "outcome": "answer", "sentences": []}
    assert trace_of(replace(old, outcome=newer)).asked == "x"
    assert answer_of(replace(old, outcome={"outcome": "deleted"})) is None

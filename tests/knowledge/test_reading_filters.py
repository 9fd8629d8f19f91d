"""What a question asks to search, in short form and in plain words, and what it does not ask."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.filtering import Catalogue, Entry
from knowledge.reading_filters import may_hold_filters, read_filters

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def entry(number, source, path, kind="wiki", owner=None, age_days=0, title=None):
    return Entry(number, source, path, title or path, kind, owner, NOW - timedelta(days=age_days), 1)


CATALOGUE = Catalogue.of(
    [
        entry(1, "wiki", "data/digits.md", owner="ana@heron.example"),
        entry(2, "wiki", "gpu.md", owner="Ben Okafor", age_days=30),
        entry(3, "practices", "review.md", "practice", age_days=400),
        entry(4, "runs", "digits-wide", "run", title="digits-wide", age_days=3),
        entry(5, "runs", "wine-knn", "run", title="wine-knn", owner="U12345678"),
        entry(6, "archive", "old/gpu.md", age_days=900),
        Entry(7, "wiki", "undated.md", "Undated", "wiki", None, None, 1),
    ]
)
ALL = [1, 2, 3, 4, 5, 6, 7]


def read(question, **how):
    found = read_filters(question, CATALOGUE, NOW, **how)
    return (
        found.text,
        found.filters.said,
        [one.revision_id for one in found.filters.admitted(CATALOGUE.entries)],
    )


@pytest.mark.parametrize(
    ("question", "text", "said", "admitted"),
    [
        ("in:wiki how?", "how?", ("in wiki",), [1, 2, 7]),
        ("how? in:WIKI", "how?", ("in wiki",), [1, 2, 7]),
        ("in:wiki/data how?", "how?", ("in wiki/data",), [1]),
        ("in:data how?", "how?", ("in data",), [1]),
        ("in:gpu how?", "how?", ("in gpu",), [2]),
        ("in:wiki in:practices how?", "how?", ("in wiki", "in practices"), [1, 2, 3, 7]),
        ("in:wiki|practices how?", "how?", ("in wiki or in practices",), [1, 2, 3, 7]),
        ("-in:archive how?", "how?", ("not in archive",), [1, 2, 3, 4, 5, 7]),
        ("after:2026-11 how?", "how?", ("since 2026-11-01",), [1, 4, 5]),
        ("before:2026-01 how?", "how?", ("before 2026-01-01",), [3, 6]),
        ("after:2025 before:2026-11 how?", "how?", ("since 2025-01-01", "before 2026-11-01"), [2, 3]),
        ("on:2026-11-21 how?", "how?", ("on 2026-11-21",), [1, 5]),
        ("on:2026-10 how?", "how?", ("from 2026-10-01 to 2026-10-31",), [2]),
        ("until:2026-10 how?", "how?", ("before 2026-11-01",), [2, 3, 6]),
        ("by:ana how?", "how?", ("by ana",), [1]),
        ("by:@Ben how?", "how?", ("by Ben",), [2]),
        ('by:"Ben Okafor" how?', "how?", ("by Ben Okafor",), [2]),
        ('by:"Nobody"|nobody@x.org|U12345678 how?', "how?", ("by Nobody",), [5]),
        ("run: how?", "how?", ("runs",), [4, 5]),
        ("how? run:", "how?", ("runs",), [4, 5]),
        ("run:digits-wide how?", "how?", ("the run digits-wide",), [4]),
        ("kind:practice how?", "how?", ("of the kind practice",), [3]),
        ("kind:runs, how?", "how?", ("of the kind run",), [4, 5]),
        ('-kind:run "book it" how?', "book it how?", ("not of the kind run", "“book it”"), [1, 2, 3, 6, 7]),
        ('how? -"draft"', "how?", ("without “draft”",), ALL),
    ],
)  # fmt: skip
def test_short_forms(question, text, said, admitted):
    assert read(question) == (text, said, admitted)


@pytest.mark.parametrize(
    ("question", "text", "said", "admitted"),
    [
        ("how do we book GPUs in the wiki?", "how do we book GPUs?", ("in wiki",), [1, 2, 7]),
        ("only in the practices, how do we review?", "how do we review?", ("in practices",), [3]),
        ("which learning rate was best, only runs?", "which learning rate was best?", ("runs",), [4, 5]),
        ("what is new since November?", "what is new?", ("since 2026-11-01",), [1, 4, 5]),
        (
            "which pages were updated before 2026?",
            "which pages were updated?",
            ("before 2026-01-01",),
            [3, 6],
        ),
        ("what changed last month?", "what changed?", ("from 2026-10-01 to 2026-10-31",), [2]),
        ("what did we learn in the last two weeks?", "what did we learn?", ("since 2026-11-07",), [1, 4, 5]),
        ("pages written by Ana about digits", "pages about digits", ("by Ana",), [1]),
        ("what is owned by Ben Okafor?", "what is?", ("by Ben Okafor",), [2]),
        ("in wiki/data what is there?", "what is there?", ("in wiki/data",), [1]),
    ],
)
def test_plain_words(question, text, said, admitted):
    assert read(question) == (text, said, admitted)
    assert read(question, guess=False) == (question, (), ALL)


@pytest.mark.parametrize(
    "question",
    [
        "is there a bug in the wiki server?",
        "what is the archive format?",
        "what did we decide before June 2025?",
        "how much is the hiring budget in 2027?",
        "who was on call last month?",
        "what is the last week of training for?",
        "what were last month's numbers?",
        "pages written by Zoe about digits",
        "was it reviewed by Ana?",
        "what happened in the run: it diverged",
        "what about this run:",
        "what does `in:wiki after:2026` mean?",
        "see https://wiki.example/in:wiki?by:ana for more",
        'a 5" disk and a 3" disk',
        "lr:3e-4 or beta:0.9?",
        "the ratio in:out",
    ],
)
def test_words_that_are_no_filters_stay(question):
    text, said, admitted = read(question)
    assert said == ()
    assert admitted == ALL
    if "in:out" not in question:
        assert text == question


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("in:secrets how?", "I know no source or folder “secrets” here, so I left “in:secrets” out. "
         "There is: archive, practices, runs, wiki."),
        ("-in:nowhere how?", "I know no source or folder “nowhere” here, so I left “-in:nowhere” out. "
         "There is: archive, practices, runs, wiki."),
        ("by:zoe how?", "I know no owner “zoe” here, so I left “by:zoe” out."),
        ("run:nope how?", "I know no run “nope” here, so I left “run:nope” out."),
        ("kind:novel how?", "I know no kind of document “novel” here, so I left “kind:novel” out. "
         "There is: practice, run, wiki."),
        ("after:soon how?", "I can't read a day in “after:soon”, so I left it out. "
         "Write a day, a month or a year, such as after:2026-01-31 or after:2026-01."),
    ],
)  # fmt: skip
def test_a_name_that_nobody_knows_is_told(question, told):
    found = read_filters(question, CATALOGUE, NOW)
    assert found.remarks == (told,)
    assert (found.text, found.filters.said) == ("how?", ())


def test_of_two_names_the_known_one_holds():
    found = read_filters("in:wiki|nowhere how?", CATALOGUE, NOW)
    assert found.filters.said == ("in wiki",)
    assert len(found.remarks) == 1


def test_a_day_begins_at_midnight_of_the_clock():
    late = Entry(1, "wiki", "a", "A", "wiki", None, datetime(2026, 11, 20, 16, tzinfo=UTC), 1)
    tokyo = datetime(2026, 11, 21, 10, tzinfo=ZoneInfo("Asia/Tokyo"))
    for now, there in ((NOW, False), (tokyo, True)):
        found = read_filters("on:today what?", Catalogue.of([late]), now)
        assert bool(found.filters.admitted([late])) == there


def test_a_named_person_of_whom_there_are_two_is_no_guess():
    two = Catalogue.of([entry(1, "wiki", "a", owner="ana@x.org"), entry(2, "wiki", "b", owner="ana@y.org")])
    assert read_filters("pages written by Ana", two, NOW).filters.said == ()
    assert read_filters("pages by:ana", two, NOW).filters.said == ("by ana",)


@given(
    st.lists(
        st.sampled_from(
            ["in:", "-", "by:", "run:", "after:", '"', "“", "”", "`", "|", " ", "wiki", "2026-01", "@ana",
             "since March", ".", "written by ana", "only runs", "in the wiki", "é", "İ", "\n", "last month"]
        ),
        max_size=25,
    ).map("".join)
)  # fmt: skip
def test_any_question_is_read_and_nothing_but_filters_is_lost(question):
    found = read_filters(question, CATALOGUE, NOW)
    letters = iter(question)
    assert all(letter in letters for letter in found.text)
    if not found.filters and not found.remarks:
        assert found.text == question
    if found.filters or found.remarks:
        assert may_hold_filters(question)


def test_a_long_hostile_question_is_read_in_no_time():
    for piece in ("in:", '"', "`", "-in:wiki|", "since ", "written by "):
        read_filters(piece * (4000 // len(piece)), CATALOGUE, NOW)

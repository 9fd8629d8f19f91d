"""Filters over a real record: what may be found, for whom, and what is told when that is nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from knowledge.adapters.generations import Generations
from knowledge.adapters.store import SqlStore
from knowledge.audience import EVERYONE
from knowledge.documents import Turn
from knowledge.finding import find
from knowledge.narrowing import narrowed, without_filters
from tests.fakes import HashEmbedder
from tests.records import LEADS, document, open_store, publish

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
EMBEDDER = HashEmbedder()
PUBLIC = frozenset({EVERYONE.key})
ALL = PUBLIC | {LEADS.key}
PAGES = [
    replace(
        document("drill.md", "The restore drill took 41 minutes.\n\nThe 100% quota of drills is_met."),
        owner="ana@heron.example",
        updated_at=NOW - timedelta(days=2),
    ),
    replace(
        document("old.md", "The restore drill took 93 minutes.", source="archive"),
        updated_at=NOW - timedelta(days=700),
    ),
    document("plan.md", "The secret restore drill took 5 minutes.", source="secrets", audience=LEADS),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    opened = open_store(tmp_path_factory.mktemp("data"))
    publish(opened, EMBEDDER, PAGES)
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def index(store):
    from pathlib import Path

    data = Path(store.database.engine.url.database or "").parent
    return Generations(data, store, lambda: EMBEDDER.fingerprint, repair=False).current()


def narrow(store, question, audiences=PUBLIC, **how):
    return narrowed(question, store, store.published(), audiences, NOW, **how)


def paths(store, asked):
    return sorted({passage.path for passage in store.passages(sorted(asked.within.chunks)).values()})


def test_without_filters_everything_may_be_found(store):
    asked = narrow(store, "how long did the restore drill take?")
    assert asked.within is None
    assert (asked.searched.documents, asked.searched.sources) == (2, ("archive", "wiki"))


def test_a_filter_leaves_its_chunks_and_counts_them(store):
    asked = narrow(store, "how long did the drill take in:wiki")
    assert paths(store, asked) == ["drill.md"]
    assert (asked.searched.documents, asked.searched.chunks, asked.searched.sources) == (1, 2, ("wiki",))
    assert narrow(store, "in:archive before:2026 how long?").filters == ("in archive", "before 2026-01-01")


def test_a_source_that_the_readers_may_not_read_is_unknown_to_them(store):
    hidden = narrow(store, "in:secrets how long?")
    assert hidden.within is None
    assert "secrets" not in hidden.remarks[0].split("There is")[1]
    assert hidden.remarks == (narrow(store, "in:nosuch how long?").remarks[0].replace("nosuch", "secrets"),)
    assert paths(store, narrow(store, "in:secrets how long?", ALL)) == ["plan.md"]


@pytest.mark.parametrize("phrase", ["RESTORE drill", "restore  drill", "drill took"])
def test_quoted_words_are_held_word_for_word(store, phrase):
    assert paths(store, narrow(store, f'how long was the "{phrase}"?')) == ["drill.md", "old.md"]
    assert paths(store, narrow(store, f'how long was the "{phrase}" -"93 minutes"')) == ["drill.md"]


@pytest.mark.parametrize(
    ("phrase", "found"), [("100% quota", True), ("is_met", True), ("is%met", False), ("_", False)]
)
def test_quoted_words_are_no_patterns(store, phrase, found):
    asked = narrow(store, f'what of "{phrase}"')
    assert (asked.within is not None and paths(store, asked) == ["drill.md"]) == found


def test_quoted_words_that_nothing_holds_are_let_go_of(store):
    asked = narrow(store, 'how long did the "restore exercise" take?')
    assert asked.within is None
    assert asked.text == "how long did the restore exercise take?"
    assert asked.remarks == (
        "Nothing here says “restore exercise” word for word: I searched without the quotes.",
    )
    kept = narrow(store, 'how long did the "restore exercise" take? in:wiki')
    assert kept.filters == ("in wiki",)
    assert paths(store, kept) == ["drill.md"]


def test_finding_keeps_to_the_filters(store, index):
    found = find(index, store, EMBEDDER, "how long did the restore drill take in:archive", PUBLIC, 5, NOW)
    assert {passage.path for passage in found.passages} == {"old.md"}
    assert found.trace.filters == ("in archive",)
    assert found.text == "how long did the restore drill take"
    nothing = find(index, store, EMBEDDER, "how long did it take in:archive after:2026", PUBLIC, 5, NOW)
    assert (nothing.passages, nothing.searched.documents) == ((), 0)


def test_a_guess_that_leads_nowhere_is_let_go_of(store, index):
    found = find(
        index, store, EMBEDDER, "the restore drill took how many minutes since today?", PUBLIC, 5, NOW
    )
    assert found.trace.filters == ()
    assert {passage.path for passage in found.passages} == {"drill.md", "old.md"}
    assert found.trace.remarks == ("Searched without what gave no answer: since 2026-11-21.",)
    asked = find(index, store, EMBEDDER, "how long did the drill take after:2026-11-21", PUBLIC, 5, NOW)
    assert asked.trace.filters == ("since 2026-11-21",)
    assert asked.passages == ()


def test_quoted_words_are_let_go_of_where_they_give_no_answer(store, index):
    found = find(index, store, EMBEDDER, 'what took 93 minutes "is_met"?', PUBLIC, 5, NOW)
    assert found.trace.filters == ()
    assert found.trace.remarks == ("Searched without what gave no answer: “is_met”.",)
    assert {passage.path for passage in found.passages} == {"drill.md", "old.md"}


def test_earlier_turns_do_not_carry_their_filters_on():
    turns = without_filters(
        [Turn("which optimizer? in:wiki by:@U12345678 after:2026"), Turn("fine", by_lore=True)], NOW
    )
    assert [turn.text for turn in turns] == ["which optimizer?", "fine"]

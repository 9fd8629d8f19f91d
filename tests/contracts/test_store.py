"""What every store does: versions that readers can rely on, whatever is being written."""

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from knowledge.adapters.database import open_database
from knowledge.adapters.source_states import SourceState, SourceStates
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import Copy, StoreWriter
from knowledge.adapters.vectors import VersionReader
from knowledge.adapters.versions import stored_versions
from knowledge.audience import EVERYONE
from knowledge.documents import MetricPoint, Run
from knowledge.errors import Busy, StoreError
from tests.fakes import HashEmbedder
from tests.records import RESEARCH, document, open_store, publish, write

EMBEDDER = HashEmbedder()
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    address = request.getfixturevalue("postgres_address") if request.param == "postgresql" else ""
    opened = open_store(tmp_path, address)
    yield opened
    opened.database.close()


def ids(store: SqlStore, version: int) -> set[int]:
    found = VersionReader(store.database, version).chunk_ids()
    return {chunk_id for some in found.values() for chunk_id in some}


def texts(store: SqlStore, version: int) -> set[str]:
    return {one.chunk.text for one in store.passages(sorted(ids(store, version))).values()}


def test_an_empty_store_is_version_0_and_holds_nothing(store: SqlStore) -> None:
    assert store.published() == 0
    assert store.audience_keys(0) == frozenset()
    assert store.searched(0, frozenset({"everyone"})).documents == 0
    assert store.current_audience("wiki/a.md") is None
    assert store.document("wiki/a.md") is None
    assert store.run("wiki/a.md") is None
    assert store.passages([1, 2]) == {}
    assert store.siblings(1) == []


def test_passages_carry_what_a_citation_needs(store: SqlStore) -> None:
    made = replace(
        document("guide/lr.md", "First part.\n\nSecond part."),
        title="Learning rates",
        url="https://example.org/lr",
        updated_at=datetime(2026, 1, 5, 9, 30, tzinfo=timezone(timedelta(hours=2))),
        owner="ada@example.org",
        status="draft",
        superseded_by="guide/new.md",
        lines_are_the_files=False,
        anchors=((12, "Second"), (25, "End")),
    )
    version = publish(store, EMBEDDER, [made])
    chunk_ids = sorted(ids(store, version))
    found = store.passages([chunk_ids[1], 999_999, chunk_ids[0]])
    assert list(found) == [chunk_ids[1], chunk_ids[0]]
    passage = found[chunk_ids[1]]
    assert passage.chunk.text == "Second part." == made.text[passage.chunk.start : passage.chunk.end]
    assert (passage.chunk.line, passage.chunk.section) == (3, ("Notes",))
    assert passage.document_id == "wiki/guide/lr.md"
    assert (passage.title, passage.url, passage.owner) == (made.title, made.url, made.owner)
    assert (passage.status, passage.superseded_by) == ("draft", "guide/new.md")
    assert passage.updated_at == made.updated_at
    assert passage.updated_at.tzinfo is UTC
    assert not passage.lines_are_the_files
    assert (found[chunk_ids[0]].anchor, passage.anchor) == (None, "Second")
    assert [one.chunk.ordinal for one in store.siblings(passage.revision_id)] == [0, 1]
    assert store.document("wiki/guide/lr.md") == made
    assert store.revision(passage.revision_id) == made


def test_readers_of_a_version_do_not_see_a_running_sync(store: SqlStore) -> None:
    first = publish(store, EMBEDDER, [document("a.md", "Old a."), document("b.md", "B.")])
    coming = write(store, EMBEDDER, [document("a.md", "New a."), document("c.md", "C.")], ["wiki/b.md"])
    assert store.published() == first
    assert texts(store, first) == {"Old a.", "B."}
    assert store.current_audience("wiki/b.md") == "everyone"
    assert store.current_audience("wiki/c.md") is None
    assert texts(store, coming) == {"New a.", "C."}
    StoreWriter(store.database).publish(coming, {"added": 1}, datetime.now(UTC))
    assert store.published() == coming
    assert store.current_audience("wiki/b.md") is None
    assert texts(store, first) == {"Old a.", "B."}, "the version before can still be read"
    assert store.report(coming) == {"added": 1}


def test_what_a_killed_sync_left_is_taken_back_but_its_vectors_stay(store: SqlStore) -> None:
    first = publish(store, EMBEDDER, [document("a.md", "Old a."), document("b.md", "B.")])
    left = write(store, EMBEDDER, [document("a.md", "New a.")], ["wiki/b.md"])
    StoreWriter(store.database).sweep()
    assert texts(store, first) == {"Old a.", "B."}
    assert ids(store, left) == ids(store, first)
    counting = HashEmbedder()
    again = publish(store, counting, [document("a.md", "New a.")])
    assert counting.embedded == 0
    assert again > left, "numbers of versions are never used twice"


def test_chunk_and_revision_ids_are_never_used_twice(store: SqlStore) -> None:
    seen: set[int] = set()
    for turn in range(6):
        version = publish(store, EMBEDDER, [document("a.md", f"Text {turn}.")])
        assert not seen & ids(store, version)
        seen |= ids(store, version)
        StoreWriter(store.database).purge(keep=1)


def test_purging_forgets_what_no_kept_version_holds(store: SqlStore) -> None:
    versions = [publish(store, EMBEDDER, [document("a.md", f"Secretword{n} here.")]) for n in range(5)]
    StoreWriter(store.database).purge(keep=3)
    assert [texts(store, one) for one in versions[2:]] == [{f"Secretword{n} here."} for n in (2, 3, 4)]
    assert texts(store, versions[1]) == set()
    with store.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM vectors")).scalar() == 3


def test_of_lasting_sources_what_was_seen_at_moments_is_stored_too(store: SqlStore) -> None:
    begin, lasting = datetime(2026, 3, 2, tzinfo=UTC), frozenset({"wiki", "lab"})
    writer, made = StoreWriter(store.database), []
    for n in range(7):
        pages = [document("a.md", f"Wiki {n}."), document("s.md", f"Said {n}.", source="saved")]
        made.append(write(store, EMBEDDER, pages))
        writer.publish(made[n], {"added": n}, begin + timedelta(hours=n), lasting if n else {"wiki"})
    seen_at = [begin + timedelta(hours=2, minutes=30), begin + timedelta(minutes=30), begin]
    writer.purge(3, seen_at, ["wiki"])
    stored = stored_versions(store.database, 3)
    assert [one.version for one in stored] == [made[n] for n in (6, 5, 4, 2, 0)]
    assert [one.holds("lab") for one in stored] == [True, True, True, True, False]
    assert texts(store, made[2]) == {"Wiki 2."}
    assert texts(store, made[4]) == {"Wiki 4.", "Said 4."}
    assert texts(store, made[3]) == texts(store, made[1]) == set()
    writer.purge(3, seen_at[:1], ["wiki"])
    assert [one.version for one in stored_versions(store.database, 3)] == [made[n] for n in (6, 5, 4, 2)]
    writer.purge(3, seen_at, ["wiki"])
    assert [one.version for one in stored_versions(store.database, 3)] == [made[n] for n in (6, 5, 4, 2)], (
        "what is gone does not come back with a clock"
    )
    assert {one.path for side in writer.changed_since(made[2], "wiki", made[6]) for one in side} == {"a.md"}


def test_a_copy_is_the_same_document_again_for_those_it_names(store: SqlStore) -> None:
    run = Run("r", {"lr": 0.1}, {"loss": (MetricPoint(1.0, 0.5), MetricPoint(2.0, math.nan))}, tags=("x",))
    odd = "First \udc80 words \x00."
    first = publish(store, EMBEDDER, [replace(document("a.md", f"{odd}\n\nSecond."), run=run)])
    second = publish(store, EMBEDDER, [document("a.md", "Other."), document("b.md", "B.")])
    writer = StoreWriter(store.database)
    [old] = writer.known_in(first)
    now = {one.path: one.revision_id for one in writer.known_in(second)}
    third = writer.begin(EMBEDDER.fingerprint, datetime.now(UTC))
    writer.copy(third, [Copy(old.revision_id, RESEARCH.key, RESEARCH.key, "", now["a.md"])])
    writer.end(third, [now["b.md"]])
    writer.publish(third, {}, datetime.now(UTC))
    assert texts(store, second) == {"Other.", "B."}
    assert texts(store, third) == {odd, "Second."} or store.database.shared
    assert store.audience_keys(third) == {RESEARCH.key}
    [copied] = writer.known_in(third)
    assert (copied.digest, copied.recipe, copied.source_audience) == (old.digest, "", RESEARCH.key)
    found = store.run("wiki/a.md")
    assert found is not None
    assert (found.params, found.tags) == (run.params, run.tags)
    assert [point.step for point in found.metrics["loss"]] == [1.0, 2.0]
    vectors = VersionReader(store.database, third).of_audience(RESEARCH.key)
    assert (
        vectors.matrix.tolist()
        == VersionReader(store.database, first).of_audience("everyone").matrix.tolist()
    )


def test_vectors_of_a_sync_that_was_cancelled_outlive_the_next_few_versions(store: SqlStore) -> None:
    publish(store, EMBEDDER, [document("a.md", "Text 0.")])
    write(store, EMBEDDER, [document("b.md", "It was cancelled.")])
    StoreWriter(store.database).sweep()

    def vectors() -> int:
        with store.database.reading() as connection:
            return connection.execute(text("SELECT count(*) FROM vectors")).scalar() or 0

    counts = []
    for n in range(1, 5):
        publish(store, EMBEDDER, [document("a.md", f"Text {n}.")])
        StoreWriter(store.database).purge(keep=3)
        counts.append(vectors())
    assert counts == [3, 4, 3, 3], "gone with the third version after it"


def test_what_is_kept_of_sources_is_kept_apart(store: SqlStore) -> None:
    states = SourceStates(store.database)
    now = datetime.now(UTC)
    assert states.all() == {}
    made = SourceState(now, now, {"added": 1}, "settings", {"cursor": [1, "x"]})
    states.keep({"wiki": made, "lab": replace(made, note=None, settings=None)})
    assert states.all()["wiki"] == made
    assert states.note("wiki", "settings") == {"cursor": [1, "x"]}
    assert states.note("wiki", "others") == states.note("lab", "settings") == states.note("x", "y") == {}
    states.keep({"wiki": replace(made, note={"cursor": 2})})
    assert states.note("wiki", "settings") == {"cursor": 2}
    states.forget_notes()
    assert states.note("wiki", "settings") == {}
    assert states.all()["wiki"].report == {"added": 1}
    states.forget(but=["lab"])
    assert list(states.all()) == ["lab"]


def test_a_source_is_fetched_by_one_of_all_that_share_a_server(postgres_address: str, tmp_path: Path) -> None:
    one, other = open_store(tmp_path, postgres_address).database, open_database(postgres_address)
    is_held, is_ours = r"lore: sync wiki .* is at work", "this process is at it already"
    with one.fetching("sync wiki", "wiki"):
        with other.fetching("sync lab", "lab"), other.owning("sync", tmp_path):
            pass
        with pytest.raises(Busy, match=is_held), other.fetching("sync wiki", "wiki"):
            pass
        with pytest.raises(Busy, match=is_ours), one.fetching("sync wiki", "wiki"):
            pass
    with other.fetching("sync wiki", "wiki"):
        pass
    one.close()
    other.close()


def test_what_sqlite_forgets_is_gone_from_the_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for n in range(5):
        publish(store, EMBEDDER, [document("a.md", f"Secretword{n} here.")])
    StoreWriter(store.database).purge(keep=3)
    store.database.close()
    with sqlite3.connect(tmp_path / "lore.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    stored = (tmp_path / "lore.db").read_bytes()
    assert b"Secretword4" in stored
    assert b"Secretword0" not in stored


def test_audiences_and_counts_are_those_of_the_version(store: SqlStore) -> None:
    first = publish(
        store,
        EMBEDDER,
        [document("a.md", "One.\n\nTwo."), document("b.md", "B.", source="lab", audience=RESEARCH)],
    )
    second = publish(store, EMBEDDER, removed=["lab/b.md"])
    assert store.audience_keys(first) == {"everyone", RESEARCH.key}
    assert store.audience_keys(second) == {"everyone"}
    both = store.searched(first, frozenset({"everyone", RESEARCH.key}))
    assert (both.documents, both.chunks, both.sources) == (2, 3, ("lab", "wiki"))
    assert store.searched(first, frozenset({RESEARCH.key})).sources == ("lab",)
    assert store.searched(first, frozenset()).documents == 0


def test_a_run_comes_back_as_it_was_logged(store: SqlStore) -> None:
    run = Run(
        name="baseline",
        params={"lr": 3e-4, "layers": 12, "amp": True, "resume": None, "optimizer": "adamw"},
        metrics={
            "loss": (MetricPoint(0.0, 2.5), MetricPoint(100.0, math.inf), MetricPoint(None, 1.25)),
            "accuracy": (MetricPoint(None, 0.5),),
        },
        direction={"loss": "min"},
        tags=("small", "ünïcode"),
        notes="Diverged\x00 at step 100.",
        status="failed",
        started_at=datetime(2026, 2, 1, tzinfo=UTC),
        code_version="abc123",
        links=("https://example.org/run/1", "plots/loss.png"),
    )
    publish(store, EMBEDDER, [replace(document("r1.json", "A run."), run=run), document("a.md", "A.")])
    assert store.run("wiki/r1.json") == run
    assert store.document("wiki/r1.json").run == run
    assert store.run("wiki/a.md") is None


def test_parameters_that_are_no_numbers_are_kept(store: SqlStore) -> None:
    run = Run("odd", params={"clip": math.inf, "nan": math.nan, "text": "\x00\ud800", "none": None})
    publish(store, EMBEDDER, [replace(document("r.json", "A run."), run=run)])
    assert repr(store.run("wiki/r.json")) == repr(run)


def test_not_a_number_is_kept(store: SqlStore) -> None:
    run = Run("nan", metrics={"loss": (MetricPoint(1.0, math.nan),)})
    publish(store, EMBEDDER, [replace(document("r.json", "A run."), run=run)])
    (point,) = store.run("wiki/r.json").metrics["loss"]
    assert math.isnan(point.value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=ANY_TEXT, path=ANY_TEXT)
def test_any_text_can_be_stored_and_comes_back(store: SqlStore, words: str, path: str) -> None:
    made = document(path, words + "\x00\ud800\ue000")
    publish(store, EMBEDDER, [made])
    assert store.document(made.id) == made
    assert store.current_audience(made.id) == EVERYONE.key


def test_a_time_without_a_zone_is_refused(store: SqlStore) -> None:
    made = replace(document("a.md", "A."), updated_at=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(Exception, match="without a zone"):
        publish(store, EMBEDDER, [made])


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot open the database .*lore\.db: unable to open"):
        open_database(tmp_path / "missing" / "lore.db")


def test_a_database_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # as if the disk were full
    long = "\n\n".join(f"Part {n} " + "x" * 2000 for n in range(200))
    with pytest.raises(StoreError, match=r"^the record cannot be written: [^\n]*full$"):
        publish(store, EMBEDDER, [document("a.md", long)])
    assert store.published() == 0

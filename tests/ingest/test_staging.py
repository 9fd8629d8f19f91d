"""Sources that come over a network: fetched before the lock, side by side, and never twice."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.report import Progress
from ingest.sources import Item, Listed, Reading, Source
from ingest.staged import OLD, Staged, sweep
from knowledge.adapters.generations import index_lock
from knowledge.documents import Document, MetricPoint, Redaction, Run
from knowledge.errors import Busy, Cancelled, ModelError, StoreError
from tests.fakes import HashEmbedder
from tests.records import LEADS, document
from tests.sources import UNREADABLE, Team, reference, source

PAGES = {f"p{n}.md": f"Page {n}\n\nWords of page {n}." for n in range(6)}


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "data", pages={"wiki": dict(PAGES)}, remote=frozenset({"wiki", "lab"}))


def staged(team: Team) -> int:
    return len(list((team.data / "staged").rglob("*.json")))


def test_what_was_fetched_is_published_and_no_longer_staged(team: Team, tmp_path: Path) -> None:
    assert team.sync()["added"] == 6
    assert team.seen() == reference(team, tmp_path / "reference")
    assert staged(team) == 0
    assert team.sync()["kept"] == 6


def test_a_cancelled_sync_publishes_nothing_and_fetches_nothing_twice(team: Team) -> None:
    def stopped() -> bool:
        return team.loads >= 4

    with pytest.raises(Cancelled, match="what was fetched and embedded is kept"):
        team.syncer().sync(team.sources(), stopped=stopped)
    assert (team.loads, staged(team), team.store.published()) == (4, 4, 0)
    team.wiki["p0.md"] = "Page 0\n\nChanged meanwhile."
    assert team.sync()["added"] == 6
    assert team.loads == 7, "two that were not fetched yet, and one that has changed since"
    assert "Changed meanwhile." in repr(team.seen())


def test_a_cancelled_sync_embeds_nothing_twice_though_others_publish_meanwhile(team: Team) -> None:
    team.pages["lab"] = {"l.md": "Lab\n\nNotes."}
    embedder = HashEmbedder()
    told: list[Progress] = []

    def stopped() -> bool:
        return embedder.embedded > 0 and told[-1].stage == "publish"

    mine = replace(team.syncer(), embedder=embedder)
    with pytest.raises(Cancelled):
        mine.sync(team.sources(), frozenset({"wiki"}), on_progress=told.append, stopped=stopped)
    assert embedder.embedded == 12
    mine.sync(team.sources(), frozenset({"lab"}))
    assert embedder.embedded == 14
    assert mine.sync(team.sources()).chunks_embedded == 0
    assert team.loads == 7


def test_a_sync_that_failed_at_embedding_fetches_nothing_twice(team: Team) -> None:
    class Broken(HashEmbedder):
        def embed(self, texts):  # type: ignore[no-untyped-def]
            raise ModelError("no room for the model")

    with pytest.raises(ModelError):
        replace(team.syncer(), embedder=Broken()).sync(team.sources())
    assert team.sync()["added"] == 6
    assert team.loads == 6


def test_a_torn_staged_file_is_fetched_again(team: Team) -> None:
    with pytest.raises(Cancelled):
        team.syncer().sync(team.sources(), stopped=lambda: team.loads >= 6)
    torn, empty, *_ = sorted((team.data / "staged").rglob("*.json"))
    torn.write_text(torn.read_text()[:-9])
    empty.write_text("")
    assert team.sync()["added"] == 6
    assert team.loads == 8


def test_what_cannot_be_fetched_is_tried_once_and_told(team: Team) -> None:
    team.sync()
    team.wiki.update({"p0.md": UNREADABLE, "p9.md": UNREADABLE + " new"})
    before = team.loads
    report = team.sync()
    assert [one["path"] for one in report["failed"]] == ["p0.md", "p9.md"]  # type: ignore[index]
    assert (report["kept"], team.loads) == (6, before + 2)
    assert "Words of page 0." in repr(team.seen())


def test_sources_are_fetched_side_by_side(team: Team) -> None:
    """Each waits for the other: one after the other, neither would ever be done."""
    team.pages["lab"] = {"l.md": "Lab\n\nNotes."}
    both = threading.Barrier(2)

    def read(of: Source, reading: Reading) -> Iterator[Listed]:
        both.wait(20)
        yield from team.read(of, reading)

    report = replace(team.syncer(), read=read).sync(team.sources())
    assert {one.name: one.added for one in report.sources} == {"wiki": 6, "lab": 1}


def test_others_publish_while_a_remote_source_is_fetched(team: Team) -> None:
    team.pages["folder"] = {"f.md": "Folder\n\nOn this machine."}
    listed, go_on = threading.Event(), threading.Event()

    def slow(of: Source, reading: Reading) -> Iterator[Listed]:
        listed.set()
        assert go_on.wait(20)
        yield from team.read(of, reading)

    slowly = replace(team.syncer(), read=slow)
    thread = threading.Thread(target=lambda: slowly.sync(team.sources(), frozenset({"wiki"})))
    thread.start()
    assert listed.wait(20)
    assert team.sync(only=frozenset({"folder"}))["added"] == 1
    with pytest.raises(Busy, match=r"cannot sync wiki: process \d+ \(sync wiki\) holds"):
        team.sync(only=frozenset({"wiki"}))
    go_on.set()
    thread.join(20)
    assert set(team.seen()) == {"folder/f.md", *(f"wiki/{path}" for path in PAGES)}


def test_what_took_long_to_fetch_waits_for_its_turn(team: Team) -> None:
    with index_lock(team.data, "sync"):
        thread = threading.Thread(target=team.sync)
        thread.start()
        thread.join(1.5)
        assert (thread.is_alive(), staged(team)) == (True, 6)
    thread.join(20)
    assert team.store.published() == 1


def test_waiting_for_a_turn_can_be_cancelled(team: Team) -> None:
    with index_lock(team.data, "sync"), pytest.raises(Cancelled):
        team.syncer().sync(team.sources(), wait_s=60, stopped=lambda: staged(team) == 6)


def test_one_thread_that_fails_stops_the_others_and_says_why(team: Team) -> None:
    team.pages["lab"] = dict(PAGES)

    def read(of: Source, reading: Reading) -> Iterator[Listed]:
        def full() -> Document:
            raise StoreError("no space left")

        for item in team.read(of, reading):
            assert isinstance(item, Item)
            yield replace(item, load=full) if of.name == "lab" else item

    with pytest.raises(StoreError, match="no space left"):
        replace(team.syncer(), read=read).sync(team.sources())


def test_progress_is_told_for_each_source(team: Team) -> None:
    team.pages["lab"] = {"l.md": "Lab\n\nNotes."}
    told: list[Progress] = []
    team.syncer().sync(team.sources(), on_progress=told.append)
    assert Progress("fetch", 6, 6, source="wiki") in told
    assert Progress("fetch", 1, 1, source="lab") in told
    assert told[-1] == Progress("publish", 1, 1, 14)


def test_what_a_reader_has_found_before_it_lists_anything_is_told_and_never_falls(team: Team) -> None:
    team.wiki.update({f"q{number}.md": f"Page {number}\n\nText." for number in range(44)})

    def read(of: Source, reading: Reading) -> Iterator[Listed]:
        for count in range(10, 31, 10):
            reading.found(count)
        yield from team.read(of, reading)

    told: list[Progress] = []
    replace(team.syncer(), read=read).sync(team.sources(), on_progress=told.append)
    counts = [one.done for one in told if one.stage == "list" and one.source == "wiki"]
    assert counts == [10, 20, 30, 40]


def test_documents_come_back_as_they_were_staged(tmp_path: Path) -> None:
    run = Run(
        name="sweep \udc80 7",
        params={"lr": 3e-4, "layers": 12, "name": "x", "amp": True, "none": None},
        metrics={"loss": (MetricPoint(None, 0.5), MetricPoint(3.0, float("inf"))), "empty": ()},
        direction={"loss": "min"},
        tags=("a", "b"),
        notes="n\x00n",
        status="finished",
        started_at=datetime(2026, 3, 1, tzinfo=UTC),
        ended_at=datetime(2026, 3, 1, 5, tzinfo=UTC),
        code_version="abc",
        links=("https://x.example",),
    )
    whole = replace(
        document("lone \udc80.md", "Text with a lone \udc80 surrogate, NUL \x00 and 🙂.", audience=LEADS),
        pages=(0, 4),
        body_start=2,
        url="https://x.example",
        updated_at=datetime(2026, 3, 1, tzinfo=UTC),
        owner="ada",
        status="draft",
        superseded_by="b.md",
        run=run,
        redactions=1,
        redacted=(Redaction("GitHub token", 3),),
        notes=("read as cp1252",),
        lines_are_the_files=False,
    )
    stage = Staged(tmp_path, source(), "1")
    item = Item(whole.path, "digest", lambda: whole)
    assert stage.load(item) is None
    stage.keep(item, whole)
    found = stage.load(item)
    assert found == whole
    assert (found.redacted, found.notes) == (whole.redacted, whole.notes)
    for other in (
        Staged(tmp_path, source(), "2"),
        Staged(tmp_path, source(audience=LEADS), "1"),
        Staged(tmp_path, replace(source(), options={"space": "ML"}), "1"),
        Staged(tmp_path, source("lab"), "1"),
    ):
        assert other.load(item) is None
    assert stage.load(replace(item, digest="other")) is None
    assert stage.load(replace(item, audience=LEADS)) is None
    stage.clear()
    assert stage.load(item) is None


def test_what_was_staged_long_ago_goes(tmp_path: Path) -> None:
    stage = Staged(tmp_path, source(), "1")
    item = Item("a.md", "digest", lambda: document("a.md", "A"))
    stage.keep(item, document("a.md", "A"))
    now = datetime.now(UTC)
    sweep(tmp_path / "staged", now + OLD - timedelta(minutes=1))
    assert stage.holds(item)
    sweep(tmp_path / "staged", now + OLD + timedelta(minutes=1))
    assert not stage.holds(item)


def test_a_stage_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "staged").write_text("a file, not a folder")
    item = Item("a.md", "digest", lambda: document("a.md", "A"))
    with pytest.raises(StoreError, match=r"cannot keep what was fetched in .*: "):
        Staged(tmp_path, source(), "1").keep(item, document("a.md", "A"))

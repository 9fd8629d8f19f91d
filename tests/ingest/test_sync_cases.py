"""Unlucky and hostile moments of a sync, over pages in memory and real files."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ingest.readers import read
from ingest.sources import Item, Listed, Reading, Source
from knowledge.errors import Busy, Cancelled, ModelError, Unreadable
from knowledge.ports import Vector
from tests.fakes import HashEmbedder
from tests.ingest.reading import source as folder
from tests.records import LEADS, RESEARCH
from tests.sources import Team, reference

TEXT = "Backups\n\nBackups run every night.\n\nThey are kept for five weeks."


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "data", pages={"wiki": {"a.md": TEXT, "b.md": "B\n\nOther words."}})


def test_in_13_one_text_at_three_places_is_embedded_once_and_cited_by_audience(team: Team) -> None:
    team.pages |= {"lab": {"copy.md": TEXT}, "leads": {"twin.md": TEXT}}
    team.audiences |= {"lab": RESEARCH, "leads": LEADS}
    assert team.sync()["chunks_embedded"] == 5
    for key, paths in (
        ("everyone", {"a.md"}),
        (RESEARCH.key, {"copy.md"}),
        (LEADS.key, {"twin.md"}),
    ):
        assert set(team.found("backups run every night", frozenset({key}))) - {"b.md"} == paths


def test_in_15_what_was_removed_or_made_private_is_gone_after_one_sync(team: Team) -> None:
    team.pages["lab"] = {"c.md": "C\n\nFor everyone, until now."}
    team.sync()
    del team.wiki["a.md"]
    team.audiences["lab"] = RESEARCH
    team.sync()
    assert not {"a.md", "c.md"} & set(team.found("backups everyone night until now"))
    assert team.found("everyone until now", frozenset({RESEARCH.key}))[0] == "c.md"
    newest, *_ = team.syncer().history()
    assert {one.name: (one.removed, one.changed) for one in newest.report.sources} == {
        "wiki": (1, 0),
        "lab": (0, 1),
    }


def test_in_24_a_cut_listing_keeps_what_it_lacks_and_the_next_whole_one_takes_it(team: Team) -> None:
    team.sync()
    team.wiki["moved/a.md"] = team.wiki.pop("a.md")
    team.incomplete.add("wiki")
    report = team.sync()
    assert report["failed"] == [{"path": "wiki", "reason": "page 3 of 10 is empty"}]
    assert (report["added"], report["moved"], report["removed"]) == (1, 0, 0)
    assert set(team.seen()) == {"wiki/a.md", "wiki/b.md", "wiki/moved/a.md"}
    team.incomplete.clear()
    report = team.sync()
    assert (report["removed"], report["chunks_embedded"]) == (1, 0)
    assert set(team.seen()) == {"wiki/b.md", "wiki/moved/a.md"}


def test_in_25_an_outage_that_looks_like_success_removes_nothing(team: Team) -> None:
    team.sync()
    kept = dict(team.wiki)
    team.wiki.clear()
    report = team.sync()
    assert (report["removed"], report["kept"], report["version"]) == (0, 2, 1)
    team.wiki.update(kept)
    assert team.sync()["kept"] == 2
    team.wiki.clear()
    assert team.syncer().sync(team.sources(), allow_removals=frozenset({"wiki"})).removed == 2


def test_in_28_questions_are_answered_while_a_sync_runs_and_see_one_version(team: Team) -> None:
    team.sync()
    before = team.found("backups run every night")
    cutting, go_on = threading.Event(), threading.Event()
    team.wiki["a.md"] = TEXT.replace("five", "nine")
    syncer = team.syncer()

    def slow(document):  # type: ignore[no-untyped-def]
        cutting.set()
        assert go_on.wait(20)
        return syncer.cut(document)

    thread = threading.Thread(target=lambda: replace(syncer, cut=slow).sync(team.sources()))
    thread.start()
    assert cutting.wait(20)
    assert team.found("backups run every night") == before
    assert "five weeks" in repr(team.seen())
    go_on.set()
    thread.join(20)
    assert "nine weeks" in repr(team.seen())


class Broken(HashEmbedder):
    """Gives vectors that are none."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def embed(self, texts: Sequence[str]) -> Vector:
        good = super().embed(texts)
        match self.how:
            case "nan":
                good[-1, 0] = np.nan
            case "zero":
                good[-1] = 0
            case "short":
                return good[:, :10]
            case "fewer":
                return good[:-1]
        return good


@pytest.mark.parametrize("how", ["nan", "zero", "short", "fewer"])
def test_in_29_vectors_that_are_none_are_refused_and_mixed_with_nothing(
    team: Team, tmp_path: Path, how: str
) -> None:
    team.sync()
    before = team.seen()
    team.wiki["c.md"] = "C\n\nNew words."
    with pytest.raises(ModelError):
        team.with_embedder(Broken(how)).sync()
    assert team.seen() == before
    team.sync()
    assert team.seen() == reference(team, tmp_path / "reference")


def test_in_30_a_clock_that_goes_back_an_hour_changes_nothing(team: Team) -> None:
    team.sync()
    team.wiki["a.md"] += "\n\nMore."
    earlier = datetime.now(UTC) - timedelta(hours=1)
    report = replace(team.syncer(), clock=lambda: earlier).sync(team.sources())
    assert (report.changed, report.version) == (1, 2)
    assert [one.version for one in team.syncer().history()] == [2, 1]
    assert "More." in repr(team.seen())


def test_in_30_a_file_of_the_same_size_and_time_is_known_to_be_another(tmp_path: Path) -> None:
    root = tmp_path / "pages"
    root.mkdir()
    page = root / "a.md"
    page.write_text("# A\n\nKept for 35 days.")
    team = Team(tmp_path / "data")
    syncer = replace(team.syncer(), read=read)
    syncer.sync([folder(root)])
    times = (page.stat().st_atime_ns, page.stat().st_mtime_ns)
    page.write_text("# A\n\nKept for 90 days.")
    os.utime(page, ns=times)
    assert syncer.sync([folder(root)]).changed == 1
    assert "90 days" in repr(team.seen())


WAITING = """
import sys, time
from pathlib import Path
from tests.sources import Team
team = Team(Path(sys.argv[1]), remote=frozenset({"wiki"}))
team.wiki.update({f"p{n}.md": f"Page {n}\\n\\nWords {n}." for n in range(9)})
load = team._load
def slow(*args):
    if team.loads == 4:
        print("waiting", flush=True)
        time.sleep(60)
    return load(*args)
team._load = slow
team.sync()
"""


def test_in_30_a_sync_that_is_told_to_end_ends_and_is_taken_up_again(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == -signal.SIGTERM
    team = Team(tmp_path / "data", remote=frozenset({"wiki"}))
    team.wiki.update({f"p{n}.md": f"Page {n}\n\nWords {n}." for n in range(9)})
    assert team.sync()["added"] == 9
    assert team.loads == 5


def test_in_28_two_processes_sync_different_sources_side_by_side_and_one_source_once(tmp_path: Path) -> None:
    """The second is told who is at it."""
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, str(tmp_path / "data")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        team = Team(tmp_path / "data", remote=frozenset({"wiki", "lab"}))
        team.pages["lab"] = {"l.md": "Lab\n\nNotes."}
        with pytest.raises(Busy, match=rf"cannot sync wiki: process {process.pid} \(sync wiki\) holds"):
            team.sync()
        assert team.sync(only=frozenset({"lab"}))["added"] == 1
        process.kill()
        process.wait(30)
    assert team.sync()["kept"] == 1, "the lock of the one that was killed is free at once"


def test_a_defect_of_one_reader_is_trouble_of_its_source_alone(
    team: Team, caplog: pytest.LogCaptureFixture
) -> None:
    team.pages |= {"lab": {"l.md": "Lab\n\nNotes."}, "far": {"f.md": "Far\n\nAway."}}
    team.remote = frozenset({"far"})
    team.sync()

    def defective(of: Source, reading: Reading) -> Iterator[Listed]:
        if of.name != "lab":
            yield from ({}["a secret of the page"] for _ in range(1))
        yield from team.read(of, reading)

    team.pages["lab"]["m.md"] = "More\n\nNotes."
    report = replace(team.syncer(), read=defective).sync(team.sources())
    assert {one.name: one.unlisted for one in report.sources} == {
        "wiki": "its reader failed (KeyError): the log says where",
        "lab": None,
        "far": "its reader failed (KeyError): the log says where",
    }
    assert (report.added, report.removed, report.kept) == (1, 0, 4)
    assert "the reader of wiki failed: KeyError at " in caplog.text
    assert "a secret of the page" not in caplog.text


def test_a_defect_on_one_page_is_trouble_of_that_page_alone(team: Team) -> None:
    def defective(of: Source, reading: Reading) -> Iterator[Listed]:
        for one in team.read(of, reading):
            assert isinstance(one, Item)
            yield replace(one, load=lambda: 1 / 0) if one.path == "a.md" else one  # type: ignore[arg-type, return-value]

    report = replace(team.syncer(), read=defective).sync(team.sources())
    assert report.added == 1
    assert [one.reason for one in report.failed] == [
        "its reader failed (ZeroDivisionError): the log says where"
    ]


def test_a_reader_that_is_told_to_stop_ends_the_sync(team: Team) -> None:
    stopping = threading.Event()

    def heard(_: Source, reading: Reading) -> Iterator[Listed]:
        stopping.set()
        assert reading.stopped()
        raise Unreadable("the sync was stopped")
        yield

    with pytest.raises(Cancelled):
        replace(team.syncer(), read=heard).sync(team.sources(), stopped=stopping.is_set)

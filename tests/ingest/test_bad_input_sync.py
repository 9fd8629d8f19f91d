"""Bad input through a sync of real folders: failures are told, the rest is indexed, old versions stay."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.gathering import Read
from ingest.readers import read
from ingest.sources import Listed, Reading, Source
from ingest.sync import Syncer
from tests.ingest.pdfs import HANDBOOK, pdf, text
from tests.ingest.reading import source, write
from tests.records import by_paragraph
from tests.sources import Team

PAGE = "# Booking\n\nBook a node in the calendar.\n\nNodes are freed at noon."


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class FolderTeam(Team):
    """A team whose one source is a real folder, read by the real reader."""

    root: Path = field(default_factory=Path)

    def sources(self) -> list[Source]:
        return [source(self.root)]

    def syncer(self) -> Syncer:
        return self.reading(read)

    def reading(self, how: Read) -> Syncer:
        """A syncer that lists sources with `how`."""
        return Syncer(self.data, self.store, self.generations, self.embedder, how, by_paragraph, now)

    def write(self, **files: str | bytes) -> None:
        write(self.root, {name.replace("__", "."): content for name, content in files.items()})

    def failed(self, report: dict[str, object]) -> dict[str, str]:
        failures = report["failed"]
        assert isinstance(failures, list)
        return {one["path"]: one["reason"] for one in failures}


@pytest.fixture
def team(tmp_path: Path) -> FolderTeam:
    made = FolderTeam(tmp_path / "data", root=tmp_path / "wiki")
    made.write(page__md=PAGE, other__md="# Quotas\n\nTwo nodes for each person.")
    return made


def test_in_01_02_07_08_bad_files_are_told_and_the_rest_is_indexed(team: FolderTeam) -> None:
    team.write(
        cut__pdf=HANDBOOK[:700],
        locked__pdf=pdf(lambda canvas: text(canvas, 700, "Plan."), password="open sesame"),
        good__pdf=HANDBOOK,
        empty__md=b"",
        blank__txt=b"\xef\xbb\xbf \n",
        image__md=b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        noise__txt=bytes(range(256)) * 9,
        old__txt="Größer als früher, über Nacht.\n".encode("cp1252") * 9,
        odd__txt="surro\udc80gate".encode("utf-8", "surrogatepass")
        + "größer, über Nacht, schöner\n".encode() * 9,
    )
    report = team.sync()
    assert team.failed(report) == {
        "cut.pdf": "the PDF is damaged",
        "locked.pdf": "the PDF is encrypted",
        "empty.md": "the file is empty",
        "blank.txt": "the file is empty",
        "image.md": "the contents are a PNG image, not what the name says",
        "noise.txt": "the contents are not text",
    }
    assert report["added"] == 5
    assert {name.removeprefix("wiki/") for name in team.seen()} == {
        "page.md", "other.md", "good.pdf", "old.txt", "odd.txt"
    }  # fmt: skip
    assert "Größer als früher" in repr(team.seen()["wiki/old.txt"])
    assert team.sync()["kept"] == 5


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"\x89PNG\r\n\x1a\n" + bytes(99), bytes(range(256)) * 9, b"%PDF-1.4 cut"]
)
def test_a_page_that_goes_bad_keeps_its_old_version(team: FolderTeam, data: bytes) -> None:
    team.sync()
    before = team.seen()
    team.write(page__md=data)
    report = team.sync()
    assert list(team.failed(report)) == ["page.md"]
    assert (report["removed"], report["kept"]) == (0, 2)
    assert team.seen() == before
    team.write(page__md=PAGE + "\n\nAsk Mira.")
    assert team.sync()["changed"] == 1


def test_in_11_a_file_that_vanishes_or_changes_between_listing_and_reading_is_never_a_mix(
    team: FolderTeam,
) -> None:
    team.sync()
    before = team.seen()
    team.write(page__md=PAGE + "\n\nFirst change.", other__md="# Quotas\n\nThree nodes.", new__md="# New")

    def listed_then_changed(of: Source, reading: Reading) -> list[Listed]:
        items = list(read(of, reading))
        (team.root / "new.md").unlink()
        (team.root / "page.md").unlink()
        team.write(other__md="# Quotas\n\nFour nodes.")
        return items

    report = team.reading(listed_then_changed).sync(team.sources()).as_json()
    gone = "the file cannot be opened: No such file or directory"
    assert team.failed(report) == {"new.md": gone, "page.md": gone}
    assert team.seen()["wiki/page.md"] == before["wiki/page.md"]
    assert "Four nodes." in repr(team.seen()["wiki/other.md"])
    assert "Three nodes." not in repr(team.seen())
    last = team.syncer().sync(team.sources(), allow_removals=True)
    assert (last.removed, last.kept, last.failed) == (1, 1, ())


def test_in_12_a_renamed_file_and_a_moved_folder_embed_nothing(team: FolderTeam) -> None:
    write(team.root, {"guides/a.md": "# A\n\nWords of a.", "guides/b.md": "# B\n\nWords of b."})
    team.sync()
    embedded = team.embedder.embedded
    (team.root / "page.md").rename(team.root / "booking.md")
    (team.root / "guides").rename(team.root / "manual")
    report = team.sync()
    assert (report["moved"], report["kept"], report["chunks_embedded"]) == (3, 1, 0)
    assert team.embedder.embedded == embedded
    assert set(team.seen()) == {"wiki/booking.md", "wiki/other.md", "wiki/manual/a.md", "wiki/manual/b.md"}


def test_in_14_one_word_of_a_long_page_embeds_one_chunk(team: FolderTeam) -> None:
    long = "\n\n".join(f"Paragraph {n} about topic {n}." for n in range(300))
    team.write(long__md=long)
    team.sync()
    team.write(long__md=long.replace("topic 150.", "zebras."))
    report = team.sync()
    assert (report["changed"], report["kept"], report["chunks_embedded"]) == (1, 2, 1)
    assert "topic 150." not in repr(team.seen())


def test_in_09_links_out_of_the_folder_are_told_and_not_read(team: FolderTeam, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("Outside.")
    (team.root / "link.md").symlink_to(tmp_path / "secret.md")
    os.mkfifo(team.root / "pipe.md")
    report = team.sync()
    assert set(team.failed(report)) == {"link.md", "pipe.md"}
    assert "Outside." not in repr(team.seen())

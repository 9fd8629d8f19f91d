"""Hostile files through a sync of real folders: each costs its own place alone, and the report tells."""

import random
import resource
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.parsing.converted import Converted, Part
from ingest.parsing.process import ParsingProcess
from ingest.sources import Source
from knowledge.audience import EVERYONE, Audience
from tests.ingest.offices import packed, paragraph, sheets, slides, with_body
from tests.ingest.pdfs import pdf, text
from tests.ingest.reading import source, write
from tests.ingest.test_archives import TYPES, archive, deflated
from tests.ingest.test_bad_input_sync import FolderTeam
from tests.ingest.test_mail import letter, mailbox
from tests.planted import LETTERS, prefixed

LEADS, OPS = (Audience(principals=frozenset({name})) for name in ("#leads", "#ops"))
PAGE = "# Booking\n\nNodes are freed at noon."


@dataclass
class Folders(FolderTeam):
    """A team with several folders, each read by an audience of its own."""

    readers: dict[str, Audience] = field(default_factory=lambda: {"wiki": EVERYONE})

    def sources(self) -> list[Source]:
        return [source(self.root / name, name=name, audience=who) for name, who in self.readers.items()]

    def found(self, what: str) -> list[dict[str, object]]:
        """Sync, and give what the report lists of that."""
        report = self.syncer().sync(self.sources()).as_json()
        assert report["failed"] == []
        return [one for each in report["sources"] for one in each["findings"][what]]


@pytest.fixture
def team(tmp_path: Path) -> Folders:
    made = Folders(tmp_path / "data", root=tmp_path / "folders")
    write(made.root / "wiki", {"page.md": PAGE})
    return made


def test_in_04_05_06_bombs_are_told_and_the_rest_is_indexed(team: Folders) -> None:
    bomb = deflated(1 << 30)
    head, use = TYPES["billion laughs"]
    write(
        team.root / "wiki",
        {
            "big.docx": archive([("word/document.xml", bomb, 1 << 30)]),
            "lies.xlsx": archive([("xl/workbook.xml", bomb, 100)]),
            "many.pptx": archive([(str(n), b"", 0) for n in range(100_000)]),
            "same.docx": archive([("a", bomb, 1 << 20), ("b", bomb, 1 << 20)], at=[0, 0]),
            "laughs.docx": packed(
                {"_rels/.rels": f"<?xml version='1.0'?>{head}<Relationships>{use}</Relationships>"}
            ),
            "good.docx": with_body(paragraph("Words.")),
        },
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = team.sync()
    assert set(team.failed(report)) == {"big.docx", "lies.xlsx", "many.pptx", "same.docx", "laughs.docx"}
    assert {name.removeprefix("wiki/") for name in team.seen()} == {"page.md", "good.docx"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256_000  # kB


def test_in_10_names_that_mean_something_elsewhere_are_names_here(team: Folders) -> None:
    names = ["-rf.md", "a\nb.md", "x\u202edm.exe.md", "Twin.md", "twin.md", "y" * 252 + ".md", "%2e%2e.md"]
    write(team.root / "wiki", {name: f"Words of {n}." for n, name in enumerate(names)})
    report = team.sync()
    assert report["failed"] == []
    assert report["added"] == len(names) + 1
    assert all(name.isprintable() and ".." not in name.split("/") for name in team.seen())
    assert team.sync()["kept"] == len(names) + 1


def test_in_09_a_folder_that_becomes_a_link_is_told_and_what_is_known_of_it_stays(
    team: Folders, tmp_path: Path
) -> None:
    write(team.root / "wiki", {"sub/page.md": "Words of a page in it.", "team.mbox": mailbox(letter())})
    team.sync()
    before = team.seen()
    outside = write(tmp_path / "outside", {"page.md": "Outside."})
    (team.root / "wiki/sub/page.md").unlink()
    (team.root / "wiki/sub/page.md").symlink_to(outside / "page.md")
    (team.root / "wiki/team.mbox").rename(tmp_path / "away")
    (team.root / "wiki/team.mbox").symlink_to(tmp_path / "away")
    report = team.sync()
    assert set(team.failed(report)) == {"sub/page.md", "team.mbox/"}
    assert report["removed"] == 0
    assert team.seen() == before


def test_in_13_one_text_at_three_places_is_shown_to_each_by_its_own_place(tmp_path: Path) -> None:
    team = Folders(
        tmp_path / "data", root=tmp_path / "folders", readers={"wiki": EVERYONE, "leads": LEADS, "ops": OPS}
    )
    for name in team.readers:
        write(team.root / name, {"plan.md": "# Plan\n\nThe cluster moves in May."})
    report = team.sync()
    assert (report["added"], report["chunks_embedded"]) == (3, 2)  # its heading and its words, once
    seen = team.seen()
    assert {name: page["audience"] for name, page in seen.items()} == {
        f"{name}/plan.md": who.key for name, who in team.readers.items()
    }
    write(team.root / "ops", {"plan.md": "---\naudience: nobody\n---\n# Plan\n\nThe cluster moves in May."})
    team.sync()
    assert team.seen()["ops/plan.md"]["audience"] == Audience().key
    assert team.seen()["leads/plan.md"] == seen["leads/plan.md"]


def test_in_15_a_page_that_is_removed_or_made_private_is_gone_with_the_next_sync(team: Folders) -> None:
    write(team.root / "wiki", {"gone.md": "# Gone\n\nOld words.", "private.md": "# Private\n\nInner words."})
    team.sync()
    assert "wiki/gone.md" in team.seen()
    (team.root / "wiki/gone.md").unlink()
    write(team.root / "wiki", {"private.md": "---\naudience: '#leads'\n---\n# Private\n\nInner words."})
    report = team.sync()
    assert (report["removed"], report["changed"]) == (1, 1)
    assert set(team.seen()) == {"wiki/page.md", "wiki/private.md"}
    assert team.seen()["wiki/private.md"]["audience"] == LEADS.key


def test_in_17_what_is_hidden_is_nowhere_and_the_report_lists_it(team: Folders) -> None:
    def white(canvas: object) -> None:
        text(canvas, 700, "Seen.")  # type: ignore[arg-type]
        canvas.setFillGray(1)  # type: ignore[attr-defined]
        text(canvas, 600, "HIDDEN")  # type: ignore[arg-type]

    def hidden_sheet(workbook: object) -> None:
        workbook.active["A1"] = "Seen."  # type: ignore[attr-defined]
        workbook.create_sheet("Other")["A1"] = "HIDDEN"  # type: ignore[attr-defined]
        workbook["Other"].sheet_state = "hidden"  # type: ignore[index]

    def hidden_slide(presentation: object) -> None:
        for words, shown in (("Seen.", "1"), ("HIDDEN", "0")):
            slide = presentation.slides.add_slide(presentation.slide_layouts[5])  # type: ignore[attr-defined]
            slide.shapes.title.text = words
            slide._element.set("show", shown)

    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "HIDDEN")
    write(
        team.root / "wiki",
        {
            "a.md": f"Seen.{tags}\u200b\ufe00",
            "b.html": '<p>Seen.</p><!-- HIDDEN --><p style="display:none">HIDDEN</p>',
            "c.pdf": pdf(white),
            "d.docx": with_body(paragraph("HIDDEN", run="<w:vanish/>")),
            "e.xlsx": sheets(hidden_sheet),
            "f.pptx": slides(hidden_slide),
            "g.eml": letter("Seen.", html='<p>Seen.</p><div style="font-size:0">HIDDEN</div>').as_bytes(),
        },
    )
    noted = team.found("noted")
    assert "HIDDEN" not in repr(team.seen())
    assert tags not in repr(team.seen())
    assert {one["path"] for one in noted} == {
        "a.md", "b.html", "c.pdf", "d.docx", "e.xlsx", "f.pptx", "g.eml",
    }  # fmt: skip


def test_in_18_a_parser_that_dies_loops_or_breaks_out_costs_its_own_file(
    team: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = ParsingProcess("tests.ingest.poison", memory_bytes=400_000_000, cpu_s=1)

    def poisoned(kind: str, parts: Sequence[Part]) -> Converted:
        return process.convert(Path(parts[0].name).stem, parts)

    monkeypatch.setattr("ingest.readers.pages.convert", poisoned)
    bad = ("segfault", "loop", "fork", "network", "exit", "write", "memory")
    write(team.root / "wiki", {f"{name}.md": "Words." for name in bad})
    write(team.root / "wiki", {"good.md": "Good words.", "zebra.md": "More words."})
    report = team.sync()
    process.close()
    assert set(team.failed(report)) == {f"{name}.md" for name in bad}
    assert set(team.seen()) == {"wiki/page.md", "wiki/good.md", "wiki/zebra.md"}


def test_the_report_names_file_and_line_of_each_secret_and_nothing_holds_it(
    team: Folders, caplog: pytest.LogCaptureFixture
) -> None:
    generator = random.Random(11)
    keys = [prefixed("hf_", LETTERS, 34)(generator) for _ in range(3)]
    write(
        team.root / "wiki",
        {
            "keys.md": f"# Keys\n\nOne:\n{keys[0]}\n\nTwo: {keys[1]}\n",
            "plan.docx": with_body(paragraph("Plan.") + paragraph(f"The token is {keys[2]}.")),
        },
    )
    caplog.set_level("DEBUG")
    report = team.found("redacted")
    assert report == [
        {"path": "keys.md", "kind": "Hugging Face token", "line": 4},
        {"path": "keys.md", "kind": "Hugging Face token", "line": 6},
        {"path": "plan.docx", "kind": "Hugging Face token", "line": 3},
    ]
    held = b"".join(path.read_bytes() for path in team.data.rglob("*") if path.is_file())
    for key in keys:
        assert key not in repr(report) + repr(team.seen()) + caplog.text
        assert key.encode() not in held


@pytest.mark.parametrize("size", [25_000_000, 5_000_000_000])
def test_in_03_what_is_too_large_is_refused_unread(team: Folders, size: int) -> None:
    for name in ("a.txt", "b.csv", "c.docx", "d.eml", "e.mbox", "f.pdf"):
        with (team.root / "wiki" / name).open("wb") as file:
            file.write(b"From a@b Wed Mar  4 10:12:00 2026\n")
            file.truncate(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = team.sync()
    assert {path.rstrip("/") for path in team.failed(report)} == {
        "a.txt", "b.csv", "c.docx", "d.eml", "e.mbox", "f.pdf",
    }  # fmt: skip
    assert all("too large" in reason for reason in team.failed(report).values())
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_in_16_hostile_text_in_office_documents_and_mail_is_read_or_refused(team: Folders) -> None:
    many = {
        "headings.docx": with_body(
            "".join(paragraph(f"H{n}", '<w:outlineLvl w:val="0"/>') for n in range(500))
        ),
        "runs.docx": with_body(
            "<w:p>" + "".join(f"<w:r><w:t>{n * 7919}</w:t></w:r>" for n in range(30_000)) + "</w:p>"
        ),
        "one.docx": with_body(paragraph(" ".join(str(n * n) for n in range(60_000)))),
        "brackets.eml": letter("[" * 300_000).as_bytes(),
        "quotes.eml": letter("Words.\n" + "> " * 100_000 + "\n" + ">\n" * 30_000).as_bytes(),
        "wrote.eml": letter("Words.\n" + "On wrote: " * 30_000 + "\n> a").as_bytes(),
        "parts.eml": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\n\na\n" * 2_000,
        "nested.eml": b"From: a@b.example\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(2000)),
        "header.eml": b"From: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nWords.",
        "froms.mbox": b"From a@b Wed Mar  4 10:12:00 2026\n\n" * 3000,
        "threads.mbox": mailbox(*(letter(key=f"<{n}@x>", answers=f"<{n - 1}@x>") for n in range(1, 300))),
    }
    write(team.root / "wiki", many)
    report = team.sync()
    reasons = team.failed(report)
    assert not [reason for reason in reasons.values() if "signal" in reason or "(" in reason]
    assert "page.md" not in reasons
    assert "wiki/threads.mbox/0@x" in team.seen()

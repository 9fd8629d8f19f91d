"""PDFs: pages, headings, dates; damaged, encrypted and empty ones; and text that nobody sees."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from knowledge.documents import Document
from tests.ingest.pdfs import HANDBOOK, pdf, text
from tests.ingest.reading import loaded, outcomes, refused, source, write

FIRST = (
    "# GPU handbook\n\nBook a node in the calendar before you start.\nNodes are freed at noon.\n\n"
    "## Quotas\n\nEach person may hold two nodes."
)
SECOND = "## Storage\n\nScratch is wiped on Sundays."


def test_pages_and_headings_are_kept(tmp_path: Path) -> None:
    document = loaded(tmp_path, "handbook.pdf", HANDBOOK)
    assert document.text == f"{FIRST}\n\n{SECOND}\n\n"
    assert document.pages == (0, len(FIRST) + 2)
    assert document.title == "GPU handbook"
    assert not document.lines_are_the_files
    assert document.notes == ()


def test_a_secret_on_an_earlier_page_does_not_move_the_pages_after_it(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        text(canvas, 700, "The key is sk-ant-" + "api03-Ab1Cd2Ef3Gh4Ij5Kl6Mn7 for now.")
        canvas.showPage()
        text(canvas, 700, "Second page.")

    document = loaded(tmp_path, "a.pdf", pdf(draw))
    assert document.text[: document.pages[1]] == "The key is [redacted: Anthropic key] for now.\n\n"
    assert document.text[document.pages[1] :] == "Second page.\n\n"


def test_title_and_date_come_from_the_file_where_the_page_says_nothing(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setTitle("Evaluation protocol")
        text(canvas, 700, "Plain words, all of one size.")

    document = loaded(tmp_path, "a.pdf", pdf(draw))
    assert document.title == "Evaluation protocol"
    assert document.updated_at == datetime(2000, 1, 1, tzinfo=UTC)
    untitled = loaded(tmp_path / "b", "node-list.pdf", pdf(lambda canvas: text(canvas, 700, "Plain words.")))
    assert untitled.title == "Node list"


def test_a_word_broken_at_a_line_end_is_whole(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        text(canvas, 700, "The measure of an exam-")
        text(canvas, 686, "ple is what it gives.")

    assert loaded(tmp_path, "a.pdf", pdf(draw)).text.strip() == "The measure of an example is what it gives."


def test_in_01_a_pdf_cut_anywhere_is_read_or_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    cuts = [1 + n * (len(HANDBOOK) - 2) // 19 for n in range(20)]
    files: dict[str, object] = {f"cut{cut:06}.pdf": HANDBOOK[:cut] for cut in cuts}
    found = outcomes(source(write(tmp_path, files | {"whole.pdf": HANDBOOK, "page.md": "Words."})))
    assert len(found) == 22
    assert isinstance(found.pop("whole.pdf"), Document)
    assert isinstance(found.pop("page.md"), Document)
    reasons = {reason for reason in found.values() if isinstance(reason, str)}
    assert reasons <= {
        "the PDF is damaged",
        "not a PDF: its header is missing",
        "the PDF holds no text (it may be a scan)",
    }
    assert "the PDF is damaged" in reasons
    for document in found.values():
        if isinstance(document, Document):
            assert set(document.text.split("\n")) <= set(f"{FIRST}\n{SECOND}\n".split("\n"))


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("bad xref", HANDBOOK.replace(b"xref", b"xxxx").replace(b"startxref\n", b"startxref\n9")),
        ("looping page tree", HANDBOOK.replace(b"/Count 2 /Kids [ ", b"/Count 2 /Kids [ 7 0 R 7 0 R ")),
        ("no pages", HANDBOOK.replace(b"/Pages", b"/Pigs!")),
        ("header only", b"%PDF-1.7\n" + b"\0" * 500),
        ("flipped bytes", bytes(byte ^ (0xFF * (n % 97 == 50)) for n, byte in enumerate(HANDBOOK))),
    ],
)
def test_in_01_a_damaged_pdf_is_recovered_or_refused(tmp_path: Path, what: str, data: bytes) -> None:
    assert data != HANDBOOK
    found = outcomes(source(write(tmp_path, {"a.pdf": data, "b.pdf": HANDBOOK})))
    damaged = found["a.pdf"]
    assert damaged in ("the PDF is damaged", "the PDF holds no text (it may be a scan)") or (
        isinstance(damaged, Document) and "GPU handbook" in damaged.text
    )
    assert isinstance(found["b.pdf"], Document)


def test_in_01_an_encrypted_pdf_is_refused_by_that_name(tmp_path: Path) -> None:
    data = pdf(lambda canvas: text(canvas, 700, "Secret plan."), password="open sesame")
    assert refused(tmp_path, "a.pdf", data) == "the PDF is encrypted"


def test_a_scan_is_refused_by_that_name(tmp_path: Path) -> None:
    data = pdf(lambda canvas: canvas.rect(50, 50, 100, 100))
    assert refused(tmp_path, "a.pdf", data) == "the PDF holds no text (it may be a scan)"


def test_in_17_text_that_is_not_seen_on_the_page_is_left_out_and_reported(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        text(canvas, 760, "Seen first.")
        canvas.setFillGray(1)
        text(canvas, 740, "White on white.")
        canvas.setFillGray(0)
        text(canvas, 720, "Far too small.", size=0.1)
        text(canvas, 700, "Under a black box.")
        canvas.rect(60, 690, 200, 30, fill=1)
        canvas.rect(60, 590, 200, 30, fill=1)
        canvas.drawString(72, -50, "Below the page.")
        canvas.setFillGray(1)
        canvas.drawString(72, 600, "White on the box.")
        canvas.setFillGray(0.8)
        text(canvas, 660, "Light grey is seen.")

    document = loaded(tmp_path, "a.pdf", pdf(draw))
    seen = {"Seen first.", "White on the box.", "Light grey is seen."}
    assert set(document.text.strip().split("\n")) == seen
    assert document.notes == ("4 pieces of text that cannot be seen left out",)


def test_in_17_the_text_layer_over_a_scan_is_read(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        generator = random.Random(1)
        for n in range(400):
            canvas.setFillGray(generator.random())
            canvas.rect(70 + n % 40 * 5, 690 + n // 40 * 3, 5, 3, fill=1, stroke=0)
        layer = canvas.beginText(72, 700)
        layer.setTextRenderMode(3)
        layer.textLine("Recognised words.")
        canvas.drawText(layer)

    assert loaded(tmp_path, "a.pdf", pdf(draw)).text.strip() == "Recognised words."

"""How quickly each format is read, what redaction and cleaning cost, and what a second reading costs."""

import io
import json
import tempfile
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from ingest.parsing.converted import Part
from ingest.parsing.decoding import decode
from ingest.parsing.process import ParsingProcess
from ingest.readers import read
from ingest.redaction import redact
from ingest.sources import Item, Source
from knowledge.audience import EVERYONE
from tests.ingest.offices import sheets, slides, word

TEAM_DOCS = Path(__file__).parents[3] / "shared" / "data" / "team" / "docs"
SENTENCE = "The baseline uses a learning rate of 3e-4 and 2,000 steps of warm-up; see the protocol. "


def main() -> None:
    process = ParsingProcess(cpu_s=120, wall_s=300)
    started = time.perf_counter()
    process.convert("text", [Part("a.txt", b"Words.")])
    print(f"parsing process: first answer after {1000 * (time.perf_counter() - started):.0f} ms")
    for name, data in _samples().items():
        kind = "office" if name.startswith("office") else name
        part = Part("a.csv" if kind == "run" else f"a.{kind}", data)
        text = process.convert(kind, [part]).text
        seconds = _best(lambda kind=kind, part=part: process.convert(kind, [part]))
        print(
            f"{name}: {len(data) / 1e6:.2f} MB in {1000 * seconds:.0f} ms ({len(text) / 1e6:.2f} MB of text)"
        )
    process.close()
    text = (SENTENCE * 12 + "\n\n") * 900
    print(f"decoding: {len(text) / 1e6 / _best(lambda: decode(text.encode())):.0f} MB/s")
    print(f"redaction: {len(text) / 1e6 / _best(lambda: redact(text)):.1f} MB/s")
    with tempfile.TemporaryDirectory() as folder:
        _folder(Path(folder))
    if TEAM_DOCS.is_dir():
        source = Source("team", "folder", TEAM_DOCS, EVERYONE, "wiki")
        _read(source, "the team's documents")
    else:
        print("the team's documents: not here (../shared/data)")


def _folder(folder: Path) -> None:
    for n in range(2000):
        (folder / f"page{n}.md").write_text(f"# Page {n}\n\n{SENTENCE * 20}")
    _read(Source("pages", "folder", folder, EVERYONE, "wiki"), "2,000 Markdown pages of 2 kB")


def _read(source: Source, name: str) -> None:
    started = time.perf_counter()
    items = [item for item in read(source) if isinstance(item, Item)]
    listed = time.perf_counter()
    documents = [item.load() for item in items]
    loaded = time.perf_counter()
    size = sum(len(document.text) for document in documents) / 1e6
    print(
        f"{name}: {len(items)} listed and hashed in {listed - started:.2f} s, "
        f"{size:.1f} MB read in {loaded - listed:.2f} s"
    )


def _samples() -> dict[str, bytes]:
    paragraphs = "".join(f"<h2>Part {n}</h2><p>{SENTENCE * 8}</p>" for n in range(300))
    sections = "".join(f"Part {n:03}\n--------\n\n{SENTENCE * 8}\n\n" for n in range(300))
    rows = "".join(f"{n},{1 / (n + 1):.6f},{n / 50_000:.6f}\n" for n in range(50_000))
    cells = [
        {"cell_type": "markdown", "metadata": {}, "id": f"c{n}", "source": SENTENCE * 8} for n in range(300)
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    return {
        "html": f"<html><body>{paragraphs}</body></html>".encode(),
        "rst": f"Title\n=====\n\n{sections}".encode(),
        "notebook": json.dumps(notebook).encode(),
        "pdf": _pdf(50),
        "table": f"step,loss,acc\n{rows}".encode(),
        "run": f"step,loss,acc\n{rows}".encode(),
        "office: Word, 1,200 paragraphs": word(_handbook),
        "office: PowerPoint, 60 slides": slides(_talk),
        "office: Excel, 20,000 rows of 5": sheets(_figures),
        "mail": _letter(),
        "mbox": _mailbox(500),
    }


def _handbook(document: Any) -> None:
    for part in range(60):
        document.add_heading(f"Part {part}", 1)
        for _ in range(20):
            document.add_paragraph(SENTENCE * 5)


def _talk(presentation: Any) -> None:
    for number in range(60):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = f"Part {number}"
        slide.placeholders[1].text_frame.text = "\n".join([SENTENCE] * 6)


def _figures(workbook: Any) -> None:
    workbook.active.append(["step", "loss", "acc", "node", "note"])
    for n in range(20_000):
        workbook.active.append([n, 1 / (n + 1), n / 20_000, f"a100-{n % 8}", "warm"])


def _letter(number: int = 0) -> bytes:
    made = EmailMessage()
    made["From"], made["To"] = "Mira <mira@tern.example>", "Team <team@tern.example>"
    made["Subject"], made["Message-ID"] = "Booking", f"<{number}@tern.example>"
    made["In-Reply-To"] = f"<{number - number % 5}@tern.example>"
    made.set_content(SENTENCE * 20)
    made.add_alternative(f"<p>{SENTENCE * 20}</p>", subtype="html")
    return made.as_bytes()


def _mailbox(count: int) -> bytes:
    start = b"From mira@tern.example Wed Mar  4 10:12:00 2026\n"
    return b"".join(start + _letter(number) + b"\n" for number in range(count))


def _pdf(pages: int) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    for _ in range(pages):
        canvas.setFont("Helvetica", 10)
        for line in range(50):
            canvas.drawString(50, 800 - 15 * line, SENTENCE)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of three runs."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


if __name__ == "__main__":
    main()

"""PDF files made for tests."""

import io
from collections.abc import Callable
from typing import Any

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas


def pdf(draw: Callable[[Canvas], Any], password: str | None = None) -> bytes:
    """A PDF of what `draw` draws; the last page is ended here."""
    out = io.BytesIO()
    encryption = StandardEncryption(password) if password else None
    canvas = Canvas(out, pagesize=(595, 842), invariant=1, encrypt=encryption)
    draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def text(canvas: Canvas, y: float, words: str, size: float = 11) -> None:
    canvas.setFont("Helvetica", size)
    canvas.drawString(72, y, words)


def handbook(canvas: Canvas) -> None:
    """Two pages with headings of two sizes."""
    text(canvas, 760, "GPU handbook", 20)
    text(canvas, 730, "Book a node in the calendar before you start.")
    text(canvas, 715, "Nodes are freed at noon.")
    text(canvas, 690, "Quotas", 14)
    text(canvas, 670, "Each person may hold two nodes.")
    canvas.showPage()
    text(canvas, 760, "Storage", 14)
    text(canvas, 730, "Scratch is wiped on Sundays.")


HANDBOOK = pdf(handbook)

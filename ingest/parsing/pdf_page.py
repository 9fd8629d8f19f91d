"""The lines of one PDF page with their type size, as far as they can be seen when the page is drawn."""

import ctypes
import math
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from knowledge.errors import Unreadable

_MOST_CHARACTERS = 2_000_000
_LINE_ENDS = (10, 13)
_BROKEN_WORD = re.compile(r"(?<=[a-z])\x02(?=[a-z])")
_LEAST_CONTRAST = 10  # of 255; light grey on white has 40
_MOST_PIXELS_A_SIDE = 3000
_SMALLEST_SCALE = 0.5  # below it, small type blurs into the page

Line = tuple[str, float]


@dataclass(slots=True)
class Seeing:
    """How much time may go into drawing pages, and what came of it.

    `unseen` counts stretches of text that are drawn in the page's own colour, too small, under something
    else or off the page. `unchecked` counts pages that were taken unseen.
    """

    budget_s: float
    unseen: int = 0
    unchecked: int = 0


@dataclass(slots=True)
class _Stretch:
    """Characters that one text object draws."""

    size: float
    boxes: list[int] = field(default_factory=list)
    visible: bool = True


def page_lines(document: pdfium.PdfDocument, number: int, seeing: Seeing) -> list[Line]:
    """The lines of a page, top to bottom as the file has them. A damaged page raises PdfiumError."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            count = text_page.count_chars()
            if count > _MOST_CHARACTERS:
                raise Unreadable("the PDF holds too much text on one page")
            codes, stretches = _characters(text_page, count)
            _look(page, text_page, stretches, seeing)
            return _lines(codes)
        finally:
            text_page.close()
    finally:
        page.close()


_Code = tuple[int, _Stretch | None]


def _characters(text_page: pdfium.PdfTextPage, count: int) -> tuple[list[_Code], list[_Stretch]]:
    """Each character with the stretch it belongs to (None for what PDFium adds: spaces and line ends)."""
    codes: list[_Code] = []
    stretches: list[_Stretch] = []
    drawn_by = 0
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text_page, index)
        drawing = raw.FPDFText_GetTextObject(text_page, index)
        if not drawing or code in _LINE_ENDS:
            codes.append((code, None))
            continue
        address = ctypes.addressof(drawing.contents)
        if address != drawn_by or not stretches:
            drawn_by = address
            stretches.append(_Stretch(_type_size(text_page, index)))
        if code > 32:
            stretches[-1].boxes.append(index)
        codes.append((code, stretches[-1]))
    return codes, stretches


def _lines(codes: list[_Code]) -> list[Line]:
    lines: list[Line] = []
    line: list[str] = []
    sizes: Counter[float] = Counter()
    for code, stretch in (*codes, (10, None)):
        if code in _LINE_ENDS:
            if any(not character.isspace() for character in line):
                lines.append((_joined(line), sizes.most_common(1)[0][0] if sizes else 0.0))
            line, sizes = [], Counter()
        elif stretch is None or stretch.visible:
            line.append(chr(min(code, 0x10FFFF)))
            if stretch is not None and code > 32:
                sizes[stretch.size] += 1
    return lines


def _joined(characters: list[str]) -> str:
    """PDFium may give the two halves of one character beyond U+FFFF, and marks where a word was broken."""
    text = "".join(characters).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _BROKEN_WORD.sub("", text).replace("\x02", "-")


def _type_size(text_page: pdfium.PdfTextPage, index: int) -> float:
    """Size in points as drawn: the height of the font after the page's scaling, rounded."""
    matrix = raw.FS_MATRIX()
    size = float(raw.FPDFText_GetFontSize(text_page, index))
    drawn = raw.FPDFText_GetMatrix(text_page, index, ctypes.byref(matrix))
    return round(size * (math.hypot(matrix.c, matrix.d) or 1.0) if drawn else size, 1)


def _look(page: Any, text_page: Any, stretches: list[_Stretch], seeing: Seeing) -> None:
    """Draw the page; a stretch whose place shows one even colour cannot be seen."""
    width, height = page.get_size()
    scale = min(1.0, _MOST_PIXELS_A_SIDE / max(width, height, 1.0))
    if not stretches:
        return
    if seeing.budget_s <= 0 or scale < _SMALLEST_SCALE:
        seeing.unchecked += 1
        return
    started = time.process_time()
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        shades = bitmap.to_numpy().reshape(bitmap.height, bitmap.width)
        for stretch in stretches:
            if stretch.boxes:
                stretch.visible = _is_seen(page, text_page, shades, stretch.boxes)
                seeing.unseen += not stretch.visible
        del shades
    finally:
        bitmap.close()
    seeing.budget_s -= time.process_time() - started


def _is_seen(page: Any, text_page: Any, shades: Any, characters: list[int]) -> bool:
    rows, columns = shades.shape
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    across: list[int] = []
    down: list[int] = []
    x, y = ctypes.c_int(), ctypes.c_int()
    for index in {characters[0], characters[len(characters) // 2], characters[-1]}:
        raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
        for corner in ((left, bottom), (right, top)):
            raw.FPDF_PageToDevice(page, 0, 0, columns, rows, 0, corner[0].value, corner[1].value, x, y)
            across.append(x.value)
            down.append(y.value)
    box = shades[max(0, min(down)) : max(0, max(down) + 1), max(0, min(across)) : max(0, max(across) + 1)]
    return bool(box.size) and int(box.max()) - int(box.min()) >= _LEAST_CONTRAST

"""PDF as text, page by page, with headings where the type is clearly larger than the body's."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import clean
from knowledge.errors import Unreadable

_MOST_PAGES = 3000
_MOST_CHARACTERS = 20_000_000
_HEADING_RATIO = 1.15
_MOST_HEADING = 150
_HYPHENATED = re.compile(r"(?<=[a-z])(?:\ufffe|\u00ad|\x02)\n?(?=[a-z])")
_PASSWORD_NEEDED = 4


def convert_pdf(parts: Sequence[Part]) -> Converted:
    """Convert one PDF. Raises Unreadable when it is damaged, encrypted, too long or holds no text."""
    try:
        document = pdfium.PdfDocument(parts[0].data)
    except pdfium.PdfiumError as error:
        encrypted = raw.FPDF_GetLastError() == _PASSWORD_NEEDED or "password" in str(error).lower()
        raise Unreadable("the PDF is encrypted" if encrypted else "the PDF is damaged") from None
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise Unreadable(f"the PDF has {count:,} pages, the limit is {_MOST_PAGES:,}")
        title = document.get_metadata_value("Title")
        pages = [_lines(document, number) for number in range(count)]
    except pdfium.PdfiumError:
        raise Unreadable("the PDF is damaged") from None
    finally:
        document.close()
    return _assembled(pages, " ".join(clean(title).text.split()) or None)


Line = tuple[str, float]


def _assembled(pages: Sequence[Sequence[Line]], title: str | None) -> Converted:
    sizes: Counter[float] = Counter()
    for text, size in (line for page in pages for line in page):
        sizes[size] += len(text)
    if not sizes:
        raise Unreadable("the PDF holds no text (it may be a scan)")
    body = sizes.most_common(1)[0][0]
    larger = sorted({size for size in sizes if size >= _HEADING_RATIO * body}, reverse=True)
    levels = {size: min(n, 3) for n, size in enumerate(larger, 1)}
    starts: list[int] = []
    out: list[str] = []
    position = 0
    first = None
    for page in pages:
        starts.append(position)
        text = _page_text(page, levels) + "\n\n"
        out.append(text)
        position += len(text)
        first = first or next((line for line, size in page if levels.get(size) == 1), None)
    return Converted("".join(out), title=title or first, pages=starts)


def _page_text(page: Sequence[Line], levels: dict[float, int]) -> str:
    lines: list[str] = []
    above = 0
    for text, size in page:
        level = levels.get(size, 0) if text.strip() and len(text) <= _MOST_HEADING else 0
        if level and level == above:
            lines[-1] += " " + text.strip()  # a heading over two lines
        elif level:
            lines += ["", f"{'#' * level} {text.strip()}"]
        else:
            lines += [""] * bool(above) + [text]
        above = level
    return "\n".join(lines).strip()


def _lines(document: pdfium.PdfDocument, number: int) -> list[Line]:
    """The lines of a page with their type sizes. A damaged page raises PdfiumError."""
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            count = text_page.count_chars()
            if count > _MOST_CHARACTERS:
                raise Unreadable("the PDF holds too much text")
            return list(_sized(text_page, count))
        finally:
            text_page.close()
    finally:
        page.close()


def _sized(text_page: pdfium.PdfTextPage, count: int) -> Iterator[Line]:
    text = text_page.get_text_range().replace("\r\n", "\n") if count else ""
    sizes = _line_sizes(text_page, count)
    for line in _HYPHENATED.sub("", text).split("\n"):
        cleaned = clean(line).text.rstrip()
        squeezed = re.sub(r"\s", "", line)
        yield cleaned, sizes.get(squeezed, 0.0) if squeezed else 0.0


def _line_sizes(text_page: pdfium.PdfTextPage, count: int) -> dict[str, float]:
    """The type size of each line by its squeezed text, as most of its characters have it."""
    sizes: dict[str, float] = {}
    line: list[str] = []
    seen: Counter[float] = Counter()
    for index in range(count + 1):
        code = raw.FPDFText_GetUnicode(text_page, index) if index < count else 10
        if code in (10, 13):
            if line:
                sizes["".join(line)] = seen.most_common(1)[0][0]
            line, seen = [], Counter()
        elif not chr(min(code, 0x10FFFF)).isspace():
            line.append(chr(min(code, 0x10FFFF)))
            seen[_type_size(text_page, index)] += 1
    return sizes


def _type_size(text_page: pdfium.PdfTextPage, index: int) -> float:
    """Size in points as drawn: the height of the font after the page's scaling, rounded."""
    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(text_page, index)
    scale = matrix.d if raw.FPDFText_GetMatrix(text_page, index, ctypes.byref(matrix)) else 1.0
    return round(float(size * abs(scale or 1.0)), 1)

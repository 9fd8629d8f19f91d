"""PDF as text, page by page, with headings where the type is clearly larger than the body's."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import clean
from ingest.parsing.pdf_page import Line, Seeing, page_lines
from knowledge.errors import Unreadable

_MOST_PAGES = 3000
_LOOKING_S = 8.0
_HEADING_RATIO = 1.15
_MOST_HEADING = 150
_PASSWORD_NEEDED = 4
_NO_TITLE = re.compile(r"^untitled|^Microsoft \w+ - |\.(?:docx?|pptx?|xlsx?|tex|dvi|indd)$", re.IGNORECASE)
_DATE = re.compile(r"D?:?(\d{4})([01]\d)?([0-3]\d)?([0-2]\d)?([0-5]\d)?([0-5]\d)?([+-]\d\d'\d\d)?", re.ASCII)


def convert_pdf(parts: Sequence[Part]) -> Converted:
    """Convert one PDF. Raises Unreadable when it is damaged, encrypted, too long or holds no text."""
    try:
        document = pdfium.PdfDocument(parts[0].data)
    except pdfium.PdfiumError as error:
        encrypted = raw.FPDF_GetLastError() == _PASSWORD_NEEDED or "password" in str(error).lower()
        raise Unreadable("the PDF is encrypted" if encrypted else "the PDF is damaged") from None
    seeing = Seeing(_LOOKING_S)
    try:
        count = len(document)
        if count > _MOST_PAGES:
            raise Unreadable(f"the PDF has {count:,} pages, the limit is {_MOST_PAGES:,}")
        title = " ".join(clean(document.get_metadata_value("Title")).text.split())
        written = _last_written(document)
        pages = [[_tidied(line) for line in page_lines(document, number, seeing)] for number in range(count)]
    except pdfium.PdfiumError:
        raise Unreadable("the PDF is damaged") from None
    finally:
        document.close()
    notes = []
    if seeing.unseen:
        notes.append(f"{seeing.unseen} pieces of text that cannot be seen left out")
    if seeing.unchecked:
        notes.append(f"{seeing.unchecked} of {count} pages not checked for text that cannot be seen")
    return _assembled(pages, title, {"updated": written} if written else {}, notes)


def _tidied(line: Line) -> Line:
    return clean(line[0]).text.rstrip(), line[1]


def _assembled(
    pages: Sequence[Sequence[Line]], title: str, front: Mapping[str, str], notes: Sequence[str]
) -> Converted:
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
    title = "" if _NO_TITLE.search(title) else title
    return Converted("".join(out), title=first or title or None, pages=starts, front=front, notes=notes)


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


def _last_written(document: pdfium.PdfDocument) -> str | None:
    """When the file says it was changed or made, as ISO 8601 (PDF 32000-1, 7.9.4)."""
    for key in ("ModDate", "CreationDate"):
        if found := _DATE.match(document.get_metadata_value(key)):
            year, month, day, hour, minute, second, zone = found.groups()
            clock = f"{hour or '00'}:{minute or '00'}:{second or '00'}"
            offset = f"{zone[:3]}:{zone[-2:]}" if zone else "+00:00"
            return f"{year}-{month or '01'}-{day or '01'}T{clock}{offset}"
    return None

"""PDF files that would be too much: stopped within the limits of the parsing process, which goes on."""

import zlib
from collections.abc import Iterator

import pytest

from ingest.parsing.converted import Part
from ingest.parsing.process import ParsingProcess
from knowledge.errors import Unreadable
from tests.ingest.pdfs import HANDBOOK


def page_of(
    content: bytes, filters: str = "/FlateDecode", more: str = "", objects: tuple[bytes, ...] = ()
) -> bytes:
    """A PDF of one page that draws a stream, already packed; `objects` are those from number 6 on."""
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        + f"/Resources<</Font<</F 5 0 R>>{more}>>>>".encode(),
        f"<</Length {len(content)}/Filter[{filters}]>>stream\n".encode() + content + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *objects,
    ]
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table
    return (
        bytes(out)
        + end
        + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, len(out))
    )


def spaces(megabytes: int) -> bytes:
    """So many megabytes of spaces, packed, made of one that is there again and again."""
    packer = zlib.compressobj(9)
    head = packer.compress(b" ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * megabytes


def nested(megabytes: int) -> bytes:
    return zlib.compress(spaces(megabytes), 9)


WORDS = b"BT /F 12 Tf 72 700 Td (Words.) Tj ET "
FORM = (
    b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</A %d 0 R>>>>/Length %d>>"
    b"stream\n%b\nendstream"
)


def forms() -> tuple[bytes, ...]:
    """Forms that each draw the next ten times."""
    draws = b"/A Do " * 10
    return (*(FORM % (7 + n, len(draws), draws) for n in range(11)), FORM % (17, len(WORDS), WORDS))


BOMBS = {
    "500 MB in one stream": lambda: page_of(spaces(500)),
    "2 GB packed twice": lambda: page_of(nested(2000), "/FlateDecode/FlateDecode"),
    "three million operators": lambda: page_of(zlib.compress(b"0 0 m 9 9 l S " * 3_000_000)),
    "three hundred thousand words": lambda: page_of(zlib.compress(WORDS * 300_000)),
    "forms in forms": lambda: page_of(zlib.compress(b"/A Do"), more="/XObject<</A 6 0 R>>", objects=forms()),
    "a page as wide as a city": lambda: page_of(zlib.compress(WORDS)).replace(b"595 842", b"1e9 1e9"),
    "a huge font": lambda: page_of(zlib.compress(b"BT /F 1e30 Tf 1e30 0 0 1e30 0 0 Tm (Words.) Tj ET")),
    "a deep tree of pages": lambda: page_of(zlib.compress(WORDS)).replace(b"[3 0 R]", b"[2 0 R]"),
    "deep arrays": lambda: page_of(zlib.compress(b"[" * 2_000_000)),
}  # fmt: skip


STOPPED = (
    "parsing it took more than 2 s of CPU time",
    "parsing it takes too much memory",
    "the parser died of it",  # PDFium ends its process when it gets no memory
    "the PDF is damaged",
    "the PDF holds no text",
    "the PDF holds too much text",
)


@pytest.fixture(scope="module")
def process() -> Iterator[ParsingProcess]:
    made = ParsingProcess(cpu_s=2)
    yield made
    made.close()


def read_or_refused(process: ParsingProcess, data: bytes) -> str:
    try:
        return process.convert("pdf", [Part("a.pdf", data)]).text
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize("bomb", BOMBS)
def test_in_05_a_pdf_that_would_be_too_much_is_read_or_stopped_and_the_next_one_is_read(
    process: ParsingProcess, bomb: str
) -> None:
    said = read_or_refused(process, BOMBS[bomb]())
    assert said.startswith((*STOPPED, "Words.")), bomb
    assert process.convert("pdf", [Part("b.pdf", HANDBOOK)]).title == "GPU handbook"

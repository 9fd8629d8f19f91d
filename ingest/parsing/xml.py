"""XML as office programs write it: no document type, no entities, nothing from elsewhere, short names."""

from collections.abc import Iterable, Iterator
from typing import NoReturn, Protocol
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from knowledge.errors import Unreadable

MOST_DEPTH = 250
_SHORT = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://schemas.openxmlformats.org/drawingml/2006/diagram": "dgm",
    "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing": "wp",
    "http://schemas.openxmlformats.org/presentationml/2006/main": "p",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "x",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/package/2006/metadata/core-properties": "cp",
    "http://schemas.openxmlformats.org/package/2006/relationships": "",
    "http://schemas.openxmlformats.org/package/2006/content-types": "",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/drawing/2008/diagram": "dsp",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "urn:schemas-microsoft-com:vml": "v",
    "http://www.w3.org/XML/1998/namespace": "xml",
    # The same vocabularies in strict documents (ISO/IEC 29500-1).
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w",
    "http://purl.oclc.org/ooxml/drawingml/main": "a",
    "http://purl.oclc.org/ooxml/drawingml/chart": "c",
    "http://purl.oclc.org/ooxml/drawingml/diagram": "dgm",
    "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing": "wp",
    "http://purl.oclc.org/ooxml/presentationml/main": "p",
    "http://purl.oclc.org/ooxml/spreadsheetml/main": "x",
    "http://purl.oclc.org/ooxml/officeDocument/relationships": "r",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
}

__all__ = ["Element", "Taker", "read_events", "read_tree"]


class Taker(Protocol):
    """What is told of elements and text as they come. Names are short: `w_p` is `w:p`, `r_id` is `r:id`."""

    def start(self, tag: str, attrs: dict[str, str], /) -> object: ...

    def end(self, tag: str, /) -> object: ...

    def data(self, data: str, /) -> object: ...


def read_tree(blocks: Iterable[bytes]) -> Element:
    """A whole document. Raises Unreadable."""
    builder = TreeBuilder()
    for _ in read_events(blocks, builder):
        pass
    tree = builder.close()
    assert isinstance(tree, Element)
    return tree


def read_events(blocks: Iterable[bytes], taker: Taker) -> Iterator[None]:
    """Tell `taker` of a document, block by block; yields after each. Raises Unreadable when it is damaged,
    nested too deeply, or declares a document type."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    short: dict[str, str] = {}
    depth = 0

    def named(full: str) -> str:
        namespace, space, local = full.rpartition(" ")
        known = _SHORT.get(namespace, "?") if space else ""
        return short.setdefault(full, f"{known}_{local}" if known else local)

    def start(full: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise Unreadable("it is nested too deeply")
        taker.start(
            short.get(full) or named(full),
            {short.get(key) or named(key): value for key, value in attributes.items()},
        )

    def end(full: str) -> None:
        nonlocal depth
        depth -= 1
        taker.end(short[full])

    def refuse(*_: object) -> NoReturn:
        raise Unreadable("its XML declares a document type, which no office program writes")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = taker.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        for block in blocks:
            parser.Parse(block, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable(f"its XML is damaged (line {error.lineno})") from None
    yield

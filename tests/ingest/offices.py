"""Office documents made for tests: by the libraries that people's scripts use, then changed by hand."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import docx
import openpyxl
import pptx

CONTENT_TYPES = "[Content_Types].xml"


def word(write: Callable[[Any], Any]) -> bytes:
    """A Word document that `write` fills."""
    document = docx.Document()
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def slides(write: Callable[[Any], Any]) -> bytes:
    """A presentation that `write` fills."""
    presentation = pptx.Presentation()
    write(presentation)
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def sheets(write: Callable[[Any], Any]) -> bytes:
    """A workbook that `write` fills; its first sheet is there."""
    workbook = openpyxl.Workbook()
    write(workbook)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    """A document with words of one part replaced."""
    parts = parts_of(data)
    text = parts[name].decode()
    assert old in text
    return packed({**parts, name: text.replace(old, new).encode()})


def with_part(data: bytes, name: str, content: bytes | str) -> bytes:
    return packed({**parts_of(data), name: content})


def with_body(xml: str, more: str = "") -> bytes:
    """A Word document whose body is this XML, before what python-docx puts there."""
    made = word(lambda document: document.add_paragraph("Words."))
    name = "word/document.xml"
    text = parts_of(made)[name].decode()
    head, body, tail = text.partition("<w:body>")
    return with_part(made, name, head.replace("<w:document ", f"<w:document {more}", 1) + body + xml + tail)


def paragraph(words: str, properties: str = "", run: str = "") -> str:
    shown = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f'<w:p>{shown}<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r></w:p>'

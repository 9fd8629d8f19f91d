"""Notebooks as Markdown: text as it is, code fenced, text outputs after it, each cell under its number."""

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import nbformat

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import clean, decode
from ingest.parsing.frontmatter import KNOWN_FIELDS, split_front_matter
from ingest.parsing.html import convert_html
from ingest.parsing.text import fenced
from knowledge.errors import Unreadable

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_MOST_OUTPUT = 8000


def convert_notebook(parts: Sequence[Part]) -> Converted:
    """Convert one notebook. Raises Unreadable when it is not one."""
    decoded = decode(parts[0].data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(decoded.text, as_version=4)  # type: ignore[no-untyped-call]
        language = str(notebook.metadata.get("kernelspec", {}).get("language", "python"))
        pieces = [
            piece for number, cell in enumerate(notebook.cells, 1) for piece in _cell(number, cell, language)
        ]
        front = _said_in_metadata(notebook["metadata"])
    except (
        nbformat.reader.NotJSONError,
        nbformat.ValidationError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ):
        raise Unreadable("not a notebook that can be read") from None
    cleaned = clean("\n\n".join(pieces))
    if not cleaned.text.strip():
        raise Unreadable("the notebook is empty")
    return Converted(cleaned.text, front=front, notes=(*decoded.notes, *cleaned.notes))


def _said_in_metadata(metadata: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.lower(): clean(str(value)).text
        for name, value in metadata.items()
        if name.lower() in KNOWN_FIELDS and isinstance(value, str | int | float)
    }


def _cell(number: int, cell: Mapping[str, Any], language: str) -> Iterator[str]:
    source = _joined(cell["source"]).strip("\n")
    if cell["cell_type"] == "markdown":
        yield source
    elif cell["cell_type"] == "code" and source.strip():
        yield f"Cell {number}:"
        yield fenced(source, language)
        for output in cell.get("outputs", ()):
            yield from _output(number, output)
    elif number == 1 and split_front_matter(source + "\n").body_start:
        yield source  # as Quarto and Jupytext write it
    elif source.strip():
        yield fenced(source)


def _output(number: int, output: Mapping[str, Any]) -> Iterator[str]:
    kind = output["output_type"]
    if kind == "stream":
        text = _joined(output["text"])
    elif kind == "error":
        text = f"{output.get('ename', 'Error')}: {output.get('evalue', '')}"
    else:
        data = output.get("data", {})
        if "text/markdown" in data:
            yield _joined(data["text/markdown"])
            return
        if any(name.startswith("image/") for name in data):
            yield f"[image in the output of cell {number}]"
        text = _joined(data.get("text/plain", ""))
        if shown := _shown(_joined(data.get("text/html", "")), text):
            yield f"Output of cell {number}:"
            yield shown
            return
        if re.fullmatch(r"<[^>]{0,200}>", text.strip()):
            text = ""  # the name of a figure's object, not what it shows
    text = _ANSI.sub("", text).strip("\n")
    if text.strip():
        cut = (
            text
            if len(text) <= _MOST_OUTPUT
            else f"{text[: _MOST_OUTPUT // 2]}\n…\n{text[-_MOST_OUTPUT // 2 :]}"
        )
        yield f"Output of cell {number}:"
        yield fenced(cut, "text")


def _shown(html: str, plain: str) -> str:
    """HTML as Markdown where it is a table, or says what plain text does not; empty else."""
    if not html.strip() or ("<table" not in html and plain.strip()):
        return ""
    try:
        text = convert_html([Part("output.html", html.encode("utf-8", "replace"))]).text
    except Unreadable:
        return ""
    return text if len(text) <= _MOST_OUTPUT else f"{text[:_MOST_OUTPUT]}\n…"


def _joined(text: object) -> str:
    return "".join(str(line) for line in text) if isinstance(text, list) else str(text)

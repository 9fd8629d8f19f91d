"""Tables and records as Markdown: small ones whole, large ones as columns, counts, extremes and ends."""

import csv
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from ingest.parsing.converted import Converted, Part
from ingest.parsing.decoding import decode
from ingest.parsing.numbers import Series, better, load_json, spelt
from ingest.parsing.text import fenced
from knowledge.errors import Unreadable

WHOLE_ROWS = 200
_END_ROWS = 5
_MOST_COLUMNS = 40
_MOST_CELL = 300
_MOST_FACTS = 1000
_MOST_CODE = 20_000
AXES = (
    "step",
    "global_step",
    "_step",
    "steps",
    "iteration",
    "iter",
    "iters",
    "train_step",
    "epoch",
    "epochs",
    "round",
)

Row = Sequence[Any]


def convert_table(parts: Sequence[Part]) -> Converted:
    """CSV or TSV. Raises Unreadable."""
    decoded = decode(parts[0].data)
    header, rows = read_table(decoded.text, parts[0].name)
    return Converted(summarised(header, rows), notes=decoded.notes)


def convert_records(parts: Sequence[Part]) -> Converted:
    """JSON or lines of JSON. Raises Unreadable."""
    decoded = decode(parts[0].data)
    value = load_records(decoded.text, parts[0].name)
    if isinstance(value, list) and value and all(isinstance(record, dict) for record in value):
        records = [dict(flattened(record)) for record in value]
        header = list(dict.fromkeys(key for record in records for key in record))
        return Converted(
            summarised(header, ([record.get(key, "") for key in header] for record in records)),
            notes=decoded.notes,
        )
    if isinstance(value, dict):
        facts = [f"- {key}: {spelt(leaf)}" for key, leaf in islice(flattened(value), _MOST_FACTS)]
        return Converted("\n".join(facts) or "{}", notes=decoded.notes)
    return Converted(fenced(decoded.text[:_MOST_CODE], "json"), notes=decoded.notes)


def read_table(text: str, name: str) -> tuple[list[str], Iterator[list[str]]]:
    """The header and the rows of a CSV or TSV text. Raises Unreadable when there is no table."""
    first = text.split("\n", 1)[0]
    delimiter = "\t" if PurePosixPath(name).suffix.lower() == ".tsv" else max(",;\t|", key=first.count)
    csv.field_size_limit(10_000_000)
    rows = _rows(csv.reader(io.StringIO(text), delimiter=delimiter))
    header = next(rows, None)
    if header is None:
        raise Unreadable("the table is empty")
    names = [" ".join(cell.split()) or f"column {n}" for n, cell in enumerate(header, 1)]
    return names, rows


def load_records(text: str, name: str) -> Any:
    """JSON, or lines of JSON as a list. Raises Unreadable."""
    lines = PurePosixPath(name).suffix.lower() in (".jsonl", ".ndjson")
    try:
        if not lines:
            return load_json(text)
    except ValueError as error:
        if "Extra data" not in str(error):
            raise Unreadable(f"not valid JSON: {error}") from None
    values = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                values.append(load_json(line))
            except ValueError as error:
                if number > 1 and not text[text.find(line) + len(line) :].strip():
                    break  # a log cut while its last line was written
                raise Unreadable(f"line {number} is not valid JSON: {error}") from None
    return values


def flattened(value: Mapping[Any, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves with dotted names; short lists of plain values stay together."""
    for key, inner in value.items():
        name = f"{above}{' '.join(str(key).split())}"
        if isinstance(inner, dict) and inner:
            yield from flattened(inner, f"{name}.")
        elif isinstance(inner, list) and any(isinstance(entry, dict | list) for entry in inner):
            yield from flattened(dict(enumerate(inner)), f"{name}.")
        elif isinstance(inner, list):
            yield name, ", ".join(spelt(entry) for entry in inner[:100])
        else:
            yield name, inner


def summarised(header: Sequence[str], rows: Iterable[Row]) -> str:
    """A table as Markdown, whole or in its essentials."""
    head: list[Row] = []
    tail: deque[Row] = deque(maxlen=_END_ROWS)
    axis = next((header.index(name) for name in AXES if name in header), None)
    series = [Series(keep=False) for _ in header[:_MOST_COLUMNS]]
    count = 0
    for row in rows:
        count += 1
        if len(head) < WHOLE_ROWS:
            head.append(row)
        tail.append(row)
        step = row[axis] if axis is not None and axis < len(row) else None
        for column, value in zip(series, row, strict=False):
            column.add(step, value)
    shown = ", ".join(header[:_MOST_COLUMNS]) + (", …" if len(header) > _MOST_COLUMNS else "")
    parts = [f"A table of {_counted(count, 'row')} and {_counted(len(header), 'column')}: {shown}."]
    if count <= WHOLE_ROWS:
        parts.append(markdown_table(header, head))
    else:
        parts += ["The first rows:", markdown_table(header, head[:_END_ROWS])]
        parts += ["The last rows:", markdown_table(header, tail)]
    facts = [
        f"- {column.sentence(name, better(name, {}), header[axis] if axis is not None else 'row')}"
        for n, (name, column) in enumerate(zip(header, series, strict=False))
        if n != axis and column.count > 1 and column.count >= 0.5 * count
    ]
    return "\n\n".join([*parts, "\n".join(facts)]).strip()


def markdown_table(header: Sequence[str], rows: Iterable[Row]) -> str:
    """Rows as a Markdown table; columns beyond the fortieth and the ends of very long cells are left out."""
    width = min(len(header), _MOST_COLUMNS)
    lines = ["| " + " | ".join(_cell(name) for name in header[:width]) + " |", "|" + "---|" * width]
    for row in rows:
        cells = [_cell(value) for value in list(row)[:width]]
        lines.append("| " + " | ".join(cells + [""] * (width - len(cells))) + " |")
    return "\n".join(lines)


def _cell(value: object) -> str:
    text = spelt(value) if value is not None else ""
    text = text if len(text) <= _MOST_CELL else text[: _MOST_CELL - 1] + "…"
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        raise Unreadable(f"not a valid table: {error}") from None


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")

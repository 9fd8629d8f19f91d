"""Spreadsheets as Markdown: a section for each visible sheet, its tables bounded as those of CSV files."""

from collections.abc import Iterator
from datetime import date
from itertools import chain, islice

from ingest.parsing.converted import Converted
from ingest.parsing.decoding import clean
from ingest.parsing.office_text import core_properties, escaped_start, tidy_title
from ingest.parsing.package import Package
from ingest.parsing.sheet_cells import Cells, Row, looks_of
from ingest.parsing.tabular import WHOLE_ROWS, summarised
from ingest.parsing.xml import Element, read_events
from knowledge.errors import Unreadable

MOST_SHEETS = 200
_MOST_STRINGS = 2_000_000


def convert_sheets(package: Package, main: str, tree: Element) -> Converted:
    """Convert the workbook whose main part is `main`, parsed as `tree`. Raises Unreadable."""
    relations = package.relations(main)
    strings_part, styles_part = package.related(main, "sharedStrings"), package.related(main, "styles")
    strings = _Strings.read(package, strings_part) if strings_part else []
    looks = looks_of(package.tree(styles_part) if styles_part else None)
    properties = tree.find("x_workbookPr")
    of_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    epoch = date(1904, 1, 1) if of_1904 else date(1899, 12, 30)
    sheets = tree.findall("x_sheets/x_sheet")
    shown = [sheet for sheet in sheets if sheet.get("state", "visible") == "visible"]
    if len(shown) > MOST_SHEETS:
        raise Unreadable(f"the workbook has {len(shown):,} sheets, the limit is {MOST_SHEETS}")
    sections: list[str] = []
    notes: list[str] = [_hidden_sheets(len(sheets) - len(shown))] if len(shown) < len(sheets) else []
    comments = 0
    for sheet in shown:
        relation = relations.get(sheet.get("r_id", ""))
        if relation is None or relation.kind != "worksheet" or relation.target not in package:
            continue
        cells = Cells(strings, looks, epoch)
        blocks = list(_blocks(cells.read(package.blocks(relation.target))))
        name = " ".join(sheet.get("name", "Sheet").split())
        if blocks:
            sections.append("\n\n".join((f"## {name}", *blocks)))
        notes += _notes(name, cells)
        comments += package.related(relation.target, "comments") is not None
    if comments:
        notes.append(f"comments of {comments} sheets left out")
    if not sections:
        raise Unreadable("there is nothing in it that can be seen")
    said = core_properties(package)
    cleaned = clean("\n\n".join(sections))
    front = {"updated": said["updated"]} if "updated" in said else {}
    return Converted(
        cleaned.text, title=tidy_title(said.get("title")), front=front, notes=(*notes, *cleaned.notes)
    )


def _hidden_sheets(count: int) -> str:
    return f"{count} hidden sheets left out"


def _notes(name: str, cells: Cells) -> Iterator[str]:
    said = {
        "hidden rows": cells.hidden_rows,
        "hidden columns": cells.hidden_columns,
        "cells that cannot be seen": cells.hidden_cells,
        "formulas without a stored value": cells.uncomputed,
        "cells beyond the thousandth column": cells.too_wide,
    }
    for what, count in said.items():
        if count:
            yield f"{count} {what} left out of the sheet {name}"


def _blocks(rows: Iterator[Row]) -> Iterator[str]:
    """The tables of a sheet and the words between them; an empty row ends a table."""
    first = next(rows, None)
    while first is not None:
        below = _Table(rows, first)
        yield from _block(iter(below))
        first = below.after


class _Table:
    """Rows that follow each other, each given once; `after` is the first that is further down, in the end."""

    def __init__(self, rows: Iterator[Row], first: Row) -> None:
        self._rows = chain([first], rows)
        self._above = first.number
        self.after: Row | None = None

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            if row.number > self._above + 1:
                self.after = row
                return
            self._above = row.number
            if row.cells:
                yield row


def _block(rows: Iterator[Row]) -> Iterator[str]:
    """One table, below its title where the first rows have a single cell."""
    first = next(rows, None)
    while first is not None and len(first.cells) == 1:
        yield escaped_start(next(iter(first.cells.values())))
        first = next(rows, None)
    if first is None:
        return
    head = [first, *islice(rows, WHOLE_ROWS)]
    columns = sorted({column for row in head for column in row.cells})
    if len(head) == 1:
        yield (": " if len(columns) == 2 else ", ").join(first.cells[column] for column in columns)
        return
    header = [first.cells.get(column) or f"column {n}" for n, column in enumerate(columns, 1)]
    below = chain(head[1:], rows)
    yield summarised(header, ([row.cells.get(column, "") for column in columns] for row in below))


class _Strings:
    """Takes the strings that the cells of a workbook share."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._words: list[str] = []
        self._taking = self._phonetic = False

    @classmethod
    def read(cls, package: Package, part: str) -> list[str]:
        taker = cls()
        for _ in read_events(package.blocks(part), taker):
            if len(taker.found) > _MOST_STRINGS:
                raise Unreadable(f"the workbook has more than {_MOST_STRINGS:,} texts")
        return taker.found

    def start(self, tag: str, attrs: dict[str, str], /) -> None:  # noqa: ARG002 - a Taker
        if tag == "x_si":
            self._words = []
        elif tag == "x_rPh":
            self._phonetic = True
        elif tag == "x_t":
            self._taking = not self._phonetic

    def data(self, data: str, /) -> None:
        if self._taking:
            self._words.append(data)

    def end(self, tag: str, /) -> None:
        if tag == "x_si":
            self.found.append("".join(self._words))
        elif tag == "x_rPh":
            self._phonetic = False
        elif tag == "x_t":
            self._taking = False

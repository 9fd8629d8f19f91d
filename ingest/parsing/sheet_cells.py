"""The cells of one worksheet as they come, row by row: cached values in the words that the sheet shows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ingest.parsing.ink import WHITE, Colour, colour, is_seen
from ingest.parsing.xml import Element, read_events

MOST_COLUMNS = 1_000
_LETTERS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_NOT_CODES = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
_HOURS = re.compile(r"\[h+\]|\[m+\]|\[s+\]", re.IGNORECASE)
_BUILT_IN_DATES = (14, 15, 16, 17, 22, *range(27, 37), *range(50, 59))
_BUILT_IN_TIMES = (18, 19, 20, 21, 45, 46, 47)
_BUILT_IN = {9: "0%", 10: "0.00%"}
_MOST_DAYS = 2_958_465  # 9999-12-31


@dataclass(frozen=True, slots=True)
class Shown:
    """How a cell shows its number: `kind` is "date", "time", "percent", "nothing" or "plain". `seen` is
    false where letters and ground have one colour."""

    kind: str = "plain"
    decimals: int = 0
    seen: bool = True


@dataclass(slots=True)
class Row:
    """A row that is not empty: its number, from 1, and the values of it that are shown, by column, from 0."""

    number: int
    cells: dict[int, str]


@dataclass(slots=True)
class Cells:
    """Takes the elements of a worksheet and gives its rows; what it leaves out is counted."""

    strings: Sequence[str]
    looks: Sequence[Shown]
    epoch: date
    hidden_rows: int = 0
    hidden_columns: int = 0
    hidden_cells: int = 0
    uncomputed: int = 0
    too_wide: int = 0
    rows: list[Row] = field(default_factory=list)
    _columns: list[tuple[int, int]] = field(default_factory=list)
    _row: Row | None = None
    _row_hidden: bool = False
    _row_empty: bool = True
    _next_row: int = 1
    _column: int = -1
    _kind: str = ""
    _look: Shown = field(default_factory=Shown)
    _value: list[str] = field(default_factory=list)
    _taking: bool = False
    _formula: bool = False
    _phonetic: bool = False

    def read(self, blocks: Iterable[bytes]) -> Iterator[Row]:
        """The rows of a worksheet. Raises Unreadable when it is damaged."""
        for _ in read_events(blocks, self):
            yield from self.rows
            self.rows.clear()

    def start(self, tag: str, attrs: dict[str, str], /) -> None:
        if tag == "x_c":
            self._begin_cell(attrs)
        elif tag == "x_row":
            self._begin_row(attrs)
        elif tag in ("x_v", "x_t"):
            self._taking = not self._phonetic
        elif tag == "x_f":
            self._formula = True
        elif tag == "x_rPh":
            self._phonetic = True
        elif tag == "x_col":
            self._begin_column(attrs)

    def data(self, data: str, /) -> None:
        if self._taking:
            self._value.append(data)

    def end(self, tag: str, /) -> None:
        if tag in ("x_v", "x_t"):
            self._taking = False
        elif tag == "x_rPh":
            self._phonetic = False
        elif tag == "x_c":
            self._end_cell()
        elif tag == "x_row" and self._row is not None:
            if not self._row_empty:
                self.rows.append(self._row)
                self.hidden_rows += self._row_hidden
            self._row = None

    def _begin_column(self, attrs: dict[str, str]) -> None:
        if _is_on(attrs.get("hidden")) or attrs.get("width") == "0":
            first, last = _whole(attrs.get("min")), _whole(attrs.get("max"))
            self._columns.append((first - 1, last - 1))
            self.hidden_columns += max(0, min(last, MOST_COLUMNS) - first + 1)

    def _begin_row(self, attrs: dict[str, str]) -> None:
        number = _whole(attrs.get("r")) or self._next_row
        self._next_row = number + 1
        self._column = -1
        self._row = Row(number, {})
        self._row_hidden = _is_on(attrs.get("hidden")) or attrs.get("ht") == "0"
        self._row_empty = True

    def _begin_cell(self, attrs: dict[str, str]) -> None:
        self._column = _column_of(attrs.get("r"), self._column + 1)
        self._kind = attrs.get("t", "n")
        style = _whole(attrs.get("s"))
        self._look = self.looks[style] if style < len(self.looks) else Shown()
        self._value.clear()
        self._formula = False

    def _end_cell(self) -> None:
        if self._row is None:
            return
        text = " ".join(self._said("".join(self._value)).split())
        self._row_empty = self._row_empty and not text
        if self._row_hidden:
            return
        if not text:
            self.uncomputed += self._formula and not self._value
        elif any(first <= self._column <= last for first, last in self._columns):
            pass
        elif not self._look.seen:
            self.hidden_cells += 1
        elif self._column >= MOST_COLUMNS:
            self.too_wide += 1
        else:
            self._row.cells[self._column] = text

    def _said(self, value: str) -> str:
        if not value.strip():
            return ""
        match self._kind:
            case "s":
                number = _whole(value)
                return self.strings[number] if number < len(self.strings) else ""
            case "b":
                return "TRUE" if value.strip() == "1" else "FALSE"
            case "n":
                return _number(value.strip(), self._look, self.epoch)
            case _:
                return value


def looks_of(styles: Element | None) -> list[Shown]:
    """How each cell format of a styles part shows what is in it."""
    if styles is None:
        return []
    codes = dict(_BUILT_IN)
    for each in styles.findall("x_numFmts/x_numFmt"):
        codes[_whole(each.get("numFmtId"))] = each.get("formatCode", "")
    inks = [_colour(font.find("x_color")) for font in styles.findall("x_fonts/x_font")]
    grounds = [_ground(fill) for fill in styles.findall("x_fills/x_fill")]
    found = []
    for each in styles.findall("x_cellXfs/x_xf"):
        kind, decimals = _kind(_whole(each.get("numFmtId")), codes)
        ink = _nth(inks, _whole(each.get("fontId")))
        ground = _nth(grounds, _whole(each.get("fillId")))
        found.append(Shown(kind, decimals, kind != "nothing" and is_seen(ink, ground)))
    return found


def _kind(number: int, codes: dict[int, str]) -> tuple[str, int]:
    if number in _BUILT_IN_DATES or number in _BUILT_IN_TIMES:
        return ("date" if number in _BUILT_IN_DATES else "time"), 0
    code = codes.get(number, "")
    if code.strip() and not code.replace(";", "").strip():
        return "nothing", 0
    first = code.split(";")[0]
    plain = _NOT_CODES.sub("", first).lower()
    if _HOURS.search(first):
        return "plain", 0  # a span of time beyond a day: its number of days
    if any(letter in plain for letter in "yd"):
        return "date", 0
    if any(letter in plain for letter in "hs"):
        return "time", 0
    if "%" in plain:
        return "percent", len(plain.partition(".")[2].rstrip("%").strip()) if "." in plain else 0
    return "plain", 0


def _number(value: str, look: Shown, epoch: date) -> str:
    try:
        number = float(value)
    except ValueError:
        return value
    if look.kind in ("date", "time") and 0 <= number <= _MOST_DAYS:
        return _moment(number, look.kind, epoch)
    if look.kind == "percent":
        return f"{100 * number:.{min(look.decimals, 10)}f}%"
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.15g}"


def _moment(days: float, kind: str, epoch: date) -> str:
    """A day, a day and a time, or a time, as the number of days since the workbook's first one says."""
    seconds = round((days % 1) * 86_400)
    if epoch.year == 1899 and days < 61:
        days += 1  # the spreadsheet calendar has a 29 February 1900
    when = datetime(epoch.year, epoch.month, epoch.day) + timedelta(int(days), seconds)  # noqa: DTZ001
    clock = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    if kind == "time" and days < 2:
        return clock
    return f"{when:%Y-%m-%d} {clock}" if seconds else f"{when:%Y-%m-%d}"


def _ground(fill: Element) -> Colour | None:
    pattern = fill.find("x_patternFill")
    if pattern is None or pattern.get("patternType") in (None, "none"):
        return WHITE if fill.find("x_gradientFill") is None else None
    return _colour(pattern.find("x_fgColor")) if pattern.get("patternType") == "solid" else None


def _colour(element: Element | None) -> Colour | None:
    return colour(element.get("rgb", "")[-6:]) if element is not None else None


def _nth(values: Sequence[Colour | None], number: int) -> Colour | None:
    return values[number] if number < len(values) else None


def _column_of(reference: str | None, following: int) -> int:
    found = _LETTERS.fullmatch(reference or "")
    if found is None:
        return following
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - 64
    return column - 1


def _whole(value: str | None) -> int:
    text = (value or "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _is_on(value: str | None) -> bool:
    return value in ("1", "true", "on")

"""Cuts Markdown into the smallest stretches that can be quoted: sentences, list items, table rows, code.

Each span knows where it stands in its document, how it reads without Markdown, and what it needs before it
to be understood (the sentence that introduces a list or code, a table's header).
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from knowledge.terms import without_unsafe_characters


class Kind(StrEnum):
    PROSE = "prose"
    ITEM = "item"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """`start:end` of the document, read as `text`; `lead` introduces it; `step`: an item with a number."""

    start: int
    end: int
    text: str
    kind: Kind
    lead: "Span | None" = None
    step: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    text: str


_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s|^\s{0,3}(?:=+|-{3,}|\*{3,}|_{3,})\s*$")
_ITEM = re.compile(r"^(\s*)(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULER = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_DIRECTIVE = re.compile(
    r"^\s*(?:!!!|\?\?\?|:::|\.\. \w+::|\[\^?[^\]]+\]:\s|<!--.*-->\s*$|!\[[^\]]*\]\([^)]*\)\s*$)"
)
_END = re.compile(r"[.!?…][\"'”’)\]*_`]*\s+(?=[\"'“‘(\[*_`~]*[^\Wa-z_])|[.!?…:][\"'”’)\]*_`]*[ \t]*\n")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|viz|approx|fig|figs|eq|sec|no|nos|vol|pp|ch|dr|mr|mrs|ms|prof|st|jr|sr|inc"
    r"|ltd|dept|est|al|resp|incl|esp|u\.s|a\.m|p\.m)|(?<![\w.])[A-Z])\.[\"'”’)\]*_`]*\s*$",
    re.IGNORECASE,
)
_WRAPPED = 60  # a line shorter than this was not cut by a wrapping editor


def plain(text: str) -> str:
    """Markdown as it reads: links by their words, no emphasis, images or HTML; code marks stay."""
    text = re.sub(r"<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"!\[([^\]]*)\]\([^)]*\)|!\[[^\]]*\]\[[^\]]*\]", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)", r"\1", text)
    text = re.sub(r"\[([^\]]+)\]\[[^\]]*\]|\[\^[^\]]+\]", r"\1", text)
    text = re.sub(r"</?[A-Za-z][^<>]*>", " ", text)
    text = re.sub(
        r"(?<![\w\\`])(\*{1,3}|_{1,3})(?=\S)((?:(?!\n\n).)+?)(?<=\S)\1(?!\w)", r"\2", text, flags=re.DOTALL
    )
    text = re.sub(r"\*\*|(?<!\w)__(?!\w)|~~", "", text)
    text = re.sub(r"(?m)^\s*>+\s?", "", text)
    text = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|<>])", r"\1", text)
    text = without_unsafe_characters(html.unescape(text))
    return re.sub(r"\s+", " ", text).strip()


def spans(text: str, base: int = 0) -> list[Span]:
    """The quotable spans of a stretch of Markdown in reading order; `base` is its offset in the document."""
    found: list[Span] = []
    lead: Span | None = None
    for kind, lines in _blocks(text):
        if kind == "heading":
            lead = None
            continue
        if kind == "code":
            new = [_span(text, base, lines[0].start, lines[-1].end, Kind.CODE, lead)]
        elif kind == "table":
            new = list(_rows(text, base, lines))
        elif kind == "item":
            mark = _ITEM.match(lines[0].text).group()  # type: ignore[union-attr]
            new = list(_sentences(text, base, lines[0].start + len(mark), lines[-1].end, Kind.ITEM, lead))
            if any(character.isdigit() for character in mark):
                new = [replace(span, step=True) for span in new]
        else:
            new = list(_sentences(text, base, lines[0].start, lines[-1].end, Kind.PROSE, None))
        new = [span for span in new if span.text]
        found.extend(new)
        if kind == "prose":
            lead = new[-1] if new and new[-1].text.endswith((":", "：")) else None
            if new and lead is None:
                lead = None
        elif kind == "table":
            lead = None
    return found


def _lines(text: str) -> Iterator[_Line]:
    position = 0
    for line in text.splitlines(keepends=True):
        yield _Line(position, position + len(line.rstrip("\r\n")), line.rstrip("\r\n"))
        position += len(line)


def _blocks(text: str) -> Iterator[tuple[str, list[_Line]]]:
    """Lines grouped as heading, code, table, item (with its continuation lines) or prose."""
    block: list[_Line] = []
    kind = ""
    fence = ""
    for line in _lines(text):
        opened = _FENCE.match(line.text)
        if fence:
            block.append(line)
            if opened and opened.group(1).startswith(fence):
                yield "code", block
                block, kind, fence = [], "", ""
            continue
        new = _kind(line.text, kind)
        if new == kind and kind in ("prose", "table"):
            block.append(line)
            continue
        if new == "continuation":
            block.append(line)
            continue
        if block:
            yield kind, block
        block, kind = ([], "") if new == "blank" else ([line], new)
        if new == "code" and opened:
            fence = opened.group(1)
    if block:
        yield kind, block


def _kind(line: str, before: str) -> str:
    if not line.strip():
        return "blank"
    if _FENCE.match(line):
        return "code"
    if _HEADING.match(line) and not (before == "table" and _RULER.match(line)):
        return "heading"
    if _DIRECTIVE.match(line):
        return "heading"
    if _ROW.match(line) or (before == "table" and "|" in line) or _RULER.match(line):
        return "table"
    if _ITEM.match(line):
        return "item"
    if before == "item":
        return "continuation"
    return "prose"


def _span(text: str, base: int, start: int, end: int, kind: Kind, lead: Span | None) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    quote = text[start:end]
    if kind is Kind.CODE:
        lines = quote.splitlines()
        body = [line for line in lines if not _FENCE.match(line)]
        shown = without_unsafe_characters("\n".join(body)).strip("\n")
        return Span(base + start, base + end, f"```\n{shown}\n```" if shown.strip() else "", kind, lead)
    return Span(base + start, base + end, plain(quote), kind, lead)


def _sentences(text: str, base: int, start: int, end: int, kind: Kind, lead: Span | None) -> Iterator[Span]:
    """Cut at sentence ends, and at line ends that no editor's wrapping explains."""
    begun = start
    for cut in sorted({*_sentence_cuts(text, start, end), *_line_cuts(text, start, end)}):
        yield _span(text, base, begun, cut, kind, lead)
        begun = cut
    yield _span(text, base, begun, end, kind, lead)


def _sentence_cuts(text: str, start: int, end: int) -> Iterator[int]:
    for match in _END.finditer(text, start, end):
        before = (
            text[max(start, match.start() - 12) : match.start() + 1] + text[match.start() + 1 : match.end()]
        )
        if not _ABBREVIATION.search(before):
            yield match.end()


def _line_cuts(text: str, start: int, end: int) -> Iterator[int]:
    position = text.find("\n", start, end)
    while position != -1:
        line_start = max(text.rfind("\n", start, position) + 1, start)
        rest = text[position + 1 : end].lstrip()
        short = len(text[line_start:position].strip()) < _WRAPPED
        if short and rest and (rest[0].isupper() or rest[0].isdigit()):
            yield position + 1
        position = text.find("\n", position + 1, end)


def cells(row: str) -> list[str]:
    """The cells of a table row as they read."""
    inner = row.strip().removeprefix("|").removesuffix("|")
    return [plain(cell) for cell in re.split(r"(?<!\\)\|", inner)]


def row_text(header: list[str], row: list[str]) -> str:
    """A row as words: `column: value; …`, or the values alone where no column has a name."""
    if not any(header) or len(header) < 2:
        return "; ".join(cell for cell in row if cell)
    named = zip(header + [""] * len(row), row, strict=False)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell)


def _rows(text: str, base: int, lines: list[_Line]) -> Iterator[Span]:
    header: list[str] = []
    lead: Span | None = None
    ruler = next((n for n, line in enumerate(lines) if _RULER.match(line.text)), None)
    for number, line in enumerate(lines):
        if number == ruler or not line.text.strip():
            continue
        span = _span(text, base, line.start, line.end, Kind.ROW, lead)
        if ruler is not None and number < ruler:
            header = cells(line.text)
            lead = span
            continue
        yield Span(span.start, span.end, row_text(header, cells(line.text)), Kind.ROW, lead)

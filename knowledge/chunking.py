"""A document becomes chunks along its headings: exact stretches of it that fit the embedding model."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from knowledge.documents import Chunk, Document
from knowledge.logbooks import entries

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CountTokens = Callable[[Sequence[str]], list[int]]

# Characters that a chunk aims at, and the most that it may hold however few tokens they are.
TARGET = 700
LONGEST = 4 * TARGET
SPECIAL_TOKENS = 2
# However long title and headings are, this share of the window is left for the text.
LEAST_SHARE = 0.5

_WHOLE = frozenset({"fence", "code_block"})
_UNDATED = frozenset({"heading_open", "table_open", "html_block"})
_BY_LINE = frozenset({"table_open", "html_block"})
_SEPARATORS = ["\n\n", "\n", ". ", "? ", "! ", "; ", ", ", " ", ""]
_MARKS = re.compile(
    r"!?\[([^\]\[]*)\]\([^()\s]*\)|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|<[^<>]*>|\s*\{#[^{}]*\}\s*$"
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, list, table or fence of one section; `kind` is the parser's name for it."""

    start: int
    end: int
    section: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of one block that stays in one piece unless it is larger than the window."""

    start: int
    end: int
    section: tuple[str, ...]
    tokens: int
    heading: bool


def chunk(document: Document, count_tokens: CountTokens, limit: int) -> list[Chunk]:
    """Cut a document's body into chunks, in reading order.

    Every character of the body that is not blank is in exactly one chunk. A chunk never leaves its section
    (a heading with nothing under it goes with the section below) or page. A table row or code fence is cut,
    at line ends, only when it is larger than the window by itself. `limit` is the model's window in tokens,
    special ones included: `Chunk.with_context` of every chunk fits it, unless the title and headings alone
    take more than half of it. Linear in the length of the document, whatever it holds.
    """
    text = document.text
    blocks = list(_dated(_blocks(text, document.body_start), text, document.body_start))
    budgets = _budgets({block.section for block in blocks}, document.title, count_tokens, limit)
    spans = _measured([piece for block in blocks for piece in _pieces(text, block)], text, count_tokens)
    fitting = [part for span in spans for part in _fitted(span, budgets[span.section], text, count_tokens)]
    lines = [match.end() for match in re.finditer("\n", text)]
    chunks: list[Chunk] = []
    for packed in _packed(fitting, budgets, document.pages):
        start, end = _trimmed(text, packed[0].start, packed[-1].end)
        if start == end:
            continue
        chunks.append(
            Chunk(
                ordinal=len(chunks),
                text=text[start:end],
                section=packed[-1].section,
                start=start,
                end=end,
                line=bisect_right(lines, start) + 1,
                page=bisect_right(document.pages, start) or None if document.pages else None,
            )
        )
    return chunks


def _blocks(text: str, body_start: int) -> Iterator[_Block]:
    """The blocks of the body, one after the other with no gap, each with the headings above it."""
    body = text[body_start:]
    starts = [body_start, *(body_start + match.end() for match in re.finditer("\n", body))]
    parsed = _parser().parse(body.replace("\r", " "))  # a lone carriage return ends no line of ours
    top = [token for token in parsed if token.map and token.level == 0 and token.nesting >= 0]
    edges = [body_start, *(starts[_first_line(token)] for token in top[1:]), len(text)]
    path: list[tuple[int, str]] = []
    for token, (start, end) in zip(top, pairwise(edges), strict=False):
        if token.type == "heading_open":
            level = int(token.tag[1:])
            path = [outer for outer in path if outer[0] < level]
            heading = _plain(text[start:end])
            if heading:
                path.append((level, heading))
        yield _Block(start, end, tuple(title for _, title in path), token.type)
    if not top and body:
        yield _Block(body_start, len(text), (), "paragraph_open")


def _dated(blocks: Iterator[_Block], text: str, body_start: int) -> Iterator[_Block]:
    """The blocks cut where a dated entry begins, with its day in their section: no chunk is of two days."""
    found = [entry for entry in entries(text, body_start) if not entry.heading]
    if not found:
        yield from blocks
        return
    starts = [entry.start for entry in found]
    for block in blocks:
        if block.kind in _UNDATED:
            yield block
            continue
        cuts = starts[bisect_right(starts, block.start) : bisect_left(starts, block.end)]
        for start, end in pairwise([block.start, *cuts, block.end]):
            at = bisect_right(starts, start) - 1
            day = (found[at].label,) if at >= 0 and start < found[at].end else ()
            yield _Block(start, end, (*block.section, *day), block.kind)


def _first_line(token: "Token") -> int:
    return token.map[0] if token.map else 0


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    """Blocks only: what stands inside a paragraph is not parsed, and definitions of links are text."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable(["inline", "reference"])


def _plain(heading: str) -> str:
    """A heading's text without its marks: `## The *loss*` is `The loss`."""
    line = heading.strip().split("\n")[0].strip().strip("#").strip()
    return _MARKS.sub(lambda match: match.group(1) or "", line)[:200].strip()


def _budgets(
    sections: set[tuple[str, ...]], title: str, count_tokens: CountTokens, limit: int
) -> dict[tuple[str, ...], int]:
    """How many tokens of text each section's chunks may hold beside their context."""
    ordered = sorted(sections)
    contexts = [Chunk(0, "", section, 0, 0, 1).with_context(title) for section in ordered]
    least = int(limit * LEAST_SHARE)
    counts = count_tokens(contexts) if contexts else []
    return {
        section: max(limit - SPECIAL_TOKENS - count, least)
        for section, count in zip(ordered, counts, strict=True)
    }


def _pieces(text: str, block: _Block) -> Iterator[tuple[int, int, tuple[str, ...], bool]]:
    """A block as the smallest stretches that may stand apart: the whole of it, rows, or runs of sentences."""
    if block.kind in _WHOLE or (block.end - block.start <= TARGET and block.kind not in _BY_LINE):
        yield block.start, block.end, block.section, block.kind == "heading_open"
        return
    whole = text[block.start : block.end]
    parts = whole.splitlines(keepends=True) if block.kind in _BY_LINE else _split(whole, _even(len(whole)))
    at = block.start
    for part in parts:
        yield at, at + len(part), block.section, False
        at += len(part)


def _even(length: int) -> int:
    """The size of parts that divides a long text into equal ones rather than leaving a crumb."""
    return -(-length // -(-length // TARGET)) + TARGET // 8


def _measured(
    pieces: list[tuple[int, int, tuple[str, ...], bool]], text: str, count_tokens: CountTokens
) -> list[_Span]:
    counts = count_tokens([text[start:end] for start, end, _, _ in pieces]) if pieces else []
    return [
        _Span(start, end, section, tokens, heading)
        for (start, end, section, heading), tokens in zip(pieces, counts, strict=True)
    ]


def _fitted(span: _Span, budget: int, text: str, count_tokens: CountTokens) -> list[_Span]:
    """The span itself, or its parts where it is larger than the window: at line ends, else words, else
    anywhere."""
    size = span.end - span.start
    if span.tokens <= budget and size <= LONGEST:
        return [span]
    size = min(LONGEST, max(1, size * budget // max(span.tokens, 1)), size - 1)
    fitting: list[_Span] = []
    waiting = [(span, size)]
    while waiting:
        large, size = waiting.pop()
        at = large.start
        pieces = []
        for part in _split(text[large.start : large.end], max(size, 1)):
            pieces.append((at, at + len(part), large.section, False))
            at += len(part)
        for piece in reversed(_measured(pieces, text, count_tokens)):
            if (
                piece.tokens <= budget and piece.end - piece.start <= LONGEST
            ) or piece.end - piece.start == 1:
                fitting.append(piece)
            else:
                waiting.append((piece, (piece.end - piece.start) // 2))
    return sorted(fitting, key=lambda part: part.start)


def _split(text: str, size: int) -> list[str]:
    """Parts of at most `size` characters that joined give the text, cut at the best place that there is."""
    return _splitter(size)(text)


@lru_cache(maxsize=64)
def _splitter(size: int) -> Callable[[str], list[str]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=_SEPARATORS, chunk_size=size, chunk_overlap=0, keep_separator="end", strip_whitespace=False
    ).split_text


def _packed(
    spans: Sequence[_Span], budgets: dict[tuple[str, ...], int], pages: Sequence[int]
) -> Iterator[list[_Span]]:
    """Runs of spans of one section and page, each about TARGET characters and within the window."""
    run: list[_Span] = []
    tokens, budget = 0, 0
    for span in spans:
        budget = min(budget, budgets[span.section]) if run else budgets[span.section]
        if run and _parts(run, span, tokens, budget, pages):
            yield run
            run, tokens, budget = [], 0, budgets[span.section]
        run.append(span)
        tokens += span.tokens
    if run:
        yield run


def _parts(run: list[_Span], span: _Span, tokens: int, budget: int, pages: Sequence[int]) -> bool:
    """Whether a new chunk begins with this span."""
    first = run[0]
    return (
        (span.section != run[-1].section and not all(one.heading for one in run))
        or tokens + span.tokens > budget
        or span.end - first.start > TARGET
        or bisect_right(pages, span.start) != bisect_right(pages, first.start)
    )


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without blank lines at the start and white space at the end; the first line keeps its indentation."""
    body = text[start:end].rstrip()
    if not body:
        return start, start
    leading = len(body) - len(body.lstrip())
    return start + body.rfind("\n", 0, leading) + 1, start + len(body)

"""Limited Markdown as parts of a message: style and shape stay; links, images and HTML become plain words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.blocks.plain import clean

MOST_CHARACTERS = 60_000
DEEPEST_LIST = 6


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text of one style; `style` holds bold, italic, strike and code. Only code sets `url`."""

    text: str
    style: frozenset[str] = frozenset()
    url: str | None = None


Runs = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    runs: Runs


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list; `number` counts from 1 in an ordered list and is None in another."""

    runs: Runs
    indent: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Fence:
    """Preformatted text: code, or a table as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    runs: Runs


Part = Paragraph | Item | Fence | Quote

_SHAPES = ("blockquote", "fence", "heading", "hr", "lheading", "list", "table")
_WORDS = (
    "autolink",
    "backticks",
    "emphasis",
    "entity",
    "escape",
    "image",
    "link",
    "newline",
    "strikethrough",
)
_PARSER = MarkdownIt("zero", {"maxNesting": 20}).enable([*_SHAPES, *_WORDS])
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


def plain(text: str) -> Runs:
    """The text as it is, with no meaning given to any character."""
    text = clean(text)
    return (Run(text),) if text else ()


def parse(text: str) -> list[Part]:
    """The parts of a Markdown text, cleaned. A link is its label, an image its description."""
    text = clean(text[:MOST_CHARACTERS])
    return list(_Reader(text.split("\n")).read(_PARSER.parse(text)))


class _Reader:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._lists: list[int | None] = []
        self._quotes = 0
        self._heading = False
        self._first_of_item = False

    def read(self, tokens: Sequence[Token]) -> Iterator[Part]:
        tables = 0
        for token in tokens:
            match token.type:
                case "table_open":
                    tables += 1
                    yield Fence(self._source(token))
                case "table_close":
                    tables -= 1
                case "fence" if token.content.strip():
                    yield Fence(clean(token.content).rstrip("\n"))
                case "inline" if not tables:
                    yield from self._text(_runs(token.children or ()))
                case _:
                    self._enter_or_leave(token)

    def _enter_or_leave(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                self._lists.append(max(int(token.attrGet("start") or 1), 1) - 1)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._first_of_item = True
                if self._lists[-1] is not None:
                    self._lists[-1] += 1
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "heading_open":
                self._heading = True
            case "heading_close":
                self._heading = False
            case _:
                pass  # paragraphs and the like add nothing to what their text says

    def _text(self, runs: Runs) -> Iterator[Part]:
        if not any(run.text.strip() for run in runs):
            return
        if self._heading:
            runs = tuple(Run(run.text, run.style | {"bold"}) for run in runs)
        if self._lists and self._first_of_item:
            self._first_of_item = False
            yield Item(runs, min(len(self._lists) - 1, DEEPEST_LIST), self._lists[-1])
        elif self._quotes:
            yield Quote(runs)
        else:
            yield Paragraph(runs)

    def _source(self, token: Token) -> str:
        first, last = token.map or (0, 0)
        return "\n".join(self._lines[first:last]).strip("\n")


def _runs(tokens: Sequence[Token]) -> Runs:
    runs: list[Run] = []
    style: tuple[str, ...] = ()
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _STYLES:
            style = (*style, _STYLES[name]) if token.nesting > 0 else style[:-1]
            continue
        text, extra = _content(token)
        text = clean(text)
        if not text:
            continue
        found = frozenset((*style, *extra))
        if runs and runs[-1].style == found:
            runs[-1] = Run(runs[-1].text + text, found)
        else:
            runs.append(Run(text, found))
    return tuple(runs)


def _content(token: Token) -> tuple[str, tuple[str, ...]]:
    match token.type:
        case "code_inline":
            return token.content, ("code",)
        case "softbreak":
            return " ", ()
        case "hardbreak":
            return "\n", ()
        case _:  # text, text_special (an escape or entity), image (its content is the description)
            return token.content, ()

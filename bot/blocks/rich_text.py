"""Parts of a message as Slack's rich text: text shown as it is, and links that code made."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from bot.blocks.markdown import Fence, Item, Paragraph, Part, Quote, Run, Runs
from bot.blocks.plain import clean, pieces

Block = dict[str, Any]
Element = dict[str, Any]

MOST_ELEMENT_BYTES = 2_000
MOST_BLOCK_BYTES = 3_000
_PIECE = 1_200


def size(thing: Any) -> int:
    """The bytes of its JSON."""
    return len(json.dumps(thing, ensure_ascii=False, separators=(",", ":")).encode())


def rich_text(parts: Iterable[Part]) -> list[Block]:
    """Rich text blocks of at most MOST_BLOCK_BYTES each, with everything that the parts hold."""
    blocks: list[Block] = []
    filled = 0
    for element in elements(parts):
        weight = size(element)
        if not blocks or filled + weight > MOST_BLOCK_BYTES:
            blocks.append({"type": "rich_text", "elements": []})
            filled = 0
        blocks[-1]["elements"].append(element)
        filled += weight
    return blocks


def elements(parts: Iterable[Part]) -> list[Element]:
    """Rich text elements of about MOST_ELEMENT_BYTES each."""
    found: list[Element] = []
    for kind, group in groupby(parts, key=_kind):
        match kind:
            case "list":
                found += _lists([part for part in group if isinstance(part, Item)])
            case "preformatted":
                for part in group:
                    found += _fence(part.text if isinstance(part, Fence) else "")
            case _:
                runs = _joined([part.runs for part in group if isinstance(part, Paragraph | Quote)])
                found += [{"type": f"rich_text_{kind}", "elements": some} for some in _texts(runs)]
    return found


def _kind(part: Part) -> str:
    match part:
        case Paragraph():
            return "section"
        case Quote():
            return "quote"
        case Item():
            return "list"
        case Fence():
            return "preformatted"


def _joined(paragraphs: Sequence[Runs]) -> Runs:
    runs: list[Run] = []
    for position, paragraph in enumerate(paragraphs):
        if position:
            runs.append(Run("\n\n"))
        runs += paragraph
    return tuple(runs)


def _texts(runs: Runs) -> Iterator[list[Element]]:
    """Text and link elements, in lists that each fit one rich text element."""
    some: list[Element] = []
    filled = 0
    for run in _merged(runs):
        for piece in pieces(clean(run.text), _PIECE):
            element = _text(piece, run)
            weight = size(element)
            if some and filled + weight > MOST_ELEMENT_BYTES:
                yield some
                some, filled = [], 0
            some.append(element)
            filled += weight
    if some:
        yield some


def _merged(runs: Runs) -> Iterator[Run]:
    for (style, url), group in groupby(runs, key=lambda run: (run.style, run.url)):
        yield Run("".join(run.text for run in group), style, url)


def _text(text: str, run: Run) -> Element:
    element: Element = {"type": "text", "text": text}
    if run.url is not None:
        element = {"type": "link", "url": run.url, "text": text}
    if run.style:
        element["style"] = dict.fromkeys(sorted(run.style), True)
    return element


def _fence(text: str) -> Iterator[Element]:
    for piece in pieces(clean(text), _PIECE):
        if piece.strip("\n"):
            yield {
                "type": "rich_text_preformatted",
                "elements": [{"type": "text", "text": piece.strip("\n")}],
            }


def _lists(items: Sequence[Item]) -> Iterator[Element]:
    current: Element | None = None
    last: Item | None = None
    for item in items:
        for some in _texts(item.runs):
            section = {"type": "rich_text_section", "elements": some}
            fits = current is not None and size(current) + size(section) <= MOST_ELEMENT_BYTES
            if current is not None and last is not None and fits and _continues(last, item):
                current["elements"].append(section)
            else:
                if current is not None:
                    yield current
                current = _new_list(item, section)
            last = item
    if current is not None:
        yield current


def _continues(last: Item, item: Item) -> bool:
    same = last.indent == item.indent and (last.number is None) == (item.number is None)
    return same and (item.number is None or last.number is None or item.number == last.number + 1)


def _new_list(item: Item, section: Element) -> Element:
    style = "bullet" if item.number is None else "ordered"
    made: Element = {"type": "rich_text_list", "style": style, "indent": item.indent, "elements": [section]}
    if item.number is not None and item.number > 1:
        made["offset"] = item.number - 1
    return made

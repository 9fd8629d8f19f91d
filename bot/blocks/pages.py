"""Groups of blocks packed into messages that Slack takes whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.plain import clean, escape, escaped_bytes, shorten
from bot.blocks.rich_text import Block, size

MOST_BLOCKS = 45
MOST_BLOCK_BYTES_OF_A_PAGE = 7_000
MOST_TEXT_BYTES = 1_900
MOST_PAGES = 12

Group = Sequence[Block]
"""Blocks that belong on one page, such as a citation with its quote and its button."""


@dataclass(frozen=True, slots=True)
class Page:
    """One message: its blocks, and the text that notifications and screen readers give (escaped)."""

    text: str
    blocks: tuple[Block, ...]


def pages(groups: Iterable[Group], left_out: str, foot: Group = ()) -> list[Page]:
    """The groups in order on as few pages as they fit, at most MOST_PAGES; then `left_out` ends the last.

    Slack's own limit is 50 blocks and about 11,000 bytes; a page stays under 9,000 with everything but the
    `foot`: a few small blocks, such as buttons, that stand under the last page whatever is left out.
    """
    made: list[Page] = []
    for blocks in _fill(groups):
        if len(made) == MOST_PAGES:
            last = (*made[-1].blocks, context(left_out))
            made[-1] = Page(made[-1].text, last)
            break
        made.append(Page(spoken(blocks), tuple(blocks)))
    if made and foot:
        made[-1] = Page(made[-1].text, (*made[-1].blocks, *foot))
    return made


def page(*blocks: Block) -> Page:
    """One page of blocks that are known to be few and small."""
    return Page(spoken(blocks), blocks)


def _fill(groups: Iterable[Group]) -> Iterator[list[Block]]:
    filled: list[Block] = []
    weight = 0
    for group in _divided(groups):
        group_weight = sum(size(block) + 1 for block in group)
        full = len(filled) + len(group) > MOST_BLOCKS or weight + group_weight > MOST_BLOCK_BYTES_OF_A_PAGE
        if filled and full:
            yield filled
            filled, weight = [], 0
        filled = [*filled, *group]
        weight += group_weight
    if filled:
        yield filled


def _divided(groups: Iterable[Group]) -> Iterator[Group]:
    for group in groups:
        if sum(size(block) + 1 for block in group) > MOST_BLOCK_BYTES_OF_A_PAGE or len(group) > MOST_BLOCKS:
            yield from ([block] for block in group)
        else:
            yield group


def spoken(blocks: Iterable[Block]) -> str:
    """The words of some blocks as plain text, escaped, shortened to MOST_TEXT_BYTES."""
    lines = (line for block in blocks for line in _lines(block))
    text = "\n".join(line for line in lines if line.strip())
    return escape(shorten(text, MOST_TEXT_BYTES, escaped_bytes))


def _lines(block: Block) -> Iterator[str]:
    match block["type"]:
        case "rich_text":
            yield from (_words(element) for element in block["elements"])
        case "section":
            yield block["text"]["text"]
        case "context":
            yield " · ".join(element["text"] for element in block["elements"])
        case _:
            pass  # nothing to read in it


def _words(element: Any) -> str:
    if element["type"] == "rich_text_list":
        return "\n".join(f"• {_words(item)}" for item in element["elements"])
    return "".join(part.get("text") or part.get("fallback", "") for part in element["elements"])


def context(*texts: str) -> Block:
    """Small grey words, literal."""
    return {"type": "context", "elements": [plain_text(text, 1_500) for text in texts]}


def plain_text(text: str, most_bytes: int) -> Block:
    """A plain text object that shows its characters as they are; a dash where nothing is left to show."""
    return {"type": "plain_text", "text": shorten(clean(text), most_bytes).strip() or "–", "emoji": False}

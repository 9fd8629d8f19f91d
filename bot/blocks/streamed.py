"""What is shown while an answer is written: task cards, and verified sentences, as chunks of a stream."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.blocks.answers import sentence_blocks
from bot.blocks.pages import context, spoken
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block
from knowledge.documents import Sentence

Chunk = dict[str, Any]

MOST_TITLE_BYTES = 240
MOST_TITLES = 3
MOST_MARKDOWN_BYTES = 10_000
IN_PROGRESS, COMPLETE, ERROR = "in_progress", "complete", "error"

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>=])")
_ENTITY = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INVISIBLE = "\u200b"
_ADDRESS = re.compile(r"(?<=\w)[.:@](?=[\w/])")


def card(name: str, title: str, status: str) -> Chunk:
    """One task with its status; a later card of the same name takes its place."""
    shown = shorten(one_line(title), MOST_TITLE_BYTES)
    return {"type": "task_update", "id": name, "title": shown or "–", "status": status}


def searching(documents: int) -> str:
    return f"Searching {documents:,} document{'' if documents == 1 else 's'}"


def reading(passages: int, titles: Sequence[str]) -> str:
    """How much is read of what, naming MOST_TITLES documents at most."""
    names = list(dict.fromkeys(one_line(title) for title in titles if title.strip()))
    some = [f"“{shorten(name, 60)}”" for name in names[:MOST_TITLES]]
    if len(names) > MOST_TITLES:
        some.append(f"{len(names) - MOST_TITLES} more")
    of = f" of {', '.join(some)}" if some else ""
    return f"Reading {passages:,} passage{'' if passages == 1 else 's'}{of}"


def sentences(written: Iterable[Sentence]) -> list[Block]:
    """Sentences with their numbers, as the answer will have them."""
    return sentence_blocks(written)


def words(blocks: Iterable[Block]) -> str:
    """What notifications and screen readers give of these blocks."""
    return spoken(blocks)


def notice(text: str) -> Block:
    return context(f"⚠ {shorten(one_line(text), 600)}")


def chunks(cards: Iterable[Chunk], blocks: Sequence[Block], take_blocks: bool) -> list[Chunk]:
    """What is new as chunks; where Slack takes no blocks, their words as Markdown that marks up nothing."""
    made = [dict(each) for each in cards]
    if blocks and take_blocks:
        made.append({"type": "blocks", "blocks": [dict(block) for block in blocks]})
    elif blocks:
        words = "\n\n".join(literal(unescaped(spoken([block]))) for block in blocks)
        made.append({"type": "markdown_text", "text": shorten(words, MOST_MARKDOWN_BYTES) + "\n\n"})
    return made


def literal(text: str) -> str:
    """Text as Markdown that shows it as it is: no markup, no mention, and nothing that becomes a link."""
    apart = _ADDRESS.sub(lambda found: f"{found.group()}{_INVISIBLE}", clean(text))
    escaped = "".join(_ENTITY.get(character, character) for character in _MARKUP.sub(r"\\\1", apart))
    return escaped.replace("\\&gt;", "&gt;")


def unescaped(text: str) -> str:
    """What Slack's entities stand for."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

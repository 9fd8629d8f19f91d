"""A cited passage in a modal: its whole text, with the quoted words marked."""

from typing import Any

from bot.blocks.citations import Look, details, label
from bot.blocks.markdown import Paragraph, Run
from bot.blocks.pages import context, plain_text
from bot.blocks.plain import clean, shorten
from bot.blocks.rich_text import rich_text
from knowledge.documents import Citation

MOST_PASSAGE_BYTES = 12_000
MOST_TITLE_BYTES = 24
_AS_IT_IS = frozenset[str]()
_MARKED = frozenset({"bold"})


def passage_view(citation: Citation, text: str, start: int, look: Look) -> dict[str, Any]:
    """A modal view; `text` is the passage, which begins at offset `start` of its document.

    Where the quote does not lie in the passage, the quote is shown by itself.
    """
    before, quote, after = _around(citation, text, start)
    parts = ((before, _AS_IT_IS), (quote, _MARKED), (after, _AS_IT_IS))
    runs = tuple(Run(clean(part), style) for part, style in parts if clean(part))
    return {
        "type": "modal",
        "title": plain_text(shorten(f"Source {citation.n}", MOST_TITLE_BYTES), MOST_TITLE_BYTES),
        "close": plain_text("Close", MOST_TITLE_BYTES),
        "blocks": [
            *rich_text([Paragraph((Run(label(citation), frozenset({"bold"})),))]),
            *rich_text([Paragraph(runs)]),
            details(citation, look),
            context("The quoted words are bold."),
        ],
    }


def gone_view(why: str) -> dict[str, Any]:
    """A modal that says why there is nothing to show."""
    return {
        "type": "modal",
        "title": plain_text("Source", MOST_TITLE_BYTES),
        "close": plain_text("Close", MOST_TITLE_BYTES),
        "blocks": [{"type": "section", "text": plain_text(why, 2_000)}],
    }


def _around(citation: Citation, text: str, start: int) -> tuple[str, str, str]:
    first, last = citation.start - start, citation.end - start
    if not 0 <= first < last <= len(text):
        return "", citation.quote[: MOST_PASSAGE_BYTES // 2], ""
    reach = MOST_PASSAGE_BYTES // 4
    before, after = text[max(0, first - reach) : first], text[last : last + reach]
    return before, text[first:last][: 2 * reach], after

"""Passages as they were found, beside an answer: in full, or only where they stand."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.blocks.citations import Look, details, heading, quoted
from bot.blocks.markdown import Quote, plain
from bot.blocks.pages import Group, Page, context, pages
from bot.blocks.plain import clean, shorten
from bot.blocks.rich_text import rich_text
from knowledge.citing import passage_citation
from knowledge.documents import Citation, Passage

MOST_PASSAGE_BYTES = 5_000
_LEFT_OUT = "The rest is left out: it is too long for Slack."

Reference = Callable[[int], str]
"""The opaque value of the button for a passage, by its chunk's id."""


def passage_pages(passages: Sequence[Passage], reference: Reference, look: Look) -> list[Page]:
    """The passages in full, each under its heading."""
    groups: list[Group] = [[context("The passages that came nearest, in full:")]]
    for n, passage in enumerate(passages, start=1):
        citation = passage_citation(n, passage)
        text = shorten(clean(passage.chunk.text).strip(), MOST_PASSAGE_BYTES)
        body = rich_text([Quote(plain(text))]) if text else []
        groups.append([heading(citation, reference(passage.chunk_id), look), *body, details(citation, look)])
    return pages(groups, _LEFT_OUT)


def else_pages(passages: Sequence[Passage], reference: Reference, look: Look) -> list[Page]:
    """Where else to look: the beginnings of passages that the answer does not cite."""
    groups: list[Group] = [[context("Not cited above, but near:")]]
    for n, passage in enumerate(passages, start=1):
        citation = passage_citation(n, passage)
        groups.append(_begun(citation, reference(passage.chunk_id), look))
    return pages(groups, _LEFT_OUT)


def _begun(citation: Citation, reference: str, look: Look) -> Group:
    begin = replace(citation, quote=shorten(citation.quote, 300))
    return [heading(citation, reference, look), *quoted(begin), details(citation, look)]

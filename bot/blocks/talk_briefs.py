"""The page that is read before a talk: what is known with its sources, and three questions to discuss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.blocks.answers import sentence_blocks
from bot.blocks.citations import Look, details, label, link, quoted
from bot.blocks.markdown import Item, Paragraph, Part, Run, plain
from bot.blocks.pages import Group, Page, context, pages
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.blocks.web_links import linked
from knowledge.documents import Citation, Sentence
from prompts.words import words

MOST_ABSTRACT_BYTES = 900
_LEFT_OUT = "The rest is left out: a brief is one page."


@dataclass(frozen=True, slots=True)
class Brief:
    """`sentences` rest on `citations`; without any, `nearest` is what comes nearest. `paper` is as proposals
    keep it, empty for a topic. `intro` says to whom it speaks, and when the talk is."""

    title: str
    intro: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    questions: tuple[str, ...]
    paper: Mapping[str, Any] = field(default_factory=dict)


def brief_pages(brief: Brief, look: Look) -> list[Page]:
    """The brief on one page, or on as few as Slack takes."""
    head: list[Part] = [
        Paragraph((Run(f"Before “{one_line(brief.title)}”", frozenset({"bold"})),)),
        Paragraph(plain(brief.intro)),
    ]
    groups: list[Group] = [[block] for block in rich_text(head)]
    groups += _paper(brief.paper)
    if brief.sentences:
        groups.append([context("What we know:")])
        groups += [[block] for block in sentence_blocks(brief.sentences)]
    else:
        groups.append(rich_text([Paragraph(plain(words("brief_nothing")))]))
        groups += [[context("Nearest to it:")]] if brief.nearest else []
    groups += [source_line(one, look) for one in brief.citations or brief.nearest]
    asked: list[Part] = [Paragraph((Run("Three questions to discuss", frozenset({"bold"})),))]
    asked += [Item(plain(one), number=n) for n, one in enumerate(brief.questions, 1)]
    groups.append(rich_text(asked))
    return pages(groups, _LEFT_OUT)


def source_line(citation: Citation, look: Look) -> list[Block]:
    """A citation where there is no question that it could be opened from: its name, linked where that may be,
    its exact words, and where it stands."""
    name = Run(f"{citation.n}. {label(citation)}", frozenset({"bold"}), link(citation.url, look))
    return [*rich_text([Paragraph((name,))]), *quoted(citation), details(citation, look)]


def _paper(paper: Mapping[str, Any]) -> list[Group]:
    """Who wrote a paper, where it is and what it says of itself."""
    authors, abstract = _words(paper.get("authors")), _words(paper.get("abstract"))
    address = str(paper.get("link") or "")
    runs: list[Run] = [Run(authors)] if authors else []
    if address:
        runs += [*([Run(" · ")] if runs else []), linked("the paper", address)]
    parts: list[Part] = [Paragraph(tuple(runs))] if runs else []
    parts += [Paragraph(plain(shorten(abstract, MOST_ABSTRACT_BYTES)))] if abstract else []
    return [[block] for block in rich_text(parts)]


def _words(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return one_line(", ".join(str(one) for one in value))
    return " ".join(clean(str(value or "")).split())

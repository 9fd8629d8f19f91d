"""Papers as people see them: who wrote one, where it is, how near it is, and whether it was used."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.markdown import Paragraph, Part, Quote, Run, plain
from bot.blocks.modals import button, form, line, text_input
from bot.blocks.pages import Page, context, page
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.blocks.web_links import linked
from prompts.reading import NO, NOT_YET, YES, Near, fit_words

USE_YES, USE_NOT_YET, USE_NO = "paper_use_yes", "paper_use_not_yet", "paper_use_no"
USE_WORD, USE_WORD_FORM, WORD = "paper_use_word", "paper_use_word_form", "paper_word"
"""Action ids whose values are the id of a talk, the callback id of a form and its field."""
SAYS = {USE_YES: YES, USE_NOT_YET: NOT_YET, USE_NO: NO}
MOST_TITLE, MOST_ABSTRACT, LONGEST_WORD = 120, 500, 300
_LABELS = {USE_YES: "Yes", USE_NOT_YET: "Not yet", USE_NO: "No"}


@dataclass(frozen=True, slots=True)
class Paper:
    """What a proposal of a paper shows beside its title, authors and address. `near` are documents that its
    readers may know of and `questions` how many of the team's are near it, None while it is not weighed;
    `used` is what became of it, and `words` what people have added to that, with their names."""

    abstract: str = ""
    near: tuple[Near, ...] = ()
    questions: int | None = None
    used: str = ""
    words: tuple[str, ...] = ()


def source(authors: str, link: str) -> list[Block]:
    """Who wrote it and where it is, in one line; nothing of a topic."""
    runs: list[Run] = [Run(shorten(one_line(authors), 300))] if authors else []
    if link:
        runs += [*([Run(" · ")] if runs else []), linked("the paper", link)]
    return list(rich_text([Paragraph(tuple(runs))])) if runs else []


def abstract(paper: Paper) -> list[Part]:
    """The beginning of its abstract."""
    said = clean(paper.abstract).strip()
    return [Quote(plain(shorten(said, MOST_ABSTRACT)))] if said else []


def standing(paper: Paper | None) -> list[Block]:
    """How near it is to what the team works on, or what became of it; nothing of a topic."""
    if paper is None:
        return []
    if paper.used:
        return [context(" — ".join([paper.used, *paper.words]))]
    if paper.questions is None:
        return []
    titles = [shorten(one_line(one.title), MOST_TITLE) for one in paper.near]
    return [context(fit_words(titles, paper.questions))]


def use_page(text: str, title: str, talk_id: str, note: str = "") -> Page:
    """Whether somebody's team has used a paper, asked of them alone; `note` is what they have said."""
    elements = [button(action_id, _LABELS[action_id], talk_id) for action_id in SAYS]
    if note:
        elements.append(button(USE_WORD, "Add a word…", talk_id))
    said = rich_text([Paragraph(plain(text)), Quote(plain(shorten(one_line(title), 600)))])
    notes = [context(note)] if note else []
    return page(*said, *notes, {"type": "actions", "elements": elements})


def word_view(metadata: str, title: str, word: str, readers: str) -> dict[str, object]:
    """A few words about what became of a paper."""
    blocks: Sequence[Block] = [
        line(f"“{shorten(one_line(title), 300)}”"),
        text_input(WORD, "What became of it", word, optional=True),
        context(readers),
    ]
    return form(USE_WORD_FORM, "Did we use it?", "Keep it", metadata, blocks)

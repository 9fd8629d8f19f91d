"""The forms in which a paper is proposed: what it is, then what is known of it."""

from collections.abc import Mapping
from typing import Any

from bot.blocks.modals import LONGEST_INPUT, button, form, line, notice, text_input, tick
from bot.blocks.pages import Page, context, page
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block
from bot.blocks.topics import series_input

LOOK_UP, PAPER_FORM = "paper_look_up", "paper_propose"
"""Callback ids."""
OPEN_FORM = "paper_open_form"
GIVEN, TITLE, AUTHORS, LINK, ABSTRACT, WHY, SPEAKS = (
    "paper_given",
    "paper_title",
    "paper_authors",
    "paper_link",
    "paper_abstract",
    "paper_why",
    "paper_speaks",
)
LONGEST_TITLE, LONGEST_AUTHORS, LONGEST_LINK, LONGEST_WHY = 300, 1_000, 2_000, 1_000
HEADING = "Propose a paper"


def given_view(metadata: str, given: str = "", note: str = "") -> dict[str, Any]:
    """Which paper; it is looked up next."""
    blocks: list[Block] = [line(note)] if note else []
    hint = "I read title, authors and abstract where the address is public; files are not fetched."
    blocks.append(
        text_input(GIVEN, "Link, DOI, arXiv id or title", one_line(given), several_lines=False, hint=hint)
    )
    return form(LOOK_UP, HEADING, "Next", metadata, blocks)


def waiting_view(external_id: str = "") -> dict[str, Any]:
    """Shown while a paper is looked up; `external_id` is how it is found again."""
    view = notice(HEADING, "One moment: I look it up…")
    return view | ({"external_id": external_id} if external_id else {})


def paper_view(
    metadata: str, series: Mapping[str, str], readers: str, known: Mapping[str, str], note: str
) -> dict[str, Any]:
    """What is known (by TITLE, AUTHORS, LINK and ABSTRACT), to be completed; `series` are names by id, the
    one that is meant first; `note` says what was read, or why nothing was."""
    abstract = clean(known.get(ABSTRACT, ""))[:LONGEST_INPUT]
    title = one_line(known.get(TITLE, ""))[:LONGEST_TITLE]
    authors = one_line(known.get(AUTHORS, ""))[:LONGEST_AUTHORS]
    link = one_line(known.get(LINK, ""))[:LONGEST_LINK]
    blocks: list[Block] = [
        line(note),
        text_input(TITLE, "Title", title, several_lines=False),
        text_input(AUTHORS, "Authors", authors, several_lines=False, optional=True),
        text_input(LINK, "Link", link, several_lines=False, optional=True),
        text_input(ABSTRACT, "Abstract", abstract, optional=True),
        text_input(WHY, "Why we should read it", optional=True),
    ]
    if len(series) > 1:
        blocks.append(series_input(series))
    blocks += [tick(SPEAKS, "And then", "I would present it", ticked=False), context(readers)]
    return form(PAPER_FORM, HEADING, "Propose", metadata, blocks)


def open_page(text: str, given: str) -> Page:
    """Something said, with a button that opens the form."""
    value = f"paper:{shorten(one_line(given), 1_500)}"
    return page(line(text), {"type": "actions", "elements": [button(OPEN_FORM, "Open it", value)]})

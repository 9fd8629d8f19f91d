"""Blockers as people see them: what they are asked, what was done, who may help, and the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.blocks.citations import Look, details, label, link
from bot.blocks.markdown import Paragraph, Part, Quote, Run, plain
from bot.blocks.modals import button, form, line, text_input
from bot.blocks.pages import Group, Page, context, page, pages
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.requests import age
from bot.blocks.rich_text import Block, rich_text
from knowledge.documents import Citation
from prompts.words import words

TAKE, NOT_MINE = "blocker_take", "blocker_not_mine"
UPDATE, RESOLVE, STILL = "blocker_update", "blocker_resolve", "blocker_still"
SOLUTION, REOPEN = "blocker_solution", "blocker_reopen"
HELPED, ASK = "blocker_helped", "blocker_ask"
UPDATE_FORM, SOLUTION_FORM = "blocker_update_form", "blocker_solution_form"
TEXT = "text"

MOST_LISTED = 15
_LEFT_OUT = "The rest is left out: `/standup blockers` lists it."
_BOLD = frozenset({"bold"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A blocker in the words and names of those who see it. `heading` says why they see it, `facts` whose it
    is; `news` are lines; `steps` are the action ids of its buttons."""

    blocker_id: str
    text: str
    heading: str
    facts: str
    news: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who may help: `why` is said to the one who is blocked alone."""

    person: str
    name: str
    why: str


_LABELS = {
    TAKE: "I'll look at it",
    UPDATE: "Update…",
    RESOLVE: "Resolved",
    STILL: "Still there",
    NOT_MINE: "Not me",
    SOLUTION: "What solved it…",
    REOPEN: "Undo",
}


def told_pages(shown: Sequence[Shown]) -> list[Page]:
    """What somebody is told of blockers, all in one message."""
    return pages([_group(one) for one in shown[:MOST_LISTED]], _LEFT_OUT)


def done_page(text: str, blocker_id: str, quoted: str, steps: Sequence[str] = ()) -> Page:
    """What was done about a blocker, to the one who did it."""
    return page(*_group(Shown(blocker_id, quoted, text, "", steps=tuple(steps))))


def help_pages(
    blocker_id: str, text: str, citation: Citation | None, helpers: Sequence[Helper], look: Look
) -> list[Page]:
    """What helped before and who may know, for the one who is blocked."""
    parts: list[Part] = [Paragraph((Run(words("blocker_help"), _BOLD),)), _quoted(text)]
    groups: list[Group] = [[block] for block in rich_text(parts)]
    buttons: list[Block] = []
    if citation is not None:
        url = link(citation.url, look)
        name = Run(label(citation), _BOLD) if url is None else Run(label(citation), _BOLD, url)
        passage: list[Part] = [Paragraph((name,)), _quoted(citation.quote)]
        groups.append([*rich_text(passage), details(citation, look)])
        buttons.append(button(HELPED, "This helped", blocker_id, "primary"))
    for place, helper in enumerate(helpers):
        groups.append([context(f"{one_line(helper.name)} {one_line(helper.why)}.")])
        asked = button(ASK, shorten(f"Ask {one_line(helper.name)}", 70), f"{blocker_id} {helper.person}")
        buttons.append(asked | {"action_id": f"{ASK}_{place}"})
    return pages(groups, _LEFT_OUT, [{"type": "actions", "elements": buttons}])


def list_pages(listed: Sequence[Shown], more: int) -> list[Page]:
    """All that stands in somebody's rituals."""
    groups: list[Group] = [_group(one) for one in listed]
    if not groups:
        groups = [[context(words("no_blockers"))]]
    elif more:
        groups.append([context(f"{more} more are not listed.")])
    return pages(groups, _LEFT_OUT)


def facts(*, ritual: str, person: str, owner: str, state: str, since: datetime, now: datetime) -> str:
    """Whose a blocker is and how old; names, not ids."""
    whose = one_line(person) if owner == person else f"{one_line(person)} · with {one_line(owner)}"
    return f"{whose} · {state} · {age(since, now)} · {one_line(ritual)}"


def update_view(metadata: str, text: str) -> dict[str, Any]:
    """The form for how far it is."""
    asked = text_input(TEXT, "How far is it?", hint=words("blocker_update_hint"))
    return form(UPDATE_FORM, "Update", "Save", metadata, [line(_in_quotes(text)), asked])


def solution_view(metadata: str, text: str) -> dict[str, Any]:
    """The form for what solved it."""
    asked = text_input(TEXT, "What solved it?", hint=words("blocker_solution_hint"))
    return form(SOLUTION_FORM, "What solved it", "Save", metadata, [line(_in_quotes(text)), asked])


def _group(shown: Shown) -> list[Block]:
    parts: list[Part] = [Paragraph((Run(one_line(shown.heading), _BOLD),))] if shown.heading else []
    parts.append(_quoted(shown.text))
    parts += [Paragraph(plain(shorten(one_line(line), 1_000))) for line in shown.news]
    group = [*rich_text(parts)]
    if shown.facts:
        group.append(context(shown.facts))
    if shown.steps:
        buttons = [button(step, _LABELS[step], shown.blocker_id) for step in shown.steps]
        group.append({"type": "actions", "elements": buttons})
    return group


def _in_quotes(text: str) -> str:
    return f"“{shorten(one_line(text), 1_500)}”"


def _quoted(text: str) -> Part:
    return Quote(plain(shorten(clean(text).strip(), 1_500)))

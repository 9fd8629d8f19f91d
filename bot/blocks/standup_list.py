"""Stand-ups in a list, in a person's Home, and as one that was saved, each with what may be done with it."""

from collections.abc import Sequence
from typing import Any

from bot.blocks.modals import button
from bot.blocks.pages import Group, Page, context, page, pages, plain_text
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block
from bot.journal.rituals import ARCHIVED, IN_FILE, PAUSED, Ritual
from bot.rituals.listing import Line

ACT = "standup_act"
"""The action id of whatever is done with one stand-up; its value is an act and the ritual's id."""

NEW, EDIT, PAUSE, RESUME, DUPLICATE, ARCHIVE, TRY = (
    "new",
    "edit",
    "pause",
    "resume",
    "duplicate",
    "archive",
    "test",
)
AGAIN = "again"
"""The form of a pause did not open."""

_LABELS = {
    EDIT: "Edit",
    PAUSE: "Pause…",
    RESUME: "Resume",
    DUPLICATE: "Duplicate",
    ARCHIVE: "Archive",
    TRY: "Send a test to me",
}
MOST_LISTED = 15
_LEFT_OUT = "The rest is left out: it is too long for Slack."


def value_of(act: str, ritual_id: str = "") -> str:
    """What a button carries."""
    return f"{act}:{ritual_id}"


def act_in(value: str) -> tuple[str, str]:
    """The act and the ritual's id that a button carried."""
    act, _, ritual_id = value.partition(":")
    return act, ritual_id


def list_pages(owned: Sequence[Line], asking: Sequence[Line]) -> list[Page]:
    """What somebody looks after, with its buttons, and what asks them."""
    groups: list[Group] = []
    if owned:
        groups.append([_says("You look after:")])
        groups += [_managed(one) for one in owned[:MOST_LISTED]]
    mine = {one.ritual.id for one in owned}
    others = [one for one in asking if one.ritual.id not in mine]
    if others:
        groups.append([_says("You are asked by:")])
        groups += [[context(f"{_name(one.ritual)}: {one.state}")] for one in others[:MOST_LISTED]]
    answered = [_name(one.ritual) for one in asking if one.ritual.id in mine]
    if answered:
        groups.append([context(shorten(f"You are asked by {', '.join(answered)}, too.", 900))])
    if not groups:
        groups.append([context("No stand-up asks you, and you look after none.")])
    foot = [{"type": "actions", "elements": [button(f"{ACT}_new", "Set one up", value_of(NEW))]}]
    return pages(groups, _LEFT_OUT, foot)


def managed_page(text: str, ritual: Ritual) -> Page:
    """Something said of one stand-up, with what may be done with it now."""
    return page(_says(text), {"type": "actions", "elements": _buttons(ritual)})


def open_page(text: str, act: str, ritual_id: str) -> Page:
    """Something said, with a button that opens a form."""
    return page(
        _says(text),
        {"type": "actions", "elements": [button(f"{ACT}_{act}", "Open it", value_of(act, ritual_id))]},
    )


def home_blocks(owned: Sequence[Line]) -> list[Block]:
    """The stand-ups that a person looks after, in their Home; nothing where there are none."""
    if not owned:
        return []
    blocks: list[Block] = [{"type": "divider"}, {"type": "header", "text": plain_text("Your stand-ups", 140)}]
    for one in owned[:8]:
        blocks.append(_says(f"{_name(one.ritual)}: {one.state}") | {"accessory": _menu(one.ritual)})
    if len(owned) > 8:
        blocks.append(context(f"And {len(owned) - 8} more: /standup list"))
    return blocks


def _managed(one: Line) -> list[Block]:
    origin = " · set up in lore.toml" if one.ritual.origin == IN_FILE else ""
    said = _says(f"{_name(one.ritual)}: {one.state}{origin}") | {"accessory": _menu(one.ritual)}
    return [said, context(shorten(one_line(one.when), 600))]


def _acts(ritual: Ritual) -> list[str]:
    state = RESUME if ritual.state in (PAUSED, ARCHIVED) else PAUSE
    if ritual.origin == IN_FILE:
        return [TRY, *([] if ritual.state == ARCHIVED else [state]), DUPLICATE]
    if ritual.state == ARCHIVED:
        return [RESUME, DUPLICATE]
    return [EDIT, TRY, state, DUPLICATE, ARCHIVE]


def _buttons(ritual: Ritual) -> list[Block]:
    return [button(f"{ACT}_{act}", _LABELS[act], value_of(act, ritual.id)) for act in _acts(ritual)]


def _menu(ritual: Ritual) -> dict[str, Any]:
    options = [
        {"text": plain_text(_LABELS[act], 70), "value": value_of(act, ritual.id)} for act in _acts(ritual)
    ]
    return {"type": "overflow", "action_id": ACT, "options": options}


def _says(text: str) -> Block:
    return {"type": "section", "text": plain_text(text, 2_800)}


def _name(ritual: Ritual) -> str:
    return one_line(ritual.name)

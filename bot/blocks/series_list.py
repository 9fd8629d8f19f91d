"""Series in a list, each with its next dates and with what may be done with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.markdown import parse
from bot.blocks.modals import button
from bot.blocks.pages import Group, Page, context, page, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.blocks.talks import ACT as TALK_ACT
from bot.blocks.talks import CANCEL, CHANGE, MOVE, value_of

ACT = "series_act"
"""How the action ids begin of what is done with a series; the value is of `series_value`."""
NEW, EDIT, PAUSE, RESUME, ARCHIVE = "new", "edit", "pause", "resume", "archive"
_LABELS = {NEW: "Set one up", EDIT: "Edit…", PAUSE: "Pause", RESUME: "Resume", ARCHIVE: "Archive"}
_LEFT_OUT = "The rest is left out: give the command in a channel to see its own."
MOST_LISTED = 15


@dataclass(frozen=True, slots=True)
class Coming:
    """A date of a series in words; `managed` where its reader may move or cancel it."""

    talk_id: str
    text: str
    managed: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A series as one reader sees it; `acts` are what they may do with it."""

    series_id: str
    kind: str
    text: str
    note: str
    coming: tuple[Coming, ...]
    acts: tuple[str, ...]


def series_value(act: str, kind: str, series_id: str = "") -> str:
    """What a button carries."""
    return f"{act}:{kind}:{series_id}"


def series_act_in(value: str) -> tuple[str, str, str]:
    """The act, the kind and the series' id that a button carried."""
    act, _, rest = value.partition(":")
    kind, _, series_id = rest.partition(":")
    return act, kind, series_id


def list_pages(listed: Sequence[Listed], kind: str) -> list[Page]:
    """All series that somebody sees."""
    foot = [{"type": "actions", "elements": [_button(NEW, kind)]}]
    return pages([_group(one) for one in listed[:MOST_LISTED]], _LEFT_OUT, foot)


def series_page(text: str, kind: str, series_id: str, acts: Sequence[str]) -> Page:
    """Something said of a series, with what may be done with it."""
    blocks: list[Block] = [*rich_text(parse(text))]
    if acts:
        blocks.append({"type": "actions", "elements": [_button(act, kind, series_id) for act in acts]})
    return page(*blocks)


def _group(one: Listed) -> Group:
    blocks: list[Block] = [*rich_text(parse(one.text)), context(shorten(one_line(one.note), 600))]
    for each in one.coming:
        blocks.append(context(shorten(one_line(each.text), 600)))
    elements = [_button(act, one.kind, one.series_id) for act in one.acts]
    managed = next((each for each in one.coming if each.managed), None)
    if managed is not None:
        for act, label in (
            (MOVE, "Move the next…"),
            (CHANGE, "Change the next…"),
            (CANCEL, "Cancel the next…"),
        ):
            elements.append(button(f"{TALK_ACT}_{act}", label, value_of(act, managed.talk_id)))
    return [*blocks, {"type": "actions", "elements": elements}] if elements else blocks


def _button(act: str, kind: str, series_id: str = "") -> Block:
    return button(f"{ACT}_{act}", _LABELS[act], series_value(act, kind, series_id))

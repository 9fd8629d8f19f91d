"""Forms in which a talk is moved, changed or cancelled."""

from datetime import datetime
from typing import Any

from bot.blocks.modals import form, line, text_input
from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block
from prompts.words import words

MOVE_FORM, CHANGE_FORM, CANCEL_FORM = "talk_move", "talk_change", "talk_cancel"
DAY, AT = "talk_day", "talk_at"
TITLE, PLACE, MINUTES = "talk_title", "talk_place", "talk_minutes"
"""Block ids, which are their elements' action ids too."""


def move_view(metadata: str, about: str, starts: datetime) -> dict[str, Any]:
    """Asks for another day and time, by the clock that `starts` is in."""
    day: Block = {"type": "datepicker", "action_id": DAY, "initial_date": starts.date().isoformat()}
    at: Block = {"type": "timepicker", "action_id": AT, "initial_time": f"{starts:%H:%M}"}
    zone = str(starts.tzinfo).replace("_", " ")
    blocks = [
        line(about),
        _input(DAY, "Day", day),
        _input(AT, f"Time ({zone})", at),
        line(words("talk_move_form")),
    ]
    return form(MOVE_FORM, "Move it", "Move", metadata, blocks)


def change_view(metadata: str, about: str, title: str, place: str, minutes: int) -> dict[str, Any]:
    """Asks for another title, place or length."""
    blocks = [
        line(about),
        text_input(TITLE, "Title", title, several_lines=False, optional=not title),
        text_input(PLACE, "Place", place, several_lines=False, optional=True, hint=words("talk_place_hint")),
        text_input(MINUTES, "Minutes", str(minutes), several_lines=False),
        line(words("talk_move_form")),
    ]
    return form(CHANGE_FORM, "Change it", "Change", metadata, blocks)


def cancel_view(metadata: str, about: str) -> dict[str, Any]:
    """Asks whether it shall be cancelled."""
    made = form(
        CANCEL_FORM, "Cancel it", "Cancel it", metadata, [line(about), line(words("talk_cancel_form"))]
    )
    return made | {"close": plain_text("Leave it", 24)}


def _input(block_id: str, label: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, 100),
        "element": element,
        "optional": False,
    }

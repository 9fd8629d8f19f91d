"""Modals and their inputs; what is typed comes back by the block's id."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block

MOST_TITLE_BYTES = 24
MOST_LABEL_BYTES = 1_900
LONGEST_INPUT = 3_000


def form(callback_id: str, title: str, submit: str, metadata: str, blocks: Sequence[Block]) -> dict[str, Any]:
    """A modal to be submitted; `metadata` (of `bot.pressing.hidden`) comes back with it."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "title": plain_text(title, MOST_TITLE_BYTES),
        "submit": plain_text(submit, MOST_TITLE_BYTES),
        "close": plain_text("Cancel", MOST_TITLE_BYTES),
        "blocks": list(blocks),
    }


def notice(title: str, text: str) -> dict[str, Any]:
    """A modal that only says something."""
    return {
        "type": "modal",
        "title": plain_text(title, MOST_TITLE_BYTES),
        "close": plain_text("Close", MOST_TITLE_BYTES),
        "blocks": [line(text)],
    }


def line(text: str) -> Block:
    """Words that stand as they are."""
    return {"type": "section", "text": plain_text(text, 2_900)}


def text_input(
    block_id: str,
    label: str,
    value: str = "",
    *,
    several_lines: bool = True,
    optional: bool = False,
    hint: str = "",
) -> Block:
    """A field for words, with some in it to begin with."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": several_lines,
        "max_length": LONGEST_INPUT,
    }
    if value:
        element["initial_value"] = value[:LONGEST_INPUT]
    return _input(block_id, label, element, optional, hint)


def choice(block_id: str, label: str, options: Mapping[str, str], *, optional: bool = False) -> Block:
    """One of a few options, value → label."""
    element = {
        "type": "radio_buttons",
        "action_id": block_id,
        "options": [_option(value, text) for value, text in options.items()],
    }
    return _input(block_id, label, element, optional)


def tick(block_id: str, label: str, text: str, *, ticked: bool) -> Block:
    """One box to tick."""
    option = _option("yes", text)
    element: Block = {"type": "checkboxes", "action_id": block_id, "options": [option]}
    if ticked:
        element["initial_options"] = [option]
    return _input(block_id, label, element, optional=True)


def date(block_id: str, label: str, *, hint: str = "") -> Block:
    """A day, or none."""
    return _input(block_id, label, {"type": "datepicker", "action_id": block_id}, optional=True, hint=hint)


def button(action_id: str, text: str, value: str, style: str = "") -> Block:
    """A button with an opaque value."""
    made = {"type": "button", "action_id": action_id, "text": plain_text(text, 70), "value": value}
    return made | ({"style": style} if style else {})


def _option(value: str, text: str) -> Block:
    return {"text": plain_text(text, 70), "value": value}


def _input(block_id: str, label: str, element: Block, optional: bool, hint: str = "") -> Block:
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, MOST_LABEL_BYTES),
        "element": element,
        "optional": optional,
    }
    return made | ({"hint": plain_text(hint, MOST_LABEL_BYTES)} if hint else {})

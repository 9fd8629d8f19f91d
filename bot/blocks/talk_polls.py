"""A poll about when a talk is: each time by everybody's own clock, and how many it suits."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.invitations import when
from bot.blocks.markdown import parse
from bot.blocks.modals import button
from bot.blocks.pages import Page, page
from bot.blocks.rich_text import Block, rich_text

SUITS, DECIDE = "poll_suits", "poll_decide"
"""How the action ids of the times begin, and the action id of *Decide now*."""


@dataclass(frozen=True, slots=True)
class Option:
    """A time (Unix seconds) and how many it suits."""

    starts_at: float
    suits: int


def poll_page(text: str, options: Sequence[Option], zone: str, poll_id: str, *, is_open: bool) -> Page:
    """The poll; with buttons while it is open."""
    blocks: list[Block] = [*rich_text(parse(text))]
    for number, one in enumerate(options):
        count = f"  suits {one.suits}" if one.suits else "  suits nobody yet"
        elements = [when(one.starts_at, zone), {"type": "text", "text": count}]
        section = {"type": "rich_text_section", "elements": elements}
        blocks.append({"type": "rich_text", "elements": [section]})
        if is_open:
            pressed = button(f"{SUITS}_{number}", "It suits me", f"{poll_id}:{number}")
            blocks.append({"type": "actions", "elements": [pressed]})
    return page(*blocks)


def asked_page(text: str, poll_id: str) -> Page:
    """What the one who asks is told, with what ends it early."""
    decide = button(DECIDE, "Decide now", f"{poll_id}:")
    return page(*rich_text(parse(text)), {"type": "actions", "elements": [decide]})

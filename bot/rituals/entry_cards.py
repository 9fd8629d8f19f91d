"""What stands in place of a prompt once it is dealt with: one message for each entry, as the entry is now."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from bot.blocks.standup_entries import card_pages
from bot.journal import deliveries, occurrences, outgoing, rituals
from bot.journal.deliveries import SAID
from bot.journal.entries import Entry
from bot.journal.occurrences import PLANNED
from bot.messages import Kind, Message
from bot.rituals.giving import REMINDER
from bot.rituals.wanted import PROMPT
from prompts.ritual import Standup


def asked_with(connection: Connection, entry: Entry) -> Standup | None:
    """The settings that an entry was asked under; None when its stand-up is gone."""
    occurrence = occurrences.of_slot(connection, entry.ritual_id, entry.slot)
    if occurrence is not None and occurrence.state != PLANNED:
        return occurrence.settings
    ritual = rituals.ritual(connection, entry.ritual_id)
    return None if ritual is None else ritual.settings


def card(connection: Connection, entry: Entry, notes: Iterable[str] = ()) -> tuple[Message, ...]:
    """Show an entry as it is now: in place of the prompt where one was said, else in a message of its own in
    the direct message, which is the same one ever after. Reminders that were said go."""
    standup = asked_with(connection, entry)
    if standup is None:
        return ()
    [page, *_] = card_pages(entry, standup, notes)
    said = _said(connection, entry)
    key = next(
        (key for kind, key in said if kind == PROMPT), f"entry {entry.ritual_id} {entry.slot} {entry.person}"
    )
    shown = Message(channel=entry.person, text=page.text, blocks=page.blocks)
    if _stands(connection, key):
        shown = replace(shown, kind=Kind.UPDATE, target=key)
    else:
        shown = replace(shown, key=key)
    gone = (
        Message(channel=entry.person, text="", kind=Kind.DELETE, target=key, key=f"{key} gone")
        for kind, key in said
        if kind.startswith(REMINDER)
    )
    return (shown, *gone)


def _said(connection: Connection, entry: Entry) -> list[tuple[str, str]]:
    """The kinds and outbox keys of what was said to this person of this date."""
    occurrence = occurrences.of_slot(connection, entry.ritual_id, entry.slot)
    if occurrence is None:
        return []
    return [
        (one.kind, one.key)
        for one in deliveries.of_occurrence(connection, occurrence.id)
        if one.person == entry.person and one.state == SAID and one.key
    ]


def _stands(connection: Connection, key: str) -> bool:
    """Whether a message is there to be changed, or on its way."""
    # In this order: what is said between the two looks has a place.
    return not outgoing.is_settled(connection, key) or outgoing.said_where(connection, key) is not None

"""The one way an entry is stored, changed, skipped or withdrawn, with all that follows from it."""

from datetime import date

from sqlalchemy import Connection, update

from bot.journal import begun_entries, blockers, drafts, entries, occurrences, standup_pages
from bot.journal.deliveries import CANCELLED, WAITING
from bot.journal.entries import Entry
from bot.journal.ritual_tables import deliveries

REMINDER = "reminder"
"""The first word of the kind of every delivery that reminds."""

_WHY = {
    entries.GIVEN: "You had given your entry.",
    entries.SKIPPED: "You had left this one out.",
    entries.WITHDRAWN: "You had withdrawn your entry.",
}


def give(connection: Connection, entry: Entry, now: float) -> Entry:
    """Store an entry in place of an earlier one of the same person and date; the entry as it stands now.

    What is just as it was before changes nothing, so that a second click and a repeated delivery do no
    harm. In the same transaction blockers follow it, the index is told of it, what was typed for it is
    forgotten, and reminders that wait for this person are cancelled.
    """
    known = entries.entry_of(connection, entry.ritual_id, entry.slot, entry.person)
    if known is not None and _same(known, entry):
        return known
    stored = entries.put(connection, entry, now)
    about = (stored.ritual_id, stored.slot, stored.person)
    begun_entries.settle(connection, *about)
    drafts.forget(connection, *about)
    cancel_reminders(connection, *about, _WHY[stored.state], now)
    blockers.from_entry(connection, stored, now)
    standup_pages.changed(connection, stored, now)
    return stored


def cancel_reminders(
    connection: Connection, ritual_id: str, slot: date, person: str, reason: str, now: float
) -> None:
    """Nothing that waits reminds this person of this date any more; `reason` goes into the ledger."""
    occurrence = occurrences.of_slot(connection, ritual_id, slot)
    if occurrence is None:
        return
    waiting = (
        (deliveries.c.occurrence_id == occurrence.id)
        & (deliveries.c.person == person)
        & deliveries.c.kind.like(f"{REMINDER}%")
        & deliveries.c.state.in_(WAITING)
    )
    ended = {"state": CANCELLED, "reason": reason, "claim": None, "leased_until": None, "settled_at": now}
    connection.execute(update(deliveries).where(waiting).values(**ended))


def _same(known: Entry, entry: Entry) -> bool:
    replies = {} if entry.state == entries.WITHDRAWN else dict(entry.replies)
    new = (entry.state, replies, entry.consent, entry.reason)
    return (known.state, dict(known.replies), known.consent, known.reason) == new

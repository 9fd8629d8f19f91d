"""What people are asked and reminded of, when it is due: the makers of prompts and reminders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.blocks.standup_drafts import draft_blocks
from bot.blocks.standup_entries import Asking, prompt_pages, reminder_pages
from bot.journal import begun_entries, entries
from bot.journal.entries import GIVEN, WITHDRAWN
from bot.messages import Message
from bot.rituals.availability import Availability
from bot.rituals.drafting import Drafting
from bot.rituals.due import Due, Later, NotSaid
from bot.rituals.opening import deadline, until_words
from knowledge.adapters.database import Database
from prompts.calm import Free, Off
from prompts.words import words

_LEEWAY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class EntryAsking:
    """Makes the message of a prompt or a reminder; not where the person has dealt with it meanwhile."""

    database: Database
    availability: Availability
    drafting: Drafting

    def prompt(self, due: Due) -> Sequence[Message] | NotSaid | Later:
        """All that is asked, with what can be done about it."""
        ritual, slot, person = due.ritual, due.occurrence.slot, due.delivery.person
        with self.database.reading() as connection:
            entry = entries.entry_of(connection, ritual.id, slot, person)
            last = entries.last_before(connection, ritual.id, person, slot)
        if entry is not None and entry.state != WITHDRAWN:
            return NotSaid(words("entry_given_before" if entry.state == GIVEN else "entry_skipped_before"))
        standing = self.availability.standing(person, slot, ritual)
        if isinstance(standing, Off):
            return NotSaid(standing.reason)
        notes = [standing.note] if isinstance(standing, Free) else []
        if due.late_by > _LEEWAY:
            minutes = int(due.late_by.total_seconds() // 60)
            notes.append(words("entry_prompt_late", minutes=minutes))
        draft = self.drafting.draft_for(person, ritual, slot)
        pages = prompt_pages(
            Asking(
                ritual_id=ritual.id,
                slot=slot,
                standup=due.occurrence.settings,
                until=_until(due),
                note=" ".join(filter(None, notes)),
                same=last is not None,
            ),
            () if draft is None else draft_blocks(draft),
        )
        return [Message(channel=person, text=page.text, blocks=page.blocks) for page in pages]

    def reminder(self, due: Due) -> Sequence[Message] | NotSaid | Later:
        """That there is still time, for those who have not so much as opened the form."""
        ritual, slot, person = due.ritual, due.occurrence.slot, due.delivery.person
        with self.database.reading() as connection:
            entry = entries.entry_of(connection, ritual.id, slot, person)
            opened = begun_entries.of_slot(connection, ritual.id, slot, person)
            until = deadline(connection, due.occurrence, person)
        if entry is not None:
            return NotSaid(words("entry_given_before" if entry.state == GIVEN else "entry_skipped_before"))
        if opened:
            return NotSaid(words("entry_opened_before"))
        standing = self.availability.standing(person, slot, ritual)
        if isinstance(standing, Off):
            return NotSaid(standing.reason)
        told = until_words(until, due.delivery.zone)
        asking = Asking(ritual.id, slot, due.occurrence.settings, until=told)
        return [
            Message(channel=person, text=page.text, blocks=page.blocks) for page in reminder_pages(asking)
        ]


def _until(due: Due) -> str:
    if due.delivery.deadline_at is None:
        return ""
    return until_words(due.delivery.deadline_at, due.delivery.zone)

"""The forms of recaps, for who may have them; of two who write at once the later one is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.blocks.modals import notice
from bot.blocks.pages import Page
from bot.blocks.recaps import (
    ADD,
    EDIT,
    NOTES,
    RECORDING,
    SLIDES,
    TEXT,
    edit_view,
    materials_view,
    overtaken_pages,
)
from bot.journal.recaps import DRAFT, NOTHING, POSTED, WITHDRAWN, Recap
from bot.learning import overtaken
from bot.learning.looked_after import Past, past
from bot.people import People
from bot.pressing import marked
from knowledge.adapters.database import Database
from prompts.words import words


@dataclass(frozen=True, slots=True)
class RecapForms:
    """Says who may write a recap and read what of it, and makes the forms for it."""

    people: People
    database: Database

    def past(self, talk_id: str) -> Past | None:
        with self.database.reading() as connection:
            return past(connection, talk_id)

    def refusal(self, one: Past | None, person: str) -> str:
        """The words that say why somebody may not; empty when they may."""
        if one is None:
            return "recap_gone"
        return "" if one.may_write(self.people, person) else "recap_not_yours"

    def sees(self, one: Past, recap: Recap, person: str) -> bool:
        """Whether somebody may read the words of a recap: it may hold what was said in its channel alone."""
        own = recap.state == DRAFT and recap.person == person
        return own or one.is_read_by(self.people, person, recap.channel)

    def knows_notes(self, one: Past, recap: Recap, person: str) -> bool:
        """Whether somebody may read what was given for a recap, or was the last to give or change it."""
        own = recap.state != WITHDRAWN and recap.person == person
        return own or one.is_read_by(self.people, person, recap.channel)

    # forms

    def materials_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]:
        """The form for notes and addresses; a notice for those who may not."""
        one = self.past(talk_id)
        if (refused := self.refusal(one, person)) or one is None:
            return notice("After the talk", words(refused or "recap_gone"))
        known = one.recap or Recap(talk_id, NOTHING)
        metadata = marked(metadata, edition=overtaken.edition(one.recap, overtaken.MATERIALS))
        if not self.knows_notes(one, known, person):
            return materials_view(metadata, one.title, {})
        given = {NOTES: known.notes, RECORDING: known.recording, SLIDES: known.slides}
        return materials_view(metadata, one.title, given)

    def edit_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]:
        """The form for the recap itself; a notice for those who may not."""
        one = self.past(talk_id)
        if (refused := self.refusal(one, person)) or one is None or one.recap is None:
            return notice("Recap", words(refused or "recap_gone"))
        if not self.sees(one, one.recap, person):
            return notice("Recap", words("recap_not_yours"))
        metadata = marked(metadata, edition=overtaken.edition(one.recap, overtaken.EDIT))
        return edit_view(metadata, one.title, one.recap.text, self.people.name_of_place(one.recap.channel))

    # who writes at once

    def overtaken_view(
        self, step: str, talk_id: str, person: str, metadata: str, typed: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """The form once more, with what was typed and what somebody else has written meanwhile; None where
        nobody has, or where this person may not."""
        one = self.past(talk_id)
        if one is None or one.recap is None or self.refusal(one, person):
            return None
        if not self._is_overtaken(one, one.recap, step, person, overtaken.edition_in(metadata), typed):
            return None
        meanwhile = self._meanwhile(one, one.recap, step, person)
        metadata = marked(metadata, edition=overtaken.edition(one.recap, step))
        if step == overtaken.MATERIALS:
            return materials_view(metadata, one.title, typed, meanwhile)
        place = self.people.name_of_place(one.recap.channel)
        return edit_view(metadata, one.title, str(typed.get(TEXT) or ""), place, meanwhile)

    def overtaken_pages(
        self, one: Past, step: str, person: str, opened_with: str, typed: Mapping[str, Any]
    ) -> list[Page]:
        """Both, what was typed and what somebody else has written meanwhile; nothing where nobody has."""
        if one.recap is None or step not in (overtaken.EDIT, overtaken.MATERIALS):
            return []
        if not self._is_overtaken(one, one.recap, step, person, opened_with, typed):
            return []
        meanwhile = self._meanwhile(one, one.recap, step, person)
        again = EDIT if step == overtaken.EDIT else ADD
        return overtaken_pages(meanwhile, [*overtaken.typed_into(step, typed).values()], again, one.talk.id)

    def _is_overtaken(
        self, one: Past, recap: Recap, step: str, person: str, opened_with: str, typed: Mapping[str, Any]
    ) -> bool:
        added_to = recap.state == POSTED and step == overtaken.MATERIALS
        if added_to and not self.knows_notes(one, recap, person):
            return False  # what they give replaces nothing that they did not see
        return overtaken.is_overtaken(recap, step, opened_with, typed)

    def _meanwhile(self, one: Past, recap: Recap, step: str, person: str) -> list[str]:
        """Who has written meanwhile and, for who may read that, what."""
        lead = words("recap_overtaken", person=self.people.name_of(recap.person), title=one.title)
        may_read = self.sees if step == overtaken.EDIT else self.knows_notes
        theirs = overtaken.now_in(recap, step).values() if may_read(one, recap, person) else ()
        return [lead, *filter(None, theirs)]

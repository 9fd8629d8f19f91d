"""A cited passage is opened by whoever may read its document, at the moment of the click."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from bot.attachments import current_audience
from bot.blocks.citations import Look
from bot.blocks.passages import gone_view, passage_view
from bot.journal.records import Question, question
from bot.messages import Place
from bot.people import People
from bot.remembering import chunk_of, citation_of
from ingest.redaction import hide
from knowledge.adapters.database import Database
from knowledge.audience import Audience, may_all_read
from knowledge.citing import passage_citation
from knowledge.documents import Citation
from knowledge.ports import Clock, Store
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Passages:
    """Makes the modal for a button's value, `question:number` or `question:pchunk`; forged or foreign
    values show nothing."""

    people: People
    store: Store
    database: Database
    clock: Clock
    origins: Container[str] = frozenset()

    def view(self, value: str, team: str, channel: str, person: str) -> dict[str, Any]:
        """A view for `views.open`. The button must have been posted in this very channel."""
        question_id, _, n = value.partition(":")
        with self.database.reading() as connection:
            asked = question(connection, question_id)
        if asked is None or (asked.team, asked.channel) != (team, channel):
            return gone_view(words("passage_gone"))
        citation = self._citation(asked, n)
        if citation is None or not self._may_read(citation, channel, person):
            return gone_view(words("passage_gone"))
        owners = {citation.owner: self.people.name_of(citation.owner)} if citation.owner else {}
        look = Look(self.clock(), self.origins, owners)
        text, start = self._passage(asked, citation)
        return passage_view(citation, text, start, look)

    def _citation(self, asked: Question, n: str) -> Citation | None:
        """The citation `3`, or `p17`: the passage of that chunk, if it was found for this question."""
        if n.isdecimal():
            return citation_of(asked, int(n[:6]))
        chunk_id = int(n[1:12]) if n[:1] == "p" and n[1:].isdecimal() else None
        places = [place for place, kept in enumerate(asked.passages, 1) if kept["chunk_id"] == chunk_id]
        passage = self.store.passages([chunk_id]).get(chunk_id) if chunk_id is not None and places else None
        return None if passage is None else passage_citation(places[0], passage.seen_through(hide))

    def _passage(self, asked: Question, citation: Citation) -> tuple[str, int]:
        """The passage as it was when it was cited; where it is no longer kept, the quote by itself."""
        chunk_id = chunk_of(asked, citation)
        passage = None if chunk_id is None else self.store.passages([chunk_id]).get(chunk_id)
        if passage is None:
            return citation.quote, citation.start
        return hide(passage.chunk.text), passage.chunk.start

    def _may_read(self, citation: Citation, channel: str, person: str) -> bool:
        readers = self.people.readers(Place(channel, only=person))
        keys = (citation.audience_key, current_audience(self.store)(citation.document_id))
        return all(
            key is not None and may_all_read(Audience.from_key(key), readers, self.people.members)
            for key in keys
        )

"""Recaps that must not be shown at this moment: withdrawn, or edited since they were read."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from bot.journal import recaps
from bot.journal.recaps import POSTED
from bot.learning.talk_source import fingerprint, place_in
from bot.standup_hiding import ConsentedStore
from knowledge.adapters.tables import revisions
from knowledge.documents import Passage


class StandingStore(ConsentedStore):
    """The record without recaps that do not stand in their channel as they were read."""

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        found = super().passages(chunk_ids)
        gone = self._taken_back({one.revision_id: one.document_id for one in found.values()})
        return {number: one for number, one in found.items() if one.revision_id not in gone}

    def siblings(self, revision_id: int) -> list[Passage]:
        found = super().siblings(revision_id)
        return [] if found and self._taken_back({revision_id: found[0].document_id}) else found

    def current_audience(self, document_id: str) -> str | None:
        if place_in(document_id) is not None:
            row = self._newest(document_id, revisions.c.id)
            if row is None or self._taken_back({row.id: document_id}):
                return None
        return super().current_audience(document_id)

    def _taken_back(self, documents: Mapping[int, str]) -> frozenset[int]:
        """Those of these revisions (each with its document's id) that were made of what stands no more."""
        places = {
            revision: place
            for revision, document_id in documents.items()
            if (place := place_in(document_id)) is not None
        }
        if not places:
            return frozenset()
        with self.database.reading() as connection:
            now = recaps.of_talks(connection, {talk_id for _, talk_id in places.values()})
            told = select(revisions.c.id, revisions.c.digest).where(revisions.c.id.in_(places))
            digests = {row.id: row.digest for row in connection.execute(told)}
        return frozenset(
            revision
            for revision, (channel, talk_id) in places.items()
            if (one := now.get(talk_id)) is None
            or (one.state, one.channel) != (POSTED, channel)
            or not digests.get(revision, "").startswith(f"{fingerprint(one)} ")
        )

"""Entries that must not be shown at this moment: withdrawn, edited, or for fewer people than when read."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from bot.journal.standup_pages import pages_at
from bot.standup_source import audience, fingerprint, path_in
from bot.threads.hiding import UnhiddenStore
from knowledge.adapters.tables import revisions
from knowledge.documents import Passage


class ConsentedStore(UnhiddenStore):
    """The record without what people of a stand-up have not said, or not to all, at this moment."""

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        found = super().passages(chunk_ids)
        gone = self._gone({one.revision_id: one.document_id for one in found.values()})
        return {number: one for number, one in found.items() if one.revision_id not in gone}

    def siblings(self, revision_id: int) -> list[Passage]:
        found = super().siblings(revision_id)
        return [] if found and self._gone({revision_id: found[0].document_id}) else found

    def current_audience(self, document_id: str) -> str | None:
        path = path_in(document_id)
        if path is None:
            return super().current_audience(document_id)
        row = self._newest(document_id, revisions.c.id)
        if row is None or self._gone({row.id: document_id}):
            return None
        with self.database.reading() as connection:
            page = pages_at(connection, [path]).get(path)
        return None if page is None else audience(page).key

    def _gone(self, documents: Mapping[int, str]) -> frozenset[int]:
        """Those of these revisions (each with its document's id) that were made of what holds no more."""
        paths = {
            revision: path
            for revision, document_id in documents.items()
            if (path := path_in(document_id)) is not None
        }
        if not paths:
            return frozenset()
        with self.database.reading() as connection:
            now = pages_at(connection, frozenset(paths.values()))
            told = select(revisions.c.id, revisions.c.digest).where(revisions.c.id.in_(paths))
            digests = {row.id: row.digest for row in connection.execute(told)}
        return frozenset(
            revision
            for revision, path in paths.items()
            if path not in now or not digests.get(revision, "").startswith(f"{fingerprint(now[path])} ")
        )

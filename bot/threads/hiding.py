"""Threads that must not be shown at this moment: found by nobody, read by nobody, whatever was published."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from bot.journal import threads
from bot.learning.talk_source import place_in
from bot.people import People
from bot.threads.kind import place_of_document
from bot.threads.places import is_shared, within
from knowledge.adapters.database import Database
from knowledge.adapters.store import SqlStore
from knowledge.adapters.tables import revisions
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Passage, Searched
from knowledge.filtering import Catalogue, Phrase
from knowledge.ports import Store


class UnhiddenStore(SqlStore):
    """The record without the threads that changed, or whose channel was lost, since they were read."""

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        found = super().passages(chunk_ids)
        hidden = self._hidden({one.revision_id: one.document_id for one in found.values()})
        return {number: one for number, one in found.items() if one.revision_id not in hidden}

    def siblings(self, revision_id: int) -> list[Passage]:
        found = super().siblings(revision_id)
        return [] if found and self._hidden({revision_id: found[0].document_id}) else found

    def current_audience(self, document_id: str) -> str | None:
        if place_of_document(document_id) is not None:
            row = self._newest(document_id, revisions.c.id)
            if row is None or self._hidden({row.id: document_id}):
                return None
        return super().current_audience(document_id)

    def _hidden(self, documents: Mapping[int, str]) -> frozenset[int]:
        """Those of these revisions (each with its document's id) that must not be shown."""
        places = {
            revision: place
            for revision, document_id in documents.items()
            if (place := place_of_document(document_id)) is not None
        }
        if not places:
            return frozenset()
        with self.database.reading() as connection:
            closed = threads.closed_among(connection, {(source, at) for source, at, _ in places.values()})
            told = select(revisions.c.id, revisions.c.digest).where(revisions.c.id.in_(places))
            digests = {row.id: row.digest for row in connection.execute(told)}
            texts: dict[tuple[str, str], set[str]] = {}
            for revision, (_, channel, ts) in places.items():
                texts.setdefault((channel, ts), set()).add(digests.get(revision, ""))
            marked = threads.marked_among(connection, list(texts))
            blocked = threads.blocked_among(connection, list(texts))
        return frozenset(
            revision
            for revision, (source, channel, ts) in places.items()
            if (source, channel) in closed
            or (channel, ts) in marked
            or (channel, ts, digests.get(revision, "")) in blocked
        )


class LiveStore:
    """A store whose audiences of threads and recaps are no wider than their channels are at this moment.

    `our_team` is the workspace. Where Slack does not tell of a channel, nobody may read its threads.
    """

    def __init__(self, store: Store, database: Database, people: People, our_team: str) -> None:
        self._store = store
        self._database = database
        self._people = people
        self._our_team = our_team

    def current_audience(self, document_id: str) -> str | None:
        known = self._store.current_audience(document_id)
        talk = place_in(document_id)
        if known is not None and talk is not None:
            now = self._audience_of_talk(talk[0], Audience.from_key(known))
            return None if now == Audience() else now.key
        place = place_of_document(document_id)
        if known is None or place is None:
            return known
        now = self._audience_of(place[0], place[1], Audience.from_key(known))
        return None if now == Audience() else now.key

    def _audience_of(self, source: str, channel_id: str, known: Audience) -> Audience:
        channel = self._people.channel(channel_id)
        if channel is None or channel.get("is_member") is not True:
            return Audience()
        members = Audience(principals=frozenset({f"#{channel_id}"}))
        if is_shared(channel, self._our_team):
            with self._database.reading() as connection:
                read_by = threads.readers_of(connection, channel_id)
            allowed = any(one.source == source and one.shared for one in read_by)
            return within(known, members, channel_id, "") if allowed else Audience()
        if channel.get("is_channel") is True and channel.get("is_private") is False:
            return within(known, EVERYONE, channel_id, "")
        return within(known, members, channel_id, "")

    def _audience_of_talk(self, channel_id: str, known: Audience) -> Audience:
        """Of a recap: who may read its channel now, whether or not Lore is still a member there."""
        channel = self._people.channel(channel_id)
        if channel is None or is_shared(channel, self._our_team):
            return Audience()
        public = channel.get("is_channel") is True and channel.get("is_private") is False
        members = Audience(principals=frozenset({f"#{channel_id}"}))
        return within(known, EVERYONE if public else members, channel_id, "")

    def published(self) -> int:
        return self._store.published()

    def audience_keys(self, version: int) -> frozenset[str]:
        return self._store.audience_keys(version)

    def passages(self, chunk_ids: Sequence[int]) -> dict[int, Passage]:
        return self._store.passages(chunk_ids)

    def siblings(self, revision_id: int) -> list[Passage]:
        return self._store.siblings(revision_id)

    def searched(self, version: int, audiences: frozenset[str]) -> Searched:
        return self._store.searched(version, audiences)

    def catalogue(self, version: int, audiences: frozenset[str]) -> Catalogue:
        return self._store.catalogue(version, audiences)

    def chunk_ids(self, revision_ids: Sequence[int]) -> frozenset[int]:
        return self._store.chunk_ids(revision_ids)

    def chunk_ids_saying(self, revision_ids: Sequence[int], phrases: Sequence[Phrase]) -> dict[int, int]:
        return self._store.chunk_ids_saying(revision_ids, phrases)

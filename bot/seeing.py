"""Who may see what became of a question, and what of it they may read now."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.attachments import current_audience
from bot.journal.records import Question
from bot.messages import Check, Place
from bot.people import People
from ingest.redaction import hide
from knowledge.audience import UNKNOWN_READERS, Audience, Readers, may_all_read, readable_keys
from knowledge.documents import Citation, Passage
from knowledge.ports import Store


def is_private(asked: Question) -> bool:
    """Whether only the asker was shown the answer."""
    return not asked.ts or asked.channel.startswith("D")


@dataclass(frozen=True, slots=True)
class Sight:
    """Looks at questions with the eyes of one place: everyone who can read it, at this moment."""

    people: People
    store: Store
    readers: Readers

    @classmethod
    def of(cls, people: People, store: Store, place: Place) -> "Sight":
        return cls(people, store, people.readers(place))

    def keys(self) -> frozenset[str]:
        """The audiences that all the readers may read."""
        known = self.store.audience_keys(self.store.published())
        return readable_keys(known, self.readers, self.people.members)

    def reads(self, document_id: str, audience_key: str) -> bool:
        """Whether all of them may read the document, by its audience then and now."""
        now = current_audience(self.store)(document_id)
        return self.readers != UNKNOWN_READERS and all(
            key is not None and may_all_read(Audience.from_key(key), self.readers, self.people.members)
            for key in (audience_key, now)
        )

    def readable(self, citations: Sequence[Citation]) -> bool:
        """Whether all of them may read every one of these."""
        return all(self.reads(one.document_id, one.audience_key) for one in citations)

    def passages(self, asked: Question) -> list[Passage]:
        """The passages that were found then, best first, of which they may all read the document now."""
        ids = [int(kept["chunk_id"]) for kept in asked.passages]
        found = self.store.passages(ids)
        shown = (one.seen_through(hide) for one in found.values())
        return [one for one in shown if self.reads(one.document_id, one.audience_key)]


def may_see(people: People, asked: Question, person: str) -> bool:
    """The asker, an admin, and whoever can read the place where it was answered; full members all."""
    if not people.is_full_member(person):
        return False
    if person == asked.person or people.is_admin(person):
        return True
    if is_private(asked):
        return False
    readers = people.readers(Place(asked.channel))
    return readers.everyone or person in readers.people


def resting_on(place: Place, shown: Sequence[Citation | Passage]) -> Check:
    """What must hold just before any of these is said at that place."""
    return Check(
        place,
        tuple(sorted({one.audience_key for one in shown})),
        tuple(sorted({one.document_id for one in shown})),
    )

"""What the readers of a channel may know of a paper: how near it is to their documents, and what became of
it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.blocks.papers import Paper
from bot.journal import papers as journal
from bot.journal import talks
from bot.journal.proposals import Proposal
from bot.journal.series import Series
from bot.journal.talks import HELD
from bot.messages import Check, Place
from bot.people import People
from bot.seeing import Sight
from ingest.redaction import hide
from knowledge.adapters.database import Database
from knowledge.ports import Store
from prompts.reading import Near, use_words
from prompts.series import READING

MOST_WORDS = 3
MOST_BEFORE = 10


@dataclass(frozen=True, slots=True)
class Papers:
    """Looks papers up for the readers of their series' channel."""

    people: People
    store: Store
    database: Database

    def of(self, known: Proposal, one: Series) -> Paper | None:
        """What is shown of a paper; None for a topic. Documents that any of the readers may not read any more
        are left out."""
        if one.kind != READING:
            return None
        with self.database.reading() as connection:
            weighed = journal.fit_of(connection, known.id)
            uses = _uses(connection, known)
        near: tuple[Near, ...] = ()
        if weighed is not None and weighed.fit.documents:
            sight = Sight.of(self.people, self.store, Place(one.channel))
            near = tuple(
                Near(each.document_id, hide(each.title), each.audience_key, each.likeness)
                for each in weighed.fit.documents
                if sight.reads(each.document_id, each.audience_key)
            )
        said = [f"{self.people.name_of(each.person)}: {each.word}" for each in uses if each.word]
        return Paper(
            abstract=str(known.paper.get("abstract") or ""),
            near=near,
            questions=None if weighed is None else weighed.fit.questions,
            used=use_words([each.answer for each in uses]),
            words=tuple(said[-MOST_WORDS:]),
        )

    def before(self, one: Series) -> list[Proposal]:
        """What a reading group has read, the last paper first; nothing for other series."""
        if one.kind != READING:
            return []
        with self.database.reading() as connection:
            return list(journal.read_before(connection, one, MOST_BEFORE))


def check_of(place: Place, papers: list[Paper | None]) -> Check:
    """What must hold when these are shown there."""
    near = [each for paper in papers if paper is not None for each in paper.near]
    keys = sorted({each.audience_key for each in near})
    return Check(place, tuple(keys), tuple(sorted({each.document_id for each in near})))


def _uses(connection: Connection, known: Proposal) -> list[journal.Use]:
    """What people have said of it, over all dates at which it was read."""
    held = talks.of_series(connection, known.series_id, HELD)
    ids = [talk.id for talk in held if talk.proposal_id == known.id]
    found = journal.uses_of(connection, ids)
    return [use for talk in ids for use in found.get(talk, ())]

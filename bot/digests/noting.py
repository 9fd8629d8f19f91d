"""Notes what each published version changed, while the record still keeps the one before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.built_in import NAMES
from bot.journal import page_changes
from bot.journal.page_changes import CHANGED, NEW, RUN, SOURCE, PageChange
from bot.rooms import Room
from bot.threads.kind import place_of_document
from ingest.redaction import hide
from knowledge.adapters.changes import Changed, Kept, changed_between, sources_of
from knowledge.adapters.database import Database
from knowledge.adapters.generations import KEEP
from knowledge.adapters.recent_runs import runs_over
from knowledge.adapters.standing import standing
from knowledge.adapters.versions import kept_versions
from knowledge.ports import Clock, Store
from prompts.changes import Difference, difference, sentences

UNTOLD_KINDS = frozenset({"standup"})
"""Entries of stand-ups have a section of their own."""
MOST_COMPARED = 300
MOST_NOTED = 2_000
KEPT_FOR = timedelta(days=100)
"""Longer than any digest looks back."""


@dataclass(frozen=True, slots=True)
class Noting:
    """A duty of the heartbeat; any number of processes may do it at once.

    Of what people said in Slack no words are kept, and nothing of documents that are gone.

    What is there when Lore first looks is no news, and neither is what was read while no process looked for
    so long that the version before is gone. `time` is that of the clock which all processes share: a change
    is of the moment at which it can be seen here, so that it falls into the window of one digest, whoever
    notes it and whoever builds that.
    """

    database: Database
    store: Store
    time: Clock

    def join(self, room: Room) -> None:
        room.duties.append(self.note)

    def note(self, now: datetime) -> None:
        version = self.store.published()
        with self.database.reading() as connection:
            before = page_changes.noted(connection)
        if before == version:
            return
        changes = [] if before is None else list(self._changes(before, version))
        with self.database.reading() as connection:
            known = page_changes.documents(connection)
        gone = known - {one.document_id for one in standing(self.database, version, known)}
        with self.database.writing() as connection:
            page_changes.note(connection, changes, before, version, self.time().timestamp())
            page_changes.forget(connection, gone)
            page_changes.sweep(connection, (now - KEPT_FOR).timestamp())

    def _changes(self, noted: int, version: int) -> Iterator[PageChange]:
        before = noted
        if noted and noted not in (kept := kept_versions(self.database, KEEP)):
            before = min(kept)
        there = frozenset(NAMES) | (sources_of(self.database, before) if before else frozenset())
        for source in sorted(sources_of(self.database, version) - there):
            yield PageChange(version, SOURCE, source)
        found = changed_between(self.database, before, version, there, UNTOLD_KINDS, MOST_NOTED)
        for number, one in enumerate(found):
            source = one.now.source
            over = self._over(one)
            if one.now.id in over:
                if over[one.now.id] and not (one.before is not None and over.get(one.before.id)):
                    yield PageChange(version, RUN, source, one.now.document_id)
            elif one.before is None:
                yield PageChange(version, NEW, source, one.now.document_id)
            elif (said := _said(one, one.before, number)) is None or not said.empty or _opened(one):
                document_id, audience = one.now.document_id, one.before.audience_key
                told = {} if said is None else said.to_json()
                yield PageChange(version, CHANGED, source, document_id, audience, told)

    def _over(self, one: Changed) -> Mapping[int, bool]:
        """Whether a run is over, and whether it was: by revision; empty for what is no run."""
        return runs_over(self.database, [one.now.id, *([] if one.before is None else [one.before.id])])


def _opened(one: Changed) -> bool:
    """Whether others may read it than before."""
    return one.before is not None and one.before.audience_key != one.now.audience_key


def _said(one: Changed, before: Kept, number: int) -> Difference | None:
    """What changed in a document; None where there are too many to compare them all."""
    marked = (one.now.status, one.now.superseded_by) != (before.status, before.superseded_by)
    status = _status(one.now) if marked else ""
    if one.now.text == before.text:
        return Difference(status=status)
    if number >= MOST_COMPARED:
        return None
    then, now = (sentences(hide(each.text), each.body_start) for each in (before, one.now))
    found = difference(then, now, status)
    return found.without_words() if _of_people(one.now) else found


def _of_people(document: Kept) -> bool:
    """Whether it holds what people said in Slack and may take back."""
    return document.source in NAMES or place_of_document(document.document_id) is not None


def _status(document: Kept) -> str:
    if document.superseded_by:
        return f"superseded by {document.superseded_by}"
    return f"marked {document.status}" if document.status else "no longer marked as anything"

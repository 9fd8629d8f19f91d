"""Section: new and changed pages, with what changed in them, as far as the digest's readers may read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bot.digests.sections import Entry, Part, Reader, Window
from bot.journal import page_changes
from bot.journal.page_changes import CHANGED, NEW, RUN, SOURCE, PageChange
from ingest.redaction import hide
from knowledge.adapters.changes import Kept, count_of, documents_of
from knowledge.adapters.database import Database
from knowledge.audience import Audience
from knowledge.ports import Store
from prompts.changes import Difference, joined, sentences
from prompts.digest import told_of_change, told_of_new

MOST_PAGES = 40
"""So many are looked at for one digest, the newest; it shows fewer."""


@dataclass(frozen=True, slots=True)
class KnowledgeNews:
    """Builds the section from what was noted and from the pages as they are now."""

    database: Database
    store: Store

    def build(self, reader: Reader, window: Window) -> Part | None:
        with self.database.writing() as connection:  # after whoever notes changes at this moment
            since, until = window.since.timestamp(), window.until.timestamp()
            noted = page_changes.between(connection, since, until)
        version = self.store.published()
        sources = dict.fromkeys(one.source for one in noted if one.change == SOURCE)
        entries = [self._source(source, version, reader) for source in sources]
        entries += self._pages([one for one in noted if one.source not in sources], version, reader)
        kept = [one for one in entries if one is not None]
        return Part(kept) if kept else None

    def _source(self, source: str, version: int, reader: Reader) -> Entry | None:
        """A source that is new: one line for all of it."""
        count = count_of(self.database, version, source, reader.keys)
        if not count:
            return None
        return Entry(f"a new source, with {count:,} {'page' if count == 1 else 'pages'}", title=source)

    def _pages(self, noted: Sequence[PageChange], version: int, reader: Reader) -> list[Entry | None]:
        noted = sorted((one for one in noted if one.change != RUN), key=lambda one: one.document_id)
        by_page = {key: list(some) for key, some in groupby(noted, key=lambda one: one.document_id)}
        newest = sorted(by_page, key=lambda page: (-max(one.at for one in by_page[page]), page))
        documents = documents_of(self.database, version, newest)
        readable = [page for page in newest if self._may_read(documents, page, reader)]
        return [self._page(documents[page], by_page[page], reader) for page in readable[:MOST_PAGES]]

    def _may_read(self, documents: Mapping[str, Kept], page: str, reader: Reader) -> bool:
        if page not in documents or documents[page].audience_key not in reader.keys:
            return False
        now = self.store.current_audience(page)
        return now is not None and reader.may_read(Audience.from_key(now))

    def _page(self, document: Kept, changes: Sequence[PageChange], reader: Reader) -> Entry | None:
        now = sentences(hide(document.text), document.body_start)
        entry = Entry(
            "",
            title=document.title,
            url=document.url,
            document_ids=(document.document_id,),
            audience_keys=(document.audience_key,),
        )
        opened = not all(reader.may_read(_audience(one)) for one in changes if one.change == CHANGED)
        if opened or any(one.change == NEW for one in changes):
            how = "can be read here now" if opened else "new"
            told = told_of_new(document.title, now, how)
            return replace(entry, words=told.words, details=told.details)
        together = joined([Difference.from_json(one.said).found_in(now) for one in changes], now)
        if together.empty and all(one.said for one in changes):
            return None  # it is as it was
        told = told_of_change(together)
        keys = tuple(sorted({document.audience_key, *(one.audience_before for one in changes)}))
        return replace(entry, words=told.words, details=told.details, audience_keys=keys)


def _audience(change: PageChange) -> Audience:
    return Audience.from_key(change.audience_before)

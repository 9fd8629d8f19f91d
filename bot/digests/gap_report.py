"""Section for leads, and a report of its own: what nothing answers, and stale pages that are still cited."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.conversation import Answers
from bot.digests.sections import Entry, Part, Reader, Window
from bot.digests.sight import Sight
from bot.experts import Experts
from bot.journal import counting, gaps
from bot.journal.counting import Counted
from bot.journal.records import Question
from bot.likeness import measure_with
from bot.seeing import is_private
from bot.statistics import Statistics, as_asked, outdated
from ingest.redaction import hide
from knowledge.adapters.standing import Standing
from knowledge.analysis import analysed
from knowledge.errors import LoreError
from knowledge.ports import Embedder
from prompts.digest import cut
from prompts.statistics import Page, cited_pages
from prompts.themes import MOST_COMPARED
from prompts.topics import Asked, Gap
from prompts.topics import gaps as found_in

LOOK_BACK = timedelta(days=28)
"""So far back what is asked about counts together, and so long a page that was cited is told of."""
MOST_GAPS, MOST_PAGES = 6, 6
WHAT_HELPS = "/learn propose makes a topic of one, Save to knowledge (in the menu of a message) a page"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GapReport:
    """Builds the section for one lead. No asker is named; of what was asked in private no words are told but
    those that several share and that the lead may read elsewhere."""

    statistics: Statistics
    sight: Sight
    experts: Experts
    answers: Answers
    embedder: Embedder | None

    def offered(self, reader: Reader) -> bool:
        """To leads, for themselves."""
        return bool(reader.person) and self.statistics.leads.includes(reader.person)

    def build(self, reader: Reader, window: Window) -> Part | None:
        if not self.offered(reader):
            return None
        since = (window.until - LOOK_BACK).timestamp()
        with self.statistics.database.reading() as connection:
            unanswered = gaps.unanswered(connection, since, 4 * MOST_COMPARED)
            asked = counting.asked(connection, since, window.until.timestamp())
        at = {one.id: one.at for one in asked}
        told = [one for each in unanswered if (one := self._told(each, reader)) is not None]
        measure = measure_with(self.embedder)
        found = found_in(told[:MOST_COMPARED], partial(self._says, reader), measure)[:MOST_GAPS]
        entries = [self._gap(one, unanswered, reader) for one in found]
        if entries:
            entries[0] = replace(entries[0], details=(WHAT_HELPS,))
        stale = self._stale(asked, reader, window.until)
        first = _first_cited(asked)
        news = any(window.holds(at[one]) for gap in found for one in gap.questions if one in at)
        news = news or any(window.holds(first[page]) for one in stale for page in one.document_ids)
        return Part([*entries, *stale], news) if entries or stale else None

    def _told(self, asked: Question, reader: Reader) -> Asked | None:
        """How a question may be used: its words too, for counting alone, or not at all."""
        if self.sight.asked_in(reader, asked.channel, asked.ts) is not None:
            return Asked(asked.id, asked.person, hide(asked.text), shown=True)
        return Asked(asked.id, asked.person, asked.text, shown=False) if is_private(asked) else None

    def _says(self, reader: Reader, word: str) -> bool:
        """Whether something that the lead may read has this very word, in some form."""
        terms = set(analysed(word))
        try:
            outcome = self.answers.answer(word, reader.keys, use_model=False)
        except LoreError as error:
            log.warning("nothing was looked up for a gap report: %s", error)
            return False
        return bool(terms) and any(terms <= set(analysed(one.chunk.text)) for one in outcome.passages)

    def _gap(self, gap: Gap, unanswered: Sequence[Question], reader: Reader) -> Entry:
        places = [
            place.key
            for one in unanswered
            if one.id in gap.questions
            and (place := self.sight.asked_in(reader, one.channel, one.ts)) is not None
        ]
        return Entry(
            f"{gap.people} people asked, nothing answers it",
            title=cut(hide(gap.title), 140),
            audience_keys=tuple(sorted(set(places))),
        )

    def _stale(self, asked: Sequence[Counted], reader: Reader, now: datetime) -> list[Entry]:
        cites = {cite for one in asked for cite in one.cites}
        pages = {one.document_id: one for one in self.statistics.readable(cites, reader.readers)}
        cited = cited_pages(map(as_asked, asked), outdated(list(pages.values()), now), MOST_PAGES)
        return [self._page(one, pages[one.document_id]) for one in cited]

    def _page(self, page: Page, now: Standing) -> Entry:
        often = "answers still cite it" if page.answers is None else f"{page.answers} answers still cite it"
        owners = self.experts.owners([now.owner or ""])
        owned = f", {self.experts.people.name_of(owners[0])} looks after it" if owners else ""
        return Entry(
            f"{cut(hide(page.why), 120)}; {often}{owned}",
            title=page.title,
            url=now.url,
            document_ids=(page.document_id,),
            audience_keys=(now.audience_key,),
        )


def _first_cited(asked: Sequence[Counted]) -> dict[str, float]:
    """When each document was cited first, of what was asked (Unix seconds)."""
    first: dict[str, float] = {}
    for one in asked:
        for document_id, _ in one.cites:
            first[document_id] = min(one.at, first.get(document_id, one.at))
    return first

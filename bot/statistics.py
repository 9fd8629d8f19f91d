"""Numbers for leads, gathered from the journal and the record, as far as the one who asks may read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.attachments import current_audience
from bot.journal import counting, papers
from bot.journal.counting import Counted
from bot.leads import Leads
from bot.messages import Place
from bot.people import People
from knowledge.adapters.database import Database
from knowledge.adapters.standing import Standing, standing
from knowledge.audience import UNKNOWN_READERS, Audience, Readers, may_all_read
from knowledge.ports import Clock, Store
from knowledge.staleness import why_outdated
from prompts.statistics import (
    PERIODS,
    USUAL,
    Asked,
    Happened,
    Overview,
    Page,
    Period,
    cited_pages,
    cited_sources,
    figures,
)

MOST_SOURCES = 8
MOST_STALE = 8

Closed = Callable[[Connection, float, float], Mapping[str, float]]
"""Questions without an answer that got one within [since, until), with when (Unix seconds)."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts what happened; `closings` tell of gaps that were closed, each in its way."""

    people: People
    store: Store
    database: Database
    clock: Clock
    leads: Leads
    closings: Sequence[Closed] = (counting.closed_by_people, counting.closed_by_talks)

    def overview(self, person: str, period: str = USUAL, *, weeks: bool = False) -> Overview | None:
        """What this person is told of a period of that name; None for who is no lead. `weeks` are told of the
        whole weeks of it."""
        if not self.leads.includes(person):
            return None
        now = Period.before(self.clock(), PERIODS[period])
        counted, happened = self._happened(now.earlier.start, now.end)
        asked = [one for one in happened.asked if now.holds(one.at)]
        readers = self.people.readers(Place("", only=person))
        cites = {cite for one in counted if now.holds(_at(one.at)) for cite in one.cites}
        pages = self.readable(cites, readers)
        return Overview(
            now=figures(happened, now),
            earlier=figures(happened, now.earlier),
            weeks=[figures(happened, week) for week in now.weeks] if weeks else (),
            sources=cited_sources(asked, {one.document_id: one.source for one in pages}, MOST_SOURCES),
            stale=cited_pages(asked, outdated(pages, now.end), MOST_STALE),
        )

    def readable(self, cites: Collection[tuple[str, str]], readers: Readers) -> Sequence[Standing]:
        """The cited documents (each with its audience key of then) that are there now and that all the
        readers might read then and may read now."""
        if readers == UNKNOWN_READERS:
            return ()
        look = current_audience(self.store)
        then: dict[str, set[str]] = {}
        for document_id, key in cites:
            then.setdefault(document_id, set()).add(key)

        def may(key: str | None) -> bool:
            return key is not None and may_all_read(Audience.from_key(key), readers, self.people.members)

        allowed = [one for one, keys in then.items() if all(map(may, keys)) and may(look(one))]
        return standing(self.database, self.store.published(), allowed)

    def _happened(self, since: datetime, until: datetime) -> tuple[Sequence[Counted], Happened]:
        start, end = since.timestamp(), until.timestamp()
        with self.database.reading() as connection:
            counted = counting.asked(connection, start, end)
            judged = counting.judged(connection, start, end)
            closed: dict[str, float] = {}
            for closing in self.closings:
                for question, at in closing(connection, start, end).items():
                    closed[question] = min(at, closed.get(question, at))
            held, read = counting.held(connection, start, end)
            used = papers.used(connection, start, end)
        return counted, Happened(
            asked=[as_asked(one) for one in counted],
            judged=judged,
            closed=[_at(at) for at in closed.values()],
            held=held,
            read=read,
            used=[_at(at) for at in used.values()],
        )


def outdated(pages: Sequence[Standing], now: datetime) -> Sequence[Page]:
    """Those of the pages that no longer hold, or may not, each with why."""
    judged = (
        (one, why_outdated(one.kind, one.updated_at, one.status, one.superseded_by, now)) for one in pages
    )
    return [Page(one.document_id, one.title, why) for one, why in judged if why]


def as_asked(one: Counted) -> Asked:
    """A question as numbers are made of it."""
    return Asked(
        person=one.person,
        at=_at(one.at),
        waited_s=one.milliseconds / 1_000 if one.answered else None,
        documents=tuple(dict.fromkeys(document_id for document_id, _ in one.cites)),
        by_person_s=None if one.by_person_at is None else max(0.0, one.by_person_at - one.at),
    )


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

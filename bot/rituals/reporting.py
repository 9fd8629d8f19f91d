"""Keeps the report and the summary of every occurrence as they are to be: a duty of the heartbeat."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.blocks.pages import Page, context, page
from bot.inbox import Received
from bot.journal import outgoing, reports
from bot.journal.occurrences import OPEN
from bot.journal.personal import tell_once
from bot.journal.report_messages import Shown
from bot.journal.reports import Report
from bot.messages import Check, Message
from bot.people import People
from bot.pressing import alone
from bot.rituals.due import Due
from bot.rituals.managing import ALL, audience, report_refusal
from bot.rituals.report_board import Board, Wanted, digest
from bot.rituals.report_facts import Facts, facts, is_as_it_was, named
from bot.rituals.report_view import Around, view
from bot.rituals.room import Rituals
from bot.rituals.summarising import Summaries
from bot.rituals.summary_course import course, is_settled
from knowledge.adapters.database import Database
from prompts.ritual import ReportForm
from prompts.words import words

LOOK_BACK = timedelta(days=2)
MOST_OBSERVERS = 50

Receive = Callable[[Received], object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reporting:
    """Looks at every open occurrence and at those of which something has changed.

    Nothing is kept in memory: what is shown and what is to be shown are compared anew each time, by any of
    the processes; of two that look at one report at once, one gives way. `address` is the workspace's.
    """

    people: People
    database: Database
    summaries: Summaries
    address: str
    receive: Receive

    def join(self, rituals: Rituals) -> None:
        rituals.makers["close"] = self.close
        rituals.duties.append(self.keep)

    def close(self, _due: Due) -> Sequence[Message]:
        """Says nothing by itself: once an occurrence is closed, `keep` finds it and sums it up."""
        return ()

    def keep(self, now: datetime) -> None:
        """Bring what is shown to what it is to be."""
        since = (now - LOOK_BACK).timestamp()
        with self.database.reading() as connection:
            ids = dict.fromkeys((*reports.unsettled(connection), *reports.unlooked(connection, since)))
        for occurrence_id in ids:
            self.look(occurrence_id, now)

    def look(self, occurrence_id: int, now: datetime) -> None:
        """Bring one report up to date."""
        with self.database.reading() as connection:
            if is_as_it_was(connection, occurrence_id):
                return
            known = facts(connection, occurrence_id)
        if known is None or (known.occurrence.state == OPEN and not known.entries and not known.shown):
            return
        known = named(known, self.people)
        if known is None:
            log.warning("a report waits for Slack to tell who is who")
            return
        at = now.timestamp()
        around = self.around(known, at)
        report = course(
            known,
            at,
            lambda: self.summaries.plain(known),
            modelled=around.modelled,
            lead=bool(around.lead),
        )
        report = replace(report, revisions=known.revisions, refusal=around.refusal)
        wanted = view(known, report, around)
        if self._is_new(known, report, wanted):
            self._store(known, report, wanted, at)
        if report.is_being_written:
            self.receive(self.summaries.asking(known, report, around))

    def _store(self, known: Facts, report: Report, wanted: Sequence[Wanted], at: float) -> None:
        cleared = bool(known.report.refusal) and not report.refusal
        with self.database.writing() as connection:
            if not reports.put(connection, replace(report, settled=False), at):
                return
            board = Board(connection, report.occurrence_id, report.version + 1, at)
            done = board.bring(wanted, again=cleared)
            if done and _may_rest(known, report):
                reports.settle(connection, report.occurrence_id)
            if report.refusal and report.refusal != known.report.refusal:
                self._tell_the_owner(connection, known, report.refusal, at)

    def _is_new(self, known: Facts, report: Report, wanted: Sequence[Wanted]) -> bool:
        """Whether anything is to be stored, said or looked after."""
        if report != known.report:
            return bool(known.report.version or wanted or known.over)
        if _is_on_its_way(known.shown):
            return True
        there = {one.spot: one for one in known.shown}
        if there.keys() != {one.spot for one in wanted}:
            return True
        if any(one.page is not None and digest(one.page) != there[one.spot].shown for one in wanted):
            return True
        return bool(known.report.version) and not report.settled and _may_rest(known, report)

    def around(self, known: Facts, at: float) -> Around:
        """What the world tells of the places and people of an occurrence now."""
        settings, ritual = known.occurrence.settings, known.ritual
        channel = (self.people.channel_id(settings.report) or "") if settings.report else ""
        shows = bool(settings.report) and (known.over or settings.form is not ReportForm.NONE)
        refusal = report_refusal(self.people, settings, ritual.owners) if shows else ""
        lead = self._first((settings.lead, ritual.owner, *ritual.co_owners))
        person = self.people.person(lead) if lead else None
        readers = audience(settings, ritual.owners)
        around = Around(
            now=at,
            channel=channel,
            refusal=refusal,
            place=self.people.name_of_place(channel) if channel else "",
            lead=lead,
            observers=self._observers(settings.observers),
            audience=readers.key,
            address=self.address,
            modelled=self.summaries.modelled,
        )
        return around if person is None else replace(around, lead_zone=person.zone)

    def _first(self, principals: Iterable[str]) -> str:
        """The first of these who is somebody, and a full member."""
        for principal in principals:
            found = self.people.members(principal) if principal else None
            if found and len(found) == 1:
                return next(iter(found))
        return ""

    def _observers(self, principals: Iterable[str]) -> tuple[str, ...]:
        """Those whom the settings name one by one; who is in a channel or a group reads where that is."""
        persons = (one for one in principals if one != ALL and not one.startswith(("#", "@")))
        found = [members for one in persons if (members := self.people.members(one))]
        return tuple(dict.fromkeys(one for members in found for one in members))[:MOST_OBSERVERS]

    def _tell_the_owner(self, connection: Connection, known: Facts, refusal: str, at: float) -> None:
        ritual = known.ritual
        told = f"report {ritual.id} {ritual.revision} {hashlib.sha256(refusal.encode()).hexdigest()[:16]}"
        if not ritual.owner or not tell_once(connection, told, at):
            return
        said = _refused(known.occurrence.settings.name, refusal)
        message = Message(
            ritual.owner, said.text, blocks=said.blocks, check=Check(alone(ritual.owner)), key=told
        )
        outgoing.put(connection, [message], None, at)


def _refused(name: str, refusal: str) -> Page:
    return page(context(words("standup_report_refused", name=name, why=refusal)))


def _may_rest(known: Facts, report: Report) -> bool:
    return known.occurrence.state != OPEN and is_settled(known, report)


def _is_on_its_way(shown: Iterable[Shown]) -> bool:
    return any((not one.ts and not one.gone) or one.change_key for one in shown)

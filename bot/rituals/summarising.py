"""Makes summaries: of the entries' own words at once, of a language model's sentences when it is asked."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.inbox import Received
from bot.journal import reports
from bot.journal.reports import Report
from bot.journal.work import Done, Item
from bot.kinds import STANDUP_SUMMARY
from bot.likeness import measure_with
from bot.people import People
from bot.pressing import subject_of
from bot.rituals.report_facts import Facts, facts, named
from bot.rituals.report_view import Around
from bot.rituals.room import Rituals
from bot.rituals.summary_course import with_the_models
from knowledge.adapters.database import Database
from knowledge.allowance import Allowance
from knowledge.errors import ChatModelError, OverBudget
from knowledge.ports import Clock, Embedder, Summariser
from prompts.plain_summary import plain_summary
from prompts.summary import Given, Summary
from prompts.summary_check import checked_summary

MOST_STORING = 5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Summaries:
    """`model` writes summaries where there is one; `embedder` tells what is alike where there is one."""

    people: People
    database: Database
    clock: Clock
    embedder: Embedder | None
    model: Summariser | None
    allow: Callable[[Item], Allowance]

    @property
    def modelled(self) -> bool:
        """Whether there is a model to be asked."""
        return self.model is not None

    def join(self, rituals: Rituals) -> None:
        rituals.handlers[STANDUP_SUMMARY] = self.write

    def plain(self, known: Facts) -> Summary:
        """What the entries say, in their own words."""
        return plain_summary(known.to_sum_up(), measure_with(self.embedder), known.known_of_blockers())

    def asking(self, known: Facts, report: Report, around: Around) -> Received:
        """What has a model asked, once; the lead pays for it, and the channel."""
        return Received(
            kind=STANDUP_SUMMARY,
            keys=frozenset({f"summary:{report.occurrence_id}:{report.asked}"}),
            team="",
            channel=around.channel,
            person=around.lead or known.ritual.owner,
            text="",
            conversation=f"summary {report.occurrence_id}",
            payload={"subject": str(report.occurrence_id), "asked": report.asked},
        )

    def write(self, item: Item) -> Done:
        """Have the model sum up what was entered, and keep what of it the entries support.

        Nothing is said here: the report shows it when it is looked at next.
        """
        occurrence_id, asked = int(subject_of(item) or 0), int(item.payload.get("asked") or 0)
        with self.database.reading() as connection:
            known = facts(connection, occurrence_id)
        if known is None or known.report.asked != asked or not known.report.is_being_written:
            return Done()
        known = named(known, self.people) or known
        written = self._written(known, self.allow(item))
        for _ in range(MOST_STORING):
            if self._store(occurrence_id, asked, written):
                break
        return Done()

    def _store(self, occurrence_id: int, asked: int, written: Summary | None) -> bool:
        """False when the report was changed meanwhile."""
        with self.database.writing() as connection:
            known = facts(connection, occurrence_id)
            if known is None:
                return True
            mode = known.occurrence.settings.summary
            after = with_the_models(known.report, asked, written, mode)
            return after == known.report or reports.put(connection, after, self.clock().timestamp())

    def _written(self, known: Facts, allowance: Allowance) -> Summary | None:
        given = known.to_sum_up()
        if self.model is None or not given:
            return None
        try:
            noted = self.model.noted([_entry(one) for one in given], allowance)
        except (ChatModelError, OverBudget) as error:
            log.warning("no summary of a model: %s", error)
            return None
        people, tracked = list(known.names.values()), known.known_of_blockers()
        summary = checked_summary(noted, given, people, measure_with(self.embedder), tracked)
        if summary is None:
            log.warning("none of %d sentences of a summary is supported", len(noted))
        return summary


def _entry(given: Given) -> str:
    """An entry as a model is shown it: data, line by line."""
    lines = [given.name, *(f"{reply.prompt}: {reply.text}" for reply in given.replies)]
    return "\n".join(lines)

"""What a lead does with a summary: post it, as it is or plain, have it made again, or write it themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.blocks.modals import notice
from bot.blocks.standup_reports import edit_view
from bot.journal import reports, rituals
from bot.journal.records import Audit
from bot.journal.reports import DRAFT, LEAD, NONE, NOT_YET, PLAIN, POSTED, Report
from bot.journal.rituals import ARCHIVED, Ritual
from bot.journal.work import Done, Item
from bot.kinds import STANDUP_SUMMARY_STEP
from bot.people import People
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rituals.managing import may_manage
from bot.rituals.report_facts import Facts, facts, named
from bot.rituals.report_view import told
from bot.rituals.reporting import Reporting
from bot.rituals.room import Rituals
from ingest.redaction import redact
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.summary import edited
from prompts.words import words

POST, PLAIN_ONE, AGAIN, EDIT = "post", "plain", "again", "edit"
MOST_STORING = 5


@dataclass(frozen=True, slots=True)
class SummarySteps:
    """Works off what is pressed under a draft, the form of a summary, and `/standup post`."""

    people: People
    database: Database
    clock: Clock
    reporting: Reporting

    def join(self, rituals: Rituals) -> None:
        rituals.handlers[STANDUP_SUMMARY_STEP] = self.step
        rituals.commands["post"] = self.again

    def step(self, item: Item) -> Done:
        """One step of the lead, or of somebody who looks after the ritual; both shown at once."""
        step, subject = str(item.payload.get("step") or ""), subject_of(item)
        known = self._facts(subject)
        if known is None:
            return Done(say=quietly(item, in_markdown(words("standup_summary_gone"))))
        action = f"{step} summary"
        if not self._may(known.ritual, item.person):
            refused = Audit(item.person, action, known.ritual.id, allowed=False)
            return Done(say=quietly(item, in_markdown(words("standup_summary_not_yours"))), record=(refused,))
        if not self._stored(known.occurrence.id, step, item):
            return Done(say=quietly(item, in_markdown(words("standup_summary_over"))))
        self.reporting.look(known.occurrence.id, self.clock())
        audit = Audit(item.person, action, known.ritual.id)
        if step == EDIT and not item.channel.startswith("D"):
            return Done(say=quietly(item, in_markdown(words("standup_summary_taken"))), record=(audit,))
        return Done(record=(audit,))

    def form(self, subject: str, person: str, metadata: str, *, at_once: bool = False) -> dict[str, Any]:
        """The form in which a summary is written; a notice for those who may not, and where there is none."""
        known = self._facts(subject)
        known = None if known is None else named(known, self.people)
        if known is None:
            return notice("Summary", words("standup_summary_gone"))
        if not self._may(known.ritual, person):
            return notice("Summary", words("standup_summary_not_yours"))
        around = self.reporting.around(known, self.clock().timestamp())
        where = f"in {around.place}" if around.place and not around.refusal else "now"
        return edit_view(metadata, told(known, around), known.report.summary, where, at_once=at_once)

    def chosen(self, name: str, person: str) -> int | str:
        """The newest occurrence of the ritual that is named, or (where somebody has but one) of that; else in
        words why there is none."""
        with self.database.reading() as connection:
            known = rituals.all_rituals(connection, "active", "paused")
        theirs = [one for one in known if one.state != ARCHIVED and self._may(one, person)]
        wanted = _named(theirs, name)
        if not theirs:
            return words("standup_post_nothing")
        if len(wanted) != 1:
            return words("standup_post_which", names=", ".join(sorted(one.name for one in theirs)[:20]))
        with self.database.reading() as connection:
            newest = reports.newest(connection, wanted[0].id)
        return words("standup_post_not_begun", name=wanted[0].name) if newest is None else newest

    def again(self, item: Item) -> Done:
        """`/standup post` whose form could not be opened."""
        found = self.chosen(item.text.partition(" ")[2], item.person)
        said = found if isinstance(found, str) else words("press_again")
        return Done(say=reply(item, in_markdown(said)))

    def _facts(self, subject: str) -> Facts | None:
        if not subject.isdecimal() or len(subject) > 15:
            return None
        with self.database.reading() as connection:
            return facts(connection, int(subject))

    def _may(self, ritual: Ritual, person: str) -> bool:
        lead = ritual.settings.lead
        leads = bool(lead) and person in (self.people.members(lead) or ())
        return (leads and self.people.is_full_member(person)) or may_manage(self.people, ritual, person)

    def _stored(self, occurrence_id: int, step: str, item: Item) -> bool:
        """Whether the step could be made; of two at once, both are made, one after the other."""
        for _ in range(MOST_STORING):
            with self.database.writing() as connection:
                known = facts(connection, occurrence_id)
                if known is None:
                    return False
                now = self.clock().timestamp()
                after = self._after(known, step, item, now)
                if after is None:
                    return False
                if reports.put(connection, replace(after, settled=False), now):
                    return True
        return False

    def _after(self, known: Facts, step: str, item: Item, now: float) -> Report | None:
        report = known.report
        match step:
            case "post" | "plain" if report.state == DRAFT:
                shown = PLAIN if step == PLAIN_ONE else report.shown
                return replace(report, state=POSTED, shown=shown, posted_by=item.person)
            case "again" if report.state == DRAFT and self.reporting.summaries.modelled:
                return replace(report, asked=report.asked + 1, asked_at=now, tries=0)
            case "again" if report.state == DRAFT:
                return replace(report, shown=PLAIN)
            case "edit" if item.text.strip():
                return _written(report, redact(item.text).text, item)
            case _:
                return None


def _written(report: Report, text: str, item: Item) -> Report | None:
    """The report with the lead's own summary; a draft stays one unless it is to be posted at once."""
    posts = bool(item.payload.get("at_once")) or report.state in (NOT_YET, NONE)
    written = {**report.summaries, LEAD: edited(text, report.summary)}
    changed = replace(report, summaries=written, shown=LEAD)
    if report.state == POSTED:
        return replace(changed, updates=report.updates + 1, posted_by=item.person)
    return replace(changed, state=POSTED, posted_by=item.person) if posts else changed


def _named(theirs: Sequence[Ritual], name: str) -> list[Ritual]:
    wanted = " ".join(name.split()).casefold()
    if not wanted:
        return list(theirs)
    same = [one for one in theirs if one.name.casefold() == wanted]
    return same or [one for one in theirs if one.name.casefold().startswith(wanted)]

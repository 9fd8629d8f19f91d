"""All that a report and its summary rest on, read at once: entries, who was asked, what is shown so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from bot.blocks.standup_reports import Attendance
from bot.journal import deliveries, entries, occurrences, report_messages, reports, rituals
from bot.journal.blocker_tables import blocker_mentions, blockers
from bot.journal.entries import GIVEN, SKIPPED, Entry
from bot.journal.occurrences import CLOSED, Occurrence
from bot.journal.report_messages import Shown
from bot.journal.reports import Report
from bot.journal.ritual_tables import entries as given_rows
from bot.journal.rituals import Ritual
from bot.people import People
from ingest.redaction import redact
from prompts.plain_summary import key
from prompts.points import shortened
from prompts.ritual import Prompt, ReplyKind
from prompts.summary import Given, Said

PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Facts:
    """`before` has everybody's last entry before this one, by person; `asked` the state of each one's prompt.
    `places` says where entries are shown (channel, ts, thread), `tracked` what is known of blockers.
    """

    occurrence: Occurrence
    ritual: Ritual
    report: Report
    entries: Sequence[Entry]
    before: Mapping[str, Entry]
    asked: Mapping[str, str]
    shown: Sequence[Shown]
    places: Mapping[int, tuple[str, str, str]]
    tracked: Mapping[tuple[int, str], tuple[str, str]]
    revisions: int
    changed_at: float
    withdrawn: frozenset[int] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def given(self) -> list[Entry]:
        return [one for one in self.entries if one.state == GIVEN]

    @property
    def over(self) -> bool:
        return self.occurrence.state == CLOSED

    @property
    def people(self) -> frozenset[str]:
        """Everybody whose name may be needed."""
        owners = (owner for owner, _ in self.tracked.values() if owner)
        return frozenset(
            {*self.occurrence.roster, *(one.person for one in self.entries), *owners, self.ritual.owner}
            - {""}
        )

    def name(self, person: str) -> str:
        return self.names.get(person, "somebody")

    def authors(self) -> dict[int, str]:
        """The name of the author of each entry that a summary may rest on."""
        last = {one.id: self.name(one.person) for one in self.before.values()}
        return last | {one.id: self.name(one.person) for one in self.entries}

    def attendance(self) -> Attendance:
        """Who is how far. Somebody whom no prompt reached, and who said nothing, is not missing."""
        by = {one.person: one for one in self.entries}
        silent = [one for one in self.occurrence.roster if one not in by]
        waiting = (*deliveries.WAITING, deliveries.SAID, "")

        def named(persons: Sequence[str]) -> tuple[str, ...]:
            return tuple(sorted(map(self.name, persons), key=str.casefold))

        return Attendance(
            answered=named([one.person for one in self.given]),
            late=named([one.person for one in self.given if one.late]),
            skipped=named([one.person for one in self.entries if one.state == SKIPPED]),
            waiting=named([one for one in silent if self.asked.get(one, "") in waiting]),
            away=named([one for one in silent if self.asked.get(one, "") == deliveries.SKIPPED]),
            closed=self.over,
        )

    def to_sum_up(self) -> list[Given]:
        """The entries as a summary reads them, without secrets."""
        prompts = self.occurrence.settings.prompts
        return [
            Given(
                id=one.id,
                name=self.name(one.person),
                replies=_said(one, prompts),
                before=_said(last, prompts) if (last := self.before.get(one.person)) else (),
                before_id=last.id if last else 0,
            )
            for one in self.given
        ]

    def known_of_blockers(self) -> dict[tuple[int, str], str]:
        """What a summary tells of blockers besides their words: who has them, and how they stand."""
        authors = {one.id: one.person for one in self.entries}
        told = {}
        for (entry, words), (owner, state) in self.tracked.items():
            parts = [f"with {self.name(owner)}"] if owner and owner != authors.get(entry) else []
            parts += [state] if state in ("acknowledged", "resolved") else []
            told[entry, words] = ", ".join(parts)
        return told


def facts(connection: Connection, occurrence_id: int) -> Facts | None:
    """What is known of an occurrence; None when it is gone."""
    occurrence = occurrences.occurrence(connection, occurrence_id)
    ritual = None if occurrence is None else rituals.ritual(connection, occurrence.ritual_id)
    if occurrence is None or ritual is None:
        return None
    given = entries.of_slot(connection, ritual.id, occurrence.slot)
    before = entries.last_of_all_before(connection, ritual.id, occurrence.slot)
    report = reports.report(connection, occurrence_id) or Report(occurrence_id, ritual.id, occurrence.slot)
    resting = {entry for one in report.summaries.values() for entry in one.entries}
    ids = {one.id for one in (*given, *before.values())} | resting
    revisions, changed_at = reports.revisions(connection, ritual.id, occurrence.slot)
    return Facts(
        occurrence=occurrence,
        ritual=ritual,
        report=report,
        entries=given,
        before=before,
        asked={
            one.person: one.state
            for one in deliveries.of_occurrence(connection, occurrence_id)
            if one.kind == PROMPT
        },
        shown=report_messages.of_occurrence(connection, occurrence_id),
        places=report_messages.places_of(connection, ids),
        tracked=_tracked(connection, occurrence, given),
        revisions=revisions,
        changed_at=changed_at,
        withdrawn=frozenset(resting - _given_of(connection, resting)),
    )


def is_as_it_was(connection: Connection, occurrence_id: int) -> bool:
    """Whether nothing of a report is left to be done, and no entry that it rests on has changed since."""
    known = reports.report(connection, occurrence_id)
    if known is None or not known.settled:
        return False
    resting = {entry for one in known.summaries.values() for entry in one.entries}
    if known.revisions != reports.revisions(connection, known.ritual_id, known.slot)[0]:
        return False
    return not resting - _given_of(connection, resting)


def named(known: Facts, people: People) -> Facts | None:
    """With everybody's name; None while Slack tells none."""
    found = people.many(known.people)
    if known.people and not found:
        return None
    return replace(known, names={one: person.name for one, person in found.items()})


def _said(entry: Entry, prompts: Sequence[Prompt]) -> tuple[Said, ...]:
    """What was replied in words; numbers and choices are left to the report."""
    worded = (ReplyKind.TEXT, ReplyKind.LINK, ReplyKind.RUN)
    known = [one for one in prompts if one.kind in worded and entry.replies.get(one.key, "").strip()]
    said = [Said(one.text, redact(entry.replies[one.key]).text, one.role) for one in known]
    keys = {one.key for one in prompts}
    rest = [Said("", redact(text).text) for name, text in entry.replies.items() if name not in keys]
    return (*said, *rest)


def _tracked(
    connection: Connection, occurrence: Occurrence, given: Sequence[Entry]
) -> dict[tuple[int, str], tuple[str, str]]:
    """Who has each blocker that an entry of this date names, and how it stands."""
    mine = {one.person: one.id for one in given}
    found = connection.execute(
        select(blockers.c.person, blockers.c.owner, blockers.c.state, blocker_mentions.c.text)
        .join(blocker_mentions, blocker_mentions.c.blocker_id == blockers.c.id)
        .where(
            blockers.c.ritual_id == occurrence.ritual_id,
            blocker_mentions.c.slot == occurrence.slot.isoformat(),
        )
    )
    return {
        (mine[row.person], key(shortened(row.text))): (row.owner, row.state)
        for row in found
        if row.person in mine
    }


def _given_of(connection: Connection, entry_ids: frozenset[int] | set[int]) -> set[int]:
    still = select(given_rows.c.id).where(given_rows.c.id.in_(entry_ids), given_rows.c.state == GIVEN)
    return set(connection.execute(still).scalars())

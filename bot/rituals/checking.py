"""What a draft of a stand-up comes to: its people, places and next dates, or what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from bot.blocks.standup_fields import CO_OWNERS, OWNER
from bot.blocks.standup_setup import InZone, Preview
from bot.journal import occurrences
from bot.journal.occurrences import OPEN
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.journal.setup_drafts import SetupDraft
from bot.rituals.listing import MOST_LOOKED_UP, Standups, at_in_words, first_date, when
from bot.rituals.managing import ALL, report_refusal, set_up_refusal
from bot.rituals.roster import Roster, roster_of
from prompts.calm import quiet_until
from prompts.planning import Shown, preview, slots, zone_for
from prompts.recurrence import Rule
from prompts.ritual import ReportForm, Standup, SummaryMode
from prompts.slots import said
from prompts.spans import span
from prompts.standup_tables import StandupError, same_name, standup_of, table_of

COUNT = 5
MOST_PAST = 3
"""How many dates that begin in one zone may be past in another."""

_A_DAY = timedelta(days=1)
_SUMMARIES = {
    SummaryMode.DRAFT: "{lead} gets a draft of the summary and decides",
    SummaryMode.AUTO: "The summary is posted by itself",
    SummaryMode.PLAIN: "Entries are put together, without a summary",
    SummaryMode.NONE: "There is no summary",
}


Zones = Mapping[ZoneInfo, Sequence[str]]
"""The people of a team by their zone."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be saved: the setting that is to change, and why."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What can be saved, and what it comes to; it begins with the date `first`, or the next one after it."""

    standup: Standup
    owner: str
    co_owners: tuple[str, ...]
    preview: Preview
    first: date


@dataclass(frozen=True, slots=True)
class Checking:
    """Looks drafts over for those who fill them in; asks Slack, so not within a transaction."""

    standups: Standups

    def read(self, draft: SetupDraft) -> Standup:
        """The stand-up of a draft. Raises StandupError; asks nobody."""
        before = self._before(draft)
        table = {key: value for key, value in draft.table.items() if key not in (OWNER, CO_OWNERS)}
        standup = standup_of(table, () if before is None else before.settings.prompts)
        taken = any(
            same_name(one.name, standup.name) and one.id != draft.ritual_id
            for one in self.standups.all(ACTIVE, PAUSED)
        )
        if taken:
            raise StandupError(
                "name", f"There is a stand-up named {standup.name} already: choose another name."
            )
        return standup

    def look(self, draft: SetupDraft) -> Looked | Wrong:
        """What a draft comes to for the one who fills it in."""
        people, person = self.standups.people, draft.person
        try:
            standup = self.read(draft)
        except StandupError as error:
            return Wrong(error.key, str(error))
        owner = str(draft.table.get(OWNER) or person)
        co_owners = tuple(one for one in draft.table.get(CO_OWNERS) or () if one != owner)
        for key, one in ((OWNER, owner), *((CO_OWNERS, each) for each in co_owners), ("lead", standup.lead)):
            if one and not people.members(one):
                name = people.name_of(one)
                return Wrong(key, f"{name} is no full member here, or has left: choose somebody else.")
        wrong = self._team_trouble(standup, person) or self._report_trouble(standup, owner, co_owners, draft)
        if wrong is not None:
            return wrong
        roster = roster_of(people, standup.team)
        if roster.unknown:
            return Wrong(
                "team", f"I cannot tell who {self._names(roster.unknown)} is: invite me, or leave it out."
            )
        if not roster.people:
            return Wrong("team", "Nobody of them can be asked: choose full members of the workspace.")
        today = self._now().astimezone(self.standups.availability.profile(person).zone).date()
        standup = replace(standup, rule=Rule.read(standup.rule).starting(today).text)
        here = self._zones(roster.people)
        first = first_date(standup, here, self._now())
        return Looked(
            standup, owner, co_owners, self._preview(standup, owner, roster, draft, here, first), first
        )

    def begin(self, ritual: Ritual) -> dict[str, Any]:
        """The table of a ritual as its form has it: ids where a file has names."""
        people, settings = self.standups.people, ritual.settings
        lead = people.members(settings.lead) if settings.lead else None
        report = people.channel_id(settings.report) if settings.report else None
        return table_of(settings) | {
            "lead": next(iter(lead), "") if lead else "",
            "report": report or "",
            OWNER: ritual.owner,
            CO_OWNERS: [*ritual.co_owners],
        }

    def changes(self, table: Mapping[str, Any], ritual: Ritual) -> Sequence[str]:
        """The names of the settings in which a table differs from a ritual."""
        now = self.begin(ritual)
        return [key for key, value in now.items() if (table.get(key) or None) != (value or None)]

    # within

    def _now(self) -> datetime:
        return self.standups.clock()

    def _before(self, draft: SetupDraft) -> Ritual | None:
        return self.standups.ritual(draft.ritual_id) if draft.ritual_id else None

    def _team_trouble(self, standup: Standup, person: str) -> Wrong | None:
        """Members of a private channel are shown to its own members alone."""
        people = self.standups.people
        for one in (*standup.team, *standup.observers):
            channel = people.channel_id(one) if one.startswith("#") else None
            known = people.channel(channel) if channel else None
            private = known is not None and known.get("is_private") is not False
            if channel is not None and private and not people.shares(channel, person):
                key = "team" if one in standup.team else "observers"
                return Wrong(
                    key, "There is a channel that I cannot see: invite me to it first, or leave it out."
                )
        return None

    def _report_trouble(
        self, standup: Standup, owner: str, co_owners: Sequence[str], draft: SetupDraft
    ) -> Wrong | None:
        people, before = self.standups.people, self._before(draft)
        owners = {owner, *co_owners}
        if before is not None and before.settings.report == standup.report:
            refusal = report_refusal(people, standup, owners)
        else:
            refusal = set_up_refusal(people, standup, owners, draft.person)
        return Wrong("report", refusal) if refusal else None

    def _preview(
        self,
        standup: Standup,
        owner: str,
        roster: Roster,
        draft: SetupDraft,
        here: Zones,
        first: date,
    ) -> Preview:
        return Preview(
            name=standup.name,
            when=when(standup),
            zones=self._dates(standup, here, first),
            prompts=standup.prompts,
            facts=self._facts(standup, owner, roster),
            notes=(
                *self._roster_notes(roster),
                *self._quiet_notes(standup, here),
                *self._change_notes(standup, draft, here, first),
            ),
        )

    def _zones(self, persons: Sequence[str]) -> Zones:
        """Who is in which zone."""
        here: dict[ZoneInfo, list[str]] = {}
        for one in persons[:MOST_LOOKED_UP]:
            here.setdefault(self.standups.availability.profile(one).zone, []).append(one)
        return here

    def _dates(self, standup: Standup, here: Zones, first: date) -> tuple[InZone, ...]:
        off = self.standups.days_off([*chain(*here.values())])
        shown = preview(standup, [*here], self._now(), COUNT + MOST_PAST, off)
        found = []
        for zone, persons in sorted(here.items(), key=lambda one: (-len(one[1]), one[0].key)):
            own = [one for one in shown if one.slot >= first and (standup.zone or one.zone == zone.key)]
            names = _few([self.standups.people.name_of(one) for one in persons])
            found.append(InZone(zone.key, names, tuple(_date(one, zone) for one in own[:COUNT])))
        return tuple(found)

    def _facts(self, standup: Standup, owner: str, roster: Roster) -> tuple[str, ...]:
        people = self.standups.people
        count = len(roster.people)
        reminders = ", ".join(span(one) for one in standup.reminders)
        who = "1 person is" if count == 1 else f"{count} people are"
        asked = f"{who} asked, with {span(standup.window)} to reply"
        asked += f" and a reminder {reminders} before the end." if reminders else " and no reminder."
        lead = people.name_of(standup.lead or owner)
        if standup.report and standup.form is not ReportForm.NONE:
            place = people.name_of_place(people.channel_id(standup.report) or "")
            told = f"Reported in {place}. {_SUMMARIES[standup.summary].format(lead=lead)}."
        else:
            told = f"Nothing is reported. {_SUMMARIES[standup.summary].format(lead=lead)}."
        readers = (
            "Everybody in the workspace"
            if ALL in standup.observers
            else "The team and those who look after it"
        )
        return (asked, told, f"{readers} may read it. {people.name_of(owner)} looks after it.")

    def _roster_notes(self, roster: Roster) -> list[str]:
        return [f"{self._names(roster.gone)} cannot be asked any more."] if roster.gone else []

    def _quiet_notes(self, standup: Standup, here: Zones) -> list[str]:
        """Who is asked later than the settings say, or not at all, because of their quiet hours."""
        later: list[str] = []
        never: list[str] = []
        coming = {one.zone: one.utc for one in preview(standup, [*here], self._now(), 1)}
        for zone, persons in here.items():
            at = coming.get(zone_for(standup, zone).key)
            for person in persons if at is not None else ():
                assert at is not None
                ends = quiet_until(self.standups.availability.profile(person), at)
                if ends is not None:
                    (later if ends <= at + standup.late else never).append(
                        self.standups.people.name_of(person)
                    )
        notes = []
        if later:
            notes.append(f"Within the quiet hours of {_list(later)}: they are asked when those end.")
        if never:
            late = span(standup.late)
            notes.append(
                f"Within the quiet hours of {_list(never)}, for more than {late} yet: they are not asked."
            )
        return notes

    def _change_notes(self, standup: Standup, draft: SetupDraft, here: Zones, first: date) -> list[str]:
        """What becomes of today's, where it has begun or its time is past."""
        before = self._before(draft)
        if before is not None:
            with self.standups.database.reading() as connection:
                newest = occurrences.of_ritual(connection, before.id, 10)
            under_way = [one for one in newest if one.state == OPEN]
            if under_way:
                days = " and ".join(said(one.slot) for one in under_way)
                return [f"What is under way ({days}) ends as it began; this holds from the next one on."]
        today = min(self._now().astimezone(zone).date() for zone in here)
        if first > today and any(True for _ in slots(standup, today - _A_DAY, today)):
            return [f"Today's {standup.at:%H:%M} is past for some already, so it begins with the next date."]
        return []

    def _names(self, principals: Sequence[str]) -> str:
        people = self.standups.people
        return ", ".join(
            people.name_of_place(one[1:]) if one[:2] in ("#C", "#G") else people.name_of(one)
            for one in principals[:5]
        )


def _date(shown: Shown, zone: ZoneInfo) -> str:
    wall = shown.utc.astimezone(zone).replace(tzinfo=None)
    return at_in_words(wall) + (" (the clocks change)" if shown.why else "")


def _list(names: Sequence[str]) -> str:
    return ", ".join(_few(names))


def _few(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(names[:4]) + ((f"and {len(names) - 4} more",) if len(names) > 4 else ())

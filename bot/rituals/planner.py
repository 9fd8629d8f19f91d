"""Occurrences and their deliveries, planned a few days ahead by nominal date; a duty of the heartbeat."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.journal import deliveries, duties, occurrences, outgoing
from bot.journal import rituals as journal
from bot.journal.deliveries import Delivery
from bot.journal.occurrences import OPEN, PLANNED, Occurrence
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.rituals.availability import Availability
from bot.rituals.room import Rituals
from bot.rituals.roster import Roster, roster_of
from bot.rituals.wanted import OVER_THERE, PROMPT, Last, Wanted, aimed, moves, wanted
from prompts.calm import Profile, ZoneFrom
from prompts.planning import slots
from prompts.workdays import holiday_of_all

LOOK_EVERY_S = 60.0
"""How soon a change of the team or of somebody's zone is seen; one of the settings is seen at once."""

AHEAD = timedelta(days=3)
MADE_UP_FOR = timedelta(days=7)
"""Dates that nobody planned, because Lore was not running, are recorded so far back."""

_DAY = timedelta(days=1)
_FURTHEST_EAST = timedelta(hours=14)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found out before anything is stored: asking Slack and people's settings takes its time."""

    ritual: Ritual
    roster: Roster
    zones: Mapping[str, ZoneInfo]
    last: Last
    slots: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans what each active ritual sends to whom, and plans it anew when something has changed.

    Whoever changes a ritual stores it and is done: until an occurrence opens it follows the settings, the
    team and everybody's zone as they are then; from its opening on it keeps the settings and the roster
    that it began with. A ritual that is paused, archived or taken away says nothing more, and what it would
    have said meanwhile is never made up for.
    """

    rituals: Rituals
    availability: Availability

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.plan)

    def plan(self, now: datetime) -> None:
        """Plan what is not planned yet, and open what begins; a ritual that cannot be planned holds up no
        other. While Slack refuses our token nothing is planned."""
        with self.rituals.database.reading() as connection:
            if outgoing.rests(connection, now.timestamp()):
                return
            known = journal.all_rituals(connection, ACTIVE, PAUSED)
        for ritual in known:
            try:
                self._look_after(ritual, now)
            except Exception:
                log.exception("the ritual %s could not be planned; it is looked at again", ritual.id)

    def _look_after(self, ritual: Ritual, now: datetime) -> None:
        if ritual.state == PAUSED:
            self._wait_for_its_end(ritual, now)
            return
        with self.rituals.database.reading() as connection:
            begun = occurrences.of_ritual(connection, ritual.id)
        if not self._is_due(ritual, begun, now):
            return
        looked = self._look(ritual, now)
        teams = {
            one.settings.team: looked.roster for one in begun if one.settings.team == ritual.settings.team
        }
        for one in begun:
            if one.state == OPEN and one.settings.team not in teams:
                teams[one.settings.team] = roster_of(self.rituals.people, one.settings.team)
        with self.rituals.database.writing() as connection:
            still = journal.ritual(connection, ritual.id)
            if still is None or (still.state, still.revision) != (ACTIVE, ritual.revision):
                return
            _plan_all(connection, replace(looked, ritual=still), now)
            for one in occurrences.of_ritual(connection, ritual.id):
                if one.state == OPEN and one.settings.team in teams:
                    self._follow_people(connection, one, teams[one.settings.team], looked, now)
            journal.planned(connection, ritual.id, now.timestamp())

    def _wait_for_its_end(self, ritual: Ritual, now: datetime) -> None:
        """A pause ends where its date begins first; dates before it are left out for everybody."""
        ends = None
        if ritual.paused_until is not None:
            ends = datetime.combine(ritual.paused_until, time(), UTC) - _FURTHEST_EAST
        with self.rituals.database.writing() as connection:
            still = journal.ritual(connection, ritual.id)
            if still is None or still.state != PAUSED or still.revision != ritual.revision:
                return
            if ends is not None and now >= ends:
                journal.put(connection, replace(still, state=ACTIVE), now.timestamp())
            journal.planned(connection, ritual.id, now.timestamp())

    def _is_due(self, ritual: Ritual, begun: Sequence[Occurrence], now: datetime) -> bool:
        """Whether it is time to look: often enough, and at once when something begins or was changed."""
        waiting = [one for one in begun if one.state == PLANNED]
        if any(one.settings != ritual.settings or one.opens_at <= now.timestamp() for one in waiting):
            return True
        with self.rituals.database.writing() as connection:
            mine = duties.begin(connection, f"plan {ritual.id}", LOOK_EVERY_S, now.timestamp())
        return mine or ritual.planned_until is None

    def _look(self, ritual: Ritual, now: datetime) -> Looked:
        roster = roster_of(self.rituals.people, ritual.settings.team)
        with self.rituals.database.reading() as connection:
            last = deliveries.last_said(connection, ritual.id, PROMPT, now.timestamp())
            before = occurrences.of_ritual(connection, ritual.id, 1)
            earlier = [*deliveries.of_occurrence(connection, before[0].id)] if before else []
        team = roster.beside(before[0].roster if before else ())
        told = self.rituals.people.many(team)
        profiles = {one: self.availability.profile(one, ritual) for one in team}
        zones = {one: profile.zone for one, profile in profiles.items()}
        for known in earlier:  # who is not told now is where they were
            if (
                known.person in profiles
                and known.person not in told
                and profiles[known.person].zone_from is not ZoneFrom.OWN
            ):
                zones[known.person] = ZoneInfo(known.zone)
        begins = datetime.fromtimestamp(ritual.planned_until or ritual.created_at, UTC)
        first = max(begins - 2 * _DAY, now - MADE_UP_FOR).date()
        if ritual.paused_until is not None:
            first = max(first, ritual.paused_until)
        found = slots(ritual.settings, first - _DAY, (now + AHEAD).date(), self._nobody_works(profiles))
        return Looked(ritual, replace(roster, people=team), zones, last, tuple(found))

    def _nobody_works(self, profiles: Mapping[str, Profile]) -> Callable[[date], bool]:
        places = {(one.country, one.subdivision) for one in profiles.values()}
        days_off = self.availability.settings.days_off
        return lambda day: holiday_of_all(day, places, days_off) is not None

    def _follow_people(
        self, connection: Connection, one: Occurrence, roster: Roster, looked: Looked, now: datetime
    ) -> None:
        """Of an open occurrence: prompts that wait follow people's zones, and who has left is not asked."""
        left = [person for person in one.roster if roster.lacks(person)]
        for person in left:
            reason = "You are not in the team any more."
            deliveries.cancel(connection, one.id, reason, now.timestamp(), person)
            occurrences.leave(connection, one.id, person)
        for waiting in deliveries.of_occurrence(connection, one.id):
            if waiting.kind != PROMPT or waiting.state != deliveries.PLANNED or waiting.person in left:
                continue
            zone = looked.zones.get(waiting.person)
            if zone is None:
                continue
            new = aimed(one.settings, one.slot, waiting.person, zone, looked.last)
            if waiting.zone == new.zone:
                continue
            if new.not_after < now.timestamp():
                deliveries.skip(connection, waiting.id, OVER_THERE, now.timestamp())
            elif deliveries.aim(connection, waiting.id, new):
                occurrences.keep_open(connection, one.id, new.deadline_at or new.not_after)


def _plan_all(connection: Connection, looked: Looked, now: datetime) -> None:
    """Store what is new, bring what has not begun up to date, take away what is not wanted any more, and
    open what begins."""
    ritual, at = looked.ritual, now.timestamp()
    floor = max(ritual.planned_until or 0.0, ritual.changed_at)
    known = {one.slot: one for one in occurrences.of_ritual(connection, ritual.id)}
    people = looked.roster.people
    wished = {
        slot: wanted(ritual.settings, slot, people, looked.zones, looked.last)
        for slot in looked.slots
        if people and (slot not in known or known[slot].state == PLANNED)
    }
    for slot, one in known.items():
        if one.state == PLANNED and (slot not in wished or _is_past(one, wished[slot], at)):
            _take_away(connection, one)
            wished.pop(slot, None)
    for slot, new in wished.items():
        if slot in known:
            _bring_up_to_date(connection, known[slot], new, at)
        elif new.opens_at > floor:
            _add(connection, ritual, new)
    for one in occurrences.of_ritual(connection, ritual.id):
        if one.state == PLANNED and one.opens_at <= at:
            occurrences.move(connection, one.id, OPEN, at)


def _is_past(planned: Occurrence, new: Wanted, now: float) -> bool:
    """Whether the settings were changed to a time that is over already: it starts with the next date."""
    return planned.settings != new.settings and new.opens_at <= now < planned.opens_at


def _add(connection: Connection, ritual: Ritual, new: Wanted) -> None:
    made = occurrences.plan(
        connection, ritual.id, new.slot, new.settings, new.roster, new.opens_at, new.closes_at
    )
    if made is not None:
        deliveries.plan_all(connection, [replace(one, occurrence_id=made) for one in new.prompts])


def _bring_up_to_date(connection: Connection, planned: Occurrence, new: Wanted, now: float) -> None:
    prompts = {one.person: one for one in deliveries.of_occurrence(connection, planned.id)}
    if (
        planned.settings == new.settings
        and prompts.keys() == {one.person for one in new.prompts}
        and not any(moves(prompts[one.person], one) for one in new.prompts)
    ):
        return
    occurrences.follow(connection, planned.id, new.settings, new.roster, new.opens_at, new.closes_at)
    deliveries.take_away(connection, planned.id)
    wished = [replace(one, occurrence_id=planned.id) for one in new.prompts]
    deliveries.plan_all(connection, [_in_time(one, prompts.get(one.person), now) for one in wished])


def _in_time(new: Delivery, old: Delivery | None, now: float) -> Delivery:
    """The prompt, or why there is none for somebody who has come to where its time is over."""
    if new.not_after >= now or (old is not None and old.not_after < now):
        return new
    return replace(new, state=deliveries.SKIPPED, reason=OVER_THERE, settled_at=now)


def _take_away(connection: Connection, planned: Occurrence) -> None:
    deliveries.take_away(connection, planned.id)
    occurrences.take_away(connection, planned.id)

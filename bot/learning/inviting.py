"""Invitations to talks: announced, kept as things are, told on, and arranged for everybody who comes."""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.blocks.invitations import Phase
from bot.blocks.pages import Page
from bot.inbox import Received
from bot.invitations_ics import Contact
from bot.journal import invitations, talks
from bot.journal.invitations import Invitation
from bot.journal.talks import Talk
from bot.learning import announcing, reminding
from bot.learning.announcing import Known, known_of, page_of
from bot.learning.attending import settle
from bot.learning.calendar_files import asking
from bot.learning.cards import card_of
from bot.learning.posting import Envelope, Guest, Posting
from bot.people import People
from bot.rituals.availability import Availability
from bot.rituals.report_board import digest
from bot.rooms import Room
from knowledge.adapters.database import Database

LOOK_BACK = timedelta(days=2)
LOOK_AHEAD = timedelta(days=3650)
ARRANGE_AGAIN_S = 3600.0
"""Zones change and people leave: reminders and seats are looked over so often, whatever else changes."""

Receive = Callable[[Received], object]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be done about an invitation; `arrange` and `settled` are what it is marked with then."""

    page: Page
    announce: bool = False
    change: bool = False
    tell: bool = False
    arrange: str = ""
    file: bool = False
    learnt: bool = False
    settled: str = ""

    @property
    def is_nothing(self) -> bool:
        return not (
            self.announce
            or self.change
            or self.tell
            or self.arrange
            or self.file
            or self.learnt
            or self.settled
        )


@dataclass(frozen=True, slots=True)
class Inviting:
    """Looks at every talk that is announced, and at those whose announcement is not as they are.

    Nothing is kept in memory: what was told and what is so are compared anew each time, by any of the
    processes; of two that look at one talk at once, one gives way.
    """

    people: People
    database: Database
    availability: Availability
    posting: Posting
    receive: Receive

    def join(self, room: Room) -> None:
        room.duties.append(self.keep)

    def keep(self, now: datetime) -> None:
        """Bring every invitation to what it is to be; one that fails holds up no other."""
        since, until = (now - LOOK_BACK).timestamp(), (now + LOOK_AHEAD).timestamp()
        with self.database.reading() as connection:
            found = talks.between(connection, since, until)
            there = invitations.of_talks(connection, [one.id for one in found])
        for talk in found:
            invitation = there.get(talk.id)
            if invitation is None and talk.state != talks.ANNOUNCED:
                continue
            if invitation is None or invitation.settled != _settled(talk):
                try:
                    self.look(talk.id, now)
                except Exception:
                    log.exception("the invitation to %s could not be brought up to date", talk.id)

    def look(self, talk_id: str, now: datetime) -> None:
        """Bring one invitation to what it is to be."""
        at = now.timestamp()
        with self.database.reading() as connection:
            known = known_of(connection, talk_id)
        if known is None:
            return
        if not all(map(self.people.person, known.speaking)):
            log.warning("an invitation waits for Slack to tell who speaks")
            return
        card = card_of(self.people, known.talk, known.series, known.speaking)
        envelope = Envelope(self.posting.recipients(known), {}, card, self._organiser(known))
        plan = _plan(known, page_of(card, known, at), envelope, at)
        if plan.is_nothing:
            return
        if plan.arrange:
            envelope = replace(envelope, guests=self._guests(known, envelope))
        if plan.file and known.invitation is not None:
            self.receive(asking(known.talk, known.invitation))  # known by its key, should it be asked again
        with self.database.writing() as connection:
            if known_of(connection, talk_id) == known:
                invitations.put(connection, self._brought(connection, known, plan, envelope, at))

    def _brought(
        self, connection: Connection, known: Known, plan: _Plan, envelope: Envelope, now: float
    ) -> Invitation:
        """Do what is planned; the invitation as it is then."""
        there, talk = known.invitation, known.talk
        if plan.announce or there is None:
            there = announcing.announce(connection, known, plan.page, now)
        elif plan.change:
            there = announcing.change(connection, there, known, plan.page, now)
        if plan.learnt and there.gone and not there.ts:
            announcing.tell_the_owner(connection, known, there.gone, now)
        if plan.tell:
            reminding.cancel_reminders(connection, talk, there.told, now)
            was = there.told[there.told_sequence]
            there = replace(there, told={**there.told, talk.sequence: known.facts})
            if max(was.starts_at, talk.starts_at) > now:
                reminding.tell_change(connection, talk, there.told, now)
                reminding.ask_who_refused(connection, talk, there.told, now)
        if plan.file:
            there = replace(there, filed=talk.sequence)
        if plan.arrange:
            self._arrange(connection, known, envelope, now)
            there = replace(there, arranged=plan.arrange)
        return replace(there, settled=plan.settled)

    def _arrange(self, connection: Connection, known: Known, envelope: Envelope, now: float) -> None:
        """Seats, reminders and letters, as they follow from who comes."""
        talk, guests = known.talk, envelope.guests
        if known.phase(now) is Phase.COMES:
            left = [one.person for one in guests.values() if one.left]
            settle(connection, talk, known.series.settings.capacity, now, left)
            comes = (*known.seats.taken, *known.speaking)
            zones = {one: guests[one].zone for one in comes if one in guests and one not in left}
            reminding.plan_reminders(connection, talk, zones, now)
        if known.phase(now) is not Phase.OVER:
            self.posting.post(connection, known, envelope, now)

    def _organiser(self, known: Known) -> Contact:
        owner = self.people.person(known.series.owner)
        return Contact(known.series.name) if owner is None else Contact(owner.name, owner.email)

    def _guests(self, known: Known, envelope: Envelope) -> dict[str, Guest]:
        """Everybody for whom something is or was arranged, as Slack knows them now."""
        replied = (one.person for one in known.replies)
        wanted = {*replied, *known.speaking, *known.written_to, *envelope.recipients}
        found = self.people.many(wanted)
        zones = {one: self.availability.profile(one).zone for one in found}
        return {
            one: Guest(one, person.name, person.email, zones[one], not person.full_member)
            for one, person in found.items()
        }


def _plan(known: Known, page: Page, envelope: Envelope, now: float) -> _Plan:
    """What is to be done about an invitation, as things are."""
    there, talk, phase = known.invitation, known.talk, known.phase(now)
    arranged = _arrangement(known, envelope, now)
    if announcing.is_due(known, now):
        return _Plan(page, announce=True, arrange=arranged)
    if there is None:
        return _Plan(page)
    plan = _Plan(
        page,
        change=announcing.may_change(there, page, now),
        tell=talk.sequence > there.told_sequence and phase is not Phase.OVER,
        arrange="" if arranged == there.arranged else arranged,
        file=_wants_a_file(known, there, phase),
        learnt=there != known.stored,
    )
    if plan.is_nothing and phase is not Phase.COMES and _rests(there, page):
        return replace(plan, settled=_settled(talk))
    return plan


def _arrangement(known: Known, envelope: Envelope, now: float) -> str:
    """Equal as long as the same is to be arranged."""
    phase = known.phase(now)
    parts = [
        known.talk.sequence,
        phase.value,
        sorted(known.seats.taken),
        [*known.seats.waiting],
        sorted(known.speaking),
        known.series.settings.capacity,
        [*envelope.recipients],
        int(now // ARRANGE_AGAIN_S) if phase is Phase.COMES else 0,
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _wants_a_file(known: Known, there: Invitation, phase: Phase) -> bool:
    """A file for the calendar is put under the announcement, anew after each change; the one that takes the
    date out of the calendar only where an earlier one has put it in."""
    if not there.ts or there.gone or there.filed == known.talk.sequence:
        return False
    return phase is Phase.COMES or (phase is Phase.CANCELLED and there.filed >= 0)


def _rests(there: Invitation, page: Page) -> bool:
    return bool(there.gone) or (bool(there.ts) and not there.change_key and digest(page) == there.shown)


def _settled(talk: Talk) -> str:
    return f"{talk.state} {talk.sequence}"

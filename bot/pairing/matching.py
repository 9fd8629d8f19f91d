"""Rounds that are due: who takes part is matched and stored, all of it, before anything is said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.journal import notices, pairing, pairing_rounds
from bot.journal.notices import Notice
from bot.journal.pairing import ACTIVE, Member, Pairing
from bot.journal.pairing_rounds import Round
from bot.journal.topic_work import queue_once
from bot.journal.work import Done, Item
from bot.kinds import MAKE_ROUND
from bot.pairing.closed_places import is_closed, pause
from bot.pairing.hours import Hours
from bot.pairing.planning import DROPPED, DROPPED_WITHIN, leave_alone, put_together
from bot.people import People
from bot.pressing import subject_of
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.calendar import moment
from prompts.meeting import beginning
from prompts.pairing import Matching, Memory, Pair, PairingKind, Partner, Role, match

AHEAD = timedelta(hours=1)
"""Rounds are matched so long before people are introduced: who cannot after all still says so in time."""
LATEST = timedelta(days=2)
"""A round that could not be made for so long, as Lore was not there, is left out."""
SILENT_ROUNDS = 3
"""Who did not reply after so many rounds in a row is not paired any more, until they want to be."""
TIME_TO_REPLY = timedelta(days=2)
"""A question counts as not replied to only when it was asked so long ago."""
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a round is made of, as it was read; it is stored only while this still holds."""

    pairing: Pairing
    number: int
    members: Sequence[Member]
    silent: Sequence[Member]
    memory: Memory
    waiting: frozenset[str]
    apart: frozenset[Pair]


@dataclass(frozen=True, slots=True)
class Rounds:
    """Asked for by a duty of the heartbeat and made by the worker that has time: to match hundreds of people
    takes a while. Any number of processes may do it at once: the first to store a round has made it."""

    people: People
    database: Database
    hours: Hours
    clock: Clock

    def join(self, room: Room) -> None:
        room.duties.append(self.ask_for_due)
        room.handlers[MAKE_ROUND] = self.work_off

    def ask_for_due(self, now: datetime) -> None:
        """Have the rounds made that are due."""
        with self.database.reading() as connection:
            due = [
                (one, slot)
                for one in pairing.all_pairings(connection, ACTIVE)
                if (slot := due_slot(connection, one, now)) is not None
            ]
        if due:
            with self.database.writing() as connection:
                for one, slot in due:
                    queue_once(connection, MAKE_ROUND, f"{one.id} {slot}", now.timestamp())

    def work_off(self, item: Item) -> Done:
        """Make one round, if it is still due."""
        pairing_id, _, slot = subject_of(item).partition(" ")
        now = self.clock()
        with self.database.reading() as connection:
            one = pairing.by_id(connection, pairing_id)
            due = None if one is None else due_slot(connection, one, now)
        if due is not None and due.isoformat() == slot:
            self.make(pairing_id, due, now)
        return Done()

    def make(self, pairing_id: str, slot: date, now: datetime) -> bool:
        """Make one round; False where it is not to be made, or not yet."""
        with self.database.reading() as connection:
            one = pairing.by_id(connection, pairing_id)
            persons = {each.person for each in _taking_part(connection, pairing_id, slot)}
        starts = None if one is None else moment(slot, one.at, one.clock)
        if one is None or one.state != ACTIVE or starts is None:
            return False
        if is_closed(self.hours, one, starts, now):
            pause(self.hours, one, now)
            return False
        if not can_tell(self.hours, one, persons, patient=now < starts):
            return False
        with self.database.reading() as connection:
            wanted = _wanted(connection, pairing_id, slot, now)
        if wanted is None or wanted.pairing != one:
            return False
        if not persons.issuperset(each.person for each in wanted.members):
            return False
        at = max(starts, now)
        matching = self._match(wanted, slot, at)
        round_ = Round(
            pairing_id, slot, wanted.number, starts.timestamp(), _ask_at(wanted.pairing, slot, starts)
        )
        stamp = now.timestamp()
        with self.database.writing() as connection:
            if _wanted(connection, pairing_id, slot, now) != wanted:
                return False  # somebody has joined, left or snoozed meanwhile: it is made at the next beat
            pairing_rounds.put_round(connection, round_, stamp)
            for group in matching.groups:
                put_together(connection, wanted.pairing, round_, group, at.timestamp(), stamp)
            for person in matching.alone:
                leave_alone(connection, round_, person, at.timestamp(), stamp)
            for each in wanted.silent:
                pairing.drop(connection, each, stamp)
                about = f"{pairing_id}:{wanted.number}"
                until = at.timestamp() + DROPPED_WITHIN
                notices.plan(connection, Notice(DROPPED, about, each.person, at.timestamp(), until))
        return True

    def _match(self, wanted: Wanted, slot: date, at: datetime) -> Matching:
        since = beginning(at)
        members = [one for one in wanted.members if may_take_part(self.people, wanted.pairing, one.person)]
        partners = [
            Partner(
                one.person,
                self.hours.of(one.person, since).at_work,
                one.role if wanted.pairing.kind is PairingKind.MENTORING else Role.EITHER,
                one.person in wanted.waiting,
            )
            for one in members
        ]
        here = [one for one in partners if one.hours]
        return match(here, wanted.memory, wanted.apart, seed=f"{wanted.pairing.id} {slot}")


def can_tell(hours: Hours, one: Pairing, people: Collection[str], *, patient: bool) -> bool:
    """Whether Slack tells of a pairing's channel, which is not archived, of who is in it where that matters,
    and of these people (while `patient`, of all of them)."""
    known = hours.availability.people
    place = known.channel(one.channel)
    if place is None or place.get("is_archived"):
        return False
    if place.get("is_private") is not False and known.members(f"#{one.channel}") is None:
        return False
    return hours.known(people, patient=patient)


def may_take_part(people: People, pairing: Pairing, person: str) -> bool:
    """Full members may; where the channel is private, those who are in it."""
    if not people.is_full_member(person):
        return False
    place = people.channel(pairing.channel) or {}
    return place.get("is_private") is False or people.shares(pairing.channel, person)


def due_slot(connection: Connection, one: Pairing, now: datetime) -> date | None:
    """The date of the round that is due and was not made yet; of several that were missed, the last. What
    was over when the pairing was set up, changed or resumed is no round of it."""
    made = pairing_rounds.newest(connection, one.id)
    began = one.counted_from - _A_DAY
    after = max(made[0].slot, began) if made else began
    until = (now + AHEAD).astimezone(one.clock).date()
    found = None
    for slot in one.days.dates(max(after, until - 2 * LATEST), until):
        at = moment(slot, one.at, one.clock)
        if at is None or at.timestamp() < one.changed_at:
            continue
        if at - AHEAD <= now <= at + LATEST:
            found = slot
    return found


def next_slot(one: Pairing, after: date) -> date | None:
    """The date of its first round after a day, within a year."""
    return next(one.days.dates(max(after, one.counted_from - _A_DAY), after + 366 * _A_DAY), None)


def _wanted(connection: Connection, pairing_id: str, slot: date, now: datetime) -> Wanted | None:
    """What the round of a date is made of; None where there is none to be made."""
    one = pairing.by_id(connection, pairing_id)
    if one is None or one.state != ACTIVE or pairing_rounds.of_slot(connection, pairing_id, slot) is not None:
        return None
    members = _taking_part(connection, pairing_id, slot)
    silent = [each for each in members if _is_silent(connection, each, now)]
    members = [each for each in members if each not in silent]
    last = pairing_rounds.newest(connection, pairing_id)
    number = last[0].number + 1 if last else 1
    return Wanted(
        pairing=one,
        number=number,
        members=members,
        silent=silent,
        memory=pairing_rounds.memory(connection, pairing_id, number),
        waiting=pairing_rounds.left_alone(connection, pairing_id),
        apart=pairing.kept_apart(connection, [each.person for each in members]),
    )


def _taking_part(connection: Connection, pairing_id: str, slot: date) -> Sequence[Member]:
    return [one for one in pairing.members_of(connection, pairing_id) if one.takes_part(slot)]


def _is_silent(connection: Connection, one: Member, now: datetime) -> bool:
    found = pairing_rounds.last_asked(connection, one.pairing_id, one.person, SILENT_ROUNDS + 1)
    late = (now - TIME_TO_REPLY).timestamp()
    asked = [each for each in found if each.asked_at is None or each.asked_at <= late][:SILENT_ROUNDS]
    return len(asked) == SILENT_ROUNDS and all(
        each.asked_at is not None and each.asked_at > one.heard_at and not each.reply for each in asked
    )


def _ask_at(one: Pairing, slot: date, starts: datetime) -> float:
    """When people are asked whether they met: after a week, or some days before the next round."""
    following = next_slot(one, slot)
    days = 7 if following is None else min(7, max(1, (following - slot).days - 3))
    return (starts + days * _A_DAY).timestamp()

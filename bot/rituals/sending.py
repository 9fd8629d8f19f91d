"""Deliveries that are due: claimed, decided, made, and handed to the outbox with their end, once."""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.inbox import Checkpoint, pass_by
from bot.journal import claims, deliveries, occurrences, outgoing
from bot.journal import rituals as journal
from bot.journal.deliveries import SAID, SKIPPED, Delivery
from bot.journal.occurrences import Occurrence
from bot.journal.rituals import Ritual
from bot.messages import Check, Message
from bot.pacing import Pace
from bot.pressing import alone
from bot.rituals.availability import Availability
from bot.rituals.due import Due, Later, NotSaid
from bot.rituals.room import Rituals
from bot.rituals.roster import Roster, roster_of
from bot.rituals.wanted import OVER_THERE, PROMPT, Last, aimed, put_back
from prompts.calendar import as_shown
from prompts.calm import Free, Half, Off
from prompts.planning import LEEWAY, LateBy, OnTime, TooLate, deadline, lateness, reminders, zone_for

AT_ONCE_S = 20.0
"""What is sent before the next beat is claimed now, and no more: another process may take the rest."""
MOST_PEOPLE = 60
MOST_PLACES = 10
PATIENCE_S = 15.0
"""A beat waits so long for what it has begun; what takes longer goes on beside the next beats."""
TRY_AGAIN_S = 60.0
PROMPT_PACE = Pace(per_second=2.0, burst=12)
"""People are asked in this pace, all rituals together: Slack takes several hundred messages a minute, and
answers go in between."""
SOON_S = 60.0
"""A prompt within this time of its own keeps its planned deadline."""
NO_MAKER = "There was nothing to say."
OVER = "The time to reply was over."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """It is said with these messages; `deadline_at` is until when a prompt may be replied to."""

    messages: Sequence[Message]
    deadline_at: float | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Its time is another one, since the person is somewhere else, or away for half a day."""

    to: Delivery


@dataclass(frozen=True, slots=True)
class Unable:
    """It cannot be said before `until`; when its time is over by then it is missed, and the owner is told."""

    until: float


Fate = Said | NotSaid | Later | Moved | Unable


@dataclass
class Sending:
    """A duty of the heartbeat. Any number of processes may do it at once: each delivery is claimed by one
    for a while, and its messages are stored in the transaction that ends it, if the claim still holds.

    What is said to people and what is said in places go beside each other, so that a summary that takes
    long delays no prompt.
    """

    rituals: Rituals
    availability: Availability
    pace: Pace = PROMPT_PACE
    checkpoint: Checkpoint = pass_by
    _at_work: dict[bool, threading.Lock] = field(
        default_factory=lambda: {True: threading.Lock(), False: threading.Lock()}
    )

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.send)

    def send(self, now: datetime) -> None:
        """Say what is due; what is still at work from an earlier beat is not begun a second time."""
        begun = [self._begin(now, to_people) for to_people in (True, False)]
        end = time.monotonic() + PATIENCE_S
        for thread in begun:
            if thread is not None:
                thread.join(max(0.0, end - time.monotonic()))

    def _begin(self, now: datetime, to_people: bool) -> threading.Thread | None:
        if not self._at_work[to_people].acquire(blocking=False):
            return None

        def work() -> None:
            try:
                self.say_due(now, to_people)
            except Exception:
                log.exception("what rituals have to say could not be said; it is looked at again")
            finally:
                self._at_work[to_people].release()

        thread = threading.Thread(target=work, name="rituals", daemon=True)
        thread.start()
        return thread

    def say_due(self, now: datetime, to_people: bool) -> int:
        """Claim and say what is due now; how many deliveries were claimed."""
        began, at = time.monotonic(), now.timestamp()
        with self.rituals.database.reading() as connection:
            if outgoing.rests(connection, at):
                return 0
            turns = claims.turns(connection, self.pace, at, AT_ONCE_S)
            most = min(turns, MOST_PEOPLE) if to_people else MOST_PLACES
            found = claims.due(connection, at, most, to_people)
        if not found:
            return 0
        with self.rituals.database.writing() as connection:
            claim, taken = claims.claim(connection, found, at)
            about = {one.id: _about(connection, one) for one in taken}
        self.checkpoint("claimed")
        self.rituals.people.many({one.person for one in taken} - {""})
        rosters: dict[tuple[str, ...], Roster] = {}
        for one in taken:
            with self.rituals.database.writing() as connection:
                if not claims.renew(connection, one.id, claim, at + time.monotonic() - began):
                    continue
            self._say(Due(one, *about[one.id]), claim, now, rosters)
        return len(taken)

    def _say(self, due: Due, claim: str, now: datetime, rosters: dict[tuple[str, ...], Roster]) -> None:
        delivery = due.delivery
        try:
            fate = self._decide(due, now, rosters)
        except Exception:
            log.exception("delivery %d could not be made; it is tried again", delivery.id)
            fate = Unable(now.timestamp() + TRY_AGAIN_S)
        self.checkpoint("made")
        with self.rituals.database.writing() as connection:
            if isinstance(fate, Said) and delivery.person:
                fate = self.availability.may_ping(delivery.person, now, connection) or fate
            if isinstance(fate, Later) and fate.at > delivery.not_after:
                fate = NotSaid(fate.reason)
            self._end(connection, due, claim, fate, now)
        self.checkpoint("ended")

    # deciding, outside of any transaction

    def _decide(self, due: Due, now: datetime, rosters: dict[tuple[str, ...], Roster]) -> Fate:
        one = due.delivery
        until = datetime.fromtimestamp(one.not_after, UTC)
        match lateness(datetime.fromtimestamp(one.planned_at, UTC), until, now):
            case TooLate():
                return Unable(now.timestamp())
            case LateBy(by):
                due = replace(due, late_by=by)
            case OnTime():
                pass
        if one.kind != PROMPT and one.deadline_at is not None and one.deadline_at <= now.timestamp():
            return NotSaid(OVER)
        if one.person and (instead := self._instead(due, now, rosters)) is not None:
            return instead
        maker = self.rituals.makers.get(one.kind.split()[0])
        if maker is None:
            return NotSaid(NO_MAKER)
        ends_at = one.deadline_at
        if one.kind == PROMPT:
            ends_at = _own_deadline(due, now)
            due = replace(due, delivery=replace(one, deadline_at=ends_at))
        made = maker(due)
        return made if isinstance(made, NotSaid | Later) else Said(made, ends_at)

    def _instead(self, due: Due, now: datetime, rosters: dict[tuple[str, ...], Roster]) -> Fate | None:
        """Why a person is not asked now, by all that holds at this moment."""
        one, settings, slot = due.delivery, due.occurrence.settings, due.occurrence.slot
        if settings.team not in rosters:
            rosters[settings.team] = roster_of(self.rituals.people, settings.team)
        if rosters[settings.team].lacks(one.person):
            return NotSaid("You are not in the team any more.")
        zone = self.availability.profile(one.person, due.ritual).zone
        told = self.rituals.people.person(one.person) is not None
        if one.kind == PROMPT and told and zone_for(settings, zone).key != one.zone:
            new = aimed(settings, slot, one.person, zone, self._last(due, now))
            if new.not_after < now.timestamp():
                return NotSaid(OVER_THERE)
            if new.planned_at > now.timestamp():
                return Moved(new)
        day = slot if one.kind == PROMPT else now.astimezone(zone).date()
        match self.availability.standing(one.person, day, due.ritual):
            case Off(reason):
                return NotSaid(reason)
            case Half() as half if half.away_at(now.astimezone(zone).time()):
                return _after(half, due, day, zone)
            case Free() | Half():
                return None

    def _last(self, due: Due, now: datetime) -> Last:
        with self.rituals.database.reading() as connection:
            return deliveries.last_said(connection, due.ritual.id, PROMPT, now.timestamp())

    # ending, in one transaction

    def _end(self, connection: Connection, due: Due, claim: str, fate: Fate, now: datetime) -> None:
        one, at = due.delivery, now.timestamp()
        match fate:
            case Said(messages, ends_at):
                ended = replace(one, state=SAID, reason=_how_late(due, now), deadline_at=ends_at)
                ended = replace(ended, key=_key(one, 0) if messages else None)
                if not claims.end(connection, ended, claim, at):
                    return
                due_at = claims.turn(connection, self.pace, at) if one.person else at
                outgoing.put(connection, _stored(one, messages), None, at, due_at)
                if one.person:
                    self.availability.ping(
                        connection, one.person, now, f"the {one.kind} of {due.ritual.name}"
                    )
                if one.kind == PROMPT and ends_at is not None:
                    _plan_reminders(connection, due, ends_at)
            case NotSaid(reason):
                claims.end(connection, replace(one, state=SKIPPED, reason=reason), claim, at)
            case Unable(until):
                claims.put_off(connection, one.id, claim, until, "")
            case Later(until, reason):
                claims.put_off(connection, one.id, claim, until, reason)
            case Moved(to):
                claims.put_off(connection, one.id, claim, at, to.reason)
                if deliveries.aim(connection, one.id, to):
                    occurrences.keep_open(connection, one.occurrence_id, to.deadline_at or to.not_after)


def _about(connection: Connection, one: Delivery) -> tuple[Occurrence, Ritual]:
    occurrence = occurrences.occurrence(connection, one.occurrence_id)
    ritual = None if occurrence is None else journal.ritual(connection, occurrence.ritual_id)
    assert occurrence is not None, "only what has an occurrence is due"
    assert ritual is not None, "only what has a ritual is due"
    return occurrence, ritual


def _own_deadline(due: Due, now: datetime) -> float:
    """Until when a prompt may be replied to: the whole window from when it was sent."""
    planned = datetime.fromtimestamp(due.delivery.planned_at, UTC)
    sent = planned if (now - planned).total_seconds() <= SOON_S else now
    return deadline(due.occurrence.settings, sent).timestamp()


def _after(half: Half, due: Due, day: date, zone: ZoneInfo) -> Moved | Later | NotSaid:
    """Away for a half of the day: asked when back, and not where the day ends with it."""
    if half.ends == wall_time.max:
        return NotSaid(half.reason)
    back = as_shown(day, half.ends, zone)
    if due.delivery.kind == PROMPT:
        return Moved(put_back(due, zone, back, half.reason))
    return Later(back.timestamp(), half.reason)


def _how_late(due: Due, now: datetime) -> str:
    late = timedelta(seconds=now.timestamp() - due.delivery.planned_at)
    minutes = int(late.total_seconds() // 60)
    return f"It was sent {minutes} minutes late." if late > LEEWAY else due.delivery.reason


def _key(one: Delivery, number: int) -> str:
    return f"ritual:{one.id}:{number}"


def _stored(one: Delivery, messages: Sequence[Message]) -> Sequence[Message]:
    """The messages as the outbox keeps them: once each, worthless when the delivery is, behind answers.

    That somebody may be asked was found out just now; a look-up that fails later must not drop a prompt.
    """
    return [
        replace(
            message,
            key=_key(one, number),
            worthless_after=one.not_after,
            background=bool(one.person),
            check=None if message.check == Check(alone(one.person)) else message.check,
        )
        for number, message in enumerate(messages)
    ]


def _plan_reminders(connection: Connection, due: Due, ends_at: float) -> None:
    """Reminders count from one's own prompt, and the occurrence stays open until everybody's deadline."""
    settings = due.occurrence.settings
    ends = datetime.fromtimestamp(ends_at, UTC)
    for number, one in enumerate(reminders(settings, ends - settings.window), 1):
        reminder = Delivery(
            occurrence_id=due.occurrence.id,
            person=due.delivery.person,
            kind=f"reminder {number}",
            planned_at=one.at.timestamp(),
            not_after=one.not_after.timestamp(),
            deadline_at=ends_at,
            zone=due.delivery.zone,
        )
        deliveries.plan(connection, reminder)
    occurrences.keep_open(connection, due.occurrence.id, ends_at)

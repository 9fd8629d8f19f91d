"""Notices that are due: claimed, made and handed to the outbox with their end, once."""

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.inbox import Checkpoint, pass_by
from bot.journal import letters, notices, outgoing
from bot.journal.letters import Letter
from bot.journal.notices import MISSED, SAID, SKIPPED, Notice
from bot.messages import Message
from bot.rituals.availability import Availability
from bot.rituals.due import Later, NotSaid
from knowledge.adapters.database import Database
from prompts.calm import Free, Half, Off, Why

MOST_AT_ONCE = 40
PATIENCE_S = 15.0
"""A beat waits so long for what it has begun; what takes longer goes on beside the next beats."""
TRY_AGAIN_S = 60.0
NO_MAKER = "There was nothing to say."
TOO_LATE = "Its time was over before it could be said."

NEVER = (Why.GONE, Why.GUEST)
FREE_DAYS = (Why.PART_TIME, Why.HOLIDAY, Why.TEAM_DAY)

log = logging.getLogger(__name__)


def _nothing(_connection: Connection) -> None:
    return


@dataclass(frozen=True, slots=True)
class Made:
    """What is said, in Slack and by e-mail; `then` is done in the transaction that stores it."""

    messages: Sequence[Message]
    letters: Sequence[Letter] = ()
    then: Callable[[Connection], None] = _nothing


Fate = Made | NotSaid | Later
Maker = Callable[[Notice, datetime], Fate]
"""Makes what a notice says, outside of any transaction."""
TooLate = Callable[[Notice, datetime], float]
"""From when a notice is of no use to its reader; infinity for never. Asked outside of any transaction."""


@dataclass
class Notices:
    """A duty of the heartbeat; any number of processes may do it at once.

    `makers` are by the kind of a notice. People are told when they may be asked (their leave, quiet hours and
    how many messages they want). The kinds in `at_once` belong to something that somebody has said yes to:
    they are said whenever they are due, on days off too, but not to who is on leave. Those that are in
    `even_away` as well are: without them somebody comes in vain. The kinds in `rather_now` wait as all others
    do, unless that would be too late: then they are said at once. Who is gone, and guests, are told nothing.
    """

    database: Database
    availability: Availability
    makers: dict[str, Maker] = field(default_factory=dict)
    at_once: set[str] = field(default_factory=set)
    even_away: set[str] = field(default_factory=set)
    rather_now: dict[str, TooLate] = field(default_factory=dict)
    checkpoint: Checkpoint = pass_by
    patience_s: float = PATIENCE_S
    _at_work: threading.Lock = field(default_factory=threading.Lock)

    def keep_saying(self, now: datetime) -> None:
        """Say what is due beside the other duties; what is still at work is not begun a second time.

        A digest or a recap's answers may take a while, and nothing else shall wait for them.
        """
        if not self._at_work.acquire(blocking=False):
            return

        def work() -> None:
            try:
                self.say_due(now)
            except Exception:
                log.exception("what was due could not be said; it is looked at again")
            finally:
                self._at_work.release()

        thread = threading.Thread(target=work, name="notices", daemon=True)
        thread.start()
        thread.join(self.patience_s)

    def say_due(self, now: datetime) -> None:
        """Claim and say what is due now."""
        began, at = time.monotonic(), now.timestamp()
        with self.database.reading() as connection:
            found = () if outgoing.rests(connection, at) else notices.due(connection, at, MOST_AT_ONCE)
        if not found:
            return
        with self.database.writing() as connection:
            claim, taken = notices.claim(connection, found, at)
        self.checkpoint("claimed")
        self.availability.people.many({one.person for one in taken} - {""})
        for one in taken:
            with self.database.writing() as connection:
                if not notices.renew(connection, one.id, claim, at + time.monotonic() - began):
                    continue
            self._say(one, claim, now)

    def _say(self, one: Notice, claim: str, now: datetime) -> None:
        too_late = math.inf
        try:
            if one.kind in self.rather_now:
                too_late = self.rather_now[one.kind](one, now)
            fate = self._decide(one, now, too_late)
        except Exception:
            log.exception("notice %d could not be made; it is tried again", one.id)
            fate = Later(now.timestamp() + TRY_AGAIN_S, "It could not be made; I try again.")
        self.checkpoint("made")
        if one.person:
            self.availability.profile(one.person)  # a transaction does not wait for Slack
        with self.database.writing() as connection:
            if isinstance(fate, Made) and one.person and one.kind not in self.at_once:
                later = self.availability.may_ping(one.person, now, connection)
                fate = later if later is not None and later.at <= too_late else fate
            if isinstance(fate, Later) and fate.at > one.not_after:
                fate = NotSaid(fate.reason)
            self._end(connection, one, claim, fate, now)
        self.checkpoint("ended")

    def _decide(self, one: Notice, now: datetime, too_late: float) -> Fate:
        if one.not_after < now.timestamp():
            return NotSaid(TOO_LATE)
        instead = self._instead(one, now) if one.person else None
        if isinstance(instead, NotSaid) or (instead is not None and instead.at <= too_late):
            return instead
        maker = self.makers.get(one.kind)
        return NotSaid(NO_MAKER) if maker is None else maker(one, now)

    def _instead(self, one: Notice, now: datetime) -> NotSaid | Later | None:
        zone = self.availability.profile(one.person).zone
        local = now.astimezone(zone)
        match self.availability.standing(one.person, local.date()):
            case Off(reason, _, why) if why in NEVER:
                return NotSaid(reason)
            case Off(_, _, why) if one.kind in (self.at_once if why in FREE_DAYS else self.even_away):
                return None
            case Off(reason, until):
                if until is None and one.kind in self.rather_now:
                    until = local.date() + timedelta(days=1)
                if until is None or one.kind in self.at_once:
                    return NotSaid(reason)
                back = datetime.combine(until, datetime.min.time(), zone).timestamp()
                return Later(max(back, now.timestamp() + TRY_AGAIN_S), reason)
            case Half() as half if half.away_at(local.time()) and one.kind not in self.at_once:
                return Later(datetime.combine(local.date(), half.ends, zone).timestamp(), half.reason)
            case Free() | Half():
                return None

    def _end(self, connection: Connection, one: Notice, claim: str, fate: Fate, now: datetime) -> None:
        at = now.timestamp()
        match fate:
            case Made(messages, mail, then):
                ended = replace(one, state=SAID, key=_key(one, 0) if messages else None, reason="")
                if not notices.end(connection, ended, claim, at):
                    return
                outgoing.put(connection, _stored(one, messages), None, at)
                for letter in mail:
                    letters.put(connection, letter, at)
                if one.person and messages:
                    self.availability.ping(connection, one.person, now, one.kind)
                then(connection)
            case NotSaid(reason):
                state = MISSED if reason == TOO_LATE else SKIPPED
                notices.end(connection, replace(one, state=state, reason=reason), claim, at)
            case Later(until, reason):
                notices.put_off(connection, one.id, claim, until, reason)


def _key(one: Notice, number: int) -> str:
    return f"notice:{one.id}:{number}"


def _stored(one: Notice, messages: Sequence[Message]) -> Sequence[Message]:
    """The messages as the outbox keeps them: once each, worthless when the notice is, behind answers."""
    return [
        replace(
            message,
            key=_key(one, number),
            worthless_after=one.not_after,
            background=bool(one.person),
        )
        for number, message in enumerate(messages)
    ]

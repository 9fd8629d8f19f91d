"""People are told of blockers when they may be pinged: who is named, who has it, who leads, whose it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection

from bot.blocks import standup_blockers as blocks
from bot.blocks.requests import age
from bot.blocks.standup_blockers import Shown, told_pages
from bot.journal import blocker_steps, outgoing
from bot.journal import blockers as journal
from bot.journal import rituals as kept_rituals
from bot.journal.blockers import Blocker
from bot.messages import Check, Message
from bot.people import People
from bot.pressing import alone, to_person
from bot.rituals.availability import Availability
from bot.rituals.blocker_plan import Pass, Reason, Tell, Watched, plan
from bot.rituals.blocker_sight import Sight
from knowledge.adapters.database import Database
from prompts.calm import Free, Half, Off, Profile

LOOK_AGAIN = timedelta(minutes=15)
MORNING = time(9)
"""Who was told before is told again from this time of their day on."""


@dataclass(frozen=True, slots=True)
class Nudges:
    """A duty of the heartbeat: tells what is due, each person in one message, however many processes ask."""

    people: People
    database: Database
    availability: Availability
    sight: Sight

    def tell(self, now: datetime) -> None:
        """Tell what is due and may be told now; the rest is looked at again soon."""
        with self.database.reading() as connection:
            found = [one.id for one in journal.due(connection, now.timestamp())]
            watched = _watched(connection, journal.with_ids(connection, found))
        if not found:
            return
        left = self._left(watched)
        due = plan(watched, left, now.timestamp())
        passed = [one for one in due if isinstance(one, Pass)]
        told = [one for one in due if isinstance(one, Tell)]
        said = {
            person: (mine, self._messages(mine))
            for person in dict.fromkeys(one.person for one in told)
            if (mine := [one for one in told if one.person == person and self._may_hear(one, now)])
        }  # Slack is asked about people, in no transaction
        with self.database.writing() as connection:
            again = _watched(connection, journal.with_ids(connection, found))
            still = plan(again, left, now.timestamp())
            for one in passed:
                if one in still:
                    blocker_steps.write(connection, one.step, now.timestamp())
            for person, (mine, messages) in said.items():
                if all(one in still for one in mine):
                    self._tell(connection, person, mine, messages, now)
            _look_again(connection, found, left, now)

    def _tell(
        self,
        connection: Connection,
        person: str,
        mine: Sequence[Tell],
        messages: Sequence[Message],
        now: datetime,
    ) -> None:
        if self.availability.may_ping(person, now, connection) is not None:
            return
        names = ", ".join(dict.fromkeys(one.watched.ritual.name for one in mine))
        self.availability.ping(connection, person, now, f"blockers of {names}")
        outgoing.put(connection, messages, None, now.timestamp())
        for one in mine:
            for step in one.noted():
                blocker_steps.write(connection, step, now.timestamp())

    def _may_hear(self, tell: Tell, now: datetime) -> bool:
        """Whether this is a time at which they work, and they have not heard of it on this day."""
        profile = self.availability.profile(tell.person, tell.watched.ritual)
        here = now.astimezone(profile.zone)
        if here.date().weekday() not in profile.work_days:
            return False
        match self.availability.standing(tell.person, here.date(), tell.watched.ritual):
            case Off():
                return False
            case Half() as half if half.away_at(here.time()):
                return False
            case Half() | Free():
                return tell.reason is not Reason.STILL or _is_another_day(tell, profile, here)

    def _left(self, watched: Sequence[Watched]) -> frozenset[str]:
        """Those of all whom they concern who are deactivated."""
        ids = {person for one in watched for person in _all_of(one)}
        known = self.people.many(ids)
        return frozenset(one for one, person in known.items() if person.deleted)

    def _messages(self, mine: Sequence[Tell]) -> Sequence[Message]:
        person = mine[0].person
        return to_person(person, told_pages([self._shown(one) for one in mine]), Check(alone(person)))

    def _shown(self, tell: Tell) -> Shown:
        one, name = tell.watched, self.sight.name(tell.watched.blocker.person)
        own = tell.person == one.blocker.person
        steps: tuple[str, ...] = (blocks.UPDATE, blocks.RESOLVE)
        match tell.reason:
            case Reason.NAMED:
                heading = f"{name} is held up and named you."
                steps = (blocks.TAKE, *steps, blocks.NOT_MINE)
            case Reason.YOURS:
                whose = "You are" if own else f"{name} is"
                heading = f"{whose} held up, and it is yours now: whoever had it has left."
            case Reason.STILL:
                heading = "Still held up?" if own else f"{name} is still held up."
                steps = _steps_of(tell)
            case Reason.LATE:
                since = datetime.fromtimestamp(one.blocker.opened_at, UTC)
                heading = f"{name} has been held up for {age(since, self.sight.clock())}."
            case Reason.NEWS:
                heading = "About what holds you up:"
                steps = (blocks.RESOLVE,) if one.blocker.stands else (blocks.REOPEN,)
        return self.sight.shown(one.blocker, one.ritual, heading, steps, tell.news)


def _steps_of(tell: Tell) -> tuple[str, ...]:
    blocker = tell.watched.blocker
    if tell.person == blocker.owner or tell.person not in blocker.tagged:
        return (blocks.UPDATE, blocks.RESOLVE)
    return (blocks.TAKE, blocks.UPDATE, blocks.RESOLVE, blocks.NOT_MINE)


def _is_another_day(tell: Tell, profile: Profile, here: datetime) -> bool:
    last = datetime.fromtimestamp(tell.since, UTC).astimezone(profile.zone)
    return here.date() > last.date() and here.time() >= MORNING


def _all_of(one: Watched) -> set[str]:
    blocker, ritual = one.blocker, one.ritual
    return {blocker.person, blocker.owner, *blocker.tagged, ritual.settings.lead, *ritual.owners} - {""}


def _watched(connection: Connection, found: Sequence[Blocker]) -> list[Watched]:
    steps = blocker_steps.steps_of(connection, [one.id for one in found])
    ids = {one.ritual_id for one in found}
    rituals = {ritual_id: kept_rituals.ritual(connection, ritual_id) for ritual_id in ids}
    return [
        Watched(one, tuple(steps.get(one.id, ())), ritual)
        for one in found
        if (ritual := rituals[one.ritual_id]) is not None
    ]


def _look_again(connection: Connection, found: Sequence[str], left: Collection[str], now: datetime) -> None:
    """Soon at what stands, and at what was resolved and could not be told; at the rest never again."""
    after = _watched(connection, journal.with_ids(connection, found))
    open_still = {one.blocker.id for one in after if one.blocker.stands}
    untold = {one.watched.blocker.id for one in plan(after, left, now.timestamp()) if isinstance(one, Tell)}
    soon = [one for one in found if one in open_still | untold]
    blocker_steps.look_at(connection, soon, (now + LOOK_AGAIN).timestamp())
    ended = [one for one in found if one not in soon]
    blocker_steps.look_at(connection, ended, blocker_steps.NEVER)

"""Questions that wait for people: who is reminded, who is asked next, and when it is given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.blocks.requests import reminder_pages
from bot.journal import outgoing
from bot.journal import requests as journal
from bot.journal.requests import Moved, Request
from bot.messages import Check, Message
from bot.pressing import alone, to_person
from bot.requests import Requests
from bot.rituals.availability import Availability
from knowledge.adapters.database import Database
from prompts.calm import Off

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Remind:
    """One message to one person, about everything that waits for them."""

    person: str
    about: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class PassOn:
    """The next expert is asked."""

    wanted: Request


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody is left to ask."""

    wanted: Request


def plan(
    waiting: Sequence[Request], pinged_at: Mapping[str, float], now: datetime, after: timedelta
) -> list[Remind | PassOn | GiveUp]:
    """What is due: a reminder `after` the question, the next expert `after` the reminder.

    `pinged_at` says when people were last reminded or asked in this way (Unix seconds): nobody is twice
    within a day.
    """
    at = now.timestamp()
    pinged = {person for person, then in pinged_at.items() if at - then < A_DAY.total_seconds()}
    due: list[Remind | PassOn | GiveUp] = []
    reminders: dict[str, list[Request]] = {}
    for one in waiting:
        since = one.turn_at if one.reminded_at is None else one.reminded_at
        if at - since < after.total_seconds():
            continue
        if one.reminded_at is None:
            reminders.setdefault(one.expert, []).append(one)
            continue
        following = replace(one, turn=one.turn + 1).expert
        if not following:
            due.append(GiveUp(one))
        elif following not in pinged:
            pinged.add(following)
            due.append(PassOn(one))
    for person, about in reminders.items():
        if person and person not in pinged:
            due.append(Remind(person, tuple(about)))
    return due


@dataclass(frozen=True, slots=True)
class Reminding:
    """A duty of the heartbeat: does what is due, once, however many processes ask.

    Who has quiet hours, or had enough pings on their day, hears of it later. Who is away is not reminded, and
    their turn goes by all the same.
    """

    database: Database
    requests: Requests
    after: timedelta
    availability: Availability

    def remind(self, now: datetime) -> int:
        """How many people and requests something was done about."""
        with self.database.reading() as connection:
            waiting = self._due(connection, now)
        for person in {_pinged(one) for one in waiting} - {""}:
            self.availability.profile(person)  # Slack is asked in no transaction, here and for names below
        with self.database.reading() as connection:
            due = [one for one in waiting if self._may(connection, one, now)]
        if not due:
            return 0
        said = [(one, self._messages(one, now)) for one in due]
        done = 0
        with self.database.writing() as connection:
            still = self._due(connection, now)
            for one, messages in said:
                if one in still and self._may(connection, one, now):
                    outgoing.put(connection, messages, None, now.timestamp())
                    _note(connection, one, now.timestamp())
                    if messages and _pinged(one):
                        self.availability.ping(connection, _pinged(one), now, "a question to you")
                    done += 1
        return done

    def _may(self, connection: Connection, one: Remind | PassOn | GiveUp, now: datetime) -> bool:
        person = _pinged(one)
        return not person or self.availability.may_ping(person, now, connection) is None

    def _due(self, connection: Connection, now: datetime) -> list[Remind | PassOn | GiveUp]:
        waiting = journal.waiting(connection)
        people = {person for one in waiting for person in one.experts}
        pinged = {person: journal.pinged_at(connection, person) or 0.0 for person in people}
        return plan(waiting, pinged, now, self.after)

    def _messages(self, one: Remind | PassOn | GiveUp, now: datetime) -> Sequence[Message]:
        match one:
            case Remind(person) if self._is_away(person, now):
                return ()
            case Remind(person, about):
                pages = reminder_pages([self.requests.asking(each) for each in about])
                return to_person(person, pages, Check(alone(person)))
            case PassOn(wanted):
                return self.requests.ask(replace(wanted, turn=wanted.turn + 1))
            case GiveUp(wanted):
                return self.requests.nobody_left(wanted)

    def _is_away(self, person: str, now: datetime) -> bool:
        today = now.astimezone(self.availability.profile(person).zone).date()
        return isinstance(self.availability.standing(person, today), Off)


def _pinged(one: Remind | PassOn | GiveUp) -> str:
    """Who hears of it without having asked; empty where nobody does."""
    match one:
        case Remind(person):
            return person
        case PassOn(wanted):
            return replace(wanted, turn=wanted.turn + 1).expert
        case GiveUp():
            return ""


def _note(connection: Connection, one: Remind | PassOn | GiveUp, now: float) -> None:
    match one:
        case Remind(person, about):
            journal.reminded(connection, [each.id for each in about], now)
            journal.ping(connection, person, now)
        case PassOn(wanted):
            following = replace(wanted, turn=wanted.turn + 1)
            journal.write(connection, Moved(wanted.id, "open", following.turn), now)
            journal.ping(connection, following.expert, now)
        case GiveUp(wanted):
            journal.write(connection, Moved(wanted.id, "unanswered", wanted.turn + 1), now)

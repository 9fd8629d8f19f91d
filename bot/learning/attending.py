"""Who comes to a talk: what people reply to an invitation, who waits for a place, and who moves up."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.blocks.invitations import COMING, FILE, NOT_COMING, told_page
from bot.blocks.pages import Page
from bot.journal import notices, series, talks
from bot.journal.notices import Notice
from bot.journal.series import Series
from bot.journal.talks import ANNOUNCED, CANCELLED, NO, PLANNED, SPEAKS, WAITING, YES, Reply, Talk
from bot.journal.work import Done, Item
from bot.kinds import TALK_REPLY
from bot.learning.cards import card_of, may_come
from bot.people import People
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.attending import Seats
from prompts.words import words

MOVED_UP = "talk seat"
"""The kind of the notice that a place has become free."""


def speakers_of(connection: Connection, talk_id: str) -> tuple[str, ...]:
    """Who speaks at a talk (user ids)."""
    return tuple(one.person for one in talks.speakers_of(connection, talk_id, SPEAKS))


def seats_of(connection: Connection, talk_id: str) -> Seats:
    """Who has a seat and who waits for one. Those who speak need none, whatever they have replied."""
    speaking = speakers_of(connection, talk_id)
    replies = [one for one in talks.replies_of(connection, talk_id) if one.person not in speaking]
    return Seats(
        tuple(one.person for one in replies if one.reply == YES),
        tuple(one.person for one in replies if one.reply == WAITING),
    )


def settle(
    connection: Connection, talk: Talk, capacity: int | None, now: float, left: Collection[str] = ()
) -> None:
    """Give free seats to those who wait, and tell them; `left` are those who cannot come any more."""
    before = seats_of(connection, talk.id)
    _store(connection, talk, before, before.left_by(left, capacity), now)


@dataclass(frozen=True, slots=True)
class Attending:
    """Works off TALK_REPLY, for the talks of all kinds of series."""

    people: People
    database: Database
    clock: Clock

    def join(self, room: Room) -> None:
        room.handlers[TALK_REPLY] = self.reply

    def reply(self, item: Item) -> Done:
        """Store whether somebody comes, and say what that makes of it; to press twice is to press once."""
        with self.database.reading() as connection:
            talk = talks.by_id(connection, subject_of(item))
            one = None if talk is None else series.by_id(connection, talk.series_id)
        if talk is None or one is None or not may_come(self.people, one, item.person):
            return Done(say=quietly(item, in_markdown(words("invited_unknown"))))
        now = self.clock().timestamp()
        with self.database.writing() as connection:
            talk = talks.by_id(connection, talk.id) or talk
            speaking = speakers_of(connection, talk.id)
            seats = seats_of(connection, talk.id)
            if not (refused := refusal(talk, now)) and item.person not in speaking:
                seats = self._replied(connection, talk, one, item, seats, now)
        if refused:
            return Done(say=quietly(item, in_markdown(refused)))
        return Done(say=quietly(item, [self._said(talk, one, speaking, seats, item.person)]))

    def _replied(
        self, connection: Connection, talk: Talk, one: Series, item: Item, before: Seats, now: float
    ) -> Seats:
        capacity = one.settings.capacity
        if item.payload.get("reply") == YES:
            after = before.wanted_by(item.person, capacity)
        else:
            after = before.left_by([item.person], capacity)
            if item.person not in (*before.taken, *before.waiting):
                talks.put_reply(connection, Reply(talk.id, item.person, NO, now))
        _store(connection, talk, before, after, now)
        return after

    def _said(self, talk: Talk, one: Series, speaking: tuple[str, ...], seats: Seats, person: str) -> Page:
        card = card_of(self.people, talk, one, speaking)
        if person in speaking:
            return told_page(words("invited_speaks"), card, (FILE,))
        if person in seats.taken:
            return told_page(words("invited_yes"), card, (NOT_COMING, FILE))
        if person in seats.waiting:
            turn = seats.waiting.index(person) + 1
            return told_page(words("invited_waiting", turn=turn), card, (NOT_COMING,))
        return told_page(words("invited_no"), card, (COMING,))


def refusal(talk: Talk, now: float) -> str:
    """Why nobody can reply to an invitation any more; empty while they can."""
    if talk.state == CANCELLED:
        return words("invited_cancelled")
    if talk.state not in (PLANNED, ANNOUNCED) or now >= talk.ends_at:
        return words("invited_over")
    return ""


def _store(connection: Connection, talk: Talk, before: Seats, after: Seats, now: float) -> None:
    """Store what has changed; who moves up from those who wait is told of it."""
    for person in after.taken:
        if person not in before.taken:
            talks.put_reply(connection, Reply(talk.id, person, YES, now))
        if person in before.waiting:
            told = Notice(MOVED_UP, f"{talk.id}:{now:.3f}", person, now, talk.starts_at)
            notices.plan(connection, told)
    for person in after.waiting:
        if person not in before.waiting:
            talks.put_reply(connection, Reply(talk.id, person, WAITING, now))
    for person in (*before.taken, *before.waiting):
        if person not in (*after.taken, *after.waiting):
            talks.put_reply(connection, Reply(talk.id, person, NO, now))

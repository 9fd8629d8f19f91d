"""Follows what happens to threads that are documents: hidden at once where words are gone, and read again
soon; and leaves people out who want that."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App
from sqlalchemy import Connection

from bot.hearing import Myself
from bot.journal import threads
from bot.journal.personal import preferences_of
from bot.journal.records import Audit
from bot.journal.threads import NO, PREFERENCE, ThreadsRefusal
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.listeners import threads as doors
from bot.people import Hears
from bot.replies import say
from bot.threads.hearing import Lost, Meaning, PersonGone, Reacted, Touched, Turned, meaning_of
from bot.threads.listing import WINDOW_S
from bot.threads.page import date_of
from bot.workers import Handler
from knowledge.ports import Clock


class Threads:
    """`heard` is told of every event before its listener; what it stores is stored when that acknowledges.

    `people` is told of what Slack says of a channel in a message alone.
    """

    def __init__(self, writer: JournalWriter, people: Hears, me: Myself, clock: Clock) -> None:
        self._writer = writer
        self._people = people
        self._me = me
        self._clock = clock
        self.commands: dict[str, Handler] = {"threads": self.command}

    def register(self, app: App) -> None:
        doors.register(app, self.heard)

    def heard(self, event: Mapping[str, Any]) -> None:
        """Take note of an event. Raises NotCommitted: then do not acknowledge."""
        meaning = meaning_of(event, self._me.user_id)
        if isinstance(meaning, Turned):
            self._people.heard({"type": "channel_turned", "channel": meaning.channel})
        if meaning is None or not self._concerns_us(meaning):
            return
        now = self._clock().timestamp()
        self._writer.write(lambda connection: _note(connection, meaning, now))

    def command(self, item: Item) -> Done:
        """`/lore threads on`, `off`, or what holds for this person."""
        match item.text.lower().split()[1:]:
            case [("on" | "off") as turned]:
                refusal = ThreadsRefusal(item.person, wanted=turned == "on")
                record = (refusal, Audit(item.person, f"threads {turned}"))
                return Done(say=say(item, f"threads_{turned}"), record=record)
            case _:
                chosen = self._writer.read(lambda connection: preferences_of(connection, item.person))
                left_out = chosen.get(PREFERENCE) == NO
                return Done(say=say(item, "threads_are_off" if left_out else "threads_are_on"))

    def _concerns_us(self, meaning: Meaning) -> bool:
        """Whether anything would be stored: most of what is said is said elsewhere."""
        match meaning:
            case PersonGone():
                return bool(meaning.person)
            case Touched() | Reacted() | Lost() | Turned():
                if isinstance(meaning, Touched) and not meaning.hidden and self._is_recent(meaning.thread_ts):
                    return False
                read_by = self._writer.read(lambda c: threads.readers_of(c, meaning.channel))
                if not isinstance(meaning, Reacted):
                    return bool(read_by)
                return any(meaning.name in one.accepting | one.taking_out for one in read_by)

    def _is_recent(self, thread_ts: str) -> bool:
        """Whether every sync looks at the thread anyway, and sees that somebody has replied."""
        at = date_of(thread_ts)
        return at is not None and (self._clock() - at).total_seconds() < WINDOW_S / 2


def _note(connection: Connection, meaning: Meaning, now: float) -> None:
    match meaning:
        case Touched(channel, ts, thread_ts, hidden):
            threads.mark(connection, channel, ts, thread_ts or ts, now, hidden=hidden)
        case Reacted(channel, ts, name, added):
            read_by = threads.readers_of(connection, channel)
            taken_out = added and any(name in one.taking_out for one in read_by)
            taken_back = not added and any(name in one.accepting for one in read_by)
            hidden = taken_out or taken_back
            threads.mark(connection, channel, ts, "", now, hidden=hidden, soon=added and not taken_out)
        case Lost(channel, reason):
            threads.close(connection, channel, reason, now)
        case Turned(channel):
            threads.reopen(connection, channel, now)
        case PersonGone(person):
            threads.hide_words_of(connection, person, now)

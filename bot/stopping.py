"""The stop button: the asker ends the work on an answer, and what was shown of it is marked as stopped."""

import logging
from collections.abc import Callable

from sqlalchemy import Connection, select, update

from bot.blocks.pages import context, spoken
from bot.journal import outgoing, streams
from bot.journal.streams import Stream
from bot.journal.tables import inbox
from bot.journal.writer import JournalWriter
from bot.messages import Check, Message, Place
from knowledge.ports import Clock
from prompts.words import words

log = logging.getLogger(__name__)


class Stops:
    """Settles what is worked on, so that whatever its worker brings later is not said."""

    def __init__(self, writer: JournalWriter, clock: Clock, said: Callable[[], None]) -> None:
        self._writer = writer
        self._clock = clock
        self._said = said

    def stop(self, channel: str, thread_ts: str, person: str) -> int:
        """End the work on what this person asked in this thread; how many questions that were.

        What others asked there goes on. Returns when it is on disk; raises NotCommitted.
        """
        now = self._clock().timestamp()
        stopped = self._writer.write(lambda connection: _stop(connection, channel, thread_ts, person, now))
        if stopped:
            self._said()
        log.info("%d questions were stopped by their asker", stopped)
        return stopped


def _stop(connection: Connection, channel: str, thread_ts: str, person: str, now: float) -> int:
    asked = connection.execute(
        select(inbox.c.id, inbox.c.ts).where(
            inbox.c.channel == channel,
            inbox.c.thread_ts == thread_ts,
            inbox.c.person == person,
            inbox.c.ts != "",
            inbox.c.state.in_(("queued", "claimed")),
        )
    ).all()
    for item in asked:
        said = [_as_it_is(stream) for stream in streams.of_item(connection, item.id)]
        if not said:
            said = [_only_stopped(channel, thread_ts, person)]
        outgoing.put(connection, said, item.id, now)
        connection.execute(
            update(inbox)
            .where(inbox.c.id == item.id)
            .values(state="done", claim=None, leased_until=None, done_at=now)
        )
    return len(asked)


def _as_it_is(stream: Stream) -> Message:
    """What the stream has shown, checked again, and that it was stopped."""
    blocks = [dict(block) for block in (*stream.shown, context(words("stopped")))]
    return Message(
        channel=stream.channel,
        text=spoken(blocks),
        blocks=tuple(blocks),
        thread_ts=stream.thread_ts,
        person=stream.person,
        check=Check(
            Place(stream.channel),
            tuple(stream.rests_on.get("audience_keys", ())),
            tuple(stream.rests_on.get("document_ids", ())),
        ),
        instead=words("withheld"),
    )


def _only_stopped(channel: str, thread_ts: str, person: str) -> Message:
    """Nothing of the answer was shown yet."""
    block = context(words("stopped_early"))
    return Message(channel=channel, text=spoken([block]), blocks=(block,), thread_ts=thread_ts, person=person)

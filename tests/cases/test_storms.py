"""Many events and many messages at once: each is answered, and said, exactly once (SP-06, SP-10)."""

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from bot.inbox import Inbox, Received, from_event
from bot.journal.migrate import migrate
from bot.journal.tables import inbox as inbox_table
from bot.journal.tables import outbox as outbox_table
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter, NotCommitted
from bot.messages import Message
from bot.outbox import Outbox
from bot.sending import RateLimited
from bot.workers import Workers
from knowledge.adapters.database import open_database
from tests.bot.conftest import HandClock
from tests.bot.test_outbox import PaperSlack, make, run

EVENTS = 500
POSTS, CHANNELS = 1000, 20


def answer(item: Item) -> Done:
    return Done(say=(Message(item.channel, f"answer to {item.text}"),))


def apologise(item: Item, _error_id: str) -> Message:
    return Message(item.channel, f"sorry about {item.text}")


def now() -> datetime:
    return datetime.now(UTC)


class Side:
    """One of two bots on one journal: an inbox and workers over a connection of their own."""

    def __init__(self, path: Path) -> None:
        self.database = open_database(path)
        self.writer = JournalWriter(self.database)
        self.writer.start()
        self.workers = Workers(self.writer, {"question"}, answer, apologise, apologise, now, size=2)
        self.inbox = Inbox(self.writer, now, lambda _: None, EVENTS, arrived=self.workers.wake)

    def receive(self, deliveries: Sequence[Received]) -> None:
        for one in deliveries:
            for _attempt in range(4):  # what is not committed is not acknowledged, and comes again
                with suppress(NotCommitted):
                    self.inbox.receive(one)
                    break
            else:
                raise AssertionError(f"{one} was never committed")

    def stop(self) -> None:
        self.workers.stop(5)
        self.writer.close()
        self.database.close()


def posted(n: int, kind: str) -> Received:
    event = {"type": kind, "channel": "C1", "user": "U1", "text": f"{n:03}", "ts": f"{n}.0"}
    return from_event({"team_id": "T1", "event_id": f"Ev{n}{kind}", "event": event}, "question")


def test_sp06_shuffled_and_repeated_events_at_two_bots_get_one_answer_each(tmp_path: Path) -> None:
    chance = random.Random(6)
    deliveries = [
        posted(n, kind)
        for n in range(EVENTS)
        for kind in ("message", "app_mention")
        for _ in range(chance.randint(1, 4))
    ]
    chance.shuffle(deliveries)
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    sides = [Side(tmp_path / "lore.db") for _ in range(2)]
    for side in sides:
        side.workers.start()
    taking = [
        threading.Thread(target=sides[n % 2].receive, args=(deliveries[n::8],), name=f"taking {n}")
        for n in range(8)
    ]
    for thread in taking:
        thread.start()
    for thread in taking:
        thread.join()

    def undone() -> int:
        waiting = select(func.count()).where(inbox_table.c.state != "done")
        with database.reading() as connection:
            return connection.execute(waiting).scalar_one()

    end = time.monotonic() + 60
    while undone() and time.monotonic() < end:
        time.sleep(0.05)
    for side in sides:
        side.stop()
    with database.reading() as connection:
        said = [message["text"] for message in connection.execute(select(outbox_table.c.message)).scalars()]
    database.close()
    assert Counter(said) == Counter(f"answer to {n:03}" for n in range(EVENTS))


def test_sp10_a_thousand_posts_over_twenty_channels_with_429s(
    writer: JournalWriter, clock: HandClock
) -> None:
    slack = PaperSlack(clock)
    slack.plan = [(RateLimited(1), False) if n % 9 == 0 else None for n in range(POSTS)]
    outbox: Outbox = make(writer, clock, slack)
    outbox.say(*(Message(f"C{n % CHANNELS}", f"{n:04}") for n in range(POSTS)))
    run(outbox, clock, 4 * POSTS / CHANNELS, tick=0.5)
    assert Counter(text for _, text, _, _ in slack.posts) == Counter(f"{n:04}" for n in range(POSTS))
    for channel in range(CHANNELS):
        mine = [(text, at) for where, text, _, at in slack.posts if where == f"C{channel}"]
        assert [text for text, _ in mine] == sorted(text for text, _ in mine)
        for (_, earlier), (_, later) in zip(mine, mine[2:], strict=False):
            assert later - earlier >= 0.99, "two at once, then one a second"

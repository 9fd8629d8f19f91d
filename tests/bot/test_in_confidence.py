"""What is said with `/pair` leaves no words behind, however it ends."""

from functools import partial

from sqlalchemy import select

from bot.inbox import Inbox, Receipt, Received
from bot.journal import work
from bot.journal.forgetting import IN_CONFIDENCE, PAIR
from bot.journal.records import Trouble
from bot.journal.tables import inbox as table
from bot.journal.work import Done
from bot.journal.writer import JournalWriter
from tests.bot.conftest import HandClock


def said(text: str, kind: str = PAIR) -> Received:
    return Received(kind, frozenset({f"trigger:{text}"}), "T1", "C1", "U1", text, conversation=text)


def test_what_crashed_and_what_was_refused_has_no_words_either(
    writer: JournalWriter, clock: HandClock
) -> None:
    inbox = Inbox(writer, clock, lambda _: None, most_queued=2)
    texts = ("exclude <@U00000002>", "learn what <@U00000002> likes", "exlude <@U00000002>")
    kinds = (PAIR, "learn", PAIR)
    receipts = [inbox.receive(said(text, kind)) for text, kind in zip(texts, kinds, strict=True)]
    assert receipts == [Receipt.NEW, Receipt.NEW, Receipt.REFUSED]
    for _ in range(2):
        item = writer.write(lambda connection: work.claim(connection, {PAIR, "learn"}, 0.0))
        assert item is not None
        assert "<@U00000002>" in item.text, "until it is done"
        crashed = Done(record=(Trouble("ValueError"),))
        assert writer.write(partial(work.finish, item=item, done=crashed, now=0.0))
    kept = writer.read(lambda connection: connection.execute(select(table.c.kind, table.c.text)).all())
    assert [tuple(row) for row in kept] == [(PAIR, ""), ("learn", texts[1]), (PAIR, "")]
    assert frozenset({PAIR}) == IN_CONFIDENCE

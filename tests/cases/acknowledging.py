"""Takes events in one after another and notes each acknowledgement in the disk's log; run under `disk.c`."""

import ctypes
import sys

from bot.inbox import Inbox, Received
from bot.journal.migrate import migrate
from bot.journal.writer import JournalWriter, NotCommitted
from knowledge.adapters.database import open_database
from tests.records import NOON


def main(path: str, events: int) -> None:
    database = open_database(path)
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    inbox = Inbox(writer, lambda: NOON, lambda _: None, most_queued=10**6)
    disk = ctypes.CDLL(None)
    for n in range(events):
        received = Received("question", frozenset({f"k{n}"}), "T1", "C1", "U1", f"{n}", conversation=f"{n}")
        try:
            inbox.receive(received)
        except NotCommitted:
            print("refused", n)
        else:
            disk.acknowledged(ctypes.c_int64(n))
            print("acknowledged", n)
    writer.close()
    if len(sys.argv) > 3:
        database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

"""An answerer that shows its answer while it writes it, for the bots that are killed."""

import time
from collections.abc import Callable

from bot.journal.work import Done, Item
from bot.messages import Message
from bot.streaming import Rhythm, Streams
from knowledge.documents import Citation, Sentence
from knowledge.steps import Searching, Writing, Written

STREAM_STEPS = ("before start", "after start", "before append", "before stop", "after stop")
QUICK = Rhythm(every_s=0.0, opening_s=0.6)
SENTENCES = 3

_SOURCE = Citation(1, "wiki/a.md", "wiki", "a.md", "A", "", "a", 0, 1, "everyone")


def streamed(streams: Streams, answer: Callable[[Item], Done]) -> Callable[[Item], Done]:
    """`answer`, after some sentences were shown."""

    def handle(item: Item) -> Done:
        live = streams.live(item, frozenset({"everyone"}))
        if live is None:
            return answer(item)
        with live:
            live.hear(Searching(3))
            live.hear(Writing("fake:model"))
            for n in range(SENTENCES):
                time.sleep(0.01)
                live.hear(Written(Sentence(f"Sentence {n}.", (1,)), (_SOURCE,)))
        return answer(item)

    return handle


def nothing_to_check(message: Message) -> Message:
    """Everybody may read everything."""
    return message

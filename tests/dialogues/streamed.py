"""An answerer that tells its steps one by one, and how to look at what people are shown meanwhile."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from bot.journal.streams import streams
from bot.streaming import Rhythm
from bot.wiring import Knowledge
from knowledge.documents import Answer, Outcome, Sentence
from knowledge.steps import Hear, Reading, Searching, Writing, Written
from tests.dialogues.lore import Lore, words

QUICK = Rhythm(every_s=0.0, expires_from_s=0.0, opening_s=1.0)
QUESTION = "how long did the restore drill take for the 7B run?"
SAID = ("It took 41 minutes.", "It was on 12 May 2026.", "The 13B run took 93 minutes.")


@dataclass
class Writer:
    """Tells the steps of an answer one by one: each sentence waits until it is let go."""

    knowledge: Knowledge
    sentences: tuple[str, ...] = SAID
    between: Callable[[int], None] = lambda _n: None
    gates: dict[int, threading.Event] = field(default_factory=dict)
    at_the_end: Callable[[], None] = lambda: None
    fails: bool = False
    told: list[str] = field(default_factory=list)
    heard_of_an_end: threading.Event = field(default_factory=threading.Event)

    def gate(self, n: int) -> threading.Event:
        """Sentence `n` is not written before this is set."""
        return self.gates.setdefault(n, threading.Event())

    def __call__(self, hear: Hear) -> Outcome:
        outcome = self.knowledge.answerer.answer(QUESTION, frozenset({"everyone"}))
        assert isinstance(outcome, Answer)
        made = tuple(Sentence(text, (1,)) for text in self.sentences)
        answer = replace(outcome, sentences=made, citations=outcome.citations[:1])
        try:
            hear(Searching(outcome.searched.documents, outcome.searched.sources))
            hear(Reading(2, ("Checkpoints",)))
            hear(Writing("fake:slow"))
            for n, sentence in enumerate(made):
                if n in self.gates:
                    assert self.gates[n].wait(30)
                self.between(n)
                hear(Written(sentence, answer.citations))
                self.told.append(sentence.text)
        except Exception:
            self.heard_of_an_end.set()
            raise
        self.at_the_end()
        if self.fails:
            raise RuntimeError("the model broke")
        return answer


def growing(lore: Lore, ts: str, *parts: str, channel: str = "#general") -> dict[str, Any]:
    """The message that is being streamed in this thread, once it says all of these."""

    def look() -> dict[str, Any] | None:
        for message in lore.slack.said_by_app(channel, ts):
            shown = words(message) + " ".join(each.get("title", "") for each in cards(message))
            if message.get("streaming_state") == "in_progress" and all(part in shown for part in parts):
                return message
        return None

    return lore.slack.wait_for(look) or {}


def no_longer_ours(lore: Lore, channel: str) -> None:
    """Share a channel with another organisation, and wait until Lore has heard of it."""
    lore.slack.share_channel(channel)
    lore.slack.wait_for(lambda: any(each.acked for each in lore.slack.ledger.events("channel_shared")))


def cards(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [block for block in message.get("blocks", []) if block["type"] == "task_card"]


def ended(lore: Lore, ts: str, count: int = 1, channel: str = "#general") -> list[dict[str, Any]]:
    """What stands in the thread once nothing is being streamed and said any more."""

    def look() -> list[dict[str, Any]] | None:
        said = lore.slack.said_by_app(channel, ts)
        done = len(said) == count and all(each.get("metadata") for each in said)
        return said if done and not lore.slack.streaming(channel) and not open_rows(lore) else None

    return lore.slack.wait_for(look) or []


def open_rows(lore: Lore) -> list[Any]:
    with lore.knowledge.database.reading() as connection:
        return list(connection.execute(select(streams.c.key).where(streams.c.state != "ended")))


def as_it_is_without_streaming(message: dict[str, Any]) -> list[Any]:
    """Its blocks, but for the ids that are new each time."""
    drop = ("block_id", "value", "action_id", "options")

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items() if name not in drop}
        return [plain(each) for each in value] if isinstance(value, list) else value

    return [plain(block) for block in message["blocks"]]

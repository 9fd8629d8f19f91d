"""What tests of syncs in Slack share: a source that waits at a gate, messages by their words, presses."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from bot.journal.sync_runs import Run
from bot.journal.tables import audit
from bot.sync_desk import Syncs
from ingest.sources import Item, Listed, Reading, Source
from knowledge.documents import Document
from knowledge.errors import Unreadable
from tests.dialogues.joined import syncs_of
from tests.dialogues.lore import Lore, words


@dataclass
class Gate:
    """Reads sources as ever, but a document of `source` only when the gate lets it through."""

    read: Callable[[Source, Reading], Iterable[Listed]]
    source: str = "wiki"
    open: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)

    def __call__(self, source: Source, reading: Reading) -> Iterator[Listed]:
        for one in self.read(source, reading):
            if isinstance(one, Item) and source.name == self.source:
                yield replace(one, load=self._held(one, reading))
            else:
                yield one

    def _held(self, one: Item, reading: Reading) -> Callable[[], Document]:
        def load() -> Document:
            self.waiting.set()
            while not self.open.wait(0.02):
                if reading.stopped():
                    raise Unreadable("somebody asked to stop")
            return one.load()

        return load


def gated(lore_knowledge: Any, clock: Callable[[], Any]) -> tuple[Syncs, Gate]:
    """Syncs whose wiki waits at a gate."""
    gate = Gate(lore_knowledge.syncer.read)
    syncs = syncs_of(lore_knowledge, clock)
    syncer = replace(lore_knowledge.syncer, read=gate)
    return replace(syncs, syncing=replace(syncs.syncing, syncer=syncer)), gate


def dm_message(lore: Lore, person: str, *told: str) -> dict[str, Any]:
    """The newest message in a person's DM with Lore that says all of this, once there is one."""
    place = lore.slack.dm(person)

    def look() -> dict[str, Any] | None:
        found = [one for one in lore.slack.said_by_app(place) if all(each in words(one) for each in told)]
        return found[-1] if found else None

    look.__name__ = f"{person} is told {told}"
    return lore.slack.wait_for(look) or {}


def press(lore: Lore, person: str, message: dict[str, Any], action: str, value: str | None = None) -> None:
    assert lore.slack.click(person, lore.slack.dm(person), message["ts"], action, value).ok


def has_button(message: dict[str, Any], action: str) -> bool:
    return any(
        element["action_id"] == action
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    )


def acts(lore: Lore) -> list[tuple[str, str, str, int]]:
    """Who did what to what, and whether they might, in order."""
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    names = {lore.slack.person(name).id: name for name in ("ana", "ben", "chloe")}
    return [(names.get(row.person, row.person), row.action, row.subject, row.allowed) for row in rows]


def ended(syncs: Syncs, lore: Lore, source: str = "wiki") -> Run:
    """The newest run of a source, once it has ended."""

    def look() -> Run | None:
        found = syncs.runs.recent(source, 1)
        return found[0] if found and not found[0].active else None

    return lore.slack.wait_for(look)  # type: ignore[return-value]

"""Recaps are brought into the index, and taken out of it, soon after they change."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.journal import outgoing, recaps
from bot.journal.recaps import INDEX_TALKS
from bot.journal.work import Done, Item
from bot.rooms import Room
from ingest.report import SyncReport
from knowledge.adapters.database import Database
from knowledge.errors import LoreError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RememberingTalks:
    """`index` brings what people gave in Slack into the index, and may raise LoreError; `workspace` is the
    address of the workspace, which a recap's own address begins with (empty where Slack told none)."""

    database: Database
    index: Callable[[], SyncReport]
    workspace: str

    def join(self, room: Room) -> None:
        room.handlers[INDEX_TALKS] = self.follow
        room.duties.append(self.learn_addresses)

    def follow(self, _item: Item) -> Done:
        """Have the index be what stands in the channels. What fails now is made up for by the next sync of
        all: what was withdrawn is hidden all the same."""
        try:
            report = self.index()
        except LoreError as error:
            log.error("ALERT recaps are not indexed yet, the next sync takes them: %s", error)
            return Done()
        log.info("recaps are in version %d", report.version)
        return Done()

    def learn_addresses(self, now: datetime) -> None:
        """Note where recaps stand as soon as they do, and have them indexed then; a duty.

        The outbox forgets it after a while, and a sync has no Slack to ask.
        """
        with self.database.reading() as connection:
            found = [(one, outgoing.said(connection, one.key)) for one in recaps.not_seen(connection)]
        for one, ts in found:
            if not ts:
                continue
            url = f"{self.workspace}archives/{one.channel}/p{ts.replace('.', '')}" if self.workspace else ""
            with self.database.writing() as connection:
                known = recaps.of_talk(connection, one.talk_id)
                if known == one:
                    recaps.put(connection, replace(one, ts=ts, url=url), one.changed_at)
                    recaps.index_next(connection, now.timestamp())

"""Entries that may be found are brought into the index, and taken out of it, soon after they change."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.journal.standup_pages import INDEX_STANDUPS, StandupPage, learn_names, pages
from bot.journal.work import Done, Item
from bot.people import USER_ID, People
from bot.rituals.room import Rituals
from bot.standup_source import MENTION
from ingest.report import SyncReport
from knowledge.adapters.database import Database
from knowledge.errors import LoreError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Remembering:
    """`index` brings what people gave in Slack into the index, and may raise LoreError."""

    people: People
    database: Database
    index: Callable[[], SyncReport]

    def join(self, rituals: Rituals) -> None:
        rituals.handlers[INDEX_STANDUPS] = self.follow

    def follow(self, _item: Item) -> Done:
        """Have the index be what may be found. What fails now is made up for by the next sync of all: what
        must not be found is hidden all the same."""
        self._learn_names()
        try:
            report = self.index()
        except LoreError as error:
            log.error("ALERT entries are not indexed yet, the next sync takes them: %s", error)
            return Done()
        log.info("entries are in version %d", report.version)
        return Done()

    def _learn_names(self) -> None:
        """Ask Slack for the names of those who are not known by any; a sync has no Slack to ask."""
        with self.database.reading() as connection:
            found = pages(connection)
        wanted = {person for page in found for person in _people_in(page) if person not in page.names}
        known = (self.people.person(one) for one in sorted(wanted))
        names = {one.id: one.name for one in known if one is not None}
        if names:
            with self.database.writing() as connection:
                learn_names(connection, names)


def _people_in(page: StandupPage) -> set[str]:
    mentioned = {one for reply in page.entry.replies.values() for one in MENTION.findall(reply)}
    return {one for one in {page.entry.person, *mentioned} if USER_ID.fullmatch(one)}

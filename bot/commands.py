"""`/lore`: help, how fresh the knowledge is, where it comes from, and a sync for admins."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.blocks.reports import report_pages, sources_pages, status_pages
from bot.journal import work
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.people import People
from bot.pressing import WHY
from bot.replies import in_markdown, place_of, reply, say
from ingest.report import SyncReport
from knowledge.adapters.database import Database
from knowledge.audience import Readers, readable_keys
from knowledge.documents import Searched
from knowledge.errors import LoreError
from knowledge.ports import Store
from prompts.words import words

log = logging.getLogger(__name__)


def kind_of(text: str) -> str:
    """`sync` has workers of its own, since it may take minutes, `why` a room; everything else is `lore`."""
    verb = _verb(text)
    return verb if verb in ("sync", WHY) else "lore"


@dataclass(frozen=True, slots=True)
class Commands:
    """Works off `/lore` items: kind `lore` and kind `sync`. `sync` reads all sources anew; it may raise.

    `more` holds the commands of other rooms, by their first word.
    """

    people: People
    store: Store
    database: Database
    sync: Callable[[], SyncReport]
    more: Mapping[str, Callable[[Item], Done]] = field(default_factory=dict)

    def handle(self, item: Item) -> Done:
        """The reply to one command, for the one who gave it alone."""
        readers = self.people.readers(place_of(item))
        if readers == Readers():
            return Done(say=say(item, "not_here"))
        match _verb(item.text):
            case "sync":
                return self._sync(item)
            case "status":
                with self.database.reading() as connection:
                    waiting = work.waiting(connection)
                version, searched = self._searched(readers)
                return Done(say=reply(item, status_pages(version, searched, waiting)))
            case "sources":
                return Done(say=reply(item, sources_pages(self._searched(readers)[1].sources)))
            case verb if verb in self.more:
                return self.more[verb](item)
            case _:
                return Done(say=reply(item, in_markdown(words("help") + "\n\n" + words("commands"))))

    def _searched(self, readers: Readers) -> tuple[int, Searched]:
        version = self.store.published()
        keys = readable_keys(self.store.audience_keys(version), readers, self.people.members)
        return version, self.store.searched(version, keys)

    def _sync(self, item: Item) -> Done:
        if not self.people.is_admin(item.person):
            refused = Audit(item.person, "sync", allowed=False)
            return Done(say=say(item, "admins_only"), record=(refused,))
        allowed = Audit(item.person, "sync")
        try:
            report = self.sync()
        except LoreError as error:
            log.warning("the sync that %s asked for failed: %s", item.person, error)
            return Done(say=reply(item, in_markdown(f"The sync failed: {error}")), record=(allowed,))
        return Done(say=reply(item, report_pages(report)), record=(allowed,))


def _verb(text: str) -> str:
    return text.split()[0].lower() if text.strip() else "help"

"""`/lore`: help, how fresh the knowledge is, where it comes from, and what other rooms do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.blocks.reports import sources_pages, status_pages
from bot.journal import work
from bot.journal.work import Done, Item
from bot.kinds import BENCH
from bot.people import People
from bot.pressing import WHY
from bot.replies import in_markdown, place_of, reply, say
from knowledge.adapters.database import Database
from knowledge.audience import Readers, readable_keys
from knowledge.documents import Searched
from knowledge.ports import Store
from prompts.words import words

SOURCES = "sources"
"""Admins are shown more of them than others are."""


def kind_of(text: str) -> str:
    """`why` and `bench`, which takes its time, are kinds of their own; everything else is `lore`."""
    verb = _verb(text)
    return verb if verb in (WHY, BENCH) else "lore"


@dataclass(frozen=True, slots=True)
class Commands:
    """Works off `/lore` items. `more` holds the commands of other rooms, by their first word."""

    people: People
    store: Store
    database: Database
    more: Mapping[str, Callable[[Item], Done]] = field(default_factory=dict)

    def handle(self, item: Item) -> Done:
        """The reply to one command, for the one who gave it alone."""
        readers = self.people.readers(place_of(item))
        if readers == Readers():
            return Done(say=say(item, "not_here"))
        match _verb(item.text):
            case "status":
                with self.database.reading() as connection:
                    waiting = work.waiting(connection)
                version, searched = self._searched(readers)
                return Done(say=reply(item, status_pages(version, searched, waiting)))
            case "sources" if SOURCES not in self.more or not self.people.is_admin(item.person):
                return Done(say=reply(item, sources_pages(self._searched(readers)[1].sources)))
            case verb if verb in self.more:
                return self.more[verb](item)
            case _:
                return Done(say=reply(item, in_markdown(words("help") + "\n\n" + words("commands"))))

    def _searched(self, readers: Readers) -> tuple[int, Searched]:
        version = self.store.published()
        keys = readable_keys(self.store.audience_keys(version), readers, self.people.members)
        return version, self.store.searched(version, keys)


def _verb(text: str) -> str:
    return text.split()[0].lower() if text.strip() else "help"

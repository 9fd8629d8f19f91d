"""Section: what stand-ups named as blockers and still stands, where all the readers may read the stand-up."""

from dataclasses import dataclass

from bot.digests.sections import Entry, Part, Reader, Window
from bot.journal import blockers, rituals
from bot.journal.blockers import Blocker
from bot.journal.rituals import Ritual
from bot.rituals.blocker_sight import Sight
from bot.rituals.managing import audience
from ingest.redaction import hide
from knowledge.adapters.database import Database
from prompts.digest import cut


@dataclass(frozen=True, slots=True)
class OpenBlockers:
    """Builds the section, the oldest blocker first; new ones alone are a reason to send anything."""

    database: Database
    sight: Sight

    def build(self, reader: Reader, window: Window) -> Part | None:
        with self.database.reading() as connection:
            found = [
                (ritual, one)
                for ritual in rituals.all_rituals(connection, rituals.ACTIVE)
                for one in blockers.standing_of(connection, ritual.id)
            ]
        readable = [pair for pair in found if reader.may_read(audience(pair[0].settings, pair[0].owners))]
        entries = [self._entry(one, ritual) for ritual, one in readable]
        news = any(window.holds(one.opened_at) for _, one in readable)
        return Part(entries, news) if entries else None

    def _entry(self, one: Blocker, ritual: Ritual) -> Entry:
        shown = self.sight.shown(one, ritual)
        keys = (audience(ritual.settings, ritual.owners).key,)
        return Entry(cut(hide(shown.text)), details=(shown.facts,), audience_keys=keys)

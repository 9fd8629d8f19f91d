"""A series whose channel takes nothing of Lore's any more is paused, and whoever looks after it is told."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.blocks.series_list import EDIT, RESUME, series_page
from bot.journal import claims, outgoing, records, series
from bot.journal.records import Audit
from bot.journal.series import ACTIVE, KINDS, PAUSED, Series
from bot.learning.finding import Finding
from bot.pressing import to_person
from bot.rituals.looking_after import CLOSED_TO_US, RESTRICTED
from bot.rooms import Room
from knowledge.adapters.database import Database
from prompts.series import NAMES
from prompts.words import words

LOOKED_BACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClosedPlaces:
    """A duty of the heartbeat, for every kind of series."""

    finding: Finding
    database: Database

    def join(self, room: Room) -> None:
        room.duties.append(self.look)

    def look(self, now: datetime) -> None:
        """Slack has refused what was said in a series' channel since it was changed, and will again."""
        with self.database.reading() as connection:
            refused = claims.refusals(connection, (now - LOOKED_BACK).timestamp())
            closed = {
                channel: (error, at)
                for channel, (error, at) in refused.items()
                if error in CLOSED_TO_US or error.startswith(RESTRICTED)
            }
            kinds = KINDS if closed else ()
            active = [one for kind in kinds for one in series.all_series(connection, kind, ACTIVE)]
        for one in active:
            error, at = closed.get(one.channel, ("", 0.0))
            if error and at > one.changed_at:
                self._pause(one, error, now)

    def _pause(self, one: Series, error: str, now: datetime) -> None:
        place, keeper = self.finding.people.name_of_place(one.channel), self.finding.keeper(one)
        text = words(
            "series_paused_itself", name=one.name, place=place, error=error, command=NAMES[one.kind].command
        )
        page = series_page(text, one.kind, one.id, (EDIT, RESUME))
        with self.database.writing() as connection:
            if series.by_id(connection, one.id) != one:
                return
            paused = replace(one, state=PAUSED, revision=one.revision + 1)
            series.put(connection, paused, now.timestamp())
            audit = Audit("", "pause a series", f"{one.name}: {error}")
            records.write(connection, audit, None, now.timestamp())
            outgoing.put(connection, to_person(keeper, [page]), None, now.timestamp())

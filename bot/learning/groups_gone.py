"""A series that names a user group which is not there (any more): whoever looks after it is told once."""

from dataclasses import dataclass
from datetime import datetime

from bot.blocks.series_list import EDIT, series_page
from bot.journal import duties, outgoing, series
from bot.journal.personal import tell_once
from bot.journal.series import ACTIVE, KINDS, Series
from bot.learning.finding import Finding
from bot.pressing import to_person
from bot.rooms import Room
from knowledge.adapters.database import Database
from prompts.series import NAMES
from prompts.words import words

LOOK_EVERY_S = 600.0


@dataclass(frozen=True, slots=True)
class GroupsGone:
    """A duty of the heartbeat, for every kind of series. While Slack does not tell, none is gone."""

    finding: Finding
    database: Database

    def join(self, room: Room) -> None:
        room.duties.append(self.look)

    def look(self, now: datetime) -> None:
        """Tell of the groups that are gone."""
        with self.database.writing() as connection:
            if not duties.begin(connection, "user groups of series", LOOK_EVERY_S, now.timestamp()):
                return
            active = [one for kind in KINDS for one in series.all_series(connection, kind, ACTIVE)]
        for one in active:
            groups = [each for each in one.settings.members if each.startswith("@")]
            gone = [each for each in groups if self.finding.people.has_group(each) is False]
            if gone:
                self._tell(one, gone, now.timestamp())

    def _tell(self, one: Series, gone: list[str], at: float) -> None:
        keeper = self.finding.keeper(one)
        with self.database.writing() as connection:
            news = [each for each in gone if tell_once(connection, f"series {one.id} {each}"[:200], at)]
            if news:
                text = words(
                    "series_group_gone",
                    groups=", ".join(news),
                    name=one.name,
                    command=NAMES[one.kind].command,
                )
                page = series_page(text, one.kind, one.id, (EDIT,))
                outgoing.put(connection, to_person(keeper, [page]), None, at)

"""`/standup trends`: how many take part, by week and team; nothing about a single person."""

from dataclasses import dataclass
from datetime import date, timedelta

from bot.blocks.calm import Trend, trends_pages
from bot.journal import rituals as journal
from bot.journal import turnout
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.journal.work import Done, Item
from bot.replies import reply
from bot.rituals.availability import Availability
from bot.rituals.managing import may_read
from bot.rituals.room import Rituals
from prompts.participation import LEAST_PEOPLE, Week, by_week

WEEKS = 8


@dataclass(frozen=True, slots=True)
class Trends:
    """Works off the command, for rituals whose entries one may read."""

    availability: Availability

    def join(self, rituals: Rituals) -> None:
        rituals.commands["trends"] = self.trends

    def trends(self, item: Item) -> Done:
        """The reply, for the one who asks alone."""
        today = self.availability.clock().astimezone(self.availability.profile(item.person).zone).date()
        with self.availability.database.reading() as connection:
            known = journal.all_rituals(connection, ACTIVE, PAUSED)
        mine = [one for one in known if may_read(self.availability.people, one, item.person)]
        return Done(say=reply(item, trends_pages([self._of(one, today) for one in mine])))

    def _of(self, ritual: Ritual, today: date) -> Trend:
        since = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
        with self.availability.database.reading() as connection:
            weeks = by_week(turnout.of_ritual(connection, ritual.id, since, today + timedelta(days=1)))
        shown = [_line(one) for one in weeks if one.most_people >= LEAST_PEOPLE]
        note = "" if shown else "There is nothing yet that says nothing of single people."
        return Trend(ritual.name, shown, note)


def _line(week: Week) -> str:
    monday = f"{week.monday.day} {week.monday:%B %Y}"
    return f"Week of {monday}: {week.answered} of {week.asked} answered ({week.percent} %)"

"""People whose time zone Slack does not tell: they are told once by whose clock they are asked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.blocks.calm import said_pages
from bot.journal import deliveries, outgoing
from bot.journal import rituals as journal
from bot.journal.personal import tell_once, was_told
from bot.journal.ritual_tables import deliveries as table
from bot.journal.ritual_tables import occurrences
from bot.journal.rituals import Ritual
from bot.pressing import to_person
from bot.rituals.availability import Availability
from bot.rituals.room import Rituals
from prompts.calm import ZoneFrom
from prompts.planning import zone_for
from prompts.words import words

SOON_S = 600.0
"""It is said with the prompt, so that it is no message at a time of its own."""


@dataclass(frozen=True, slots=True)
class ZonesUnknown:
    """A duty that looks at whom a prompt was said to just now."""

    availability: Availability

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.look)

    def look(self, now: datetime) -> None:
        """Tell those who were just asked by a clock that may not be theirs."""
        just_now = (
            select(table.c.person, occurrences.c.ritual_id)
            .join(occurrences, occurrences.c.id == table.c.occurrence_id)
            .where(
                table.c.kind == "prompt",
                table.c.state == deliveries.SAID,
                table.c.settled_at > now.timestamp() - SOON_S,
            )
        )
        with self.availability.database.reading() as connection:
            asked = {row.person: row.ritual_id for row in connection.execute(just_now)}
            untold = {
                person: journal.ritual(connection, ritual_id)
                for person, ritual_id in asked.items()
                if not was_told(connection, _subject(person))
            }
        for person, ritual in untold.items():
            if ritual is not None:
                self._tell(person, ritual, now)

    def _tell(self, person: str, ritual: Ritual, now: datetime) -> None:
        profile = self.availability.profile(person, ritual)
        known = self.availability.people.person(person)
        if known is None or profile.zone_from in (ZoneFrom.OWN, ZoneFrom.SLACK):
            return
        zone = zone_for(ritual.settings, profile.zone)
        said = to_person(person, said_pages(words("zone_unknown", ritual=ritual.name, zone=zone.key)))
        with self.availability.database.writing() as connection:
            if tell_once(connection, _subject(person), now.timestamp()):
                outgoing.put(connection, said, None, now.timestamp())


def _subject(person: str) -> str:
    return f"unknown zone {person}"

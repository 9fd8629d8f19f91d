"""Who is a lead: admins, whom lore.toml names, and whoever looks after a stand-up, a series or its team."""

from dataclasses import dataclass, field

from bot.journal import rituals, series
from bot.lead_settings import LeadSettings
from bot.people import People
from knowledge.adapters.database import Database
from prompts.series import LEARNING, READING


@dataclass(frozen=True, slots=True)
class Leads:
    """Tells leads from others; asks Slack who somebody is, so not within a transaction."""

    people: People
    database: Database
    settings: LeadSettings = field(default_factory=LeadSettings)

    def includes(self, person: str) -> bool:
        """Whether somebody is a lead now; guests and those whom Slack does not tell of never are."""
        if not self.people.is_full_member(person):
            return False
        if self.people.is_admin(person) or self.people.is_named(person, self.settings.people):
            return True
        return self.settings.owners and person in self._looking_after()

    def _looking_after(self) -> frozenset[str]:
        with self.database.reading() as connection:
            standups = rituals.all_rituals(connection, rituals.ACTIVE, rituals.PAUSED)
            kept = [
                one
                for kind in (LEARNING, READING)
                for one in series.all_series(connection, kind, series.ACTIVE, series.PAUSED)
            ]
        leads = {one.settings.lead for one in standups}
        owners = [*(one.owners for one in standups), *(one.owners for one in kept)]
        return frozenset(leads.union(*owners) - {""})

"""Which pairings somebody may see and take part in, and what they are called."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.blocks.pairing import NAMES
from bot.journal import pairing
from bot.journal.pairing import ACTIVE, PAUSED, Member, Pairing
from bot.pairing.matching import may_take_part, next_slot
from bot.people import People
from bot.rituals.availability import Availability
from knowledge.adapters.database import Database
from prompts.calm import in_words
from prompts.pairing import PairingKind, Role

_KINDS = {
    "coffee": PairingKind.COFFEE,
    "mentoring": PairingKind.MENTORING,
    "mentor": PairingKind.MENTORING,
    "mentee": PairingKind.MENTORING,
    "modelling": PairingKind.MODELLING,
    "modeling": PairingKind.MODELLING,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Asks Slack who is where, so not within a transaction."""

    availability: Availability

    @property
    def people(self) -> People:
        return self.availability.people

    @property
    def database(self) -> Database:
        return self.availability.database

    def now(self) -> datetime:
        return self.availability.clock()

    def visible(self, person: str) -> Sequence[Pairing]:
        """Those that are not ended and that somebody may take part in, the oldest first."""
        with self.database.reading() as connection:
            known = pairing.all_pairings(connection, ACTIVE, PAUSED)
        return [one for one in known if may_take_part(self.people, one, person)]

    def meant(self, person: str, channel: str, text: str) -> Sequence[Pairing]:
        """Those that somebody may mean: of the kind that they name; where one of this channel is among them,
        that one."""
        kind = kind_in(text)
        fitting = [one for one in self.visible(person) if kind is None or one.kind is kind]
        return [one for one in fitting if one.channel == channel] or fitting

    def parts(self, person: str) -> dict[str, Member]:
        """What somebody takes part in, took part in, or was let go of, by the pairing's id."""
        with self.database.reading() as connection:
            return {one.pairing_id: one for one in pairing.memberships(connection, person)}

    def may_manage(self, one: Pairing, person: str) -> bool:
        """Who set it up and Lore's admins; of a private channel, those in it."""
        if not may_take_part(self.people, one, person):
            return False
        return person == one.owner or self.people.is_admin(person)

    def title(self, one: Pairing) -> str:
        """`Coffee in #general`."""
        return f"{NAMES[one.kind]} in {self.people.name_of_place(one.channel)}"

    def coming(self, one: Pairing) -> str:
        """`Monday, 9 March 2026 at 10:00 (Europe/Berlin)`; empty where there is no round within a year."""
        today = self.now().astimezone(one.clock)
        yesterday = date.fromordinal(today.date().toordinal() - 1)
        slot = next_slot(one, yesterday if today.time() < one.at else today.date())
        return "" if slot is None else f"{in_words(slot)} at {one.at:%H:%M} ({one.zone})"


def kind_in(text: str) -> PairingKind | None:
    """The kind that a text names."""
    return next((_KINDS[word] for word in _words(text) if word in _KINDS), None)


def role_in(text: str) -> Role:
    """What somebody wants to be in mentoring."""
    named = {"mentor", "mentee"} & set(_words(text))
    return Role(named.pop()) if len(named) == 1 else Role.EITHER


def _words(text: str) -> list[str]:
    return [word.strip(".,;") for word in text.lower().split()]

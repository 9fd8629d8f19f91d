"""`/standup why`: why one was or was not asked today, what comes next, and what was said lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.blocks.calm import Explained, explained_pages
from bot.journal import deliveries, entries, occurrences
from bot.journal import rituals as journal
from bot.journal.deliveries import Delivery
from bot.journal.entries import Entry
from bot.journal.occurrences import Occurrence
from bot.journal.rituals import PAUSED, Ritual
from bot.journal.work import Done, Item
from bot.replies import reply
from bot.rituals.availability import Availability
from bot.rituals.leave import coming_line
from bot.rituals.own_settings import OwnSettings
from bot.rituals.room import Rituals
from bot.rituals.upcoming import Upcoming
from prompts.calm import Half, Off, in_words
from prompts.planning import zone_for
from prompts.recurrence import Rule, RuleError

PROMPT = "prompt"
MOST_LEDGER = 12


@dataclass(frozen=True, slots=True)
class _Known:
    """What is recorded of one person's part in one date of a ritual."""

    occurrence: Occurrence | None
    prompt: Delivery | None
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Explaining:
    """Works off the command. It reads what was recorded, and says what would be done where nothing is."""

    availability: Availability
    upcoming: Upcoming
    own: OwnSettings

    def join(self, rituals: Rituals) -> None:
        rituals.commands["why"] = self.why

    def why(self, item: Item) -> Done:
        """The reply, for the one who asks alone."""
        return Done(say=reply(item, explained_pages(self.explained(item.person))))

    def explained(self, person: str) -> Explained:
        """All of it, as of now."""
        now = self.availability.clock()
        zone = self.availability.profile(person).zone
        return Explained(
            today=[(one.name, self._today(one, person, now)) for one in self.upcoming.rituals_of(person)],
            coming=[coming_line(one) for one in self.upcoming.next_prompts(person, now)],
            ledger=self._ledger(person, zone, now),
            how=self.own.in_words(person),
        )

    def _today(self, ritual: Ritual, person: str, now: datetime) -> str:
        zone = zone_for(ritual.settings, self.availability.profile(person, ritual).zone)
        today = now.astimezone(zone).date()
        with self.availability.database.reading() as connection:
            known = _known(connection, ritual, person, today)
        recorded = _recorded(known, person, zone)
        return recorded or self._otherwise(ritual, person, today, now)

    def _otherwise(self, ritual: Ritual, person: str, today: date, now: datetime) -> str:
        """Why nothing is recorded of a date."""
        if ritual.state == PAUSED:
            until = "" if ritual.paused_until is None else f" until {in_words(ritual.paused_until)}"
            return f"It is paused{until}."
        if not self.upcoming.is_on(ritual, today):
            return f"It is not on today. {_words_of(ritual)}"
        if (everybody := self.upcoming.off_days(ritual)(today)) is not None:
            return f"Nobody of the team works today: {everybody}."
        match self.availability.standing(person, today, ritual):
            case Off(reason) | Half(reason):
                return reason
            case _:
                coming = [one for one in self.upcoming.next_prompts(person, now) if one.ritual == ritual]
                today_still = [one for one in coming if one.slot == today]
                if today_still:
                    return f"I ask you at {today_still[0].at.astimezone(today_still[0].zone):%H:%M}."
                return "Its time had passed when it was set up or changed; the next one comes as usual."

    def _ledger(self, person: str, zone: ZoneInfo, now: datetime) -> Sequence[str]:
        with self.availability.database.reading() as connection:
            found = deliveries.of_person(connection, person, MOST_LEDGER, now.timestamp())
            names = {one.occurrence_id: _name_of(connection, one.occurrence_id) for one in found}
        return [_line(one, names[one.occurrence_id], zone) for one in found]


def _known(connection: Connection, ritual: Ritual, person: str, day: date) -> _Known:
    occurrence = occurrences.of_slot(connection, ritual.id, day)
    entry = entries.entry_of(connection, ritual.id, day, person)
    prompt = None
    if occurrence is not None:
        prompt = deliveries.delivery_of(connection, occurrence.id, person, PROMPT)
    return _Known(occurrence, prompt, entry)


def _recorded(known: _Known, person: str, zone: ZoneInfo) -> str:
    """What was recorded of a date, in words; empty where nothing was."""
    did = ""
    if known.entry is not None:
        did = {entries.GIVEN: " You have answered.", entries.SKIPPED: " You have skipped it."}.get(
            known.entry.state, " You have withdrawn your entry."
        )
    if known.occurrence is not None and known.prompt is not None:
        return _prompted(known.prompt, zone, known.occurrence.slot) + did
    if known.occurrence is None:
        return did.strip()
    if known.occurrence.state in (occurrences.CANCELLED, occurrences.MISSED) and known.occurrence.note:
        return known.occurrence.note + did
    if person not in known.occurrence.roster:
        return f"You came to the team after it had begun, so you are asked from the next one on.{did}"
    return did.strip()


def _prompted(prompt: Delivery, zone: ZoneInfo, day: date) -> str:
    said = _at(prompt.settled_at if prompt.settled_at is not None else prompt.planned_at, zone, day)
    because = f" {prompt.reason}" if prompt.reason else ""
    match prompt.state:
        case deliveries.SAID:
            return f"I asked you at {said}.{because}"
        case deliveries.PLANNED:
            return f"I ask you at {_at(prompt.planned_at, zone, day)}.{because}"
        case deliveries.CLAIMED:
            return f"I am asking you just now.{because}"
        case _:
            return f"I did not ask you.{because}"


def _line(one: Delivery, name: str, zone: ZoneInfo) -> str:
    at = one.planned_at if one.settled_at is None else one.settled_at
    because = f" ({one.reason})" if one.reason else ""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M} · {name} · {one.kind} · {_STATES[one.state]}{because}"


_STATES = {
    deliveries.PLANNED: "planned",
    deliveries.CLAIMED: "being said",
    deliveries.SAID: "said",
    deliveries.SKIPPED: "not said",
    deliveries.MISSED: "missed",
    deliveries.CANCELLED: "cancelled",
}


def _name_of(connection: Connection, occurrence_id: int) -> str:
    occurrence = occurrences.occurrence(connection, occurrence_id)
    ritual = None if occurrence is None else journal.ritual(connection, occurrence.ritual_id)
    return "a stand-up that is gone" if ritual is None else ritual.name


def _words_of(ritual: Ritual) -> str:
    try:
        return Rule.read(ritual.settings.rule).words
    except RuleError:
        return "Its days cannot be read: its owner has to set them again."


def _at(moment: float, zone: ZoneInfo, day: date) -> str:
    """A time of day, with its date where that is another one: who has travelled may be asked on it."""
    local = datetime.fromtimestamp(moment, UTC).astimezone(zone)
    return f"{local:%H:%M}" if local.date() == day else f"{local:%H:%M} on {in_words(local.date())}"

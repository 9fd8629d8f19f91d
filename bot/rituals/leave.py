"""`/standup away` and `/standup back`: people say when they are not to be asked, and until when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select, update

from bot.blocks.calm import said_pages
from bot.journal import absences
from bot.journal.deliveries import CANCELLED, PLANNED
from bot.journal.ritual_tables import deliveries, occurrences
from bot.journal.work import Done, Item
from bot.replies import reply
from bot.rituals.availability import Availability
from bot.rituals.giving import REMINDER
from bot.rituals.room import Rituals
from bot.rituals.upcoming import Coming, Upcoming
from prompts.absence_words import LeaveError, read_leave
from prompts.calm import Free, Leave, Off, Part, in_words
from prompts.words import words

_A_DAY = timedelta(days=1)
_HERE_FOR = timedelta(days=7)
"""How long somebody who came back counts as here, where what keeps them away has no end of its own."""


@dataclass(frozen=True, slots=True)
class TakingLeave:
    """Works off both commands."""

    availability: Availability
    upcoming: Upcoming

    def join(self, rituals: Rituals) -> None:
        rituals.commands["away"] = self.away
        rituals.commands["back"] = self.back

    def away(self, item: Item) -> Done:
        """`/standup away until Friday vacation`."""
        now = self.availability.clock()
        today = self._today(item.person, now)
        works = self.availability.profile(item.person).work_days
        try:
            leave = read_leave(_after_the_verb(item.text), today, lambda day: day.weekday() in works)
        except LeaveError as error:
            return Done(say=reply(item, said_pages(words("away_help", reason=str(error)))))
        with self.availability.database.writing() as connection:
            go_away(connection, self.availability, item.person, leave, now)
        said = words("away_said", when=_when(leave, today), next=self._next(item.person, now))
        return Done(say=reply(item, said_pages(said)))

    def back(self, item: Item) -> Done:
        """`/standup back`: from today on, whatever a calendar or a status says of these days."""
        now = self.availability.clock()
        today = self._today(item.person, now)
        with self.availability.database.writing() as connection:
            changed = absences.come_back(connection, item.person, today)
        standing = self.availability.standing(item.person, today)
        with self.availability.database.writing() as connection:
            if not isinstance(standing, Free):
                until = standing.until if isinstance(standing, Off) else today + _A_DAY
                here = Leave(today, until or today + _HERE_FOR, here=True)
                absences.go_away(connection, item.person, here, now.timestamp())
            for tell in self.availability.changed:
                tell(connection, item.person, now)
        name = "back_not_away" if isinstance(standing, Free) and not changed else "back_said"
        return Done(say=reply(item, said_pages(words(name, next=self._next(item.person, now)))))

    def _today(self, person: str, now: datetime) -> date:
        return now.astimezone(self.availability.profile(person).zone).date()

    def _next(self, person: str, now: datetime) -> str:
        coming = self.upcoming.next_prompts(person, now, 1)
        return words("next_prompt", prompt=coming_line(coming[0])) if coming else words("no_next_prompt")


def go_away(
    connection: Connection, availability: Availability, person: str, leave: Leave, now: datetime
) -> None:
    """Somebody is away from now on: reminders of these days that wait are not said, and prompts that were
    said stand."""
    absences.go_away(connection, person, leave, now.timestamp())
    if leave.part is Part.DAY:
        _stop_reminders(connection, person, leave, now.timestamp())
    for tell in availability.changed:
        tell(connection, person, now)


def coming_line(coming: Coming) -> str:
    """`Daily, Monday, 30 November 2026 at 09:00 (Europe/Berlin)`."""
    local = coming.at.astimezone(coming.zone)
    note = f" {coming.note}" if coming.note else ""
    return f"{coming.ritual.name}, {in_words(local.date())} at {local:%H:%M} ({coming.zone.key}){note}"


def _stop_reminders(connection: Connection, person: str, leave: Leave, now: float) -> None:
    within = select(occurrences.c.id).where(
        occurrences.c.slot >= leave.first.isoformat(), occurrences.c.slot < leave.until.isoformat()
    )
    waiting = (
        (deliveries.c.person == person)
        & (deliveries.c.state == PLANNED)
        & deliveries.c.kind.like(f"{REMINDER}%")
        & deliveries.c.occurrence_id.in_(within)
    )
    reason = f"You said that you are away until {in_words(leave.until)}."
    connection.execute(
        update(deliveries).where(waiting).values(state=CANCELLED, reason=reason, settled_at=now)
    )


def _when(leave: Leave, today: date) -> str:
    if leave.part is not Part.DAY:
        return f"in the {leave.part.value} of {in_words(leave.first)}"
    if leave.until - leave.first == _A_DAY:
        return "today" if leave.first == today else f"on {in_words(leave.first)}"
    since = "" if leave.first == today else f"from {in_words(leave.first)} "
    return f"{since}until {in_words(leave.until)}, when I ask you again"


def _after_the_verb(text: str) -> str:
    return text.strip().partition(" ")[2]

"""Who may be asked when: one answer for every part of a ritual, from settings, leave, hours and pings."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.calm_settings import CalmSettings, hours, place
from bot.journal import absences, personal, pings
from bot.journal.rituals import Ritual
from bot.people import People
from bot.person import Person
from bot.rituals.due import Later
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.calendar import zone_named
from prompts.calm import (
    WEEKDAYS,
    Free,
    Leave,
    Off,
    Profile,
    ReplyBy,
    Standing,
    Why,
    ZoneFrom,
    by_status,
    day_began,
    is_here,
    next_day,
    on_leave,
    quiet_until,
)
from prompts.ritual import OnLeave
from prompts.workdays import holiday, holiday_of_all

ZONE, DAYS, COUNTRY, QUIET, PINGS, REPLY_BY = (
    f"ritual {name}" for name in ("zone", "days", "country", "quiet", "pings", "reply by")
)
"""Names of the personal settings, as `bot.journal.personal.prefer` keeps them."""

_A_DAY = timedelta(days=1)

Changed = Callable[[Connection, str, datetime], None]
"""Told, in the same transaction, that somebody's settings or leave have changed."""


@dataclass
class Availability:
    """Answers when somebody may be asked. Slack's own word is asked for outside of transactions.

    What is decided here is decided twice: when something is planned, and again just before it is said, since
    people go away in between. `changed` are told when somebody's settings or leave change.
    """

    people: People
    database: Database
    clock: Clock
    settings: CalmSettings = field(default_factory=CalmSettings)
    changed: list[Changed] = field(default_factory=list)

    def profile(self, person: str, ritual: Ritual | None = None) -> Profile:
        """How a person is asked. Where neither they nor Slack say their zone, it is the ritual's, or the
        team's where it has none."""
        with self.database.reading() as connection:
            chosen = personal.preferences_of(connection, person)
        return self._profile(chosen, self.people.person(person), ritual)

    def standing(self, person: str, day: date, ritual: Ritual | None = None) -> Standing:
        """Whether somebody may be asked on a local date of theirs.

        Guests, strangers, bots and those who have left never are. Beyond that, in this order: their own word
        and their calendar's, the team's days off, public holidays, days that they do not work on, and (where
        a ritual does not ask in spite of it) a status that looks like leave.
        """
        return self.days_of(person, day)(day, ritual)

    def days_of(self, person: str, since: date) -> Callable[[date, Ritual | None], Standing]:
        """What `standing` says of a person's days, from `since` on, as of now: for many days at once."""
        known = self.people.person(person)
        with self.database.reading() as connection:
            chosen = personal.preferences_of(connection, person)
            leaves = absences.leaves_of(connection, person, since)
        never = None if known is None else _not_ours(known)

        def of(day: date, ritual: Ritual | None) -> Standing:
            if never is not None:
                return never
            return self._standing(self._profile(chosen, known, ritual), known, leaves, day, ritual)

        return of

    def may_ping(self, person: str, at: datetime, connection: Connection) -> Later | None:
        """When somebody may be pinged instead; None for now.

        Ask it in the transaction in which `ping` notes what is then said, and never without reading Slack's
        word on their zone before (`profile`): a transaction does not wait for Slack.
        """
        profile = self._profile(personal.preferences_of(connection, person), self.people.person(person), None)
        later = quiet_until(profile, at)
        if later is not None:
            return Later(later.timestamp(), f"It was within your quiet hours ({_hours(profile.quiet)}).")
        began = day_began(profile, at).timestamp()
        if pings.count(connection, person, began) < profile.pings_a_day:
            return None
        most = profile.pings_a_day
        return Later(
            next_day(profile, at).timestamp(), f"You had {most} messages of mine on that day already."
        )

    def ping(self, connection: Connection, person: str, at: datetime, what: str) -> None:
        """Note that somebody is pinged; `what` names it in their ledger, such as `the prompt of Daily`."""
        pings.note(connection, person, at.timestamp(), what)

    def places(self, persons: Iterable[str]) -> frozenset[tuple[str, str]]:
        """Where people are, as country and region: what their public holidays go by."""
        with self.database.reading() as connection:
            chosen = [personal.preferences_of(connection, person) for person in persons]
        return frozenset(self._place(one) for one in chosen)

    def day_off(self, day: date, places: Iterable[tuple[str, str]]) -> str | None:
        """Why nobody in these places works on a day: the team's day off, or a public holiday of them all."""
        return holiday_of_all(day, places, self.settings.days_off)

    # within

    def _standing(
        self,
        profile: Profile,
        known: Person | None,
        leaves: Sequence[Leave],
        day: date,
        ritual: Ritual | None,
    ) -> Standing:
        if is_here(leaves, day):
            return Free()
        left = on_leave(leaves, day)
        if isinstance(left, Off):
            return left
        off = self._free_day(profile, day)
        if off is not None:
            return off
        status = None
        if known is not None:
            status = by_status(known.status, self.settings.signs, day, self.clock(), profile.zone)
        if status is not None and ritual is not None and ritual.settings.on_leave is OnLeave.ASK:
            return left or Free(f"{status.reason} If you are, press *I'm away until…*, and I ask no more.")
        return status if isinstance(status, Off) else left or status or Free()

    def _profile(self, chosen: Mapping[str, str], known: Person | None, ritual: Ritual | None) -> Profile:
        settings = self.settings
        zone, zone_from = self._zone(chosen.get(ZONE, ""), known, ritual)
        days = chosen.get(DAYS, "")
        country, subdivision = self._place(chosen)
        own = frozenset(map(int, days)) if days.isdecimal() else settings.work_days
        most = chosen.get(PINGS, "")
        return Profile(
            zone=zone,
            zone_from=zone_from,
            work_days=WEEKDAYS if own is None else own,
            own_days=own is not None,
            country=country,
            subdivision=subdivision,
            quiet=hours(chosen.get(QUIET, "")) or settings.quiet,
            pings_a_day=int(most) if most.isdecimal() else settings.pings_a_day,
            reply_by=ReplyBy(chosen.get(REPLY_BY) or ReplyBy.FORM),
        )

    def _place(self, chosen: Mapping[str, str]) -> tuple[str, str]:
        own = place(chosen.get(COUNTRY, "")) or ("", "")
        return own if own[0] else (self.settings.country, self.settings.subdivision)

    def _zone(self, own: str, known: Person | None, ritual: Ritual | None) -> tuple[ZoneInfo, ZoneFrom]:
        team = self.settings.zone
        if own and not (named := zone_named(own, team)).reason:
            return named.zone, ZoneFrom.OWN
        if known is not None and known.zone_told:
            return known.zone, ZoneFrom.SLACK
        if ritual is not None and not (named := zone_named(ritual.settings.zone, team)).reason:
            return named.zone, ZoneFrom.RITUAL
        return team, ZoneFrom.TEAM

    def _free_day(self, profile: Profile, day: date) -> Off | None:
        """A day on which somebody does not work, whatever they say of leave."""
        following = day + _A_DAY
        if day in self.settings.days_off:
            return Off(f"The team has a day off: {self.settings.days_off[day]}.", following, Why.TEAM_DAY)
        if (name := holiday(day, profile.country, profile.subdivision)) is not None:
            where = "-".join(filter(None, (profile.country, profile.subdivision)))
            return Off(f"It is a public holiday in {where}: {name}.", following, Why.HOLIDAY)
        if profile.own_days and day.weekday() not in profile.work_days:
            return Off(f"You do not work on {day:%A}s.", following, Why.PART_TIME)
        return None


def _not_ours(known: Person) -> Off | None:
    if known.deleted:
        return Off("This account is deactivated.", None, Why.GONE)
    if not known.full_member:
        return Off("Guests, bots and people of other organisations are never asked.", None, Why.GUEST)
    return None


def _hours(quiet: tuple[time, time]) -> str:
    return f"{quiet[0]:%H:%M} to {quiet[1]:%H:%M}"

"""How one likes to be asked: zone, days, holidays, quiet hours and pings, in a form of one's own."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from slack_bolt import App

from bot.blocks import calm as blocks
from bot.blocks.calm import Shown, me_view, said_pages
from bot.calm_settings import MOST_PINGS, hours, hours_in_words, place
from bot.inbox import Inbox
from bot.journal import personal, pings
from bot.journal.work import Done, Item
from bot.kinds import STANDUP_ME
from bot.listeners import standup_me as doors
from bot.replies import reply
from bot.rituals import availability as kept
from bot.rituals.availability import Availability
from bot.rituals.room import Rituals
from prompts.calendar import zone_named
from prompts.calm import ReplyBy, ZoneFrom, day_began, days_in_words
from prompts.words import words
from prompts.workdays import PlaceError, check_place

_NAMES = {
    blocks.ZONE: kept.ZONE,
    blocks.DAYS: kept.DAYS,
    blocks.COUNTRY: kept.COUNTRY,
    blocks.QUIET: kept.QUIET,
    blocks.PINGS: kept.PINGS,
    blocks.REPLY_BY: kept.REPLY_BY,
}
_ZONE_FROM = {
    ZoneFrom.OWN: "as you set it",
    ZoneFrom.SLACK: "from your Slack profile",
    ZoneFrom.RITUAL: "the stand-up's",
    ZoneFrom.TEAM: "the team's, since Slack does not tell yours",
}


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """The form, what is kept of it, and what holds in words."""

    availability: Availability

    def join(self, rituals: Rituals) -> None:
        rituals.handlers[STANDUP_ME] = self.keep
        rituals.doors.append(self.register)

    def register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.view, self.problems)

    def view(self, person: str, metadata: str) -> dict[str, Any]:
        """The form as it is now. Slack is asked for the person's zone if it was not lately."""
        with self.availability.database.reading() as connection:
            chosen = personal.preferences_of(connection, person)
        settings = self.availability.settings
        known = self.availability.people.person(person)
        zone_else = settings.zone.key if known is None or not known.zone_told else known.zone.key
        days = chosen.get(kept.DAYS, "")
        return me_view(
            metadata,
            Shown(
                zone=chosen.get(kept.ZONE, ""),
                zone_else=zone_else,
                days=frozenset(map(int, days)),
                country=chosen.get(kept.COUNTRY, ""),
                country_else="-".join(filter(None, (settings.country, settings.subdivision))),
                quiet=chosen.get(kept.QUIET, "") or hours_in_words(settings.quiet),
                pings=chosen.get(kept.PINGS, "") or str(settings.pings_a_day),
                reply_by=ReplyBy(chosen.get(kept.REPLY_BY) or ReplyBy.FORM),
            ),
        )

    def problems(self, given: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with what was put in, by block; empty where it can be kept."""
        found: dict[str, str] = {}
        team = self.availability.settings.zone
        if given[blocks.ZONE] and zone_named(_spelt(given[blocks.ZONE]), team).reason:
            found[blocks.ZONE] = f"There is no time zone of that name.{_near(given[blocks.ZONE])}"
        where = place(given[blocks.COUNTRY])
        if where is None:
            found[blocks.COUNTRY] = "Write a country such as DE, or a region of it such as DE-BY."
        elif where[0]:
            try:
                check_place(*where)
            except PlaceError as error:
                found[blocks.COUNTRY] = str(error)[:1_900]
        if given[blocks.QUIET] and hours(given[blocks.QUIET]) is None:
            found[blocks.QUIET] = "Write hours such as 21:00-07:00, or 00:00-00:00 for none."
        most = given[blocks.PINGS]
        if most and not (most.isdecimal() and 1 <= int(most[:4]) <= MOST_PINGS):
            found[blocks.PINGS] = f"Write a number from 1 to {MOST_PINGS}."
        return found

    def keep(self, item: Item) -> Done:
        """Keep what was put in, and say what holds now; where the form did not open, only say it."""
        given = item.payload.get("chosen")
        if not isinstance(given, Mapping) or self.problems(given):
            return Done(say=reply(item, said_pages(f"{self.in_words(item.person)} {words('press_again')}")))
        now = self.availability.clock()
        settings = self.availability.settings
        same = {blocks.QUIET: hours_in_words(settings.quiet), blocks.PINGS: str(settings.pings_a_day)}
        with self.availability.database.writing() as connection:
            for block, name in _NAMES.items():
                value = given[block].strip()
                value = _spelt(value) if block == blocks.ZONE else value.upper()
                value = value.lower() if block == blocks.REPLY_BY else value
                value = "" if same.get(block) == value else value  # so that it follows what is set for all
                personal.prefer(connection, item.person, name, value, now.timestamp())
            for tell in self.availability.changed:
                tell(connection, item.person, now)
        return Done(say=reply(item, said_pages(words("me_kept", how=self.in_words(item.person)))))

    def in_words(self, person: str) -> str:
        """How somebody is asked, as a few sentences."""
        profile = self.availability.profile(person)
        began = day_began(profile, self.availability.clock()).timestamp()
        with self.availability.database.reading() as connection:
            today = pings.count(connection, person, began)
        return words(
            "me_how",
            zone=profile.zone.key,
            zone_from=_ZONE_FROM[profile.zone_from],
            days=days_in_words(profile.work_days) if profile.own_days else "every day that a stand-up is on",
            country="-".join(filter(None, (profile.country, profile.subdivision))) or "none",
            quiet=hours_in_words(profile.quiet),
            pings=profile.pings_a_day,
            today=today,
        )


def _spelt(zone: str) -> str:
    """A zone's name as the database of zones spells it, where it is one but for its case."""
    wanted = zone.strip().replace(" ", "_").casefold()
    return next((one for one in available_timezones() if one.casefold() == wanted), zone.strip()[:100])


def _near(zone: str) -> str:
    wanted = zone.strip().replace(" ", "_")
    known = sorted(available_timezones())
    cities = {one.rpartition("/")[2].casefold(): one for one in known}
    near = cities.get(wanted.casefold()) or next(iter(difflib.get_close_matches(wanted, known, n=1)), "")
    return f" Did you mean {near}?" if near else " Write one such as Europe/Berlin."

"""Which stand-up and which date somebody means, and the form or conversation that is begun for them."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.entry_forms import About, chooser, choosing_view, entry_view, said_view
from bot.blocks.pages import page
from bot.journal import entries, occurrences
from bot.journal.begun_entries import FORM, THREAD
from bot.journal.occurrences import CANCELLED, OPEN
from bot.journal.rituals import Ritual
from bot.journal.work import Done, Item
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, place_of, reply
from bot.rituals.availability import Availability
from bot.rituals.opening import NotOpened, Opened, Unknown, Wish, deadline, open_entry
from bot.rituals.talking import Talking
from bot.rituals.upcoming import Upcoming
from knowledge.audience import Readers
from prompts.patterns import RuleError
from prompts.planning import slots, zone_for
from prompts.slots import NoSuch, choose, wanted_in
from prompts.words import words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Picking:
    """Works off what wants a form: `/standup`, a choice among several stand-ups, and buttons whose form could
    not be opened. With `view_id` there is a modal to show it in; without one the entry is given in the
    direct message."""

    client: WebClient
    availability: Availability
    upcoming: Upcoming
    talking: Talking

    def handle(self, item: Item) -> Done:
        if self.availability.people.readers(place_of(item)) == Readers():
            return self._told(item, words("not_here"))
        about = About.from_value(subject_of(item))
        if about is not None:
            return self._begin(item, about, belongs=self._belongs(item.person, about))
        mine = {one.id: one for one in self.upcoming.rituals_of(item.person)}
        wanted, name = wanted_in(str(item.payload.get("wanted") or item.text))
        chosen = str(item.payload.get("ritual") or "")
        fitting = [one for one in mine.values() if _fits(one, chosen, name)]
        match fitting:
            case []:
                return self._told(item, _none_of(list(mine.values()), name))
            case [ritual]:
                return self._for_a_date(item, ritual, wanted)
            case _:
                return self._ask_which(item, {one.id: one.name for one in fitting}, wanted)

    def _for_a_date(self, item: Item, ritual: Ritual, wanted: str) -> Done:
        """The date is by the ritual's clock, or the person's own."""
        now, person = self.availability.clock(), item.person
        zone = zone_for(ritual.settings, self.availability.profile(person, ritual).zone)
        today = now.astimezone(zone).date()
        with self.availability.database.reading() as connection:
            known = [
                one for one in occurrences.of_ritual(connection, ritual.id, 90) if one.state != CANCELLED
            ]
            unfinished = [
                one.slot
                for one in known
                if one.state == OPEN
                and one.slot <= today
                and person in one.roster
                and entries.entry_of(connection, ritual.id, one.slot, person) is None
                and deadline(connection, one, person) >= now.timestamp()
            ]

        def dates(after: date, until: date) -> Iterator[date]:
            try:
                yield from slots(ritual.settings, after, until)
            except RuleError:
                return

        picked = choose(wanted, today, dates, [one.slot for one in known], unfinished)
        if isinstance(picked, NoSuch):
            return self._told(item, words("entry_no_such", name=ritual.name, reason=picked.reason))
        return self._begin(item, About(ritual.id, picked.slot), belongs=True, note=picked.note)

    def _begin(self, item: Item, about: About, *, belongs: bool, note: str = "") -> Done:
        view_id = str(item.payload.get("view_id") or "")
        wish = Wish(
            about=about,
            person=item.person,
            belongs=belongs,
            channel=item.channel,
            ts=item.ts,
            how=FORM if view_id else THREAD,
            drafted=bool(item.payload.get("drafted")),
            note=note,
        )
        now = self.availability.clock()
        with self.availability.database.writing() as connection:
            outcome = open_entry(connection, wish, now)
        match outcome:
            case Unknown():
                return self._told(item, words("entry_none_of_yours"))
            case NotOpened(reason):
                return self._told(item, reason)
            case Opened() as opened if view_id and self._show(view_id, entry_view(opened.form)):
                return Done()
            case Opened() as opened:
                return self.talking.begin(item, replace(opened, begun=replace(opened.begun, how=THREAD)))

    def _ask_which(self, item: Item, names: dict[str, str], wanted: str) -> Done:
        view_id = str(item.payload.get("view_id") or "")
        if view_id and self._show(view_id, choosing_view(names, json.dumps({"wanted": wanted}))):
            return Done()
        return Done(say=reply(item, [page(chooser(names))]))

    def _belongs(self, person: str, about: About) -> bool:
        return any(one.id == about.ritual_id for one in self.upcoming.rituals_of(person))

    def _told(self, item: Item, text: str) -> Done:
        """Said in the modal where there is one, else to this person alone."""
        view_id = str(item.payload.get("view_id") or "")
        if view_id and self._show(view_id, said_view(text)):
            return Done()
        pages = in_markdown(text)
        return Done(say=quietly(item, pages) if subject_of(item) else reply(item, pages))

    def _show(self, view_id: str, view: dict[str, Any]) -> bool:
        try:
            self.client.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            log.warning("a stand-up form is not shown: %s", error.response.get("error"))
            return False
        except (SlackClientError, HTTPException, OSError) as error:
            log.warning("a stand-up form is not shown: %s", type(error).__name__)
            return False
        return True


def _fits(ritual: Ritual, chosen: str, name: str) -> bool:
    if chosen:
        return ritual.id == chosen
    return ritual.name.casefold().startswith(name.strip(" \"'“”").casefold())


def _none_of(mine: list[Ritual], name: str) -> str:
    if not mine:
        return words("entry_none_of_yours")
    return words("entry_unknown_name", wanted=name, names=", ".join(one.name for one in mine))

"""Blockers in Slack: what an entry named is told on and helped with, and a team lists what stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_bolt import App

from bot.blocks import standup_blockers as blocks
from bot.blocks.standup_blockers import MOST_LISTED, Shown, help_pages, list_pages, told_pages
from bot.inbox import Inbox
from bot.journal import blockers as journal
from bot.journal import rituals as kept_rituals
from bot.journal.blocker_steps import BlockerStep, Step
from bot.journal.blockers import BLOCKERS, Blocker
from bot.journal.records import Record
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.journal.work import Done, Item
from bot.kinds import BLOCKER_STEP
from bot.listeners import blockers as doors
from bot.messages import Check, Message
from bot.people import People
from bot.pressing import alone, to_person
from bot.replies import place_of, reply
from bot.rituals.availability import Availability
from bot.rituals.blocker_acts import Acts
from bot.rituals.blocker_help import Helping
from bot.rituals.blocker_nudges import Nudges
from bot.rituals.blocker_sight import Sight
from bot.rituals.room import Rituals
from bot.rituals.roster import roster_of
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.blockers import people_in

MOST_HELPED = 3
"""So many new blockers of one entry are looked into; each takes as long as a question."""


@dataclass(frozen=True, slots=True)
class Blockers:
    """Works off the kinds BLOCKERS (an entry changed some) and BLOCKER_STEP (somebody did something), lists
    what stands, and tells people when they may be told."""

    people: People
    database: Database
    clock: Clock
    availability: Availability
    helping: Helping

    def join(self, rituals: Rituals) -> None:
        acts = Acts(self.people, self.database, self.helping, self._sight)
        nudges = Nudges(self.people, self.database, self.availability, self._sight)
        rituals.handlers[BLOCKERS] = self.tell
        rituals.handlers[BLOCKER_STEP] = acts.step
        rituals.commands["blockers"] = self.list_for
        rituals.duties.append(nudges.tell)

        def register(app: App, inbox: Inbox) -> None:
            doors.register(app, inbox, acts)

        rituals.doors.append(register)

    @property
    def _sight(self) -> Sight:
        return Sight(self.people, self.clock)

    def tell(self, item: Item) -> Done:
        """Find out whom new blockers name (they are told when they may be pinged), ask the person about what
        their entry does not name any more, and show them what may help, at once: they are just here."""
        with self.database.reading() as connection:
            ritual = kept_rituals.ritual(connection, str(item.payload.get("ritual") or ""))
            standing = [] if ritual is None else journal.standing_of(connection, ritual.id, item.person)
        if ritual is None:
            return Done()
        left = [one for one in standing if one.gone_slot is not None and one.gone_told_at is None]
        new = [one for one in standing if one.told_at is None]
        records: list[Record] = [BlockerStep(one.id, "", Step.GONE_TOLD) for one in left]
        said = [*self._asked_whether(ritual, left)]
        team = self._names(ritual, item.person)
        for place, one in enumerate(new):
            records += self._tagged(one, team)
            if place < MOST_HELPED:
                messages, steps = self._helped(one)
                said += messages
                records += steps
        return Done(say=tuple(said), record=tuple(records))

    def list_for(self, item: Item) -> Done:
        """`/standup blockers`: what stands in the rituals of one's teams."""
        listed: list[Shown] = []
        sight = self._sight
        with self.database.reading() as connection:
            rituals = kept_rituals.all_rituals(connection, ACTIVE, PAUSED)
            standing = {one.id: journal.standing_of(connection, one.id) for one in rituals}
        for ritual in rituals:
            if standing[ritual.id] and sight.in_team(ritual, item.person):
                steps = (blocks.UPDATE, blocks.RESOLVE)
                listed += [sight.shown(one, ritual, steps=steps) for one in standing[ritual.id]]
        pages = list_pages(listed[:MOST_LISTED], max(0, len(listed) - MOST_LISTED))
        return Done(say=reply(item, pages, Check(place_of(item))))

    def _names(self, ritual: Ritual, person: str) -> Mapping[str, str]:
        team = {*roster_of(self.people, ritual.settings.team).people, *ritual.owners, ritual.settings.lead}
        return {one: self.people.name_of(one) for one in sorted(team - {"", person})}

    def _tagged(self, one: Blocker, team: Mapping[str, str]) -> list[BlockerStep]:
        found = [person for person in people_in(one.text, team) if person != one.person]
        named = [person for person in found if self.people.is_full_member(person)]
        return [BlockerStep(one.id, "", Step.TAG, person) for person in named or [""]]

    def _asked_whether(self, ritual: Ritual, left: Sequence[Blocker]) -> Sequence[Message]:
        if not left:
            return ()
        heading = "You did not name this any more. Is it resolved?"
        steps = (blocks.RESOLVE, blocks.STILL)
        shown = [self._sight.shown(one, ritual, heading, steps) for one in left]
        person = left[0].person
        return to_person(person, told_pages(shown), Check(alone(person)))

    def _helped(self, one: Blocker) -> tuple[Sequence[Message], list[BlockerStep]]:
        """What may help, for the person alone; and what was suggested, so that nothing else can be asked."""
        found = self.helping.look_for(one)
        if found.nothing:
            return (), []
        text = self._sight.text(one.text)
        pages = help_pages(one.id, text, found.citation, found.helpers, found.look)
        document = "" if found.citation is None else found.citation.document_id
        steps = [BlockerStep(one.id, "", Step.SUGGEST, helper.person, document) for helper in found.helpers]
        steps = steps or [BlockerStep(one.id, "", Step.SUGGEST, "", document)]
        return to_person(one.person, pages, found.check), steps

"""How people give their part of a stand-up, put together: what they are asked, their forms, their presses."""

from dataclasses import dataclass

from slack_bolt import App
from slack_sdk import WebClient

from bot.hearing import Myself
from bot.inbox import Inbox
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import ENTRY_FORM, ENTRY_STEP
from bot.listeners import entries as doors
from bot.rituals.after_entries import AfterEntries
from bot.rituals.asking import EntryAsking
from bot.rituals.availability import Availability
from bot.rituals.drafting import Drafting
from bot.rituals.giving import REMINDER
from bot.rituals.picking import Picking
from bot.rituals.room import Rituals
from bot.rituals.talking import Talking
from bot.rituals.upcoming import Upcoming
from bot.rituals.wanted import PROMPT
from knowledge.ports import Store


@dataclass(frozen=True, slots=True)
class Entering:
    """Joins its parts to the room of rituals."""

    client: WebClient
    writer: JournalWriter
    availability: Availability
    drafting: Drafting
    store: Store
    me: Myself

    def join(self, rituals: Rituals) -> None:
        after = AfterEntries(self.availability, self.store)
        people, database, clock = (
            self.availability.people,
            self.availability.database,
            self.availability.clock,
        )
        talking = Talking(people, database, clock, self.me, after.notes)
        upcoming = Upcoming(self.availability.people, self.availability)
        picking = Picking(self.client, self.availability, upcoming, talking)
        asking = EntryAsking(database, self.availability, self.drafting)
        rituals.makers |= {PROMPT: asking.prompt, REMINDER: asking.reminder}
        rituals.commands |= {"mine": after.mine, "withdraw": after.offer_to_withdraw}

        def step(item: Item) -> Done:
            return talking.send(item) if item.payload.get("step") == "send" else after.step(item)

        rituals.handlers |= {ENTRY_FORM: picking.handle, ENTRY_STEP: step}
        rituals.hearers.append(talking.hear)
        rituals.doors.append(self.register)

    def register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.writer, self.availability.clock)

"""`/lore audit`: what was done and refused lately, for admins; looking is audited too."""

from dataclasses import dataclass

from bot.blocks.audit import audit_pages
from bot.journal import audits
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.people import CHANNEL_ID, USER_ID, People
from bot.replies import reply, say
from knowledge.adapters.database import Database
from knowledge.ports import Clock

LOOK = "look at the audit"
MOST = 40


@dataclass(frozen=True, slots=True)
class Auditing:
    """Works off the command."""

    people: People
    database: Database
    clock: Clock

    def list_for(self, item: Item) -> Done:
        """The newest acts."""
        if not self.people.is_admin(item.person):
            refused = Audit(item.person, LOOK, allowed=False, place=item.channel)
            return Done(say=say(item, "admins_only"), record=(refused,))
        with self.database.reading() as connection:
            acts = audits.newest(connection, MOST)
        people = {one: self.people.name_of(one) for act in acts if USER_ID.fullmatch(one := act.person)}
        places = {
            one: self.people.name_of_place(one)
            for act in acts
            if CHANNEL_ID.fullmatch(one := act.place) or one.startswith("D")
        }
        shown = audit_pages(acts, people | places, self.clock())
        return Done(say=reply(item, shown), record=(Audit(item.person, LOOK, place=item.channel),))

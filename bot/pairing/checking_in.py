"""After a round: one press says whether they met; who never replies is let go, kindly, and may come back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.blocks.pairing import did_you_meet_page, join_row, said_page
from bot.journal import notices, pairing, pairing_rounds
from bot.journal.notices import Notice
from bot.journal.pairing import ENDED, Pairing
from bot.journal.pairing_rounds import INTRODUCED, MET, REPLIES, Together
from bot.journal.work import Done, Item
from bot.kinds import PAIR_REPLY
from bot.messages import Kind, Message
from bot.notices import Made, Notices
from bot.pairing.planning import DID_YOU_MEET, DROPPED
from bot.people import People
from bot.pressing import quietly, subject_of, to_person
from bot.replies import in_markdown
from bot.rituals.due import NotSaid
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.words import words

REPLIED = "It was replied before."
_THANKS = {"met": "pair_thanks_met", "planned": "pair_thanks_planned", "no": "pair_thanks_no"}


@dataclass(frozen=True, slots=True)
class CheckingIn:
    """Asks, and works off what is pressed. That two have met is said by either of them for both."""

    people: People
    database: Database
    clock: Clock

    def join(self, room: Room, told: Notices) -> None:
        told.makers[DID_YOU_MEET] = self.ask
        told.makers[DROPPED] = self.let_go
        room.handlers[PAIR_REPLY] = self.reply

    def ask(self, notice: Notice, now: datetime) -> Made | NotSaid:
        """The question to one of them."""
        with self.database.reading() as connection:
            found = _introduced(connection, notice.about)
            replied = pairing_rounds.replies(connection, notice.about).get(notice.person, "")
        if found is None or found[1].state == ENDED or notice.person not in found[0].people:
            return NotSaid("There is nothing to ask any more.")
        if replied:
            return NotSaid(REPLIED)
        pair, one = found
        names = [self.people.name_of(each) for each in pair.people if each != notice.person]

        def then(connection: Connection) -> None:
            pairing_rounds.asked(connection, pair.id, notice.person, now.timestamp())

        said = did_you_meet_page(pair.id, names, one.kind)
        return Made(to_person(notice.person, [said]), then=then)

    def reply(self, item: Item) -> Done:
        """What somebody pressed; the message then says what was replied, and it may be pressed anew."""
        said, now = str(item.payload.get("reply") or ""), self.clock().timestamp()
        with self.database.writing() as connection:
            found = _introduced(connection, subject_of(item))
            if found is None or item.person not in found[0].people or said not in REPLIES:
                return Done(say=quietly(item, in_markdown(words("pair_reply_gone"))))
            pair, one = found
            spoken_for = pair.people if said == MET else (item.person,)
            pairing_rounds.reply(connection, pair.id, spoken_for, said, now)
            pairing.heard(connection, one.id, spoken_for, now)
            for person in spoken_for:
                notices.cancel(connection, pair.id, REPLIED, now, DID_YOU_MEET, to=person)
        page = said_page(words(_THANKS[said]))
        if not item.ts or not item.channel.startswith("D"):
            return Done(say=quietly(item, [page]))
        shown = Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts)
        return Done(say=(shown,))

    def let_go(self, notice: Notice, _now: datetime) -> Made | NotSaid:
        """What somebody is told who did not reply for some rounds, with a button to come back."""
        pairing_id = notice.about.partition(":")[0]
        with self.database.reading() as connection:
            one = pairing.by_id(connection, pairing_id)
            parts = pairing.memberships(connection, notice.person)
        mine = next((each for each in parts if each.pairing_id == pairing_id), None)
        if one is None or one.state == ENDED or mine is None or mine.state != pairing.DROPPED:
            return NotSaid("They take part again, or it has ended.")
        said = words("pair_dropped", place=self.people.name_of_place(one.channel))
        return Made(to_person(notice.person, [said_page(said, join_row(one.id, one.kind))]))


def _introduced(connection: Connection, pair_id: str) -> tuple[Together, Pairing] | None:
    pair = pairing_rounds.pair_of(connection, pair_id)
    round_ = None if pair is None else pairing_rounds.round_of(connection, pair.round_id)
    one = None if round_ is None else pairing.by_id(connection, round_.pairing_id)
    return (pair, one) if pair is not None and one is not None and pair.state == INTRODUCED else None

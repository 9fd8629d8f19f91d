"""What comes next, and what somebody comes to or speaks at, listed for them alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.blocks.invitations import COMING, FILE, NOT_COMING, Listed, list_pages
from bot.journal import invitations, series, talks
from bot.journal.series import ACTIVE, PAUSED, Series
from bot.journal.talks import ANNOUNCED, ASKED, CANCELLED, PLANNED, Talk
from bot.journal.work import Done, Item
from bot.learning.attending import seats_of, speakers_of
from bot.learning.cards import card_of, may_come
from bot.people import People
from bot.replies import reply
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.series import NAMES
from prompts.words import words

MOST_LISTED = 10
AHEAD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Coming:
    """Works off the commands `next` and `mine` of a room, for the kind of series that it keeps."""

    people: People
    database: Database
    clock: Clock
    kind: str

    def join(self, room: Room) -> None:
        room.commands["next"] = self.next
        room.commands["mine"] = self.mine

    def next(self, item: Item) -> Done:
        """What comes next in this channel's series or, where it has none, in all that the person may see."""
        now = self.clock()
        with self.database.reading() as connection:
            every = {one.id: one for one in series.all_series(connection, self.kind, ACTIVE, PAUSED)}
            until = (now + AHEAD).timestamp()
            found = talks.between(connection, (now - timedelta(days=1)).timestamp(), until)
        here = {one.id: one for one in every.values() if one.channel == item.channel}
        wanted = here or {one.id: one for one in every.values() if may_come(self.people, one, item.person)}
        coming = [
            one
            for one in found
            if one.series_id in wanted and one.state in (PLANNED, ANNOUNCED) and one.ends_at > now.timestamp()
        ]
        if here and not all(may_come(self.people, one, item.person) for one in here.values()):
            coming = []
        return self._listed(item, [(talk, wanted[talk.series_id]) for talk in coming], "invited_none_next")

    def mine(self, item: Item) -> Done:
        """What somebody has replied to, and where they speak or were asked to."""
        with self.database.reading() as connection:
            found = invitations.talks_of(connection, item.person, self.clock().timestamp())
            of = {one.id: series.by_id(connection, one.series_id) for one in found}
        kept = [
            (talk, one)
            for talk in found
            if (one := of[talk.id]) is not None and one.kind == self.kind and talk.state != CANCELLED
        ]
        mine = [(talk, one) for talk, one in kept if may_come(self.people, one, item.person)]
        return self._listed(item, mine, "invited_none_mine", only_mine=True)

    def _listed(
        self, item: Item, found: Sequence[tuple[Talk, Series]], nothing: str, *, only_mine: bool = False
    ) -> Done:
        listed: list[Listed] = []
        for talk, one in found:
            with self.database.reading() as connection:
                speaking = speakers_of(connection, talk.id)
                note, steps = self._standing(connection, talk, speaking, item.person)
            if note or not only_mine:
                listed.append(Listed(card_of(self.people, talk, one, speaking), note, steps))
        otherwise = words(nothing, command=NAMES[self.kind].command)
        return Done(say=reply(item, list_pages(listed[:MOST_LISTED], otherwise)))

    def _standing(
        self, connection: Connection, talk: Talk, speaking: tuple[str, ...], person: str
    ) -> tuple[str, tuple[str, ...]]:
        """How somebody stands to a talk, in words, and what they can do about it."""
        seats = seats_of(connection, talk.id)
        if person in speaking:
            return "You speak.", (FILE,)
        if person in seats.taken:
            return "You come.", (NOT_COMING, FILE)
        if person in seats.waiting:
            turn = seats.waiting.index(person) + 1
            return f"You wait for a place: number {turn}.", (NOT_COMING,)
        asked = any(one.person == person for one in talks.speakers_of(connection, talk.id, ASKED))
        note = "You were asked to speak." if asked else ""
        return note, (COMING,) if talk.state == ANNOUNCED else ()

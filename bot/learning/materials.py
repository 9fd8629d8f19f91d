"""Speakers are asked for notes, recording and slides soon after their talk, once more days later, and then no
more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.blocks.recaps import asking_pages
from bot.journal import talks
from bot.journal.notices import Notice
from bot.journal.talks import HELD
from bot.learning.looked_after import Past, of_talk, past
from bot.learning.timely import keep
from bot.messages import Check
from bot.notices import Fate, Made, Notices
from bot.pressing import alone, to_person
from bot.rituals.due import NotSaid
from knowledge.adapters.database import Database
from prompts.words import words

MATERIALS, MATERIALS_AGAIN = "talk materials", "talk materials again"
SOON_AFTER, AGAIN_AFTER, NOT_AFTER = timedelta(minutes=15), timedelta(days=3), timedelta(days=7)
LOOK_BACK = timedelta(days=10)
NO_NEED = "The talk was not held, or its notes are there."


@dataclass(frozen=True, slots=True)
class Materials:
    """Plans what speakers are asked, and makes it when it is due."""

    database: Database

    def join(self, notices: Notices) -> None:
        notices.makers[MATERIALS] = self.make
        notices.makers[MATERIALS_AGAIN] = self.make

    def plan(self, now: datetime) -> None:
        """Have somebody asked after every talk that was held, while nothing is there; a duty."""
        since = (now - LOOK_BACK).timestamp()
        with self.database.reading() as connection:
            held = talks.between(connection, since, now.timestamp(), HELD)
            found = [one for talk in held if (one := of_talk(connection, talk)) is not None]
        for one in found:
            wanted = [] if one.recap is not None else _asking(one)
            keep(self.database, one.talk.id, (MATERIALS, MATERIALS_AGAIN), wanted, NO_NEED, now)

    def make(self, notice: Notice, _now: datetime) -> Fate:
        """The question, while nobody has answered it."""
        with self.database.reading() as connection:
            one = past(connection, notice.about)
        if one is None or one.recap is not None or notice.person not in one.keepers:
            return NotSaid(NO_NEED)
        name = "recap_asked_again" if notice.kind == MATERIALS_AGAIN else "recap_asked"
        said = asking_pages(one.talk.id, words(name, title=one.talk.title or one.series.name))
        return Made(to_person(notice.person, said, Check(alone(notice.person))))


def _asking(one: Past) -> list[Notice]:
    ends, not_after = one.talk.ends_at, one.talk.ends_at + NOT_AFTER.total_seconds()
    return [
        Notice(kind, one.talk.id, person, ends + after.total_seconds(), not_after)
        for person in one.keepers
        for kind, after in ((MATERIALS, SOON_AFTER), (MATERIALS_AGAIN, AGAIN_AFTER))
    ]

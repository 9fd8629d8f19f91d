"""A person's answer reaches everybody who asked, each where they asked, and nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bot.blocks.pages import Page
from bot.blocks.requests import answered_pages
from bot.journal.records import Question, unanswered_since
from bot.journal.requests import Asker, Request
from bot.journal.verified import Verified
from bot.messages import Check, Message, Place
from bot.people import People
from bot.pressing import alone
from bot.saving import audience_of
from knowledge.adapters.database import Database
from knowledge.audience import EVERYONE, Audience
from knowledge.ports import Clock, Embedder
from knowledge.verified import nearest
from prompts.words import words

MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """Who reads an answer, said in words; for whom it may be kept beside them, in words and as an audience
    key; `usual` tells whether keeping it for these is what one would expect."""

    goes_to: str
    keep: str
    audience_key: str
    usual: bool


@dataclass(frozen=True, slots=True)
class Spreading:
    """Makes the messages that carry answers; what is kept is a verified answer for `lasts`."""

    people: People
    database: Database
    clock: Clock
    embedder: Embedder | None
    lasts: timedelta

    def reach(self, wanted: Request) -> Reach:
        """Who will read an answer to this."""
        channels = [one for one in wanted.askers if not is_private(one)]
        names = [*dict.fromkeys(self.people.name_of_place(one.channel) for one in channels)]
        private = len(wanted.askers) - len(channels)
        if private:
            names.append("one person directly" if private == 1 else f"{private} people directly")
        goes_to = f"Your answer goes to {' and '.join(names)}, with your name."
        if channels:
            keep = "Show it to others who ask the same there"
            return Reach(goes_to, keep, self.audience(wanted).key, usual=True)
        keep = "Show it to everyone in the workspace who asks the same"
        return Reach(goes_to, keep, EVERYONE.key, usual=False)

    def audience(self, wanted: Request) -> Audience:
        """Of the widest place where it was asked; of those who asked and answered where that was private."""
        places = [
            audience_of(self.people, Place(one.channel)) for one in wanted.askers if not is_private(one)
        ]
        known = [one for one in places if one is not None]
        if known:
            return EVERYONE if EVERYONE in known else known[0]
        people = {one.person for one in wanted.askers} | {wanted.answered_by or wanted.expert}
        return Audience(principals=frozenset(people))

    def kept(self, answered: Request) -> Verified:
        """The verified answer that it becomes: whoever wrote it stands for it."""
        now = self.clock()
        return Verified(
            question=answered.question,
            text=answered.answer,
            author=answered.answered_by,
            approver=answered.answered_by,
            approved_at=now.timestamp(),
            expires_at=(now + self.lasts).timestamp(),
            audience_keys=(self.reach(answered).audience_key,),
        )

    def to_askers(self, answered: Request) -> Iterator[Message]:
        """The answer, in every place where it was asked; who reads there is checked when it is said."""
        for where, asker in _places(answered).items():
            place = alone(asker.person) if asker.private else Place(asker.channel)
            for page in self._pages(answered):
                yield _message(where, page, Check(place), asker.person, words("answer_withheld"))

    def to_later(self, answered: Request, kept: Verified) -> Iterator[Message]:
        """The answer, where I was asked the same since and had none, if everyone there may read it."""
        told = set(_places(answered))
        for later in self._asked_later(answered):
            where = (later.channel, later.thread_ts) if later.ts else (later.person, "")
            if where in told:
                continue
            told.add(where)
            place = Place(later.channel) if later.ts else alone(later.person)
            for page in self._pages(answered):
                yield _message(where, page, Check(place, kept.audience_keys), later.person, "")

    def _pages(self, answered: Request) -> list[Page]:
        name = self.people.name_of(answered.answered_by)
        return answered_pages(answered.id, answered.question, answered.answer, name)

    def _asked_later(self, answered: Request) -> list[Question]:
        if self.embedder is None:
            return []
        with self.database.reading() as connection:
            open_ones = unanswered_since(connection, answered.created_at, MOST_LOOKED_AT)
        others = [one for one in open_ones if one.text and one.id != answered.question_id]
        if not others:
            return []
        first, *vectors = self.embedder.embed([answered.question, *(one.text for one in others)])
        return [
            one
            for one, vector in zip(others, vectors, strict=True)
            if nearest(one.text, [answered.question], [float(vector @ first)]) is not None
        ]


def is_private(asker: Asker) -> bool:
    """Whether only this person reads where they asked."""
    return asker.private or asker.channel.startswith("D")


def _places(answered: Request) -> dict[tuple[str, str], Asker]:
    """Channel and thread of every place where it was asked, each once."""
    return {(one.person if one.private else one.channel, one.thread_ts): one for one in answered.askers}


def _message(where: tuple[str, str], page: Page, check: Check, person: str, instead: str) -> Message:
    channel, thread_ts = where
    return Message(
        channel,
        page.text,
        blocks=page.blocks,
        thread_ts=thread_ts,
        person=person,
        check=check,
        instead=instead,
    )

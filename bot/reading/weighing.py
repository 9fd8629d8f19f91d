"""Weighs papers against what a team works on: what the readers of the channel can find, and what they ask."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.journal import papers as journal
from bot.journal import proposals
from bot.journal import series as groups
from bot.journal.papers import Weighed
from bot.journal.proposals import OPEN, Proposal
from bot.journal.records import Question
from bot.journal.series import Series
from bot.journal.topic_work import queue_once
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import WEIGH_PAPER
from bot.learning.channel_knowledge import ChannelKnowledge
from bot.learning.topics import Topics
from bot.messages import Place
from bot.pressing import subject_of
from bot.rooms import Room
from bot.saving import audience_of
from bot.seeing import is_private
from knowledge.audience import Audience, may_all_read
from knowledge.documents import Passage
from knowledge.errors import ModelError
from knowledge.ports import Clock
from prompts.reading import Near, fit
from prompts.themes import by_shared_terms

NEAR_BY_MEANING, NEAR_BY_WORDS = 0.35, 0.1
"""From which likeness on a passage is near to a paper, by embeddings and by shared words; measured by
`python -m tests.bench papers`."""
LOOK_BACK = timedelta(days=56)
MOST_QUESTIONS = 100
LONGEST_SEARCHED, LONGEST_COMPARED = 400, 1_500
EVERY, ANEW_AFTER = timedelta(minutes=10), timedelta(days=1)

log = logging.getLogger(__name__)


@dataclass
class Weighing:
    """Weighs a paper when it is proposed, and again (WEIGH_PAPER) when the knowledge has changed, once a day
    at most. Counted are only documents that all who read the channel may read, and questions that they could
    read where they were asked."""

    topics: Topics
    knowledge: ChannelKnowledge
    writer: JournalWriter
    clock: Clock
    _looked: datetime | None = None

    def join(self, room: Room) -> None:
        room.handlers[WEIGH_PAPER] = self.weigh_again
        room.duties.append(self.look)

    def look(self, now: datetime) -> None:
        """Ask for those to be weighed for which it is time; a duty."""
        if self._looked is not None and timedelta(0) <= now - self._looked < EVERY:
            return
        self._looked = now
        before = (now - ANEW_AFTER).timestamp()
        version = self.knowledge.store.published()
        with self.topics.database.reading() as connection:
            due = [one.id for one in journal.to_weigh(connection, version, before)]

        def ask(connection: Connection) -> None:
            for paper in due:
                queue_once(connection, WEIGH_PAPER, paper, now.timestamp())

        if due:
            self.writer.write(ask)

    def weigh_again(self, item: Item) -> Done:
        """Weigh one paper, and bring its card to how things are where that changes something."""
        with self.topics.database.reading() as connection:
            known = proposals.by_id(connection, subject_of(item))
            one = None if known is None else groups.by_id(connection, known.series_id)
            before = None if known is None else journal.fit_of(connection, known.id)
        if known is None or one is None or known.state != OPEN:
            return Done()
        after = self.weigh(known, one)
        if before is not None and _shown(before) == _shown(after):
            return Done()
        return Done(say=(self.topics.updated(known, one),))

    def weigh(self, known: Proposal, one: Series) -> Weighed:
        """How near a paper is, stored. Takes as long as two questions."""
        text = f"{known.title}\n\n{known.paper.get('abstract') or ''}".strip()
        passages = self._passages(known, one)
        asked = self._asked(one)
        others = [passage.chunk.text for passage in passages] + [question.text for question in asked]
        alike, enough = self._alike(text[:LONGEST_COMPARED], others)
        near = [
            Near(passage.document_id, passage.title, passage.audience_key, round(likeness, 4))
            for passage, likeness in zip(passages, alike, strict=False)
        ]
        made = Weighed(
            fit(near, alike[len(passages) :], enough),
            self.knowledge.store.published(),
            self.clock().timestamp(),
        )
        self.writer.write(lambda connection: journal.put_fit(connection, known.id, made))
        return made

    def _passages(self, known: Proposal, one: Series) -> list[Passage]:
        """What is found for its title and for the beginning of its abstract."""
        abstract = str(known.paper.get("abstract") or "")[:LONGEST_SEARCHED]
        found: dict[int, Passage] = {}
        for text in filter(str.strip, (known.title, abstract)):
            outcome = self.knowledge.found(text, one.channel)
            if outcome is not None:
                found |= {passage.chunk_id: passage for passage in outcome.passages}
        return list(found.values())

    def _asked(self, one: Series) -> list[Question]:
        """Recent questions that all who read the channel could read where they were asked."""
        since = (self.clock() - LOOK_BACK).timestamp()
        with self.topics.database.reading() as connection:
            asked = journal.recent_questions(connection, since, MOST_QUESTIONS)
        people = self.topics.people
        readers = people.readers(Place(one.channel))
        open_ones = [question for question in asked if not is_private(question)]
        audiences: dict[str, Audience | None] = {
            channel: audience_of(people, Place(channel)) for channel in {each.channel for each in open_ones}
        }

        def may_know(question: Question) -> bool:
            audience = audiences[question.channel]
            return audience is not None and may_all_read(audience, readers, people.members)

        return [question for question in open_ones if may_know(question)]

    def _alike(self, text: str, others: Sequence[str]) -> tuple[list[float], float]:
        """How alike each is to the text, and from where on that is near."""
        if not others:
            return [], NEAR_BY_MEANING
        embedder = self.topics.embedder
        if embedder is not None:
            try:
                vectors = embedder.embed([text, *others])
            except ModelError as error:
                log.error("a paper is weighed by its words alone: %s", error)
            else:
                return [float(one) for one in vectors[1:] @ vectors[0]], NEAR_BY_MEANING
        return by_shared_terms([text, *others])[0][1:], NEAR_BY_WORDS


def _shown(one: Weighed) -> tuple[object, ...]:
    """What people see of it."""
    return tuple(near.document_id for near in one.fit.documents), one.fit.questions

"""Lore's own proposals: once a week, what several people have asked and nothing answers well."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import Connection

from bot.blocks.topics import LONGEST_TITLE
from bot.journal import duties, gaps, proposals
from bot.journal import series as journal
from bot.journal.proposals import Proposal
from bot.journal.records import Question, question
from bot.journal.series import ACTIVE, Series
from bot.journal.topic_work import queue_once
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import FIND_GAPS
from bot.learning.topic_experts import TopicExperts
from bot.learning.topics import Topics
from bot.likeness import measure_with
from bot.messages import Place
from bot.pressing import subject_of
from bot.rooms import Room
from bot.saving import audience_of
from ingest.redaction import redact
from knowledge.audience import Audience, may_all_read
from prompts.calendar import zone_named
from prompts.series import LEARNING
from prompts.themes import MOST_COMPARED
from prompts.topics import Asked, Gap
from prompts.topics import gaps as found_in
from prompts.words import words

EVERY = timedelta(minutes=10)
A_WEEK = timedelta(days=6, hours=12)
"""From one look to the next that may be made on the same day of the week."""
LOOK_BACK = timedelta(days=56)
FROM, UNTIL = time(10), time(16)

log = logging.getLogger(__name__)


@dataclass
class Gaps:
    """A duty that asks for a look once a week, in the working hours of each series; the look itself
    (FIND_GAPS) proposes one topic at most. No asker is ever named."""

    topics: Topics
    experts: TopicExperts
    writer: JournalWriter
    _looked: datetime | None = None

    def __post_init__(self) -> None:
        self._availability = self.experts.notices.availability

    def join(self, room: Room) -> None:
        room.duties.append(self.look)
        room.handlers[FIND_GAPS] = self.find

    def look(self, now: datetime) -> None:
        """Ask for a look at every series whose week is over."""
        if self._looked is not None and timedelta(0) <= now - self._looked < EVERY:
            return
        self._looked = now
        with self.topics.database.reading() as connection:
            active = journal.all_series(connection, LEARNING, ACTIVE)
        for one in active:
            if self._is_the_hour(one, now):
                self.writer.write(partial(_ask_for_a_look, one=one, now=now.timestamp()))

    def find(self, item: Item) -> Done:
        """Propose what most people have asked about; what is near a topic that is open, or chosen for
        a coming talk, is counted to that one."""
        made_id = f"topic-{item.id}"
        with self.topics.database.reading() as connection:
            one = journal.by_id(connection, subject_of(item))
            known = proposals.by_id(connection, made_id)
            since = (self._availability.clock() - LOOK_BACK).timestamp()
            asked = gaps.unanswered(connection, since, 4 * MOST_COMPARED)
        if one is None or one.state != ACTIVE:
            return Done()
        places = _Places(self.topics, one)
        if known is not None:  # it was stored before, and not said yet
            return self._posted(known, one, places)
        told = [each for question in asked if (each := self._told(question, places)) is not None]
        knows = partial(self.experts.knowledge.says, channel=one.channel)
        for gap in found_in(told[:MOST_COMPARED], knows, measure_with(self.topics.embedder)):
            near = self.topics.nearest(gap.title, self.topics.coming_ones(one))
            if near is None:
                return self._posted(self._stored(gap, one, made_id), one, places)
            self.writer.write(partial(_add_questions, proposal_id=near.id, gap=gap, now=self._now()))
        return Done()

    def _stored(self, gap: Gap, one: Series, made_id: str) -> Proposal:
        title = redact(gap.title).text[:LONGEST_TITLE]
        why = words("topic_gap", people=gap.people).strip()
        made = Proposal(one.id, title, why, "", questions=gap.questions, id=made_id)

        def store(connection: Connection) -> None:
            proposals.put(connection, made, self._now())
            self.experts.ask_soon(connection, made.id)

        self.writer.write(store)
        log.info("a topic is proposed that %d people have asked about", gap.people)
        return made

    def _posted(self, made: Proposal, one: Series, places: "_Places") -> Done:
        """Said where the series is, if all who read it then may know what it is made of."""
        with self.topics.database.reading() as connection:
            asked = [question(connection, each) for each in made.questions]
        keys = places.keys_of([each for each in asked if each is not None])
        return Done(say=(self.topics.posted(made, one, keys),))

    def _told(self, asked: Question, places: "_Places") -> Asked | None:
        """How a question may be used: its words too, for counting alone, or not at all."""
        if not self.topics.people.is_full_member(asked.person):
            return None
        shown = places.may_know(asked)
        return Asked(asked.id, asked.person, asked.text, shown) if shown or is_private(asked) else None

    def _is_the_hour(self, one: Series, now: datetime) -> bool:
        local = now.astimezone(zone_named(one.settings.zone, self._availability.settings.zone).zone)
        if not FROM <= local.time() < UNTIL or local.weekday() > 4:
            return False
        places = self._availability.places(sorted(one.owners))
        return self._availability.day_off(local.date(), places) is None

    def _now(self) -> float:
        return self._availability.clock().timestamp()


class _Places:
    """What those who read a series' channel may know of other places."""

    def __init__(self, topics: Topics, one: Series) -> None:
        self._people = topics.people
        self._readers = topics.people.readers(Place(one.channel))
        self._audiences: dict[str, Audience | None] = {}

    def may_know(self, asked: Question) -> bool:
        """Whether all of them could read it when it was asked."""
        audience = self._audience(asked)
        return audience is not None and may_all_read(audience, self._readers, self._people.members)

    def keys_of(self, asked: Sequence[Question]) -> Sequence[str]:
        """The audiences of the places where what may be told was asked."""
        found = (self._audience(one) for one in asked if self.may_know(one))
        return sorted({audience.key for audience in found if audience is not None})

    def _audience(self, asked: Question) -> Audience | None:
        if is_private(asked):
            return None
        if asked.channel not in self._audiences:
            self._audiences[asked.channel] = audience_of(self._people, Place(asked.channel))
        return self._audiences[asked.channel]


def is_private(asked: Question) -> bool:
    """Whether its asker alone saw that it was asked."""
    return not asked.ts or asked.channel.startswith("D")


def _ask_for_a_look(connection: Connection, one: Series, now: float) -> None:
    if duties.begin(connection, f"gaps {one.id}", A_WEEK.total_seconds(), now):
        queue_once(connection, FIND_GAPS, one.id, now)


def _add_questions(connection: Connection, proposal_id: str, gap: Gap, now: float) -> None:
    known = proposals.by_id(connection, proposal_id)
    if known is not None and known.state in (proposals.OPEN, proposals.CHOSEN):
        gathered = tuple(dict.fromkeys((*known.questions, *gap.questions)))
        proposals.put(connection, replace(known, questions=gathered), now)

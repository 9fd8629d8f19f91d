"""The questions that are suggested to one person, gathered from what that very person may read now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from bot.journal.feedback import feedback
from bot.journal.tables import questions
from bot.messages import Place
from bot.people import People
from bot.suggesting import Answered, Prompt, suggest
from knowledge.adapters.database import Database
from knowledge.adapters.titles import Titled, Titles
from knowledge.audience import UNKNOWN_READERS, readable_keys
from knowledge.ports import Clock, Store
from knowledge.staleness import OF_A_DAY

LATELY = timedelta(days=30)
MOST_QUESTIONS = 200
MOST_CHANNELS = 12
MOST_TITLES = 60


@dataclass(frozen=True, slots=True)
class Prompting:
    """Suggests from public channels' and one's own answered questions and from the newest pages.

    What somebody found unhelpful is no suggestion.
    """

    people: People
    store: Store
    titles: Titles
    database: Database
    clock: Clock

    def prompts(self, person: str) -> tuple[Prompt, ...]:
        """At most four; none for somebody who may read nothing."""
        readers = self.people.readers(Place("", only=person))
        if readers == UNKNOWN_READERS:
            return ()
        version = self.store.published()
        keys = readable_keys(self.store.audience_keys(version), readers, self.people.members)
        newest = self.titles.newest(version, keys, MOST_TITLES, without=OF_A_DAY)
        return suggest(self._answered(person, keys), self._as_now(newest, keys))

    def _as_now(self, newest: Sequence[Titled], keys: frozenset[str]) -> list[Titled]:
        """Without those whose audience is another by now."""
        return [one for one in newest if self.store.current_audience(one.document_id) in keys]

    def _answered(self, person: str, keys: frozenset[str]) -> Iterator[Answered]:
        for row in self._lately(person):
            if row.person != person and not self._is_public(row.channel):
                continue
            if row.outcome.get("outcome") != "answer":
                continue
            cited = row.outcome.get("citations", ())
            documents = tuple(dict.fromkeys(str(one["document_id"]) for one in cited))
            now = {self.store.current_audience(one) for one in documents}
            then = {one["audience_key"] for one in cited}
            if documents and now | then <= keys:
                yield Answered(row.text, documents)

    def _lately(self, person: str) -> Iterator[Any]:
        """Questions of this person, and those that opened a thread in some channel; newest first."""
        since = (self.clock() - LATELY).timestamp()
        opened = questions.c.channel.startswith("C") & (questions.c.ts == questions.c.thread_ts)
        asked = (
            select(questions.c.person, questions.c.channel, questions.c.text, questions.c.outcome)
            .where(questions.c.asked_at >= since, or_(questions.c.person == person, opened))
            .where(questions.c.id.not_in(select(feedback.c.question_id).where(feedback.c.helped == 0)))
            .order_by(questions.c.asked_at.desc())
            .limit(MOST_QUESTIONS)
        )
        with self.database.reading() as connection:
            rows = connection.execute(asked).all()
        channels: set[str] = set()
        for row in rows:
            channels.add(row.channel)
            if len(channels) <= MOST_CHANNELS:
                yield row

    def _is_public(self, channel: str) -> bool:
        return channel.startswith("C") and self.people.readers(Place(channel)).everyone

"""A message to Lore becomes a reply: its readers decide what may be used, then the answerer is asked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.blocks.actions import answer_actions, no_answer_actions
from bot.blocks.answers import answer_pages, no_answer_pages
from bot.blocks.citations import Look
from bot.blocks.scope import scope
from bot.hearing import Asked, Help, Myself, Pleasantry, understand
from bot.history import History
from bot.journal.records import Question
from bot.journal.work import Done, Item
from bot.messages import Check, Message, new_key
from bot.naming import owners_named
from bot.people import People
from bot.remembering import cited, outcome_as_json, passages_as_json
from bot.replies import is_private, place_of, reply, say, thread_for
from bot.status import Status
from knowledge.audience import Readers, readable_keys
from knowledge.documents import Answer, Citation, NoAnswer, Outcome, Turn
from knowledge.ports import Clock, Store
from prompts.words import words


class Answers(Protocol):
    """The only call into knowledge."""

    def answer(self, question: str, audiences: frozenset[str], history: Sequence[Turn] = ()) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """Works one item off: a message to Lore (kind `message`) or a private question (kind `ask`).

    `me` names the bot; `origins` are the addresses that may be linked (see `blocks.citations.Look`).
    """

    me: Myself
    people: People
    store: Store
    answers: Answers
    history: History
    status: Status
    clock: Clock
    origins: frozenset[str] = frozenset()

    def handle(self, item: Item) -> Done:
        """What to say and what to remember. Raises what the answerer raises; the workers apologise then."""
        readers = self.people.readers(place_of(item))
        if readers == Readers() or not self.people.is_full_member(item.person):
            return Done(say=say(item, "not_here"))
        match understand(owners_named(item.text, self.people.person), self.me, self._name):
            case Help():
                return Done(say=say(item, "help"))
            case Pleasantry():
                return Done(say=say(item, "pleasantry"))
            case Asked() as asked:
                with self.status.shown(item.channel, thread_for(item), "is looking it up…"):
                    return self._answer(item, asked, readers)

    def _answer(self, item: Item, asked: Asked, readers: Readers) -> Done:
        started = time.monotonic()
        keys = readable_keys(self.store.audience_keys(self.store.published()), readers, self.people.members)
        outcome = self.answers.answer(asked.text, keys, self.history.before(item, self.me))
        question_id = new_key()
        said = self._said(item, asked, outcome, question_id, keys)
        record = Question(
            team=item.team,
            channel=item.channel,
            ts=item.ts,
            thread_ts=item.thread_ts,
            person=item.person,
            text=asked.text,
            outcome=outcome_as_json(outcome),
            passages=passages_as_json(outcome),
            milliseconds=round((time.monotonic() - started) * 1000),
            index_version=outcome.version,
            message_key=said[0].key,
            id=question_id,
        )
        return Done(say=said, record=(record,))

    def _said(
        self, item: Item, asked: Asked, outcome: Outcome, question_id: str, searched: frozenset[str]
    ) -> tuple[Message, ...]:
        shown = cited(outcome)
        look = Look(self.clock(), self.origins, self._owners(shown))
        note = ""
        if asked.shortened:
            note = words("shortened", characters=f"{asked.characters:,}", read=f"{len(asked.text):,}")

        def reference(n: int) -> str:
            return f"{question_id}:{n}"

        above = scope(outcome.trace, question_id)
        match outcome:
            case Answer():
                foot = answer_actions(question_id, shareable=place_of(item).only != "")
                said = answer_pages(outcome, reference, look, note, foot, above)
                told = searched if above else frozenset(citation.audience_key for citation in shown)
            case NoAnswer():
                foot = no_answer_actions(question_id)
                said = no_answer_pages(outcome, reference, look, is_private(item), note, foot, above)
                told = searched  # it names the sources that were searched
        return reply(item, said, _check(item, shown, told))

    def _owners(self, citations: Sequence[Citation]) -> dict[str, str]:
        """Names for owners; nobody is mentioned, so nobody is pinged."""
        owners = {citation.owner for citation in citations if citation.owner}
        return {owner: self.people.name_of(owner) for owner in owners}

    def _name(self, user_id: str) -> str:
        person = self.people.person(user_id)
        return user_id if person is None else person.name


def _check(item: Item, citations: Sequence[Citation], audience_keys: frozenset[str]) -> Check:
    return Check(
        place=place_of(item),
        audience_keys=tuple(sorted(audience_keys)),
        document_ids=tuple(sorted({citation.document_id for citation in citations})),
    )

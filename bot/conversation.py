"""A message to Lore becomes a reply: its readers decide what may be used, then the answerer is asked."""

import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.attachments import Attachments, Read
from bot.blocks.actions import answer_actions, no_answer_actions
from bot.blocks.answers import answer_pages, no_answer_pages
from bot.blocks.citations import Look
from bot.blocks.corrections import verified_pages
from bot.blocks.rich_text import Block
from bot.blocks.scope import scope
from bot.hearing import Asked, Help, Myself, Pleasantry, understand
from bot.history import History
from bot.journal.records import Question
from bot.journal.work import Done, Item
from bot.messages import Check, Message, Place, new_key
from bot.naming import owners_named
from bot.people import People
from bot.remembering import cited, outcome_as_json, passages_as_json
from bot.replies import in_markdown, is_private, place_of, reply, say
from bot.saving import audience_of
from bot.status import Status
from bot.streaming import NoLongerReadable, NoLongerWanted, Streams
from bot.verified import Shown, VerifiedItems
from knowledge.allowance import UNLIMITED, Allowance, unlimited
from knowledge.attached import Attached
from knowledge.audience import Audience, Readers, readable_keys
from knowledge.documents import Answer, Citation, NoAnswer, Outcome, Turn
from knowledge.ports import Clock, Store
from knowledge.steps import Hear, ignore
from prompts.words import words


class Answers(Protocol):
    """The only call into knowledge."""

    def answer(
        self,
        question: str,
        audiences: frozenset[str],
        history: Sequence[Turn] = (),
        hear: Hear = ignore,
        use_model: bool = True,
        attached: Attached | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Conversation:
    """Works one item off: a message to Lore (kind `message`) or a private question (kind `ask`).

    `me` names the bot; `origins` are the addresses that may be linked (see `blocks.citations.Look`). With
    `streams`, an answer is shown while it is written, where it stands in a thread.
    """

    me: Myself
    people: People
    store: Store
    answers: Answers
    history: History
    status: Status
    clock: Clock
    origins: Container[str] = frozenset()
    streams: Streams | None = None
    verified: VerifiedItems | None = None
    attachments: Attachments | None = None
    allow: Callable[[Item], Allowance] = unlimited

    def handle(self, item: Item) -> Done:
        """What to say and what to remember. Raises what the answerer raises; the workers apologise then."""
        readers = self.people.readers(place_of(item))
        if readers == Readers() or not self.people.is_full_member(item.person):
            return Done(say=say(item, "not_here"))
        match understand(owners_named(item.text, self.people.person), self.me, self._name):
            case Help() if item.payload.get("files"):
                return self._only_files(item)
            case Help():
                return Done(say=say(item, "help"))
            case Pleasantry():
                return Done(say=say(item, "pleasantry"))
            case Asked() as asked:
                try:
                    return self._answer(item, asked, readers)
                except NoLongerWanted:
                    return Done()
                except NoLongerReadable:
                    return Done(say=say(item, "withheld"))

    def _answer(self, item: Item, asked: Asked, readers: Readers) -> Done:
        started = time.monotonic()
        keys = readable_keys(self.store.audience_keys(self.store.published()), readers, self.people.members)
        read = self._read(item, asked.text)
        outcome = self._outcome(item, asked, keys, read.files)
        return self._answered(item, asked, readers, keys, outcome, read, started)

    def unasked(self, item: Item, least: float, note: str, more: Sequence[Block]) -> Done | None:
        """An answer to what nobody asked Lore: in the sources' own words, of this confidence at `least` and
        with no warning to it; else None. `note` is said first, `more` stands under it."""
        started = time.monotonic()
        readers = self.people.readers(place_of(item))
        asked = understand(item.text, self.me, self._name)
        if readers == Readers() or not isinstance(asked, Asked):
            return None
        keys = readable_keys(self.store.audience_keys(self.store.published()), readers, self.people.members)
        outcome = self.answers.answer(asked.text, keys, use_model=False)
        if not isinstance(outcome, Answer) or outcome.confidence < least or outcome.notices:
            return None
        return self._answered(item, asked, readers, keys, outcome, Read(notes=(note,)), started, more)

    def _answered(
        self,
        item: Item,
        asked: Asked,
        readers: Readers,
        keys: frozenset[str],
        outcome: Outcome,
        read: Read,
        started: float,
        more: Sequence[Block] = (),
    ) -> Done:
        verified = self._verified(outcome, asked, readers)
        question_id = new_key()
        said = self._said(item, asked, outcome, question_id, keys, read, verified, more)
        record = Question(
            team=item.team,
            channel=item.channel,
            ts=item.ts,
            thread_ts=item.thread_ts,
            person=item.person,
            text=asked.text,
            outcome=outcome_as_json(outcome) | ({"verified": verified.id} if verified else {}),
            passages=passages_as_json(outcome),
            milliseconds=round((time.monotonic() - started) * 1000),
            index_version=outcome.version,
            message_key=said[0].key,
            id=question_id,
        )
        return Done(say=said, record=(record,))

    def _only_files(self, item: Item) -> Done:
        """Files without a question: what was read of them, and that a question is welcome."""
        read = self._read(item, "")
        told = [words("files_only", names=", ".join(read.names))] if read.names else [words("files_unread")]
        return Done(say=reply(item, in_markdown("\n\n".join([*told, *read.notes]))))

    def _read(self, item: Item, question: str) -> Read:
        """The attached files, for those who read the place that they were attached in."""
        if self.attachments is None:
            return Read()
        alone = Audience(principals=frozenset({item.person}))
        audience = audience_of(self.people, Place(item.channel)) or alone
        return self.attachments.of(item, question, audience)

    def _outcome(
        self, item: Item, asked: Asked, keys: frozenset[str], files: Attached | None = None
    ) -> Outcome:
        """Raises `streaming.Over` when the answer is not wanted any more, or not for these readers."""
        live = None if self.streams is None else self.streams.live(item, keys)
        if live is None:
            with self.status.shown(item, "is looking it up…"):
                history = self.history.before(item, self.me)
                allowance = self.allow(item)
                return self.answers.answer(asked.text, keys, history, attached=files, allowance=allowance)
        with live:
            history = self.history.before(item, self.me)
            return self.answers.answer(
                asked.text, keys, history, hear=live.hear, attached=files, allowance=self.allow(item)
            )

    def _said(
        self,
        item: Item,
        asked: Asked,
        outcome: Outcome,
        question_id: str,
        searched: frozenset[str],
        read: Read,
        verified: Shown | None,
        more: Sequence[Block],
    ) -> tuple[Message, ...]:
        shown = cited(outcome)
        look = Look(self.clock(), self.origins, self._owners(shown))
        notes = [words("files_read", names=", ".join(read.names))] if read.names else []
        notes += read.notes
        if asked.shortened:
            shortened = words("shortened", characters=f"{asked.characters:,}", read=f"{len(asked.text):,}")
            notes.append(shortened)
        note = " ".join(notes)

        def reference(n: int) -> str:
            return f"{question_id}:{n}"

        above = [*(verified.groups if verified else ()), *scope(outcome.trace, question_id)]
        match outcome:
            case Answer():
                foot = [*answer_actions(question_id, shareable=is_private(item)), *more]
                said = answer_pages(outcome, reference, look, note, foot, above)
                told = searched if above else frozenset(citation.audience_key for citation in shown)
            case NoAnswer() if verified:
                shown = ()
                said = verified_pages(verified.groups, answer_actions(question_id))
                told = frozenset()
            case NoAnswer():
                foot = no_answer_actions(question_id)
                said = no_answer_pages(outcome, reference, look, is_private(item), note, foot, above)
                told = searched  # it names the sources that were searched
        return reply(item, said, _check(item, shown, told, verified))

    def _verified(self, outcome: Outcome, asked: Asked, readers: Readers) -> Shown | None:
        """What people verified for this very question, with what it carries over from the conversation."""
        if self.verified is None:
            return None
        return self.verified.above(outcome.trace.searched_for or asked.text, readers)

    def _owners(self, citations: Sequence[Citation]) -> dict[str, str]:
        """Names for owners; nobody is mentioned, so nobody is pinged."""
        owners = {citation.owner for citation in citations if citation.owner}
        return {owner: self.people.name_of(owner) for owner in owners}

    def _name(self, user_id: str) -> str:
        person = self.people.person(user_id)
        return user_id if person is None else person.name


def _check(
    item: Item, citations: Sequence[Citation], audience_keys: frozenset[str], verified: Shown | None
) -> Check:
    documents = {citation.document_id for citation in citations}
    if verified is not None:
        audience_keys |= verified.audience_keys
        documents |= set(verified.documents)
    return Check(place_of(item), tuple(sorted(audience_keys)), tuple(sorted(documents)))

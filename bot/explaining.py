"""`/lore why`: how an answer came about, and what the same question would get today."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.blocks.pages import Page
from bot.blocks.why import Difference, Told, replay_pages, why_pages
from bot.conversation import Answers
from bot.journal.asked import asked_at, newest_of, pointer
from bot.journal.forgetting import DELETED
from bot.journal.records import Audit, Question, question
from bot.journal.work import Done, Item
from bot.messages import Check, Message, Place
from bot.people import People
from bot.pressing import REPLAY, quietly, subject_of
from bot.remembering import answer_of, scores_of, searched_of, trace_of
from bot.replies import in_markdown, reply
from bot.seeing import Sight, is_private, may_see, resting_on
from knowledge.adapters.database import Database
from knowledge.allowance import Allowance, unlimited
from knowledge.documents import Answer, NoAnswer, Outcome, Passage, Searched, Trace
from knowledge.ports import Store
from prompts.words import words

VERIFIED_FIRST = "What people had verified was shown first."


@dataclass(frozen=True, slots=True)
class Explaining:
    """Works off items of kind `why` (by command or button) and `replay`, for whoever asked it alone."""

    people: People
    store: Store
    database: Database
    answers: Answers
    allow: Callable[[Item], Allowance] = unlimited

    def handle(self, item: Item) -> Done:
        """The explanation, or that there is nothing to explain, whatever the reason."""
        asked = self._asked(item)
        if (
            asked is None
            or asked.outcome.get("outcome") == DELETED
            or not may_see(self.people, asked, item.person)
        ):
            return Done(say=self._reply(item, words("why_nothing")))
        sight = Sight.of(self.people, self.store, Place(item.channel, only=item.person))
        done = self._replayed(item, asked, sight) if item.kind == REPLAY else self._told(item, asked, sight)
        if item.person == asked.person or not is_private(asked):
            return done
        return replace(done, record=(*done.record, Audit(item.person, item.kind, asked.id)))

    def _asked(self, item: Item) -> Question | None:
        """The question of a button, of a link in the command, or the newest of this person here."""
        with self.database.reading() as connection:
            if subject := subject_of(item):
                found = question(connection, subject)
                return found if found is not None and found.team == item.team else None
            link = pointer(item.text)
            if link is not None:
                return asked_at(connection, item.team, link.channel or item.channel, link.ts)
            if len(item.text.split()) > 1:
                return None
            return newest_of(connection, item.team, item.channel, item.person)

    def _told(self, item: Item, asked: Question, sight: Sight) -> Done:
        readable = {passage.chunk_id: passage for passage in sight.passages(asked)}
        found = [
            (readable[int(kept["chunk_id"])], scores_of(kept))
            for kept in asked.passages
            if int(kept["chunk_id"]) in readable
        ]
        trace = trace_of(asked)
        told = Told(
            question_id=asked.id,
            question=trace.asked,
            outcome=_outcome(asked),
            writer=str(asked.outcome.get("writer") or ""),
            searched=self._searched(asked, sight),
            trace=trace if item.person == asked.person else replace(trace, remarks=()),
            confidence=float(asked.outcome.get("confidence") or 0.0),
            found=found,
            hidden=len(found) < len(asked.passages),
            version=asked.index_version,
            milliseconds={**trace.milliseconds, "all": asked.milliseconds},
            notices=self._notices(asked, sight),
        )
        said = why_pages(told)
        check = resting_on(Place(item.channel, only=item.person), [passage for passage, _ in found])
        return Done(say=self._pages(item, said, check))

    def _searched(self, asked: Question, sight: Sight) -> Searched:
        """What was searched, by the names of sources of which the viewer may read something now."""
        kept = searched_of(asked)
        known = self.store.searched(self.store.published(), sight.keys()).sources
        return replace(kept, sources=tuple(name for name in kept.sources if name in known))

    def _notices(self, asked: Question, sight: Sight) -> tuple[str, ...]:
        """Notices name the documents that they are about."""
        answer = answer_of(asked)
        told = answer.notices if answer is not None and sight.readable(answer.citations) else ()
        return (*told, VERIFIED_FIRST) if asked.outcome.get("verified") else told

    def _replayed(self, item: Item, asked: Question, sight: Sight) -> Done:
        """The question again, for those who could read the place, within what the viewer may read now."""
        alone = Place(asked.channel, only=asked.person if is_private(asked) else "")
        keys = Sight.of(self.people, self.store, alone).keys() & sight.keys()
        outcome = self.answers.answer(_as_it_was_asked(asked), keys, allowance=self.allow(item))
        check = resting_on(Place(item.channel, only=item.person), outcome.passages)
        return Done(say=self._pages(item, replay_pages(self._difference(asked, outcome, sight)), check))

    def _difference(self, asked: Question, outcome: Outcome, sight: Sight) -> Difference:
        before = {str(kept["document_id"]) for kept in asked.passages}
        readable = {one.document_id: one.title for one in sight.passages(asked)}
        now = _titles(outcome.passages)
        lost = before - now.keys()
        was = answer_of(asked)
        match outcome:
            case Answer():
                said = tuple(one.text for one in outcome.sentences)
                changed = was is None or tuple(one.text for one in was.sentences) != said
                sentences, sources = outcome.sentences, {one.n: one.title for one in outcome.citations}
                told = "an answer"
            case NoAnswer():
                changed, sentences, sources = was is not None, (), {}
                told = f"no answer: {outcome.reason}"
        return Difference(
            outcome=told,
            changed=changed,
            new=[title for document, title in now.items() if document not in before],
            lost=[readable[document] for document in sorted(lost) if document in readable],
            lost_others=bool(lost - readable.keys()),
            sentences=sentences,
            sources=sources,
            version=outcome.version,
            before=asked.index_version,
            confidence=outcome.confidence,
            threshold=outcome.trace.threshold,
        )

    def _reply(self, item: Item, text: str) -> tuple[Message, ...]:
        said = in_markdown(text)
        return quietly(item, said) if subject_of(item) else reply(item, said)

    def _pages(self, item: Item, said: list[Page], check: Check) -> tuple[Message, ...]:
        return quietly(item, said, check) if subject_of(item) else reply(item, said, check)


def _outcome(asked: Question) -> str:
    if asked.outcome.get("outcome") == "answer":
        count = len(asked.outcome.get("sentences") or ())
        return f"an answer of {count} {'sentence' if count == 1 else 'sentences'}"
    return f"no answer: {asked.outcome.get('reason') or 'the reason was not kept'}"


def _as_it_was_asked(asked: Question) -> str:
    """With what it carried over from its conversation, which is not read again."""
    trace: Trace = trace_of(asked)
    carried = trace.searched_for.removesuffix(trace.asked).strip()
    return f"{carried} {asked.text}" if carried and trace.searched_for.endswith(trace.asked) else asked.text


def _titles(passages: "tuple[Passage, ...]") -> dict[str, str]:
    return {passage.document_id: passage.title for passage in passages}

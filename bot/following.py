"""What follows an answer at a click: shorter, its passages in full, what else was found, or no filters."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace

from bot import pressing
from bot.blocks.answers import answer_pages
from bot.blocks.citations import Look
from bot.blocks.found import else_pages, passage_pages
from bot.blocks.pages import Page
from bot.journal.records import Question
from bot.journal.work import Done, Item
from bot.messages import Check, Message, Place
from bot.people import People
from bot.pressing import quietly, subject_of, visible_question
from bot.remembering import answer_of, citations_of, trace_of
from bot.replies import in_markdown
from bot.seeing import Sight, is_private, resting_on
from knowledge.adapters.database import Database
from knowledge.documents import Citation, Passage
from knowledge.ports import Clock, Store
from knowledge.shortening import shortest
from prompts.words import words

IN_FULL = 3
ELSE = 3


@dataclass(frozen=True, slots=True)
class FollowUps:
    """Works off the items that the buttons under an answer leave.

    What is said rests on what everyone who reads the place may read now; `ask` answers a message as
    `Conversation.handle` does.
    """

    people: People
    store: Store
    database: Database
    ask: Callable[[Item], Done]
    clock: Clock
    origins: Container[str] = frozenset()

    def handle(self, item: Item) -> Done:
        """The reply: in the answer's thread, or to the one who pressed where the answer was theirs alone."""
        asked = visible_question(self.database, subject_of(item), item.team, item.channel, item.person)
        place = self._place(item, asked)
        sight = Sight.of(self.people, self.store, place)
        readers = sight.readers
        if asked is None or not (readers.everyone or item.person in readers.people):
            return self._quietly(item, "gone")
        if not self.people.is_full_member(item.person):
            return self._quietly(item, "gone")
        match item.kind:
            case pressing.SHORTENING:
                return self._shorter(item, asked, place, sight)
            case pressing.PASSAGES:
                return self._passages(item, asked, place, sight)
            case pressing.WHAT_ELSE_THERE_IS:
                return self._what_else(item, asked, place, sight)
            case _:
                return self._everything(item, asked)

    def _shorter(self, item: Item, asked: Question, place: Place, sight: Sight) -> Done:
        answer = answer_of(asked)
        best = shortest(trace_of(asked).asked, answer.sentences) if answer else None
        if answer is None or best is None or not sight.readable(answer.citations):
            return self._quietly(item, "gone")
        if len(answer.sentences) == 1:
            return self._quietly(item, "shortest")
        kept = tuple(one for one in answer.citations if one.n in best.citations)
        brief = replace(answer, sentences=(best,), citations=kept)
        said = answer_pages(brief, self._reference(asked), self._look(kept))
        return self._say(item, asked, said, resting_on(place, kept))

    def _passages(self, item: Item, asked: Question, place: Place, sight: Sight) -> Done:
        shown = sight.passages(asked)[:IN_FULL]
        if not shown:
            return self._quietly(item, "gone")
        said = passage_pages(shown, self._passage_reference(asked), self._look(shown))
        return self._say(item, asked, said, resting_on(place, shown))

    def _what_else(self, item: Item, asked: Question, place: Place, sight: Sight) -> Done:
        cited = {citation.document_id for citation in citations_of(asked)}
        best: dict[str, Passage] = {}
        for passage in sight.passages(asked):
            if passage.document_id not in cited:
                best.setdefault(passage.document_id, passage)
        shown = list(best.values())[:ELSE]
        if not shown:
            return self._quietly(item, "nothing_else")
        said = else_pages(shown, self._passage_reference(asked), self._look(shown))
        return self._say(item, asked, said, resting_on(place, shown))

    def _everything(self, item: Item, asked: Question) -> Done:
        """The question again, without its filters, as if it had been asked so."""
        plain = trace_of(asked).asked
        if not plain.strip():
            return self._quietly(item, "gone")
        kind = "message" if asked.ts else "ask"
        return self.ask(replace(item, kind=kind, text=plain, ts=asked.ts, thread_ts=asked.thread_ts))

    def _place(self, item: Item, asked: Question | None) -> Place:
        alone = item.payload.get("ephemeral") or asked is None or is_private(asked)
        return Place(item.channel, only=item.person if alone else "")

    def _say(self, item: Item, asked: Question, said: Sequence[Page], check: Check) -> Done:
        """In the thread once, whoever presses."""
        if check.place.only and not item.channel.startswith("D"):
            return Done(say=quietly(item, said, check))
        thread = item.thread_ts or ("" if item.channel.startswith("D") else item.ts)
        first = Message(item.channel, "", thread_ts=thread, person=item.person, check=check)
        return Done(
            say=tuple(
                replace(
                    first,
                    text=page.text,
                    blocks=page.blocks,
                    instead="" if number else words("withheld"),
                    key=f"{item.kind}:{asked.id}:{item.ts}" + (f".{number}" if number else ""),
                )
                for number, page in enumerate(said)
            )
        )

    def _quietly(self, item: Item, name: str) -> Done:
        return Done(say=quietly(item, in_markdown(words(f"follow_up_{name}"))))

    def _look(self, shown: Sequence[Citation | Passage]) -> Look:
        owners = {one.owner for one in shown if one.owner}
        return Look(self.clock(), self.origins, {owner: self.people.name_of(owner) for owner in owners})

    def _reference(self, asked: Question) -> Callable[[int], str]:
        return lambda n: f"{asked.id}:{n}"

    def _passage_reference(self, asked: Question) -> Callable[[int], str]:
        """A button's value for a passage by its chunk."""
        return lambda chunk_id: f"{asked.id}:p{chunk_id}"

"""A private answer goes to a channel: once, and only if everyone there may read all that it rests on."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from bot.blocks.actions import answer_actions
from bot.blocks.answers import answer_pages
from bot.blocks.citations import Look
from bot.blocks.sharing import shared_by
from bot.journal.asked import SHARED
from bot.journal.records import Audit, Question
from bot.journal.tables import outbox
from bot.journal.work import Done, Item
from bot.messages import Message, Place, new_key
from bot.people import CHANNEL_ID, People
from bot.pressing import quietly, subject_of, visible_question
from bot.remembering import answer_of, trace_of
from bot.replies import in_markdown
from bot.seeing import Sight, is_private, resting_on
from knowledge.adapters.database import Database
from knowledge.documents import Answer, Citation
from knowledge.ports import Clock, Store
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Sharing:
    """Works off items of kind `sharing`; the payload's `target` names the channel, or it is the item's."""

    people: People
    store: Store
    database: Database
    clock: Clock
    origins: Container[str] = frozenset()

    def handle(self, item: Item) -> Done:
        """The answer in the channel, or a private word on why not, which names nothing that is private."""
        target = str(item.payload.get("target") or item.channel)
        asked = self._asked(item)
        answer = None if asked is None else answer_of(asked)
        sight = Sight.of(self.people, self.store, Place(target))
        if asked is None or answer is None or not self._may_post(item, target, sight):
            return self._refused(item, target)
        if not sight.readable(answer.citations):
            return self._refused(item, target)
        earlier = self._earlier(f"share:{asked.id}:{target}:")
        if any(state not in ("dropped", "failed") for state in earlier):
            return Done(say=quietly(item, in_markdown(words("share_again"))))
        return self._shared(item, target, asked, answer, f"share:{asked.id}:{target}:{len(earlier)}")

    def _asked(self, item: Item) -> Question | None:
        """A private question of the very person who shares."""
        asked = visible_question(self.database, subject_of(item), item.team, item.channel, item.person)
        if asked is None or asked.person != item.person:
            return None
        return asked if is_private(asked) or item.payload.get("ephemeral") else None

    def _may_post(self, item: Item, target: str, sight: Sight) -> bool:
        """Whether this full member reads that channel too."""
        readers = sight.readers
        return (
            CHANNEL_ID.fullmatch(target) is not None
            and self.people.is_full_member(item.person)
            and (readers.everyone or item.person in readers.people)
        )

    def _refused(self, item: Item, target: str) -> Done:
        said = quietly(item, in_markdown(words("share_refused")))
        return Done(say=said, record=(Audit(item.person, "share", target, allowed=False),))

    def _earlier(self, key: str) -> list[str]:
        """What became of the attempts to share this there."""
        found = select(outbox.c.key, outbox.c.state).where(outbox.c.key.startswith(key, autoescape=True))
        with self.database.reading() as connection:
            rows = connection.execute(found).all()
        return [row.state for row in rows if row.key.removeprefix(key).isdecimal()]

    def _shared(self, item: Item, target: str, asked: Question, answer: Answer, key: str) -> Done:
        record = replace(
            asked,
            id=new_key(),
            channel=target,
            ts=SHARED,
            thread_ts="",
            outcome=_without_scope(asked),
            message_key=key,
        )
        person = self.people.person(item.person)
        said = answer_pages(
            answer,
            lambda n: f"{record.id}:{n}",
            self._look(answer.citations),
            foot=answer_actions(record.id),
            above=shared_by(person.name if person else item.person, trace_of(asked).asked),
        )
        check = resting_on(Place(target), answer.citations)
        first = Message(target, "", person=item.person, check=check, aside=True)
        messages = tuple(
            replace(
                first,
                text=page.text,
                blocks=page.blocks,
                instead="" if number else words("share_refused"),
                key=f"{key}.{number}" if number else key,
            )
            for number, page in enumerate(said)
        )
        return Done(say=messages, record=(record, Audit(item.person, "share", target)))

    def _look(self, shown: Sequence[Citation]) -> Look:
        owners = {one.owner for one in shown if one.owner}
        return Look(self.clock(), self.origins, {owner: self.people.name_of(owner) for owner in owners})


def _without_scope(asked: Question) -> dict[str, object]:
    """The outcome without what its filters and its search tell of places that others may not read."""
    kept = dict(asked.outcome)
    trace = {**(kept.get("trace") or {}), "filters": [], "remarks": []}
    return {**kept, "trace": trace, "searched": {}}

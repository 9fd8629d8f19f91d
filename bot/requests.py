"""A question that no document answers goes to a person, and the answer to everybody who asked it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from bot.blocks.requests import (
    Asking,
    Listed,
    answer_view,
    asking_pages,
    done_pages,
    list_pages,
    request_view,
)
from bot.experts import Experts, chosen
from bot.journal import requests as journal
from bot.journal.personal import Told, was_told
from bot.journal.records import Audit, Question, Record
from bot.journal.requests import WAITING, Asker, Joined, Left, Moved, Request
from bot.journal.work import Done, Item
from bot.messages import Check, Kind, Message, Place
from bot.people import People
from bot.pressing import alone, quietly, subject_of, to_person, visible_question
from bot.replies import in_markdown, place_of, reply
from bot.saving import NotSaved, audience_of, save
from bot.spreading import Spreading, is_private
from ingest.redaction import redact
from knowledge.adapters.database import Database
from knowledge.audience import may_all_read
from knowledge.ports import Clock, Embedder
from knowledge.verified import nearest
from prompts.words import words

ACKNOWLEDGE, ANSWER, NOT_ME = "acknowledge", "answer", "not me"
WITHDRAW, RESOLVE, PAGE = "withdraw", "resolve", "page"
MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Requests:
    """Works off the kinds REQUEST and REQUEST_STEP, and lists what waits."""

    people: People
    database: Database
    experts: Experts
    clock: Clock
    embedder: Embedder | None
    spreading: Spreading

    def asked_of(self, asked: Question, person: str) -> tuple[str, ...]:
        """Whom to ask, in order: owners of the nearest documents, then the channel's experts."""
        cited = asked.outcome.get("citations", ())
        owners = self.experts.owners(str(one.get("owner") or "") for one in cited)
        candidates = (*owners, *self.experts.of_channel(asked.channel))
        return tuple(one for one in chosen([candidates], but=person, may=_anyone) if one != person)

    def view(self, asked: Question, person: str, metadata: str) -> dict[str, Any] | None:
        """The form in which the asker confirms; None when there is nobody to ask."""
        names = [self.people.name_of(one) for one in self.asked_of(asked, person)]
        return request_view(metadata, asked.text, names[0], names[1:3]) if names else None

    def answer_view(self, request_id: str, person: str, metadata: str) -> dict[str, Any] | None:
        """The form for an answer; None for those who were not asked, or when it waits no more."""
        with self.database.reading() as connection:
            wanted = journal.request(connection, request_id)
        if wanted is None or wanted.state not in WAITING or person not in _had_their_turn(wanted):
            return None
        reach = self.spreading.reach(wanted)
        return answer_view(metadata, wanted.question, reach.goes_to, reach.keep, reach.usual)

    def request(self, item: Item) -> Done:
        """Put a question to the first who may know, or join those who wait for the same answer."""
        asked = visible_question(self.database, subject_of(item), item.team, item.channel, item.person)
        text = redact(item.text.strip()).text
        if asked is None or not text:
            return Done(say=quietly(item, in_markdown(words("answer_gone"))))
        asker = _asker(item, private=not asked.ts)
        return self.put(item, text, asker, lambda: self.asked_of(asked, item.person), asked.id)

    def put(
        self,
        item: Item,
        text: str,
        asker: Asker,
        experts: Callable[[], tuple[str, ...]],
        question_id: str = "",
    ) -> Done:
        """Put a text without secrets to the first of `experts`, or join those who wait for the same; what is
        said to whoever asks is said where they pressed."""
        vector = None if self.embedder is None else self.embedder.embed([text])[0]
        with self.database.reading() as connection:
            waiting = journal.waiting(connection)
        known = self._same(text, vector, waiting)
        if known is not None:
            name = self.people.name_of(known.expert)
            told = quietly(item, in_markdown(words("request_joined", who=name)))
            return Done(say=told, record=(Joined(known.id, asker),))
        chosen_experts = experts()
        if not chosen_experts:
            return Done(say=quietly(item, in_markdown(words("nobody_to_ask"))))
        made = Request(
            question=text,
            question_id=question_id,
            experts=chosen_experts,
            askers=(asker,),
            vector=None if vector is None else np.asarray(vector, np.float32).tobytes(),
            embedder=None if self.embedder is None else self.embedder.fingerprint,
        )
        told = quietly(item, in_markdown(words("request_sent", who=self.people.name_of(chosen_experts[0]))))
        return Done(say=(*self.ask(made), *told), record=(made,))

    def step(self, item: Item) -> Done:
        """Whoever was asked acknowledges, answers, passes it on; whoever asked ends it; it becomes a page."""
        with self.database.reading() as connection:
            wanted = journal.request(connection, subject_of(item))
        if wanted is None:
            return Done(say=quietly(item, in_markdown(words("request_gone"))))
        match str(item.payload.get("step") or ""):
            case "acknowledge" | "answer" | "not me" as step:
                if item.person not in _had_their_turn(wanted):
                    return self._refused(item, wanted, step)
                if wanted.state not in (*WAITING, "unanswered"):
                    return Done(say=self._settled(item, self._ended(wanted)))
                return self._by_expert(item, wanted, step)
            case "withdraw" | "resolve" as step:
                if item.person not in _askers(wanted):
                    return self._refused(item, wanted, step)
                return self._by_asker(item, wanted, step)
            case "page":
                return self._page(item, wanted)
            case step:
                return self._refused(item, wanted, step)

    def list_for(self, item: Item) -> Done:
        """`/lore requests`: one's own and those that one was asked; for an admin all, with the words of those
        that were asked where the admin can read."""
        with self.database.reading() as connection:
            waiting = journal.waiting(connection)
        admin = self.people.is_admin(item.person)
        listed = [
            Listed(
                request_id=one.id,
                question=one.question if self.may_see(one, item.person) else "",
                state=one.state,
                expert=self.people.name_of(one.expert),
                since=datetime.fromtimestamp(one.created_at, UTC),
                mine=item.person in _askers(one),
            )
            for one in waiting
            if admin or item.person in _askers(one) or item.person in _had_their_turn(one)
        ]
        return Done(say=reply(item, list_pages(listed, self.clock()), Check(place_of(item))))

    def ask(self, wanted: Request) -> tuple[Message, ...]:
        """The direct message to whoever's turn it is."""
        said = to_person(wanted.expert, asking_pages(self.asking(wanted)), Check(alone(wanted.expert)))
        return tuple(
            replace(one, key=f"request {wanted.id} {wanted.turn} {place}") for place, one in enumerate(said)
        )

    def asking(self, wanted: Request) -> Asking:
        """How a request is shown to the one who is asked."""
        first = wanted.askers[0]
        return Asking(
            wanted.id,
            wanted.question,
            self.people.name_of(first.person),
            "private" if first.private else self.people.name_of_place(first.channel),
            len(wanted.askers),
        )

    def nobody_left(self, wanted: Request) -> list[Message]:
        """Tell those who asked that nobody could answer."""
        said = done_pages(words("nobody_answered"), wanted.question)
        return [message for asker in wanted.askers for message in to_person(asker.person, said)]

    def _by_expert(self, item: Item, wanted: Request, step: str) -> Done:
        audit = Audit(item.person, f"{step} request", wanted.id)
        if step == ACKNOWLEDGE:
            pages = asking_pages(self.asking(wanted), acknowledged=True)
            moved = Moved(wanted.id, "acknowledged")
            return Done(say=self._settled(item, pages), record=(moved, audit))
        if step == NOT_ME:
            if item.person != wanted.expert:
                return Done(say=self._settled(item, done_pages(words("passed_on"))))
            after = replace(wanted, turn=wanted.turn + 1)
            state = "open" if after.expert else "unanswered"
            asked = self.ask(after) if after.expert else self.nobody_left(wanted)
            settled = self._settled(item, done_pages(words("passed_on"), wanted.question))
            return Done(say=(*settled, *asked), record=(Moved(wanted.id, state, after.turn), audit))
        text = redact(item.text.strip()).text
        if not text:
            return Done(say=quietly(item, in_markdown(words("request_gone"))))
        answered = replace(wanted, answer=text, answered_by=item.person)
        records: list[Record] = [Moved(wanted.id, "answered", None, text, item.person), audit]
        delivered = [*self.spreading.to_askers(answered)]
        if item.payload.get("keep"):
            kept = self.spreading.kept(answered)
            records.append(kept)
            delivered += self.spreading.to_later(answered, kept)
        thanks = done_pages(words("you_answered"), wanted.question)
        return Done(say=(*self._settled(item, thanks), *delivered), record=tuple(records))

    def _by_asker(self, item: Item, wanted: Request, step: str) -> Done:
        if wanted.state not in (*WAITING, "unanswered"):
            return Done(say=quietly(item, self._ended(wanted)))
        told = quietly(item, in_markdown(words("request_ended")))
        audit = Audit(item.person, f"{step} request", wanted.id)
        if len(wanted.askers) > 1:
            return Done(say=told, record=(Left(wanted.id, item.person), audit))
        state = "withdrawn" if step == WITHDRAW else "resolved"
        return Done(say=told, record=(Moved(wanted.id, state), audit))

    def _page(self, item: Item, wanted: Request) -> Done:
        """The answer becomes a page of the knowledge, owned by whoever gave it."""
        allowed = item.person in {wanted.answered_by, *_askers(wanted)} or self.people.is_admin(item.person)
        if wanted.state != "answered" or not allowed:
            return self._refused(item, wanted, PAGE)
        subject = f"page {wanted.id}"
        with self.database.reading() as connection:
            if was_told(connection, subject):
                return Done(say=quietly(item, in_markdown(words("page_made_before"))))
        first = wanted.askers[0]
        try:
            saved, audit = save(
                title=wanted.question,
                text=wanted.answer,
                owner=wanted.answered_by,
                audience=self.spreading.audience(wanted),
                team=first.team,
                channel="" if first.private else first.channel,
            )
        except NotSaved as error:
            return Done(say=quietly(item, in_markdown(words("not_saved", reason=str(error)))))
        made = quietly(item, in_markdown(words("page_made")))
        return Done(say=made, record=(saved, audit, Told(subject)))

    def _same(self, text: str, vector: Any, waiting: Sequence[Request]) -> Request | None:
        if vector is None or self.embedder is None:
            return None
        known = [one for one in waiting if one.vector and one.embedder == self.embedder.fingerprint]
        near = [float(np.frombuffer(one.vector or b"", np.float32) @ vector) for one in known]
        place = nearest(text, [one.question for one in known], near)
        return None if place is None else known[place]

    def may_see(self, wanted: Request, person: str) -> bool:
        """Whether a person asked it, was asked, or can read every place where it was asked."""
        if person in _askers(wanted) or person in _had_their_turn(wanted):
            return True
        return all(
            not is_private(one)
            and (audience := audience_of(self.people, Place(one.channel))) is not None
            and may_all_read(audience, self.people.readers(alone(person)), self.people.members)
            for one in wanted.askers
        )

    def _ended(self, wanted: Request) -> list[Any]:
        who = self.people.name_of(wanted.answered_by) if wanted.answered_by else "whoever asked"
        how = "answered" if wanted.state == "answered" else "ended"
        return done_pages(words("request_over", who=who, how=how), wanted.question)

    def _refused(self, item: Item, wanted: Request, step: str) -> Done:
        refused = Audit(item.person, f"{step} request", wanted.id, allowed=False)
        return Done(say=quietly(item, in_markdown(words("not_your_request"))), record=(refused,))

    def _settled(self, item: Item, pages: Sequence[Any]) -> tuple[Message, ...]:
        """What stands in place of the message that was pressed."""
        [page, *_] = pages
        if not item.ts or not item.channel.startswith("D"):
            return quietly(item, [page])
        return (Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts),)


def _asker(item: Item, *, private: bool) -> Asker:
    """Who asks, and where the answer goes: into the thread of what was pressed, in a channel a new one."""
    thread_ts = item.thread_ts
    if not thread_ts and not item.channel.startswith("D"):
        thread_ts = item.ts
    return Asker(item.person, item.team, item.channel, "" if private else thread_ts, private)


def _askers(wanted: Request) -> frozenset[str]:
    return frozenset(one.person for one in wanted.askers)


def _had_their_turn(wanted: Request) -> frozenset[str]:
    return frozenset(wanted.experts[: wanted.turn + 1])


def _anyone(_person: str) -> bool:
    return True

"""Verified answers at work: found for a question, listed, withdrawn, and renewed when they have expired."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from bot.blocks.citations import Look
from bot.blocks.corrections import decided_page, list_pages, renewal_pages, verified_groups
from bot.blocks.pages import Group
from bot.journal import outgoing
from bot.journal import verified as journal
from bot.journal.records import Audit
from bot.journal.verified import Renewed, Verified, Withdrawn
from bot.journal.work import Done, Item
from bot.messages import Check, Kind, Message
from bot.people import People
from bot.pressing import alone, quietly, subject_of, to_person
from bot.replies import in_markdown, place_of, reply
from bot.rituals.availability import Availability
from knowledge.adapters.database import Database
from knowledge.audience import Readers, readable_keys
from knowledge.ports import Clock, Embedder, Vector
from knowledge.verified import VerifiedAnswer, nearest
from prompts.words import words

RENEW, LET_GO, WITHDRAW = "renew", "let go", "withdraw"


class SqlVerifiedAnswers:
    """The port `knowledge.verified.VerifiedAnswers` over the journal. The vectors of their questions are made
    when they are first wanted, and kept with the name of the model."""

    def __init__(self, database: Database, embedder: Embedder, clock: Clock) -> None:
        self._database = database
        self._embedder = embedder
        self._clock = clock

    def audience_keys(self) -> frozenset[str]:
        """The keys of all audiences that verified answers carry now."""
        return frozenset(key for one in self._valid() for key in one.audience_keys)

    def near(self, question: str, vector: Vector, audiences: frozenset[str]) -> VerifiedAnswer | None:
        able = [one for one in self._valid() if one.audience_keys and set(one.audience_keys) <= audiences]
        if not able:
            return None
        similarities = self._vectors(able) @ vector
        place = nearest(question, [one.question for one in able], [float(each) for each in similarities])
        return None if place is None else as_noun(able[place])

    def _valid(self) -> Sequence[Verified]:
        now = self._clock().timestamp()
        with self._database.reading() as connection:
            return journal.valid(connection, now)

    def _vectors(self, answers: Sequence[Verified]) -> Vector:
        model = self._embedder.fingerprint
        known = {one.id: one.vector for one in answers if one.embedder == model and one.vector}
        missing = [one for one in answers if one.id not in known]
        if missing:
            made = self._embedder.embed([one.question for one in missing])
            with self._database.writing() as connection:
                for one, row in zip(missing, made, strict=True):
                    known[one.id] = np.asarray(row, np.float32).tobytes()
                    journal.keep_vector(connection, one.id, known[one.id] or b"", model)
        return np.stack([np.frombuffer(known[one.id] or b"", np.float32) for one in answers])


def as_noun(kept: Verified) -> VerifiedAnswer:
    """A verified answer as knowledge knows it."""
    return VerifiedAnswer(
        id=kept.id,
        question=kept.question,
        text=kept.text,
        author=kept.author,
        approver=kept.approver,
        approved_at=datetime.fromtimestamp(kept.approved_at, UTC),
        expires_at=datetime.fromtimestamp(kept.expires_at, UTC),
        audience_keys=kept.audience_keys,
        source_url=kept.source_url,
        documents=kept.documents,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A verified answer above an ordinary one: its blocks, and what must hold for its readers."""

    id: str
    groups: list[Group]
    audience_keys: frozenset[str]
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedItems:
    """Finds verified answers for conversations, works off the kind VERIFIED_STEP, and lists them."""

    people: People
    database: Database
    clock: Clock
    embedder: Embedder | None
    current_audience: Callable[[str], str | None]
    lasts: timedelta
    origins: Container[str]
    availability: Availability

    def above(self, question: str, readers: Readers) -> Shown | None:
        """What to show above the ordinary answer, when everyone who reads the place may read it."""
        if self.embedder is None:
            return None
        answers = SqlVerifiedAnswers(self.database, self.embedder, self.clock)
        keys = readable_keys(answers.audience_keys(), readers, self.people.members)
        if not keys or not question.strip():
            return None
        found = answers.near(question, self.embedder.embed([question])[0], keys)
        if found is None or not self._all_read(found, readers):
            return None
        look = Look(self.clock(), self.origins)
        groups = verified_groups(found, self._names([found]), look)
        return Shown(found.id, groups, frozenset(found.audience_keys), found.documents)

    def list_for(self, item: Item) -> Done:
        """`/lore verified`: an author's own ones, for an admin all; only what they may read."""
        with self.database.reading() as connection:
            kept = [as_noun(one) for one in journal.not_withdrawn(connection)]
        if not self.people.is_admin(item.person):
            kept = [one for one in kept if item.person in (one.author, one.approver)]
        readers = self.people.readers(place_of(item))
        able = [one for one in kept if self._all_read(one, readers)]
        said = list_pages(able, self._names(able), self.clock(), hidden=len(kept) - len(able))
        keys = tuple(sorted({key for one in able for key in one.audience_keys}))
        documents = tuple(sorted({document for one in able for document in one.documents}))
        return Done(say=reply(item, said, Check(place_of(item), keys, documents)))

    def step(self, item: Item) -> Done:
        """Somebody renews an answer, lets it go, or withdraws it."""
        with self.database.reading() as connection:
            kept = journal.verified(connection, subject_of(item))
        if kept is None or kept.state != "valid":
            return Done(say=quietly(item, in_markdown(words("verified_gone"))))
        step = str(item.payload.get("step") or "")
        action = f"{step} verified answer"
        mine = item.person in (kept.author, kept.approver) or self.people.is_admin(item.person)
        if not mine or step not in (RENEW, LET_GO, WITHDRAW):
            refused = Audit(item.person, action, kept.id, allowed=False)
            return Done(say=quietly(item, in_markdown(words("not_your_verified"))), record=(refused,))
        audit = Audit(item.person, action, kept.id)
        if step == RENEW:
            until = self.clock() + self.lasts
            told = words("verified_renewed", day=f"{until:%d %B %Y}")
            renewed = Renewed(kept.id, until.timestamp())
            return Done(say=self._settled(item, told), record=(renewed, audit))
        return Done(say=self._settled(item, words("verified_withdrawn")), record=(Withdrawn(kept.id), audit))

    def remind(self, now: datetime) -> int:
        """Ask the approvers of what has expired, each of them once, whether it still holds; how many."""
        at = now.timestamp()
        with self.database.reading() as connection:
            waiting = {one.approver for one in journal.to_renew(connection, at)}
        for person in waiting:
            self.availability.profile(person)  # Slack is asked now, not within the transaction
        asked = 0
        with self.database.writing() as connection:
            for one in journal.to_renew(connection, at) if waiting else ():
                if self.availability.may_ping(one.approver, now, connection) is not None:
                    continue
                asked += 1
                self.availability.ping(connection, one.approver, now, "a verified answer that has expired")
                check = Check(alone(one.approver), one.audience_keys, one.documents)
                said = to_person(one.approver, renewal_pages(one.id, one.question, one.text), check)
                outgoing.put(connection, said, None, at)
                journal.renewal_asked(connection, one.id, at)
        return asked

    def _settled(self, item: Item, text: str) -> tuple[Message, ...]:
        """In the direct message that asked, the buttons go; elsewhere it is said to the one who pressed."""
        [page] = decided_page(text)
        if item.channel.startswith("D") and item.ts and not item.payload.get("ephemeral"):
            done = Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts)
            return (done,)
        return quietly(item, [page])

    def _all_read(self, answer: VerifiedAnswer, readers: Readers) -> bool:
        """Everything that it corrects must still be there, and be theirs to read."""
        now = [self.current_audience(one) for one in answer.documents]
        keys = frozenset((*answer.audience_keys, *(key for key in now if key is not None)))
        return bool(keys) and None not in now and keys <= readable_keys(keys, readers, self.people.members)

    def _names(self, answers: Sequence[VerifiedAnswer]) -> dict[str, str]:
        return {one: self.people.name_of(one) for each in answers for one in (each.author, each.approver)}

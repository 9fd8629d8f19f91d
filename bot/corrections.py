"""A better answer is suggested, decided on by an owner or an expert, and then shown first, as verified."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.attachments import current_audience
from bot.blocks.citations import Look
from bot.blocks.corrections import Proposal, correction_view, decided_page, proposal_pages, told_pages
from bot.experts import Experts, chosen
from bot.journal.records import Audit, Question
from bot.journal.verified import Decision, Suggestion, Verified, suggestion
from bot.journal.work import Done, Item
from bot.messages import Check, Kind, Message, Place
from bot.people import People
from bot.pressing import alone, quietly, subject_of, to_person, visible_question
from bot.replies import in_markdown
from bot.saving import audience_of
from ingest.redaction import redact
from knowledge.adapters.database import Database
from knowledge.ports import Clock, Store
from prompts.words import words

APPROVE, REJECT = "approve", "reject"


@dataclass(frozen=True, slots=True)
class Corrections:
    """Works off the kinds SUGGESTION and DECISION. An approved answer holds for `lasts` unless it says so."""

    people: People
    store: Store
    database: Database
    experts: Experts
    clock: Clock
    lasts: timedelta
    origins: Container[str] = frozenset()

    def view(self, asked: Question, metadata: str) -> dict[str, Any]:
        """The form for a correction of this answer."""
        return correction_view(metadata, asked.text, words("correction_goes_to"))

    def suggest(self, item: Item) -> Done:
        """Send a suggestion to those who may decide on it, and tell its author who they are."""
        asked = visible_question(self.database, subject_of(item), item.team, item.channel, item.person)
        text = redact(item.text.strip()).text
        if asked is None or not asked.text or not text:
            return Done(say=quietly(item, in_markdown(words("answer_gone"))))
        keys = self._audience(asked)
        approvers = () if keys is None else self._approvers(asked, keys, item.person)
        if keys is None or not approvers:
            return Done(say=quietly(item, in_markdown(words("nobody_decides"))))
        made = Suggestion(
            question_id=asked.id,
            team=asked.team,
            channel=asked.channel,
            question=asked.text,
            text=text,
            author=item.person,
            approvers=approvers,
            audience_keys=keys,
            documents=_documents(asked),
            source_url=redact(str(item.payload.get("source") or "")).text,
            expires_at=_end_of(str(item.payload.get("until") or "")),
        )
        names = " or ".join(self.people.name_of(one) for one in approvers)
        said = quietly(item, told_pages(words("correction_sent", names=names)))
        return Done(say=(*self._propose(made, asked), *said), record=(made,))

    def decide(self, item: Item) -> Done:
        """The first of the approvers decides; whoever comes later is told what was decided."""
        with self.database.reading() as connection:
            made = suggestion(connection, subject_of(item))
        if made is None:
            return Done(say=quietly(item, in_markdown(words("suggestion_gone"))))
        step = str(item.payload.get("step") or "")
        if item.person not in made.approvers or step not in (APPROVE, REJECT):
            refused = Audit(item.person, f"{step} correction", made.id, allowed=False)
            return Done(say=quietly(item, in_markdown(words("not_your_decision"))), record=(refused,))
        if made.state != "open":
            who = "You" if made.decided_by == item.person else self.people.name_of(made.decided_by)
            return Done(say=self._settled(item, words("decided_before", who=who, how=made.state)))
        if step == REJECT:
            return self._reject(item, made)
        return self._approve(item, made)

    def _approve(self, item: Item, made: Suggestion) -> Done:
        text = redact(item.text.strip()).text or made.text
        now = self.clock()
        verified = Verified(
            question=made.question,
            text=text,
            author=made.author,
            approver=item.person,
            approved_at=now.timestamp(),
            expires_at=made.expires_at or (now + self.lasts).timestamp(),
            audience_keys=made.audience_keys,
            documents=made.documents,
            source_url=made.source_url,
        )
        name = self.people.name_of(item.person)
        told = told_pages(words("correction_approved", who=name), text)
        check = Check(alone(made.author), made.audience_keys, made.documents)
        thanks = () if made.author == item.person else to_person(made.author, told, check)
        return Done(
            say=(*self._settled(item, words("you_approved")), *thanks),
            record=(
                Decision(made.id, item.person, approved=True),
                verified,
                Audit(item.person, "approve correction", made.id),
            ),
        )

    def _reject(self, item: Item, made: Suggestion) -> Done:
        name, reason = self.people.name_of(item.person), item.text.strip()
        pages = told_pages(words("correction_rejected", who=name), reason)
        told = () if made.author == item.person else to_person(made.author, pages)
        return Done(
            say=(*self._settled(item, words("you_rejected")), *told),
            record=(
                Decision(made.id, item.person, approved=False),
                Audit(item.person, "reject correction", made.id),
            ),
        )

    def _propose(self, made: Suggestion, asked: Question) -> list[Message]:
        said = " ".join(str(one["text"]) for one in asked.outcome.get("sentences", ()))
        proposal = Proposal(
            suggestion_id=made.id,
            author=self.people.name_of(made.author),
            question=made.question,
            said=said,
            text=made.text,
            source=made.source_url,
            place=self.people.name_of_place(made.channel),
        )
        pages = proposal_pages(proposal, Look(self.clock(), self.origins))
        return [
            message
            for approver in made.approvers
            for message in to_person(
                approver, pages, Check(alone(approver), made.audience_keys, made.documents)
            )
        ]

    def _audience(self, asked: Question) -> tuple[str, ...] | None:
        """The audiences that all its readers must be in: of its sources as they are now and as they were and,
        where others read along when it was asked, of the place; None when any of them is unknown."""
        keys: set[str] = set()
        for cited in asked.outcome.get("citations", ()):
            now = current_audience(self.store)(str(cited["document_id"]))
            if now is None:
                return None
            keys |= {now, str(cited["audience_key"])}
        if asked.ts and not asked.channel.startswith("D"):
            place = audience_of(self.people, Place(asked.channel))
            if place is None:
                return None
            keys.add(place.key)
        return tuple(sorted(keys)) or None

    def _approvers(self, asked: Question, keys: tuple[str, ...], author: str) -> tuple[str, ...]:
        """Owners before experts; the author decides alone only where nobody else could."""
        cited = asked.outcome.get("citations", ())
        owners = self.experts.owners(str(one.get("owner") or "") for one in cited)
        may = self.experts.readers_of(keys)
        return chosen([owners, self.experts.of_channel(asked.channel)], but=author, may=may)

    def _settled(self, item: Item, text: str) -> tuple[Message, ...]:
        """The buttons go from the message that asked."""
        [page] = decided_page(text)
        if not item.ts:
            return quietly(item, [page])
        return (Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts),)


def _documents(asked: Question) -> tuple[str, ...]:
    return tuple(sorted({str(one["document_id"]) for one in asked.outcome.get("citations", ())}))


def _end_of(day: str) -> float | None:
    """The end of a day such as 2027-01-31, in UTC."""
    try:
        last = date.fromisoformat(day)
    except ValueError:
        return None
    return datetime.combine(last, time(23, 59, 59), UTC).timestamp()

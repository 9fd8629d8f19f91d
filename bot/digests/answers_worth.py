"""Section: answers worth knowing: verified by a person, found helpful by several, or asked for by many."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.digests.sections import Entry, Part, Reader, Window
from bot.digests.sight import Sight
from bot.journal import counting, verified
from bot.journal.counting import Counted
from bot.journal.records import Question, question
from bot.journal.verified import Verified
from bot.remembering import answer_of
from ingest.redaction import hide
from knowledge.adapters.database import Database
from knowledge.audience import Audience
from knowledge.terms import content_terms
from prompts.digest import cut

MANY = 3
"""So many people make a question one that is asked by many."""
MOST = 20
SENTENCES = 2


@dataclass(frozen=True, slots=True)
class AnswersWorth:
    """Builds the section; what was asked in private is never in it."""

    database: Database
    sight: Sight

    def build(self, reader: Reader, window: Window) -> Part | None:
        since, until = window.since.timestamp(), window.until.timestamp()
        with self.database.reading() as connection:
            approved = [one for one in verified.valid(connection, until) if window.holds(one.approved_at)]
            liked = counting.liked(connection, since, until)
            asked = counting.asked(connection, since, until)
        many = dict(_asked_by_many(asked, reader, self.sight))
        with self.database.reading() as connection:
            chosen = {**many, **{one: f"{count} found it helpful" for one, count in liked.items()}}
            found = [question(connection, one) for one in list(chosen)[: 5 * MOST]]
        entries = [self._verified(one, reader) for one in approved[:MOST]]
        entries += [self._answered(one, chosen[one.id], reader) for one in found if one is not None]
        shown: dict[str, Entry] = {}
        for entry in entries:
            if entry is not None:
                shown.setdefault(entry.title.casefold(), entry)
        return Part(list(shown.values())[:MOST]) if shown else None

    def _verified(self, one: Verified, reader: Reader) -> Entry | None:
        keys = one.audience_keys
        readable = all(reader.may_read(Audience.from_key(key)) for key in keys) and all(
            self.sight.document(reader, document) for document in one.documents
        )
        if not readable or not keys:
            return None
        return Entry(
            cut(hide(one.text)),
            title=cut(hide(one.question), 120),
            details=("verified by a person",),
            url=one.source_url or None,
            document_ids=one.documents,
            audience_keys=keys,
        )

    def _answered(self, asked: Question, why: str, reader: Reader) -> Entry | None:
        answer, place = answer_of(asked), self.sight.asked_in(reader, asked.channel, asked.ts)
        if answer is None or place is None or not self.sight.citations(reader, answer.citations):
            return None
        said = " ".join(one.text for one in answer.sentences[:SENTENCES])
        titles = list(dict.fromkeys(one.title for one in answer.citations))
        entry = Entry(cut(hide(said)), title=cut(hide(asked.text), 120))
        return replace(
            entry,
            details=(f"{why}; from {', '.join(f'“{cut(title, 80)}”' for title in titles[:3])}",),
            url=next((one.url for one in answer.citations if one.url), None),
            document_ids=tuple(dict.fromkeys(one.document_id for one in answer.citations)),
            audience_keys=(place.key, *sorted({one.audience_key for one in answer.citations})),
        )


def _asked_by_many(asked: Sequence[Counted], reader: Reader, sight: Sight) -> Iterator[tuple[str, str]]:
    """Of each question that several people asked where the readers could read it, the newest that was
    answered; what was asked elsewhere is not even counted."""
    same: dict[frozenset[str], list[Counted]] = {}
    read = {one.channel: sight.place(reader, one.channel) is not None for one in asked if not one.private}
    for one in asked:
        terms = frozenset(content_terms(one.text))
        if terms and one.answered and not one.private and read[one.channel]:
            same.setdefault(terms, []).append(one)
    for together in sorted(same.values(), key=len, reverse=True):
        people = len({one.person for one in together})
        if people >= MANY:
            yield together[-1].id, f"asked by {people} people"

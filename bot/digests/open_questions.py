"""Section: questions that are still open, each with the person who is best placed to answer it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.digests.sections import Entry, Part, Reader, Window
from bot.digests.sight import Sight
from bot.experts import Experts
from bot.journal import counting, requests
from bot.journal.counting import Counted
from bot.journal.records import Question, question
from bot.journal.requests import Request
from bot.remembering import citations_of
from ingest.redaction import hide
from knowledge.adapters.database import Database
from knowledge.terms import content_terms
from prompts.digest import cut
from prompts.themes import Measure, themes

MOST = 20


@dataclass(frozen=True, slots=True)
class OpenQuestions:
    """Builds the section: what was put to people and waits, then what nobody was asked yet. Nobody who asked
    is named, and what was asked in private is never in it."""

    database: Database
    sight: Sight
    experts: Experts
    measure: Measure

    def build(self, reader: Reader, window: Window) -> Part | None:
        since, until = window.since.timestamp(), window.until.timestamp()
        with self.database.reading() as connection:
            waiting = requests.waiting(connection)
            asked = counting.asked(connection, since, until)
            put = {one.question_id for one in waiting}
            unasked = [one.id for one in _unanswered(asked) if one.id not in put]
            found = [question(connection, one) for one in reversed(unasked[-3 * MOST :])]
        entries: dict[str, Entry] = {}
        news = False
        for request in reversed(waiting):
            if (entry := self._waiting(request, reader)) is not None:
                entries.setdefault(entry.words.casefold(), entry)
                news = news or window.holds(request.created_at)
        unplaced = [self._nobody_asked(one, reader) for one in found if one is not None]
        for entry in self._together([one for one in unplaced if one is not None]):
            entries.setdefault(entry.words.casefold(), entry)
            news = True
        return Part(list(entries.values())[:MOST], news) if entries else None

    def _waiting(self, request: Request, reader: Reader) -> Entry | None:
        """Of one that several people have asked, only where all of them may be read: its words are one's."""
        keys = set()
        for asker in request.askers:
            direct = asker.private or asker.channel.startswith("D")
            place = None if direct else self.sight.place(reader, asker.channel)
            if place is None:
                return None
            keys.add(place.key)
        placed = self._placed((request.expert,) if request.expert else ())
        return Entry(_said(request.question), details=placed, audience_keys=tuple(sorted(keys)))

    def _nobody_asked(self, asked: Question, reader: Reader) -> Entry | None:
        place = self.sight.asked_in(reader, asked.channel, asked.ts)
        if place is None or not asked.text.strip():
            return None
        near = [one for one in citations_of(asked) if self.sight.citations(reader, [one])]
        owners = self.experts.owners(one.owner for one in near if one.owner)
        owned = next((one for one in near if one.owner), None) if owners else None
        able = owners[:1] or self.experts.of_channel(asked.channel)[:1]
        return Entry(
            _said(asked.text),
            details=self._placed(able, "" if owned is None else owned.title),
            document_ids=() if owned is None else (owned.document_id,),
            audience_keys=(place.key, *(() if owned is None else (owned.audience_key,))),
        )

    def _together(self, asked: Sequence[Entry]) -> list[Entry]:
        """One entry for all that are about the same."""
        first: dict[int, Entry] = dict(enumerate(asked))
        for theme in themes([one.words for one in asked], self.measure):
            alike = [first.pop(place) for place in theme.places]
            told = f"asked {len(alike)} times, in different words"
            first[theme.places[0]] = replace(
                alike[0],
                details=(told, *alike[0].details),
                audience_keys=tuple(sorted({key for one in alike for key in one.audience_keys})),
            )
        return [first[place] for place in sorted(first)]

    def _placed(self, people: tuple[str, ...], title: str = "") -> tuple[str, ...]:
        if not people:
            return ("nobody is known who may know: ask in the channel",)
        why = f", who looks after the nearest page, “{cut(title, 80)}”" if title else ""
        return (f"best placed: {self.experts.people.name_of(people[0])}{why}",)


def _said(text: str) -> str:
    return cut(hide(text))


def _unanswered(asked: Sequence[Counted]) -> list[Counted]:
    """What had no answer then or when it was asked later, in the same words, by anybody; the oldest first."""
    answered: dict[frozenset[str], float] = {}
    for one in asked:
        if one.answered or one.by_person_at is not None:
            answered[frozenset(content_terms(one.text))] = one.at
    return [
        one
        for one in asked
        if not one.answered
        and one.by_person_at is None
        and not one.private
        and answered.get(frozenset(content_terms(one.text)), 0.0) < one.at
    ]

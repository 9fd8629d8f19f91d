"""The questions that led to a talk are asked again when its recap is found; askers are told what they get."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from bot.blocks.asked_again import Again, again_pages
from bot.blocks.citations import Look
from bot.conversation import Answers
from bot.journal import notices, proposals, recaps
from bot.journal.notices import Notice
from bot.journal.proposals import MERGED
from bot.journal.recaps import POSTED, Recap
from bot.journal.records import Question, question
from bot.learning.looked_after import Past, past
from bot.learning.talk_source import id_of
from bot.messages import Place
from bot.notices import Fate, Made, Notices
from bot.people import People
from bot.pressing import to_person
from bot.rituals.due import NotSaid
from bot.seeing import Sight, resting_on
from knowledge.adapters.database import Database
from knowledge.documents import Answer
from knowledge.ports import Store
from prompts.words import words

ASKED_AGAIN = "asked again"
NOT_AFTER = timedelta(days=14)
MOST_TOLD = 4
NOTHING_NEW = "There is no better answer than there was."


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """Plans what askers are told, and asks for each alone when it is due: it may be for nobody else.

    An answer counts where there was none, or where it rests on the recap; each question is told once, and
    nobody hears of a talk whose recap they may not read.
    """

    people: People
    store: Store
    database: Database
    answers: Answers
    origins: Container[str]

    def join(self, notices: Notices) -> None:
        notices.makers[ASKED_AGAIN] = self.make

    def plan(self, now: datetime) -> None:
        """Have everybody told whose questions led to a talk whose recap is found now; a duty."""
        with self.database.reading() as connection:
            waiting = recaps.to_ask_after(connection)
        for recap in waiting:
            if self.store.current_audience(id_of(recap)) is None:
                continue  # it is not in the index yet
            with self.database.writing() as connection:
                known = recaps.of_talk(connection, recap.talk_id)
                if known != recap:
                    continue
                for person in _askers(connection, recap):
                    at = now.timestamp()
                    told = Notice(ASKED_AGAIN, _about(recap), person, at, at + NOT_AFTER.total_seconds())
                    notices.plan(connection, told)
                recaps.put(connection, replace(recap, asked_revision=recap.revision), recap.changed_at)

    def make(self, notice: Notice, now: datetime) -> Fate:
        """What one person gets now, of all that they asked."""
        talk_id, _, _revision = notice.about.partition(" ")
        with self.database.reading() as connection:
            one = past(connection, talk_id)
            asked = [] if one is None else _asked_by(connection, one, notice.person)
        if one is None or one.recap is None or one.recap.state != POSTED:
            return NotSaid(NOTHING_NEW)
        sight = Sight.of(self.people, self.store, Place(notice.person, only=notice.person))
        if not sight.reads(id_of(one.recap), one.recap.audience):
            return NotSaid(NOTHING_NEW)
        keys = sight.keys()
        better = (
            Again(before, outcome)
            for before in asked
            if (outcome := self._better(before, keys, one.recap)) is not None
        )
        found = [*islice(better, MOST_TOLD)]
        if not found:
            return NotSaid(NOTHING_NEW)
        cited = [citation for again in found for citation in again.answer.citations]
        owners = {citation.owner: self.people.name_of(citation.owner) for citation in cited if citation.owner}
        intro = words("asked_again", title=one.talk.title or one.series.name)
        said = again_pages(intro, found, Look(now, self.origins, owners))
        check = resting_on(Place(notice.person, only=notice.person), cited)

        def told(connection: Connection) -> None:
            for again in found:
                recaps.tell(connection, again.before.id, talk_id, notice.person, now.timestamp())

        return Made(to_person(notice.person, said, check), then=told)

    def _better(self, before: Question, keys: frozenset[str], recap: Recap) -> Answer | None:
        """The answer that there is now, where it is one that there was not."""
        outcome = self.answers.answer(before.text, keys, use_model=False)
        if not isinstance(outcome, Answer):
            return None
        rests = any(one.document_id == id_of(recap) for one in outcome.citations)
        return outcome if rests or before.outcome.get("outcome") != "answer" else None


def _about(recap: Recap) -> str:
    return f"{recap.talk_id} {recap.revision}"


def _askers(connection: Connection, recap: Recap) -> Sequence[str]:
    one = past(connection, recap.talk_id)
    asked = [] if one is None else _asked(connection, one)
    return sorted({before.person for before in asked if before.person})


def _asked_by(connection: Connection, one: Past, person: str) -> list[Question]:
    return [before for before in _asked(connection, one) if before.person == person]


def _asked(connection: Connection, one: Past) -> list[Question]:
    """The questions behind a talk, those behind what was merged into its topic too, whose askers have not
    been told yet; one of each that somebody asked in the same words."""
    if one.proposal is None:
        return []
    merged = proposals.of_series(connection, one.series.id, MERGED)
    behind = [one.proposal, *(other for other in merged if other.merged_into == one.proposal.id)]
    ids = list(dict.fromkeys(name for proposal in behind for name in proposal.questions))
    known = recaps.told(connection, ids)
    found: dict[tuple[str, str], Question] = {}
    for name in ids:
        before = None if name in known else question(connection, name)
        if before is not None:
            found.setdefault((before.person, " ".join(before.text.casefold().split())), before)
    return list(found.values())

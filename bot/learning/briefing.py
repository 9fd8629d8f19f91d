"""The brief before a talk: what everybody who reads its channel may know of its topic, to be discussed."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.blocks.citations import Look
from bot.blocks.pages import Page
from bot.blocks.talk_briefs import Brief, brief_pages
from bot.conversation import Answers
from bot.journal import invitations, proposals, series, talks
from bot.journal.invitations import Invitation
from bot.journal.notices import Notice
from bot.journal.proposals import Proposal
from bot.journal.records import Question, question
from bot.journal.series import Series
from bot.journal.talks import ANNOUNCED, CANCELLED, FOUND, SPEAKS, Talk
from bot.learning.looked_after import day_of
from bot.learning.timely import keep
from bot.messages import Message, Place
from bot.notices import Fate, Made, Notices
from bot.people import People
from bot.pressing import to_person
from bot.rituals.due import Later, NotSaid
from bot.seeing import Sight, is_private, resting_on
from knowledge.adapters.database import Database
from knowledge.audience import UNKNOWN_READERS
from knowledge.documents import Answer, Citation, NoAnswer, Sentence
from knowledge.ports import Clock, Store
from prompts.brief import Known, to_discuss
from prompts.words import words

BRIEF, SPEAKER_BRIEF = "talk brief", "speaker's brief"
IN_CHANNEL_BEFORE, TO_SPEAKER_BEFORE = timedelta(days=2), timedelta(days=7)
LOOK_AHEAD = timedelta(days=400)
ANNOUNCED_SOON_S = 60.0
MOST_ASKED = 3
MOST_SENTENCES = 6
MOST_SOURCES = 5
NOT_HELD = "The talk is not held then."
NOBODY_KNOWN = "I cannot tell who reads it there."


@dataclass(frozen=True, slots=True)
class Subject:
    """A talk with what it is about."""

    talk: Talk
    series: Series
    proposal: Proposal | None
    asked: tuple[Question, ...]
    announced: Invitation | None

    @property
    def is_to_be_announced(self) -> bool:
        return self.announced is None or not (self.announced.ts or self.announced.gone)


@dataclass(frozen=True, slots=True)
class Briefing:
    """Plans briefs and makes them when they are due; they are of the sources' own sentences."""

    people: People
    store: Store
    database: Database
    answers: Answers
    clock: Clock
    origins: Container[str]

    def join(self, notices: Notices) -> None:
        notices.makers[BRIEF] = self.make
        notices.makers[SPEAKER_BRIEF] = self.make

    def plan(self, now: datetime) -> None:
        """Have a brief wait for every talk that was announced, and none for any other; a duty."""
        at = now.timestamp()
        with self.database.reading() as connection:
            coming = talks.between(connection, at, at + LOOK_AHEAD.total_seconds(), ANNOUNCED, CANCELLED)
            known = {one.series_id: series.by_id(connection, one.series_id) for one in coming}
            speakers = {one.id: talks.speakers_of(connection, one.id, SPEAKS) for one in coming}
        for talk in coming:
            of = known[talk.series_id]
            wanted: list[Notice] = []
            if talk.state == ANNOUNCED and of is not None:
                wanted = [_planned(BRIEF, talk, of.channel, IN_CHANNEL_BEFORE)]
                if talk.floor == FOUND:
                    people = [one.person for one in speakers[talk.id]]
                    wanted += [_planned(SPEAKER_BRIEF, talk, one, TO_SPEAKER_BEFORE) for one in people]
            keep(self.database, talk.id, (BRIEF, SPEAKER_BRIEF), wanted, NOT_HELD, now)

    def make(self, notice: Notice, now: datetime) -> Fate:
        """The brief, as it is at this moment."""
        subject = self._subject(notice.about)
        if subject is None or subject.talk.state != ANNOUNCED or not subject.talk.title:
            return NotSaid(NOT_HELD)
        before = TO_SPEAKER_BEFORE if notice.kind == SPEAKER_BRIEF else IN_CHANNEL_BEFORE
        due = subject.talk.starts_at - before.total_seconds()
        if now.timestamp() < due:
            return Later(due, "The talk was moved.")
        if not notice.person and subject.is_to_be_announced:
            return Later(now.timestamp() + ANNOUNCED_SOON_S, "It is not announced yet.")
        here = Sight.of(self.people, self.store, Place(subject.series.channel))
        if here.readers == UNKNOWN_READERS:
            return NotSaid(NOBODY_KNOWN)
        keys = here.keys()
        if notice.person:
            keys &= Sight.of(self.people, self.store, Place(notice.person, only=notice.person)).keys()
            subject = replace(subject, asked=self._read_by(notice.person, subject.asked))
        brief = self._brief(subject, keys, now)
        shown = brief.citations or brief.nearest
        owners = {one.owner: self.people.name_of(one.owner) for one in shown if one.owner}
        day = _day(subject.talk)
        look = Look(now, self.origins, owners)
        if notice.person:
            said = brief_pages(replace(brief, intro=words("brief_to_speaker", day=day)), look)
            place = Place(notice.person, only=notice.person)
            return Made(to_person(notice.person, said, resting_on(place, shown)))
        said = brief_pages(replace(brief, intro=words("brief_in_channel", day=day)), look)
        return Made(self._in_channel(subject, said, shown))

    def _in_channel(self, subject: Subject, said: Sequence[Page], shown: Sequence[Citation]) -> list[Message]:
        """Under the announcement; in the channel itself where Slack did not take that."""
        channel, announced = subject.series.channel, subject.announced
        thread = announced.ts if announced is not None and announced.channel == channel else ""
        check = resting_on(Place(channel), shown)
        return [
            Message(channel, page.text, blocks=page.blocks, thread_ts=thread, check=check) for page in said
        ]

    def _brief(self, subject: Subject, keys: frozenset[str], now: datetime) -> Brief:
        """Answers to the title and to what the team has asked of it, as far as these audiences go."""
        asked = [one.text for one in subject.asked][:MOST_ASKED]
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        nearest: tuple[Citation, ...] = ()
        for text in (subject.talk.title, *asked):
            match self.answers.answer(text, keys, use_model=False):
                case Answer() as answer:
                    _add(answer, sentences, citations)
                case NoAnswer() as outcome:
                    nearest = nearest or outcome.nearest
        paper = {} if subject.proposal is None else subject.proposal.paper
        known = [
            Known(one.title, one.quote, one.updated_at, one.status, one.superseded_by) for one in citations
        ]
        if abstract := str(paper.get("abstract") or ""):
            known.insert(0, Known(subject.talk.title, abstract))
        return Brief(
            title=subject.talk.title,
            intro="",
            sentences=tuple(sentences),
            citations=tuple(citations),
            nearest=() if citations else nearest[:MOST_SOURCES],
            questions=to_discuss(asked, known, now, paper=bool(paper)),
            paper=paper,
        )

    def _subject(self, talk_id: str) -> Subject | None:
        """A talk and the questions behind it that everybody who reads its channel could read when they were
        asked."""
        with self.database.reading() as connection:
            talk = talks.by_id(connection, talk_id)
            of = None if talk is None else series.by_id(connection, talk.series_id)
            if talk is None or of is None:
                return None
            proposal = proposals.by_id(connection, talk.proposal_id)
            ids = () if proposal is None else proposal.questions
            found = [one for name in ids if (one := question(connection, name)) is not None]
            announced = invitations.of_talk(connection, talk_id)
        known = tuple(one for one in found if self._is_known(one, of.channel))
        return Subject(talk, of, proposal, known, announced)

    def _read_by(self, person: str, asked: Sequence[Question]) -> tuple[Question, ...]:
        """Those of these questions that somebody can read where they were asked."""
        readers = {one.channel: self.people.readers(Place(one.channel)) for one in asked}
        return tuple(
            one for one in asked if readers[one.channel].everyone or person in readers[one.channel].people
        )

    def _is_known(self, asked: Question, channel: str) -> bool:
        if is_private(asked):
            return False
        return asked.channel == channel or self.people.readers(Place(asked.channel)).everyone


def _add(answer: Answer, sentences: list[Sentence], citations: list[Citation]) -> None:
    """Add the sentences of an answer that are new, and the sources that they rest on, as far as there is
    room."""
    of = {one.n: one for one in answer.citations}
    said = {one.text for one in sentences}
    for one in answer.sentences:
        cited = [of[n] for n in one.citations if n in of]
        new = [source for source in cited if _number(source, citations) == 0]
        full = len(sentences) == MOST_SENTENCES or len(citations) + len(new) > MOST_SOURCES
        if not cited or full or one.text in said:
            continue
        citations += [replace(source, n=len(citations) + n) for n, source in enumerate(new, 1)]
        sentences.append(Sentence(one.text, tuple(_number(source, citations) for source in cited)))


def _number(citation: Citation, citations: Sequence[Citation]) -> int:
    """The number that a source has in the brief; 0 where it has none yet."""
    same = (citation.document_id, citation.quote)
    return next((one.n for one in citations if (one.document_id, one.quote) == same), 0)


def _planned(kind: str, talk: Talk, recipient: str, before: timedelta) -> Notice:
    return Notice(kind, talk.id, recipient, talk.starts_at - before.total_seconds(), talk.starts_at)


def _day(talk: Talk) -> str:
    day = day_of(talk)
    return f"{day:%A}, {day.day} {day:%B}"

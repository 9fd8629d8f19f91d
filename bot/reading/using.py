"""Whether the team has used what it read, asked of those who came, thirty days later."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.blocks.modals import notice as notice_view
from bot.blocks.pages import Page
from bot.blocks.papers import LONGEST_WORD, use_page, word_view
from bot.blocks.plain import one_line
from bot.journal import papers, proposals, talks
from bot.journal import series as journal
from bot.journal.notices import Notice
from bot.journal.papers import Use
from bot.journal.series import Series
from bot.journal.talks import HELD, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import PAPER_USE
from bot.learning.attending import seats_of, speakers_of
from bot.learning.looked_after import day_of
from bot.learning.timely import keep
from bot.learning.topics import Topics
from bot.listeners import paper_uses as doors
from bot.messages import Check, Kind, Message
from bot.notices import Fate, Made, Notices
from bot.pressing import alone, quietly, subject_of, to_person
from bot.replies import in_markdown
from bot.rituals.due import NotSaid
from bot.rooms import Room
from ingest.redaction import redact
from knowledge.ports import Clock
from prompts.reading import USES
from prompts.series import READING
from prompts.words import words

PAPER_USED = "paper used"
"""The kind of the notice that asks."""
ASKED_AFTER, NOT_AFTER, PLANNED_BEFORE = timedelta(days=30), timedelta(days=14), timedelta(days=2)
NO_NEED = "They have told already, or it was not read."


@dataclass(frozen=True, slots=True)
class Read:
    """A paper that was read: the date, the series, the title, and who came or presented (user ids)."""

    talk: Talk
    series: Series
    title: str
    came: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Using:
    """Plans the question, makes it, and works off what is pressed and sent (PAPER_USE)."""

    topics: Topics
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room, notices: Notices) -> None:
        notices.makers[PAPER_USED] = self.make
        room.handlers[PAPER_USE] = self.step
        room.duties.append(self.plan)
        room.doors.append(partial(doors.register, view_of=self.word_view))

    def plan(self, now: datetime) -> None:
        """Have those who came asked about what was read a month ago; a duty."""
        since, until = now - ASKED_AFTER - NOT_AFTER, now - ASKED_AFTER + PLANNED_BEFORE
        with self.topics.database.reading() as connection:
            held = talks.between(connection, since.timestamp(), until.timestamp(), HELD)
            found = [one for talk in held if (one := _read(connection, talk)) is not None]
        for one in found:
            at = one.talk.ends_at + ASKED_AFTER.total_seconds()
            not_after = at + NOT_AFTER.total_seconds()
            wanted = [Notice(PAPER_USED, one.talk.id, person, at, not_after) for person in one.came]
            keep(self.topics.database, one.talk.id, (PAPER_USED,), wanted, NO_NEED, now)

    def make(self, notice: Notice, _now: datetime) -> Fate:
        """The question, to somebody who has not told yet and may still read of it."""
        one = self._read(notice.about)
        if one is None or not self._may(one, notice.person) or self._said(one, notice.person) is not None:
            return NotSaid(NO_NEED)
        text = words("paper_use_ask", name=one.series.name, day=_day(one.talk))
        page = use_page(text, one.title, one.talk.id)
        return Made(to_person(notice.person, [page], Check(alone(notice.person))))

    def step(self, item: Item) -> Done:
        """What somebody says became of it; saying something else replaces it."""
        one = self._read(subject_of(item))
        if one is None or not self._may(one, item.person):
            return Done(say=quietly(item, in_markdown(words("paper_use_gone"))))
        known = self._said(one, item.person)
        answer = str(item.payload.get("answer") or "")
        now = self.clock().timestamp()
        if item.payload.get("word") and known is not None:
            word = redact(one_line(item.text)).text[:LONGEST_WORD]
            after = replace(known, word=word)
        elif answer in USES:
            after = Use(one.talk.id, item.person, answer, "" if known is None else known.word, now)
        else:
            return Done()
        self.writer.write(lambda connection: papers.put_use(connection, after))
        return Done(say=self._settled(item, one, after))

    def word_view(self, talk_id: str, person: str, metadata: str) -> dict[str, Any]:
        """The form for a word; a notice for those who have not told what became of it."""
        one = self._read(talk_id)
        known = None if one is None or not self._may(one, person) else self._said(one, person)
        if one is None or known is None:
            return notice_view("Did we use it?", words("paper_use_gone"))
        place = self.topics.people.name_of_place(one.series.channel)
        return dict(word_view(metadata, one.title, known.word, words("topic_readers", channel=place)))

    def _settled(self, item: Item, one: Read, after: Use) -> tuple[Message, ...]:
        """The question as it stands now, where it was asked."""
        said = f"“{after.word}”" if after.word else ""
        note = words("paper_use_said", answer=after.answer, word=said).strip()
        text = words("paper_use_ask", name=one.series.name, day=_day(one.talk))
        page: Page = use_page(text, one.title, one.talk.id, note)
        if not item.ts or not item.channel.startswith("D"):
            return quietly(item, [page])
        return (Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts),)

    def _may(self, one: Read, person: str) -> bool:
        """Whether somebody came, or presented, and may still read of it."""
        return person in one.came and self.topics.may_see(one.series, person)

    def _said(self, one: Read, person: str) -> Use | None:
        with self.topics.database.reading() as connection:
            found = papers.uses_of(connection, [one.talk.id]).get(one.talk.id, ())
        return next((use for use in found if use.person == person), None)

    def _read(self, talk_id: str) -> Read | None:
        with self.topics.database.reading() as connection:
            talk = talks.by_id(connection, talk_id)
            return None if talk is None else _read(connection, talk)


def _read(connection: Connection, talk: Talk) -> Read | None:
    """What was read at a date; None where none was."""
    one = journal.by_id(connection, talk.series_id)
    paper = proposals.by_id(connection, talk.proposal_id) if talk.proposal_id else None
    if one is None or paper is None or one.kind != READING or talk.state != HELD:
        return None
    came = dict.fromkeys((*speakers_of(connection, talk.id), *seats_of(connection, talk.id).taken))
    return Read(talk, one, paper.title, tuple(came))


def _day(talk: Talk) -> str:
    day = day_of(talk)
    return f"{day.day} {day:%B}"

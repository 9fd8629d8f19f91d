"""Whoever may know a topic is asked, alone, whether they would speak about it: one after another, and few."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from slack_bolt import App
from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.topics import expert_done, expert_page, suggest_view
from bot.experts import Experts
from bot.inbox import Inbox
from bot.journal import notices as ledger
from bot.journal import proposals, records, requests, topic_experts, volunteers
from bot.journal import series as journal
from bot.journal.notices import CLAIMED, PLANNED, SAID, Notice
from bot.journal.proposals import CHOSEN, OPEN, Proposal
from bot.journal.series import Series
from bot.journal.topic_experts import ASKED, SILENT, UNWILLING, WILLING, Expert
from bot.journal.topic_work import queue_once
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import ASK_TOPIC_EXPERT, TOPIC_EXPERT
from bot.learning.cards import withheld
from bot.learning.channel_knowledge import ChannelKnowledge
from bot.learning.topics import Topics
from bot.listeners import topic_experts as doors
from bot.messages import Check, Kind, Message
from bot.notices import Fate, Made, Notices
from bot.pressing import alone, quietly, subject_of, to_person
from bot.remembering import cited
from bot.replies import in_markdown
from bot.rituals.due import NotSaid
from bot.rooms import Room
from prompts.blockers import ALIKE, likeness
from prompts.calm import Off
from prompts.learning import SILENT_DAYS
from prompts.series import NAMES
from prompts.words import words
from prompts.workdays import next_workday

NOTICE = "topic expert"
MOST_ASKED = 3
"""So many are asked about one topic; then it waits for somebody who offers."""
ASKED_WITHIN = timedelta(days=5)
"""So long a question may wait for an hour at which somebody may be asked."""
LOOK_BACK = timedelta(days=365)
EVERY = timedelta(minutes=10)


@dataclass
class TopicExperts:
    """Asks them by notices, works off what they press (TOPIC_EXPERT), and goes on to the next
    (ASK_TOPIC_EXPERT) where somebody would rather not, or says nothing."""

    topics: Topics
    notices: Notices
    writer: JournalWriter
    knowledge: ChannelKnowledge
    experts: Experts
    _looked: datetime | None = None

    def join(self, room: Room) -> None:
        room.handlers[TOPIC_EXPERT] = self.step
        room.handlers[ASK_TOPIC_EXPERT] = self.ask
        room.duties.append(self.look)
        room.doors.append(self._register)
        self.notices.makers[NOTICE] = self.make

    def wanted(self, known: Proposal) -> None:
        """Somebody is to be asked about a topic, unless somebody was already or offers it."""
        with self.topics.database.reading() as connection:
            asked = topic_experts.of_proposal(connection, known.id)
            offered = volunteers.of_proposal(connection, known.id)
        if not asked and not offered:
            self.writer.write(lambda connection: self.ask_soon(connection, known.id))

    def ask_soon(self, connection: Connection, proposal_id: str) -> None:
        """Have somebody sought and asked."""
        queue_once(connection, ASK_TOPIC_EXPERT, proposal_id, self._now())

    def ask(self, item: Item) -> Done:
        """Ask the next who may know, where somebody is still wanted."""
        proposal_id = subject_of(item)
        with self.topics.database.reading() as connection:
            known = proposals.by_id(connection, proposal_id)
            one = None if known is None else journal.by_id(connection, known.series_id)
            wanted = known is not None and _is_wanted(connection, known)
        if known is None or one is None or not wanted:
            return Done()
        person = next(iter(self.candidates(known, one)), "")
        if person:
            self.writer.write(lambda connection: self._plan(connection, known, person, ""))
        return Done()

    def candidates(self, known: Proposal, one: Series) -> Sequence[str]:
        """Who answered a question like it, then who looks after what is found about it or made the runs, then
        the experts of the settings; never who proposed it or asked about it, nor who was asked before."""
        since = self._now() - LOOK_BACK.total_seconds()
        with self.topics.database.reading() as connection:
            answered = requests.answered(connection, since)
            but = {each.person for each in topic_experts.of_proposal(connection, known.id)}
            for question_id in known.questions:
                asked = records.question(connection, question_id)
                but.add("" if asked is None else asked.person)
        named = [each.answered_by for each in answered if likeness(each.question, known.title) >= ALIKE]
        named += self._owners(known, one)
        named += self.experts.of_channel(one.channel)
        able = (each for each in dict.fromkeys(named) if each not in {*but, known.proposer, ""})
        return [each for each in able if self.topics.may_see(one, each)]

    def make(self, notice: Notice, now: datetime) -> Fate:
        """The question to somebody who may know."""
        with self.topics.database.reading() as connection:
            known = proposals.by_id(connection, notice.about)
            asked = topic_experts.expert(connection, notice.about, notice.recipient)
            offered = volunteers.of_proposal(connection, notice.about)
            one = None if known is None else journal.by_id(connection, known.series_id)
        if known is None or known.state != OPEN or offered or asked is None or asked.state != ASKED:
            return NotSaid("The topic wants nobody any more.")
        if one is None:
            return NotSaid("There is no such series any more.")
        if told := withheld(self.topics.people, one, notice.recipient, now.timestamp()):
            return told
        if not self.topics.may_see(one, notice.recipient):
            return NotSaid("You do not read its channel any more.")
        by = self.topics.people.name_of(known.proposer) if known.proposer else ""
        lead = words("topic_expert_by", name=by) if by else known.why
        suggested = self.topics.people.name_of(asked.suggested_by) if asked.suggested_by else ""
        why = words("topic_expert_named", name=suggested) if suggested else words("topic_expert_why")
        page = expert_page(f"{lead.strip()} {why.strip()}", known.title, known.id)
        return Made(to_person(notice.recipient, [page], Check(alone(notice.recipient))))

    def step(self, item: Item) -> Done:
        """What somebody who was asked has pressed."""
        with self.topics.database.reading() as connection:
            known = proposals.by_id(connection, subject_of(item))
            asked = None if known is None else topic_experts.expert(connection, known.id, item.person)
            one = None if known is None else journal.by_id(connection, known.series_id)
        if known is None or one is None or asked is None:
            return Done(say=quietly(item, in_markdown(words("topic_gone"))))
        if known.state not in (OPEN, CHOSEN):
            return Done(say=_settled(item, expert_done(words("topic_expert_over"), known.title)))
        match str(item.payload.get("step") or ""):
            case "yes":
                return self._yes(item, known, asked, one)
            case "no":
                self.writer.write(lambda connection: self._not_them(connection, asked, UNWILLING))
                return Done(say=_settled(item, expert_done(words("topic_expert_no"), known.title)))
            case "other":
                return self._other(item, known, asked, one)
            case _:
                return Done()

    def suggest_view(self, proposal_id: str, person: str, metadata: str) -> dict[str, Any] | None:
        """The form in which somebody who was asked names another; None for all others."""
        with self.topics.database.reading() as connection:
            known = proposals.by_id(connection, proposal_id)
            asked = topic_experts.expert(connection, proposal_id, person)
        return None if known is None or asked is None else suggest_view(metadata, known.title)

    def look(self, now: datetime) -> None:
        """Go on to the next where somebody has said nothing for two of their working days, or could not be
        asked: nobody else hears of it."""
        if self._looked is not None and timedelta(0) <= now - self._looked < EVERY:
            return
        self._looked = now
        with self.topics.database.reading() as connection:
            waiting = [(one, _notice_of(connection, one)) for one in topic_experts.waiting(connection)]
        over = [one for one, notice in waiting if notice is None or self._is_over(notice, now)]
        for one in over:
            self.writer.write(lambda connection, one=one: self._not_them(connection, one, SILENT))  # type: ignore[misc]

    # within

    def _yes(self, item: Item, known: Proposal, asked: Expert, one: Series) -> Done:
        now = self._now()

        def store(connection: Connection) -> None:
            topic_experts.put(connection, replace(asked, state=WILLING))
            volunteers.offer(connection, known.id, item.person, now)

        self.writer.write(store)
        page = expert_done(words("topic_expert_yes", list=NAMES[one.kind].list), known.title)
        return Done(say=(*_settled(item, page), self.topics.updated(known, one)))

    def _other(self, item: Item, known: Proposal, asked: Expert, one: Series) -> Done:
        named = str(item.payload.get("person") or "")
        with self.topics.database.reading() as connection:
            before = topic_experts.expert(connection, known.id, named)
        name = self.topics.people.name_of(named)
        if before is not None and before.suggested_by != item.person:
            return Done(say=quietly(item, in_markdown(words("topic_expert_before", name=name))))
        if not self.topics.may_see(one, named):
            place = self.topics.people.name_of_place(one.channel)
            return Done(
                say=quietly(item, in_markdown(words("topic_expert_outside", name=name, channel=place)))
            )

        def store(connection: Connection) -> None:
            topic_experts.put(connection, replace(asked, state=UNWILLING))
            self._plan(connection, known, named, item.person)

        self.writer.write(store)
        return Done(say=_settled(item, expert_done(words("topic_expert_other", name=name), known.title)))

    def _plan(self, connection: Connection, known: Proposal, person: str, suggested_by: str) -> None:
        if topic_experts.expert(connection, known.id, person) is not None:
            return
        now = self._now()
        topic_experts.put(connection, Expert(known.id, person, ASKED, suggested_by, now))
        until = now + ASKED_WITHIN.total_seconds()
        ledger.plan(connection, Notice(NOTICE, known.id, person, now, until))

    def _not_them(self, connection: Connection, asked: Expert, state: str) -> None:
        """Somebody does not, whatever the reason: the next is asked where one is still wanted."""
        known = topic_experts.expert(connection, asked.proposal_id, asked.person)
        if known is None or known.state != ASKED:
            return
        topic_experts.put(connection, replace(asked, state=state))
        ledger.cancel(
            connection, asked.proposal_id, "Another is asked.", self._now(), NOTICE, to=asked.person
        )
        self.ask_soon(connection, asked.proposal_id)

    def _owners(self, known: Proposal, one: Series) -> Sequence[str]:
        """Who looks after what is nearest to a topic, of what all who read the channel may read."""
        outcome = self.knowledge.found(known.title, one.channel)
        return () if outcome is None else self.experts.owners(each.owner or "" for each in cited(outcome))

    def _is_over(self, notice: Notice, now: datetime) -> bool:
        if notice.state in (PLANNED, CLAIMED):
            return False
        if notice.state != SAID or notice.settled_at is None:
            return True  # they are away, or it was never the hour: somebody else may know
        availability = self.notices.availability
        said = datetime.fromtimestamp(notice.settled_at, UTC)
        if now - said < timedelta(days=SILENT_DAYS):
            return False
        local = said.astimezone(availability.profile(notice.recipient).zone)

        def works(day: date) -> bool:
            return not isinstance(availability.standing(notice.recipient, day), Off)

        day: date | None = local.date()
        for _ in range(SILENT_DAYS):
            day = None if day is None else next_workday(day, works)
        return day is None or now.astimezone(local.tzinfo) >= datetime.combine(day, local.timetz())

    def _now(self) -> float:
        return self.notices.availability.clock().timestamp()

    def _register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.suggest_view)


def _is_wanted(connection: Connection, known: Proposal) -> bool:
    """Whether somebody is still to be asked about a topic."""
    asked = topic_experts.of_proposal(connection, known.id)
    if known.state != OPEN or volunteers.of_proposal(connection, known.id):
        return False
    return len(asked) < MOST_ASKED and all(one.state != ASKED for one in asked)


def _notice_of(connection: Connection, one: Expert) -> Notice | None:
    found = ledger.about(connection, one.proposal_id, NOTICE)
    return next((notice for notice in found if notice.recipient == one.person), None)


def _settled(item: Item, page: Page) -> tuple[Message, ...]:
    """What stands in place of the question."""
    if not item.ts or not item.channel.startswith("D"):
        return quietly(item, [page])
    return (Message(item.channel, page.text, Kind.UPDATE, page.blocks, target=item.ts),)

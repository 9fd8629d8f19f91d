"""Somebody proposes a topic, in a form or from a message; what is there already is offered instead."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.blocks.modals import notice
from bot.blocks.pages import Page
from bot.blocks.plain import clean, one_line
from bot.blocks.topics import LONGEST_TITLE, LONGEST_WHY, near_page, open_page, topic_view
from bot.hearing import Myself, in_words
from bot.inbox import Inbox
from bot.journal import proposals, volunteers
from bot.journal import series as journal
from bot.journal.proposals import CHOSEN, OPEN, Proposal
from bot.journal.series import ARCHIVED, Series
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import PROPOSE_TOPIC, TOPIC_FORM
from bot.learning.topics import Topics, named
from bot.listeners import topic_forms as doors
from bot.messages import Message
from bot.pressing import quietly, subject_of
from bot.quoting import title_of
from bot.replies import in_markdown, reply
from bot.rituals.views import show_later
from bot.rooms import Room
from ingest.redaction import redact
from knowledge.ports import Clock
from prompts.series import LEARNING, NAMES
from prompts.topics import are_the_same
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Proposing:
    """Works off the form for a topic: it is filled in (TOPIC_FORM), and what was sent is stored
    (PROPOSE_TOPIC) under the item's own id: worked off twice, it is there once."""

    client: WebClient
    me: Myself
    topics: Topics
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.handlers[TOPIC_FORM] = self.fill_form
        room.handlers[PROPOSE_TOPIC] = self.propose
        room.doors.append(_register)

    def fill_form(self, item: Item) -> Done:
        """Offer the series that this person may read, that of the channel first."""
        found = self.topics.series_for(LEARNING, item.person)
        if not found:
            return self._say(item, _no_series())
        found = sorted(found, key=lambda one: one.channel != item.channel)
        title, why = self._words_of(item)
        places = {one.id: self.topics.people.name_of_place(one.channel) for one in found}
        names = {one.id: f"{one_line(one.name)} ({places[one.id]})" for one in found}
        readers = words("topic_readers", channel=places[found[0].id] if len(found) == 1 else "that channel")
        view = topic_view(_metadata(item, found), names, readers, title, why)
        if show_later(self.client, item.payload, view):
            return Done()
        return Done(say=self._reply(item, open_page(words("topic_open_again"), title)))

    def propose(self, item: Item) -> Done:
        """Put it on the list with its proposer's vote; where the very same is there, they vote for that."""
        one = self._series(item)
        if one is None:
            return self._say(item, _no_series())
        title = redact(one_line(str(item.payload.get("title") or ""))).text[:LONGEST_TITLE]
        why = redact(clean(str(item.payload.get("why") or "")).strip()).text[:LONGEST_WHY]
        made = Proposal(one.id, title, why, item.person, id=f"topic-{item.id}")
        there = self._the_same(made, one)
        if there is not None:
            return self._vote_instead(item, there, one)
        now, speaks = self.clock().timestamp(), bool(item.payload.get("speaks"))
        self.writer.write(lambda connection: _store(connection, made, speaks, now))
        place = self.topics.people.name_of_place(one.channel)
        said = in_markdown(words("topic_proposed", title=named(title), channel=place))
        near = self.topics.nearest(title, self.topics.open_ones(one, but=made.id))
        if near is not None:
            with self.topics.database.reading() as connection:
                seen = self.topics.topic(connection, near, item.person)
            said.append(near_page(words("topic_near"), made.id, seen))
        return Done(say=(self.topics.posted(made, one), *self._reply(item, *said)))

    def _words_of(self, item: Item) -> tuple[str, str]:
        """What the form begins with: what was typed, or the first line of a message and all of it."""
        text = in_words(str(item.payload.get("text") or ""), self.me, self.topics.people.name_of)
        if not item.payload.get("message"):
            return text, ""
        title = title_of(text)
        return title, "" if title == text.strip() else text

    def _the_same(self, made: Proposal, one: Series) -> Proposal | None:
        with self.topics.database.reading() as connection:
            there = proposals.of_series(connection, one.id, OPEN, CHOSEN)
        same = (known for known in there if known.id != made.id and are_the_same(known.title, made.title))
        return next(same, None)

    def _vote_instead(self, item: Item, there: Proposal, one: Series) -> Done:
        now = self.clock().timestamp()
        self.writer.write(lambda connection: proposals.vote(connection, there.id, item.person, True, now))
        told = words("topic_there" if there.state == OPEN else "topic_chosen", title=named(there.title))
        return Done(say=(self.topics.updated(there, one), *self._reply(item, *in_markdown(told))))

    def _series(self, item: Item) -> Series | None:
        wanted = str(item.payload.get("series") or "") or subject_of(item)
        with self.topics.database.reading() as connection:
            one = journal.by_id(connection, wanted)
        if one is None or one.kind != LEARNING or one.state == ARCHIVED:
            return None
        return one if self.topics.may_see(one, item.person) else None

    def _say(self, item: Item, text: str) -> Done:
        if show_later(self.client, item.payload, notice("Propose a topic", text.replace("`", ""))):
            return Done()
        return Done(say=self._reply(item, *in_markdown(text)))

    def _reply(self, item: Item, *said: Page) -> tuple[Message, ...]:
        """To the proposer alone, where they began, also in a channel that Lore is not in."""
        return reply(item, said) if item.payload.get("response_url") else quietly(item, said)


def _store(connection: Connection, made: Proposal, speaks: bool, now: float) -> None:
    if proposals.by_id(connection, made.id) is not None:
        return
    proposals.put(connection, made, now)
    proposals.vote(connection, made.id, made.proposer, True, now)
    if speaks:
        volunteers.offer(connection, made.id, made.proposer, now)


def _no_series() -> str:
    named = NAMES[LEARNING]
    return words("topic_no_series", series=named.series, command=named.command)


def _metadata(item: Item, found: Sequence[Series]) -> str:
    """Comes back with the form: the series where there is no choice, and where it began."""
    subject = found[0].id if len(found) == 1 else f"topics of {item.person}"
    url = str(item.payload.get("response_url") or "")
    return json.dumps({"subject": subject, "channel": item.channel, "response_url": url})


def _register(app: App, inbox: Inbox) -> None:
    doors.register(app, inbox)

"""Somebody proposes a paper: it is looked up, completed in a form, weighed and shown in the channel."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.blocks import paper_forms as forms
from bot.blocks.modals import notice
from bot.blocks.pages import Page
from bot.blocks.plain import clean, one_line
from bot.blocks.topics import near_page
from bot.blocks.web_links import web_link
from bot.inbox import Inbox
from bot.journal import proposals, volunteers
from bot.journal import series as journal
from bot.journal.proposals import CHOSEN, HELD, OPEN, Proposal
from bot.journal.series import ARCHIVED, Series
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import PAPER_FORM, PROPOSE_PAPER
from bot.learning.topics import Topics, named
from bot.listeners import papers as doors
from bot.messages import Message
from bot.pressing import quietly, subject_of
from bot.reading.library import Library, NotRead, Paper
from bot.reading.weighing import Weighing
from bot.replies import in_markdown, reply
from bot.rituals.views import show_later
from bot.rooms import Room
from ingest.redaction import redact
from knowledge.ports import Clock
from prompts.reading import Reference, authors_of, reference, same_paper
from prompts.series import NAMES, READING
from prompts.words import words


@dataclass(frozen=True, slots=True)
class ProposingPapers:
    """Works off the form for a paper: what is known is filled in (PAPER_FORM), and what was sent is stored
    (PROPOSE_PAPER) under the item's own id: worked off twice, it is there once. Without a `library` nothing
    is read from anywhere."""

    client: WebClient
    topics: Topics
    weighing: Weighing
    library: Library | None
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.handlers[PAPER_FORM] = self.fill_form
        room.handlers[PROPOSE_PAPER] = self.propose
        room.doors.append(_register)

    def fill_form(self, item: Item) -> Done:
        """Ask which paper it is, or show what is known of it."""
        found = self.topics.series_for(READING, item.person)
        if not found:
            return self._say(item, _no_series())
        given = clean(str(item.payload.get("text") or "")).strip()
        view = self._view(item, given, found)
        if show_later(self.client, item.payload, view):
            return Done()
        return Done(say=self._reply(item, forms.open_page(words("topic_open_again"), given)))

    def propose(self, item: Item) -> Done:
        """Put it on the list with its proposer's vote; where the same paper is there, they vote for that."""
        one = self._series(item)
        if one is None:
            return self._say(item, _no_series())
        made = _proposal(item, one)
        now, speaks = self.clock().timestamp(), bool(item.payload.get("speaks"))
        there = self.writer.write(lambda connection: _store(connection, made, speaks, now))
        if there is not None:
            return self._voted_instead(item, there, one)
        self.weighing.weigh(made, one)
        place = self.topics.people.name_of_place(one.channel)
        said = in_markdown(words("paper_proposed", title=named(made.title), channel=place))
        near = self.topics.nearest(made.title, self.topics.open_ones(one, but=made.id))
        if near is not None:
            with self.topics.database.reading() as connection:
                seen = self.topics.topic(connection, near, item.person)
            said.append(near_page(words("paper_near"), made.id, seen))
        return Done(say=(self.topics.posted(made, one), *self._reply(item, *said)))

    # the form

    def _view(self, item: Item, given: str, found: Sequence[Series]) -> dict[str, Any]:
        found = sorted(found, key=lambda one: one.channel != item.channel)
        wanted = reference(given)
        metadata = _metadata(item, found, wanted)
        if not (wanted.identifier or wanted.link or wanted.title):
            return forms.given_view(metadata)
        paper, note = self._looked_up(wanted)
        if paper.identifier and not wanted.identifier:
            metadata = _metadata(item, found, Reference(paper.identifier))
        known = {
            forms.TITLE: paper.title or wanted.title,
            forms.AUTHORS: ", ".join(paper.authors),
            forms.LINK: wanted.link if web_link(wanted.link) else "",
            forms.ABSTRACT: paper.abstract,
        }
        places = {one.id: self.topics.people.name_of_place(one.channel) for one in found}
        named_as = {one.id: f"{one_line(one.name)} ({places[one.id]})" for one in found}
        readers = words("topic_readers", channel=places[found[0].id] if len(found) == 1 else "that channel")
        return forms.paper_view(metadata, named_as, readers, known, note)

    def _looked_up(self, wanted: Reference) -> tuple[Paper, str]:
        """What is known of it, and a word on where that is from or why there is nothing."""
        if not (wanted.identifier or wanted.link):
            return Paper(), words("paper_by_title")
        if self.library is None:
            return Paper(), words("paper_not_looked_up")
        match self.library.look_up(wanted):
            case Paper() as paper:
                return paper, words("paper_looked_up")
            case NotRead() as why:
                return Paper(), words(why.value, what=wanted.number or "that address")

    # what is sent

    def _voted_instead(self, item: Item, there: Proposal, one: Series) -> Done:
        names = {OPEN: "paper_there", CHOSEN: "paper_chosen"}
        told = words(names.get(there.state, "paper_read"), title=named(there.title))
        return Done(say=(self.topics.updated(there, one), *self._reply(item, *in_markdown(told))))

    def _series(self, item: Item) -> Series | None:
        wanted = str(item.payload.get("series") or "") or subject_of(item)
        with self.topics.database.reading() as connection:
            one = journal.by_id(connection, wanted)
        if one is None or one.kind != READING or one.state == ARCHIVED:
            return None
        return one if self.topics.may_see(one, item.person) else None

    def _say(self, item: Item, text: str) -> Done:
        if show_later(self.client, item.payload, notice(forms.HEADING, text.replace("`", ""))):
            return Done()
        return Done(say=self._reply(item, *in_markdown(text)))

    def _reply(self, item: Item, *said: Page) -> tuple[Message, ...]:
        """To the proposer alone, where they began, also in a channel that Lore is not in."""
        return reply(item, said) if item.payload.get("response_url") else quietly(item, said)


def _proposal(item: Item, one: Series) -> Proposal:
    """What was typed, without secrets and in its limits."""

    def typed(name: str) -> str:
        return redact(clean(str(item.payload.get(name) or "")).strip()).text

    link = typed("link")[: forms.LONGEST_LINK]
    authors = [name[:120] for name in authors_of(typed("authors")[: forms.LONGEST_AUTHORS])]
    paper = {
        "link": link,
        "identifier": reference(link).identifier or str(item.payload.get("identifier") or "")[:320],
        "authors": authors,
        "abstract": typed("abstract"),
    }
    title = one_line(typed("title"))[: forms.LONGEST_TITLE]
    why = typed("why")[: forms.LONGEST_WHY]
    return Proposal(one.id, title, why, item.person, paper=paper, id=f"paper-{item.id}")


def _store(connection: Connection, made: Proposal, speaks: bool, now: float) -> Proposal | None:
    """Store a paper with its proposer's vote, or where the same one is there, give that the vote: two who
    propose one at once are of one mind. What is there is returned."""
    if proposals.by_id(connection, made.id) is not None:
        return None
    there = proposals.of_series(connection, made.series_id, OPEN, CHOSEN, HELD)
    same = [known for known in there if same_paper(known.paper, known.title, made.paper, made.title)]
    chosen = same[0] if same else made
    if not same:
        proposals.put(connection, made, now)
    proposals.vote(connection, chosen.id, made.proposer, True, now)
    if speaks and chosen.state == OPEN:
        volunteers.offer(connection, chosen.id, made.proposer, now)
    return same[0] if same else None


def _no_series() -> str:
    group = NAMES[READING]
    return words("topic_no_series", series=group.series, command=group.command)


def _metadata(item: Item, found: Sequence[Series], wanted: Reference) -> str:
    """Comes back with the form: the series where there is no choice, which paper it is, where it began."""
    subject = found[0].id if len(found) == 1 else f"papers of {item.person}"
    url = str(item.payload.get("response_url") or "")
    known: Mapping[str, str] = {
        "subject": subject,
        "channel": item.channel,
        "response_url": url,
        "identifier": wanted.identifier,
    }
    return json.dumps(known)


def _register(app: App, inbox: Inbox) -> None:
    doors.register(app, inbox)

"""Topics as somebody sees them: which series they may read, what is proposed there, and what is near it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.blocks.plain import one_line
from bot.blocks.topics import Topic, card
from bot.journal import proposals, talks, volunteers
from bot.journal import series as journal
from bot.journal.proposals import OPEN, Proposal
from bot.journal.series import ACTIVE, PAUSED, Series
from bot.learning.papers import Papers, check_of
from bot.messages import Kind, Message, Place
from bot.people import People
from bot.pressing import alone
from bot.saving import audience_of
from knowledge.adapters.database import Database
from knowledge.audience import may_all_read
from knowledge.errors import ModelError
from knowledge.ports import Embedder
from prompts.blockers import likeness
from prompts.topics import Likeness, nearest

MOST_COMPARED = 60

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Topics:
    """Looks topics up, for lunch-and-learns and reading groups alike. Without an `embedder` their words alone
    tell which are about the same."""

    people: People
    database: Database
    embedder: Embedder | None
    papers: Papers

    def series_for(self, kind: str, person: str) -> Sequence[Series]:
        """Those that a person may read and that are not archived, by name."""
        with self.database.reading() as connection:
            known = journal.all_series(connection, kind, ACTIVE, PAUSED)
        return [one for one in known if self.may_see(one, person)]

    def may_see(self, one: Series, person: str) -> bool:
        """Whether a full member may read the series' channel."""
        audience = audience_of(self.people, Place(one.channel))
        readers = self.people.readers(alone(person))
        return audience is not None and may_all_read(audience, readers, self.people.members)

    def looks_after(self, one: Series, person: str) -> bool:
        """Whether a person is an owner of a series, or an admin."""
        return person in one.owners or self.people.is_admin(person)

    def found(self, proposal_id: str, person: str) -> tuple[Proposal, Series] | None:
        """A proposal with its series; None for those who may not read it, and for forged ids."""
        with self.database.reading() as connection:
            known = proposals.by_id(connection, proposal_id)
            one = None if known is None else journal.by_id(connection, known.series_id)
        if known is None or one is None or not self.may_see(one, person):
            return None
        return known, one

    def listed(self, one: Series, person: str = "") -> Sequence[Topic]:
        """What is proposed and not yet talked about, the most votes first; what is chosen stands above, and
        what a reading group has read below."""
        with self.database.reading() as connection:
            found = [known for known, _ in proposals.ranked(connection, one.id, proposals.CHOSEN, OPEN)]
            found.sort(key=lambda known: known.state != proposals.CHOSEN)
        found += self.papers.before(one)
        with self.database.reading() as connection:
            topics = [self.topic(connection, known, person) for known in found]
        return [
            replace(topic, paper=self.papers.of(known, one))
            for topic, known in zip(topics, found, strict=True)
        ]

    def topic(self, connection: Connection, known: Proposal, person: str = "") -> Topic:
        """A proposal as `person` sees it, or anybody."""
        voters = proposals.voters(connection, known.id)
        willing = volunteers.of_proposal(connection, known.id)
        return Topic(
            id=known.id,
            title=known.title,
            why=known.why,
            by=self.people.name_of(known.proposer) if known.proposer else "",
            state=known.state,
            votes=len(voters),
            speakers=tuple(self.people.name_of(each) for each in willing),
            when=_when(connection, known),
            voted=person in voters,
            speaks=person in willing,
            authors=_authors(known),
            link=str(known.paper.get("link") or ""),
        )

    def posted(self, known: Proposal, one: Series, audience_keys: Sequence[str] = ()) -> Message:
        """The card in the channel, said once; for those alone who may read all of these audiences."""
        seen = self._seen(known, one)
        made, check = card(seen), check_of(Place(one.channel), [seen.paper])
        check = replace(check, audience_keys=tuple(sorted({*audience_keys, *check.audience_keys})))
        return Message(one.channel, made.text, blocks=made.blocks, check=check, key=card_key(known.id))

    def updated(self, known: Proposal, one: Series) -> Message:
        """The card as it is now."""
        seen = self._seen(known, one)
        made, check = card(seen), check_of(Place(one.channel), [seen.paper])
        key = card_key(known.id)
        return Message(one.channel, made.text, Kind.UPDATE, made.blocks, target=key, check=check)

    def nearest(self, title: str, others: Sequence[Proposal]) -> Proposal | None:
        """The one that is about the same as a title, of the newest of them."""
        compared = sorted(others, key=lambda one: one.proposed_at)[-MOST_COMPARED:]
        place = nearest(title, [one.title for one in compared], self._alike())
        return None if place is None else compared[place]

    def open_ones(self, one: Series, but: str = "") -> Sequence[Proposal]:
        """What may be voted for, without one of them."""
        with self.database.reading() as connection:
            found = proposals.of_series(connection, one.id, OPEN)
        return [known for known in found if known.id != but]

    def coming_ones(self, one: Series) -> Sequence[Proposal]:
        """What may be voted for, and what is chosen and was not talked about yet."""
        with self.database.reading() as connection:
            return proposals.of_series(connection, one.id, OPEN, proposals.CHOSEN)

    def _seen(self, known: Proposal, one: Series) -> Topic:
        with self.database.reading() as connection:
            seen = self.topic(connection, known)
        return replace(seen, paper=self.papers.of(known, one))

    def _alike(self) -> Likeness | None:
        """By embeddings, where there are any."""
        embedder = self.embedder
        if embedder is None:
            return None

        def alike(title: str, others: Sequence[str]) -> Sequence[float]:
            try:
                vectors = embedder.embed([title, *others])
            except ModelError as error:
                log.error("topics are compared by their words alone: %s", error)
                return [likeness(title, other) for other in others]
            cosines: Sequence[float] = (vectors[1:] @ vectors[0]).tolist()
            return cosines

        return alike


def card_key(proposal_id: str) -> str:
    """The key of the message that shows a topic in its channel."""
    return f"topic {proposal_id}"


def named(title: str) -> str:
    """A title within a sentence."""
    return f"“{one_line(title)}”"


def _authors(known: Proposal) -> str:
    named = known.paper.get("authors") or ()
    return named if isinstance(named, str) else ", ".join(map(str, named))


def _when(connection: Connection, known: Proposal) -> str:
    """The day of the newest talk about it that is not cancelled."""
    if known.state not in (proposals.CHOSEN, proposals.HELD):
        return ""
    those = talks.of_series(connection, known.series_id, talks.PLANNED, talks.ANNOUNCED, talks.HELD)
    about = [talk for talk in those if talk.proposal_id == known.id]
    if not about:
        return ""
    day = datetime.fromtimestamp(about[-1].starts_at, ZoneInfo(about[-1].zone))
    return f"{day:%A} {day.day} {day:%B}"

"""What a person's App Home shows, gathered when it is opened: theirs alone, and re-checked for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from bot.attachments import current_audience
from bot.journal import quiet, work
from bot.journal.personal import preferences_of
from bot.journal.records import Question, question
from bot.journal.tables import questions
from bot.messages import Place
from bot.people import People
from bot.prompting import Prompting
from bot.rituals.listing import Line
from bot.source_cards import Card, SourceCards
from bot.suggesting import Prompt
from knowledge.adapters.database import Database
from knowledge.adapters.titles import Titles
from knowledge.audience import UNKNOWN_READERS, Audience, Readers, may_all_read, readable_keys
from knowledge.documents import Searched
from knowledge.errors import LoreError
from knowledge.ports import Clock, Store
from prompts.statistics import Overview

PRIVATE_ANSWERS = "private_answers"
QUIET_HELP = "quiet_help"
YES, NO = "yes", "no"
MOST_RECENT = 5


@dataclass(frozen=True, slots=True)
class Recent:
    """Something that the person asked; `said` begins the answer, and is empty where none can be shown."""

    question_id: str
    text: str
    asked_at: datetime
    in_channel: bool
    said: str = ""


@dataclass(frozen=True, slots=True)
class ForAdmins:
    """How Lore itself is: what waits, and the sources, of which page `number` is shown; `trouble` says why
    they cannot be told. `names` are those of people who asked for syncs."""

    waiting: int
    cards: tuple[Card, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class HomePage:
    """All that a Home shows; `zone` is the person's time zone, and `published_at` has one. `standups` are
    those that they look after, `numbers` those for leads."""

    zone: str
    prompts: tuple[Prompt, ...]
    recent: tuple[Recent, ...]
    private_answers: bool
    quiet_help: bool
    searched: Searched
    version: int
    published_at: datetime | None
    now: datetime
    admin: ForAdmins | None = None
    standups: tuple[Line, ...] = ()
    numbers: Overview | None = None


@dataclass(frozen=True, slots=True)
class Homes:
    """Gathers Homes, and single answers to be read again."""

    people: People
    store: Store
    titles: Titles
    prompting: Prompting
    database: Database
    clock: Clock
    cards: SourceCards | None = None
    standups: Callable[[str], Sequence[Line]] | None = None
    numbers: Callable[[str], Overview | None] | None = None

    def page(self, person: str, number: int = 0) -> HomePage | None:
        """None for whoever is not a full member, or whom Slack does not tell of. An admin sees page `number`
        of the sources."""
        readers = self._reader(person)
        about = self.people.person(person)
        if readers == UNKNOWN_READERS or about is None:
            return None
        version = self.store.published()
        keys = readable_keys(self.store.audience_keys(version), readers, self.people.members)
        with self.database.reading() as connection:
            preferred = preferences_of(connection, person)
            waiting = work.waiting(connection)
            refused = quiet.is_refused_by(connection, person)
        admin = self._for_admins(waiting, number) if self.people.is_admin(person) else None
        return HomePage(
            zone=about.zone.key,
            prompts=self.prompting.prompts(person),
            recent=self._recent(person, readers),
            private_answers=preferred.get(PRIVATE_ANSWERS) == YES,
            quiet_help=not refused,
            searched=self.store.searched(version, keys),
            version=version,
            published_at=self.titles.published_at(version),
            now=self.clock(),
            admin=admin,
            standups=() if self.standups is None else tuple(self.standups(person)),
            numbers=None if self.numbers is None else self.numbers(person),
        )

    def _for_admins(self, waiting: int, number: int) -> ForAdmins:
        if self.cards is None:
            return ForAdmins(waiting)
        try:
            cards = self.cards.all()
        except LoreError as error:
            return ForAdmins(waiting, trouble=str(error))
        return ForAdmins(waiting, tuple(cards), self.cards.names_in(cards), number)

    def question(self, question_id: str, person: str) -> Question | None:
        """A question that this person asked; None when it is gone or somebody else's."""
        with self.database.reading() as connection:
            asked = question(connection, question_id)
        return asked if asked is not None and asked.person == person else None

    def answered(self, question_id: str, person: str) -> Question | None:
        """The same, when this person may read the answer now; else None."""
        asked = self.question(question_id, person)
        if asked is None or not self._readable(asked.outcome, self._reader(person)):
            return None
        return asked

    def _reader(self, person: str) -> Readers:
        return self.people.readers(Place("", only=person))

    def _recent(self, person: str, readers: Readers) -> tuple[Recent, ...]:
        newest = (
            select(questions)
            .where(questions.c.person == person, questions.c.text != "")
            .order_by(questions.c.asked_at.desc())
            .limit(MOST_RECENT)
        )
        with self.database.reading() as connection:
            rows = connection.execute(newest).all()
        return tuple(
            Recent(
                question_id=row.id,
                text=row.text,
                asked_at=datetime.fromtimestamp(row.asked_at, UTC),
                in_channel=not row.channel.startswith("D"),
                said=_beginning(row.outcome) if self._readable(row.outcome, readers) else "",
            )
            for row in rows
        )

    def _readable(self, outcome: Mapping[str, Any], readers: Readers) -> bool:
        """Whether the reader may read everything that an answer rests on, as it was and as it is now."""
        cited = outcome.get("citations", ())
        then = {one["audience_key"] for one in cited}
        look = current_audience(self.store)
        now = {look(one["document_id"]) for one in cited}
        return outcome.get("outcome") == "answer" and all(
            key is not None and may_all_read(Audience.from_key(key), readers, self.people.members)
            for key in then | now
        )


def _beginning(outcome: Mapping[str, Any]) -> str:
    sentences = outcome.get("sentences") or [{}]
    return str(sentences[0].get("text") or "")

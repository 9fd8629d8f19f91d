"""Who solved the like of a blocker, and the passage that may help: what whoever is blocked may read alone."""

import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.blocks.citations import Look
from bot.blocks.plain import one_line, shorten
from bot.blocks.standup_blockers import Helper
from bot.conversation import Answers
from bot.experts import Experts
from bot.journal import blocker_steps
from bot.journal import requests as asked
from bot.journal.blockers import Blocker, resolved_since
from bot.journal.standup_pages import pages_at
from bot.messages import Check
from bot.people import USER_ID, People
from bot.pressing import alone
from bot.requests import Requests
from bot.seeing import resting_on
from bot.standup_source import audience, on_day, path_in
from knowledge.adapters.database import Database
from knowledge.audience import may_all_read, readable_keys
from knowledge.documents import Answer, Citation
from knowledge.errors import LoreError
from knowledge.ports import Clock, Store
from prompts.blockers import ALIKE, Candidate, likeness, whom_to_ask

MOST_HELPERS = 2
LOOK_BACK = timedelta(days=365)
OF_LATE = timedelta(days=14)
SOLVED, ANSWERED, OWNS, EXPERT = range(4)
"""How near somebody is to a blocker, the nearest first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """`citation` is of the passage, where there is one; `check` must hold when all of it is shown."""

    citation: Citation | None
    helpers: tuple[Helper, ...]
    check: Check
    look: Look

    @property
    def nothing(self) -> bool:
        return self.citation is None and not self.helpers


@dataclass(frozen=True, slots=True)
class Helping:
    """Looks for help. Nobody hears of it but the one who is blocked."""

    people: People
    store: Store
    database: Database
    answers: Answers
    experts: Experts
    requests: Requests
    clock: Clock
    origins: Container[str]

    def look_for(self, blocker: Blocker) -> Found:
        """What helped before, and who may know. Takes as long as a question."""
        like = self._solved_alike(blocker)
        citation = self._passage(blocker, {one.helped_by for one in like})
        candidates = [candidate for one in like for candidate in _solvers(one)]
        candidates += [
            Candidate(person, ANSWERED, "answered a question like it") for person in self._answerers(blocker)
        ]
        names = {}
        if citation is not None and citation.owner:
            names = {citation.owner: self.people.name_of(citation.owner)}
            owners = self.experts.owners([citation.owner])
            candidates += [Candidate(person, OWNS, "looks after what I found") for person in owners]
        return Found(
            citation=citation,
            helpers=self._helpers(blocker, candidates),
            check=resting_on(alone(blocker.person), [citation] if citation else []),
            look=Look(self.clock(), self.origins, names),
        )

    def after(self, blocker: Blocker, first: str) -> tuple[str, ...]:
        """Whom to ask: `first`, and then, where that one cannot help, the experts of the settings."""
        others = self.experts.of_channel("")
        return tuple(one for one in dict.fromkeys((first, *others)) if one != blocker.person)

    def _helpers(self, blocker: Blocker, candidates: Sequence[Candidate]) -> tuple[Helper, ...]:
        since = (self.clock() - OF_LATE).timestamp()
        with self.database.reading() as connection:
            asked_of_late = blocker_steps.asked_since(connection, since)
        able = [one for one in candidates if self.people.is_full_member(one.person)]
        ordered = whom_to_ask(able, asked_of_late, but=blocker.person)
        return tuple(
            Helper(one.person, self.people.name_of(one.person), one.why) for one in ordered[:MOST_HELPERS]
        )

    def _solved_alike(self, blocker: Blocker) -> list[Blocker]:
        """Resolved ones that the person may find, the likest first."""
        since = (self.clock() - LOOK_BACK).timestamp()
        with self.database.reading() as connection:
            resolved = resolved_since(connection, since)
            like = [one for one in resolved if likeness(one.text, blocker.text) >= ALIKE]
            paths = {one.id: f"{one.ritual_id}/{one.last_slot.isoformat()}/{one.person}" for one in like}
            pages = pages_at(connection, list(paths.values()))
        readers = self.people.readers(alone(blocker.person))
        found = []
        for one in like:
            page = pages.get(paths[one.id])
            if page is not None and may_all_read(audience(page), readers, self.people.members):
                found.append(one)
        newest_first = sorted(found, key=lambda one: one.resolved_at or 0.0, reverse=True)
        return sorted(newest_first, key=lambda one: likeness(one.text, blocker.text), reverse=True)

    def _answerers(self, blocker: Blocker) -> list[str]:
        """Who answered a question like it that the person could read."""
        since = (self.clock() - LOOK_BACK).timestamp()
        with self.database.reading() as connection:
            answered = asked.answered(connection, since)
        return [
            one.answered_by
            for one in answered
            if likeness(one.question, blocker.text) >= ALIKE and self.requests.may_see(one, blocker.person)
        ]

    def _passage(self, blocker: Blocker, helped: set[str]) -> Citation | None:
        """The best passage, one that helped before ahead of others; never of the person's own entries."""
        readers = self.people.readers(alone(blocker.person))
        keys = readable_keys(self.store.audience_keys(self.store.published()), readers, self.people.members)
        try:
            outcome = self.answers.answer(blocker.text, keys, use_model=False)
        except LoreError as error:
            log.warning("no passage was looked for: %s", error)
            return None
        if not isinstance(outcome, Answer):
            return None
        found = [one for one in outcome.citations if not _is_of(one, blocker.person)]
        return next((one for one in found if one.document_id in helped), found[0] if found else None)


def _solvers(like: Blocker) -> list[Candidate]:
    """Who helped, then who said that it was resolved."""
    day = on_day(datetime.fromtimestamp(like.resolved_at or 0.0, UTC).date())
    told = f"solved “{shorten(one_line(like.text), 150)}” ({day})"
    how = f": {shorten(one_line(like.solution), 300)}" if like.solution else ""
    helped = [like.helped_by] if USER_ID.fullmatch(like.helped_by) else []
    by = [*helped, like.resolved_by]
    return [Candidate(person, SOLVED, told + how) for person in dict.fromkeys(by) if person]


def _is_of(citation: Citation, person: str) -> bool:
    path = path_in(citation.document_id)
    return path is not None and path.endswith(f"/{person}")

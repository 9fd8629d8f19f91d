"""Drafts of entries from somebody's own runs and commits: for who asked for them, and for them alone.

A draft is kept for a day at most and is gone when the entry is given. Its words are in no message: they are
shown in the form alone, so that they are neither in Slack's history nor in the outbox.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from bot.journal import drafts, entries, personal
from bot.journal.drafts import Draft
from bot.journal.rituals import Ritual
from bot.journal.work import Done, Item
from bot.people import People
from bot.replies import say
from bot.rituals.repositories import Repositories, Repository, no_repositories
from bot.rituals.room import Rituals
from ingest.commits import commits_by
from knowledge.adapters.database import Database
from knowledge.adapters.owned_runs import OwnedRun, owned_runs
from knowledge.audience import Readers, may_all_read, readable_keys
from knowledge.ports import Clock, Store
from prompts.drafting import UNDER_WAY, DraftCommit, DraftRun, drafted

WISH = "standup_drafts"
ON, OFF = "on", "off"
LONGEST_AGO = timedelta(days=7)
WITHOUT_AN_ENTRY = timedelta(days=3)
"""How far back the first draft of a person looks: over a weekend."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drafting:
    """Makes drafts; a person has none until they said `/standup drafts on`, nor where the ritual's settings
    do not want them."""

    people: People
    store: Store
    database: Database
    clock: Clock
    repositories: Repositories = no_repositories

    def join(self, rituals: Rituals) -> None:
        """Bring the command and the duty."""
        rituals.commands["drafts"] = self.command
        rituals.duties.append(self.sweep)

    def draft_for(self, person: str, ritual: Ritual, slot: date) -> Draft | None:
        """Make a draft of a person's entry and keep it for a day; None when they or the ritual's owner want
        none, or nothing was done. Takes seconds where repositories are large: not for listeners."""
        now = self.clock()
        with self.database.reading() as connection:
            if not (ritual.settings.drafts and wants_drafts(connection, person)):
                return None
            last = entries.last_before(connection, ritual.id, person, slot)
        since = now - WITHOUT_AN_ENTRY if last is None else datetime.fromtimestamp(last.given_at, UTC)
        since = max(since, now - LONGEST_AGO)
        one = self.people.person(person)
        if one is None or not one.full_member:
            return None
        mine = frozenset({one.email.lower(), one.id.lower()} - {""})
        runs = self._runs(person, mine, since, now)
        commits = self._commits(person, mine, since, now)
        replies = drafted(ritual.settings.prompts, runs, commits)
        if not replies:
            return None
        draft = Draft(ritual.id, slot, person, replies, len(runs), len(commits), now.timestamp())
        with self.database.writing() as connection:
            drafts.put(connection, draft)
        return draft

    def sweep(self, now: datetime) -> None:
        """Forget drafts that were not sent within a day; a duty of the heartbeat."""
        with self.database.reading() as connection:
            old = drafts.any_old(connection, now.timestamp())
        if old:
            with self.database.writing() as connection:
                drafts.sweep(connection, now.timestamp())

    def command(self, item: Item) -> Done:
        """`/standup drafts on`, `off`, or how it is."""
        wish = [*item.text.split(), "", ""][1].lower()
        now = self.clock().timestamp()
        if wish not in (ON, OFF):
            with self.database.reading() as connection:
                wanted = wants_drafts(connection, item.person)
            return Done(say=say(item, "drafts_are_on" if wanted else "drafts_are_off"))
        with self.database.writing() as connection:
            personal.prefer(connection, item.person, WISH, wish, now)
            if wish == OFF:
                drafts.forget_all_of(connection, item.person)
        return Done(say=say(item, "drafts_are_on" if wish == ON else "drafts_are_off"))

    def _runs(
        self, person: str, owners: Collection[str], since: datetime, now: datetime
    ) -> Sequence[DraftRun]:
        version = self.store.published()
        readers = Readers(people=frozenset({person}))
        keys = readable_keys(self.store.audience_keys(version), readers, self.people.members)
        return [_draft_run(one) for one in owned_runs(self.database, version, keys, owners, since, now)]

    def _commits(
        self, person: str, emails: Collection[str], since: datetime, now: datetime
    ) -> Sequence[DraftCommit]:
        found: list[DraftCommit] = []
        for repository in self.repositories():
            if not self._may_read(person, repository):
                continue
            commits = commits_by(repository.folder, emails, since, now)
            if commits is None:
                log.warning("git did not tell of the commits to %s", repository.name)
            found += [DraftCommit(repository.name, one.subject) for one in commits or ()]
        return found

    def _may_read(self, person: str, repository: Repository) -> bool:
        readers = Readers(people=frozenset({person}))
        return may_all_read(repository.audience, readers, self.people.members)


def wants_drafts(connection: Connection, person: str) -> bool:
    """Whether this person has asked for drafts."""
    return personal.preferences_of(connection, person).get(WISH) == ON


def kept_draft(
    connection: Connection, person: str, ritual_id: str, slot: date, now: datetime
) -> Draft | None:
    """The draft that `draft_for` made, for the form: quick. None when it is gone, or not wanted any more."""
    if not wants_drafts(connection, person):
        return None
    return drafts.draft_of(connection, ritual_id, slot, person, now.timestamp())


def used(connection: Connection, person: str, ritual_id: str, slot: date) -> None:
    """The entry was given, in the same transaction: its draft goes."""
    drafts.forget(connection, ritual_id, slot, person)


def _draft_run(run: OwnedRun) -> DraftRun:
    ended = run.ended_at is not None or run.status.strip().lower() not in UNDER_WAY
    return DraftRun(run.name, run.status, ended, run.last)

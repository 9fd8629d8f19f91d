"""What opens when an admin presses a button that only shows something; others are shown nothing."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bot.blocks.modals import notice
from bot.blocks.sync_views import details_view, history_view, removals_view, roll_back_view
from bot.journal.sync_runs import State
from bot.people import USER_ID, People
from bot.sync_runs import SyncRuns
from bot.syncing import Syncing
from knowledge.errors import LoreError
from knowledge.ports import Clock
from prompts.words import words

MOST_RUNS = 20


@dataclass(frozen=True, slots=True)
class SourceLooking:
    """Makes modals; None for whoever is no admin."""

    people: People
    runs: SyncRuns
    syncing: Syncing
    clock: Clock

    def details(self, subject: str, person: str, _metadata: str) -> dict[str, Any] | None:
        """What a sync's message has no room for; `subject` is a run, or `run:page`."""
        if not self.people.is_admin(person):
            return None
        run_id, _, number = subject.partition(":")
        run = self.runs.get(run_id)
        if run is None:
            return notice("Details", words("sync_gone"))
        return details_view(run, int(number[:4]) if number.isdecimal() else 0)

    def removals(self, subject: str, person: str, metadata: str) -> dict[str, Any] | None:
        """What would go if removals that were refused are allowed."""
        if not self.people.is_admin(person):
            return None
        run = self.runs.get(subject)
        if run is None or run.state is not State.REFUSED or run.decision:
            return notice("Remove them?", words("sync_ended"))
        return removals_view(run, metadata)

    def history(self, subject: str, person: str, _metadata: str) -> dict[str, Any] | None:
        """The newest syncs of a source."""
        if not self.people.is_admin(person):
            return None
        found = self.runs.recent(subject, MOST_RUNS)
        asked = {run.wanted.asked_by for run in found}
        names = {one: self.people.name_of(one) for one in asked if USER_ID.fullmatch(one)}
        return history_view(subject, found, names, self.clock())

    def versions(self, subject: str, person: str, metadata: str) -> dict[str, Any] | None:
        """The form for rolling a source back."""
        if not self.people.is_admin(person):
            return None
        about = self.people.person(person)
        try:
            older = self.syncing.older(subject)
        except LoreError as error:
            return notice("Roll back", words("not_rolled_back", source=subject, reason=str(error)))
        return roll_back_view(subject, older, metadata, UTC if about is None else about.zone)

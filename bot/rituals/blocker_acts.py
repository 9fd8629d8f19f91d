"""What people do about a blocker: take it, pass it back, say how far it is, resolve it, ask who may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks import standup_blockers as blocks
from bot.blocks.standup_blockers import done_page, solution_view, update_view
from bot.journal import blockers as journal
from bot.journal import rituals as kept_rituals
from bot.journal.blocker_steps import BlockerStep, Step, steps_of
from bot.journal.blockers import RESOLVED, WITHDRAWN, Blocker
from bot.journal.records import Audit
from bot.journal.requests import Asker
from bot.journal.rituals import Ritual
from bot.journal.work import Done, Item
from bot.people import People
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown
from bot.rituals.blocker_help import Helping
from bot.rituals.blocker_sight import Sight
from ingest.redaction import redact
from knowledge.adapters.database import Database
from prompts.words import words

_UNDO = (blocks.SOLUTION, blocks.REOPEN)


@dataclass(frozen=True, slots=True)
class Acts:
    """Works off BLOCKER_STEP. Only the team, and those whom a blocker names, may do anything."""

    people: People
    database: Database
    helping: Helping
    sight: Sight

    def update_view(self, blocker_id: str, person: str, metadata: str) -> dict[str, Any] | None:
        """The form for how far it is; None for those whom it does not concern."""
        known = self._known(blocker_id, person)
        return None if known is None else update_view(metadata, self.sight.text(known[0].text))

    def solution_view(self, blocker_id: str, person: str, metadata: str) -> dict[str, Any] | None:
        """The form for what solved it; None for those whom it does not concern."""
        known = self._known(blocker_id, person)
        return None if known is None else solution_view(metadata, self.sight.text(known[0].text))

    def step(self, item: Item) -> Done:
        """Take the step, if it still fits, and say so to the one who took it."""
        blocker_id, step = subject_of(item), _step_of(item)
        with self.database.reading() as connection:
            blocker = journal.blocker(connection, blocker_id)
            ritual = None if blocker is None else kept_rituals.ritual(connection, blocker.ritual_id)
        if blocker is None or ritual is None or step is None or blocker.state == WITHDRAWN:
            return Done(say=quietly(item, in_markdown(words("blocker_gone"))))
        if not self.sight.concerns(blocker, ritual, item.person):
            refused = Audit(item.person, f"{step.value} blocker", blocker.id, allowed=False)
            return Done(say=quietly(item, in_markdown(words("not_your_blocker"))), record=(refused,))
        return self._taken(item, blocker, step)

    def _taken(self, item: Item, blocker: Blocker, step: Step) -> Done:
        if step in (Step.REOPEN, Step.SOLUTION):
            if blocker.state != RESOLVED:
                return self._said(item, blocker, "It still stands.", (blocks.UPDATE, blocks.RESOLVE))
            return self._after(item, blocker, step)
        if not blocker.stands:
            who = self.sight.name(blocker.resolved_by)
            return self._said(item, blocker, f"{who} resolved it already.", _UNDO)
        match step:
            case Step.ACKNOWLEDGE:
                return self._done(item, blocker, step, "You look at it.", (blocks.UPDATE, blocks.RESOLVE))
            case Step.NOT_ME:
                return self._done(item, blocker, step, "Thank you: I ask you no more.")
            case Step.STILL:
                return self._done(item, blocker, step, "It stays on the list.", (blocks.UPDATE,))
            case Step.RESOLVE:
                return self._done(item, blocker, step, "Resolved.", _UNDO)
            case Step.UPDATE:
                note = redact(item.text.strip()).text
                told = f"Noted: {note}"
                return self._done(item, blocker, step, told, (blocks.RESOLVE,), note) if note else Done()
            case Step.HELP:
                return self._helped(item, blocker)
            case Step.ASK:
                return self._ask(item, blocker)
            case _:
                return Done(say=quietly(item, in_markdown(words("blocker_gone"))))

    def _after(self, item: Item, blocker: Blocker, step: Step) -> Done:
        if step is Step.REOPEN:
            return self._done(item, blocker, step, "It stands again.", (blocks.UPDATE, blocks.RESOLVE))
        note = redact(item.text.strip()).text
        return self._done(item, blocker, step, "Thank you.", (blocks.REOPEN,), note) if note else Done()

    def _helped(self, item: Item, blocker: Blocker) -> Done:
        """The passage that was shown has solved it: it comes first for the next one with the like."""
        document = next((one.note for one in self._suggested(blocker) if one.note), "")
        if item.person != blocker.person or not document:
            return Done(say=quietly(item, in_markdown(words("not_your_blocker"))))
        return self._done(item, blocker, Step.HELP, "Good. It is resolved.", (blocks.REOPEN,), document)

    def _ask(self, item: Item, blocker: Blocker) -> Done:
        """Put it to somebody who was suggested, with the words of the blocker and the person's name."""
        expert = str(item.payload.get("expert") or "")
        suggested = {one.about for one in self._suggested(blocker)}
        if item.person != blocker.person or expert not in suggested - {""}:
            return Done(say=quietly(item, in_markdown(words("not_your_blocker"))))
        asker = Asker(item.person, item.team, item.channel, "", private=True)
        text = self.sight.text(blocker.text)
        put = self.helping.requests.put(item, text, asker, lambda: self.helping.after(blocker, expert))
        return Done(say=put.say, record=(*put.record, BlockerStep(blocker.id, item.person, Step.ASK, expert)))

    def _suggested(self, blocker: Blocker) -> Sequence[BlockerStep]:
        with self.database.reading() as connection:
            steps = steps_of(connection, [blocker.id]).get(blocker.id, ())
        return [one for one in steps if one.step is Step.SUGGEST]

    def _known(self, blocker_id: str, person: str) -> tuple[Blocker, Ritual] | None:
        with self.database.reading() as connection:
            blocker = journal.blocker(connection, blocker_id)
            ritual = None if blocker is None else kept_rituals.ritual(connection, blocker.ritual_id)
        if blocker is None or ritual is None or blocker.state == WITHDRAWN:
            return None
        return (blocker, ritual) if self.sight.concerns(blocker, ritual, person) else None

    def _done(
        self,
        item: Item,
        blocker: Blocker,
        step: Step,
        told: str,
        then: Sequence[str] = (),
        note: str = "",
    ) -> Done:
        record = BlockerStep(blocker.id, item.person, step, note=note)
        audit = Audit(item.person, f"{step.value} blocker", blocker.id)
        return Done(say=self._said(item, blocker, told, then).say, record=(record, audit))

    def _said(self, item: Item, blocker: Blocker, told: str, then: Sequence[str]) -> Done:
        return Done(say=quietly(item, [done_page(told, blocker.id, self.sight.text(blocker.text), then)]))


def _step_of(item: Item) -> Step | None:
    try:
        return Step(str(item.payload.get("step") or ""))
    except ValueError:
        return None

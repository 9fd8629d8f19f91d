"""Who may see a blocker, and how it reads: names instead of ids, whose it is and how old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.blocks.standup_blockers import Shown, facts
from bot.hearing import Myself, in_words
from bot.journal.blocker_steps import BlockerStep, Step
from bot.journal.blockers import Blocker
from bot.journal.rituals import Ritual
from bot.people import People
from bot.rituals.roster import roster_of
from knowledge.ports import Clock

_NOBODY = Myself("", "")


@dataclass(frozen=True, slots=True)
class Sight:
    """Shows blockers to people."""

    people: People
    clock: Clock

    def in_team(self, ritual: Ritual, person: str) -> bool:
        """Whether somebody is of the ritual's team, or looks after it; guests never are."""
        if not self.people.is_full_member(person):
            return False
        settings = ritual.settings
        return (
            person in {*ritual.owners, settings.lead}
            or person in roster_of(self.people, settings.team).people
        )

    def concerns(self, blocker: Blocker, ritual: Ritual, person: str) -> bool:
        """Whether somebody may see it and take steps: the team, and those whom it names."""
        if person in (blocker.person, blocker.owner, *blocker.tagged):
            return self.people.is_full_member(person)
        return self.in_team(ritual, person)

    def shown(
        self,
        blocker: Blocker,
        ritual: Ritual,
        heading: str = "",
        steps: Sequence[str] = (),
        news: Sequence[BlockerStep] = (),
    ) -> Shown:
        return Shown(
            blocker_id=blocker.id,
            text=self.text(blocker.text),
            heading=heading,
            facts=facts(
                ritual=ritual.name,
                person=self.name(blocker.person),
                owner=self.name(blocker.owner),
                state=blocker.state,
                since=datetime.fromtimestamp(blocker.opened_at, UTC),
                now=self.clock(),
            ),
            news=tuple(line for step in news if (line := self._line(step))),
            steps=tuple(steps),
        )

    def text(self, text: str) -> str:
        """As people read it."""
        return in_words(text, _NOBODY, self.name)

    def name(self, person: str) -> str:
        """What somebody is called, also when they have left."""
        known = self.people.person(person)
        return "somebody" if known is None else known.name

    def _line(self, step: BlockerStep) -> str:
        name, note = self.name(step.person), self.text(step.note)
        match step.step:
            case Step.ACKNOWLEDGE:
                return f"{name} looks at it."
            case Step.NOT_ME:
                return f"{name} says that it is not theirs."
            case Step.UPDATE:
                return f"{name}: {note}"
            case Step.RESOLVE:
                return f"{name} says that it is resolved{f': {note}' if note else ''}."
            case Step.SOLUTION:
                return f"{name} on what solved it: {note}"
            case Step.REOPEN:
                return f"{name} says that it still stands."
            case _:
                return ""

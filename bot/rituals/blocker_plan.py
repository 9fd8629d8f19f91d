"""What is due about blockers: who is told of what, and who takes one over from somebody who left; pure."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.journal.blocker_steps import BlockerStep, Step
from bot.journal.blockers import Blocker
from bot.journal.rituals import ACTIVE, Ritual


class Reason(Enum):
    """Why somebody is told of a blocker."""

    NAMED = "named"
    YOURS = "yours"
    STILL = "still"
    LATE = "late"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class Watched:
    """A blocker with what was done about it so far and the ritual that it came up in."""

    blocker: Blocker
    steps: Sequence[BlockerStep]
    ritual: Ritual


@dataclass(frozen=True, slots=True)
class Tell:
    """Somebody is to be told. `since` is when they last heard of it (Unix seconds), `news` what others did
    since."""

    person: str
    watched: Watched
    reason: Reason
    since: float = 0.0
    news: tuple[BlockerStep, ...] = ()

    def noted(self) -> tuple[BlockerStep, ...]:
        """The steps that keep it from being told again."""
        told = BlockerStep(self.watched.blocker.id, "", Step.TOLD, self.person)
        late = BlockerStep(self.watched.blocker.id, "", Step.ESCALATE, self.person)
        return (told, late) if self.reason is Reason.LATE else (told,)


@dataclass(frozen=True, slots=True)
class Pass:
    """Whoever was to move it has left; the step gives it to somebody else."""

    step: BlockerStep


_NEWS = (Step.ACKNOWLEDGE, Step.NOT_ME, Step.UPDATE, Step.RESOLVE, Step.SOLUTION, Step.REOPEN)
_HEARD = (Step.TOLD, Step.ESCALATE)


def plan(watched: Sequence[Watched], left: Collection[str], now: float) -> list[Tell | Pass]:
    """What is due for all of them; `left` are people who are deactivated. A ritual that is not active tells
    nobody anything."""
    due: list[Tell | Pass] = []
    for one in watched:
        if one.ritual.state == ACTIVE:
            due += _due(one, left, now)
    return due


def _due(one: Watched, left: Collection[str], now: float) -> list[Tell | Pass]:
    blocker = one.blocker
    news = [] if blocker.person in left else _news(one)
    if not blocker.stands:
        return [*news]
    here = [person for person in _in_charge(one) if person not in left]
    if blocker.owner in left:
        heir = here[0] if here else ""
        return [Pass(BlockerStep(blocker.id, "", Step.REASSIGN, heir))] if heir else []
    told: dict[str, Tell] = {}
    for tell in (*_given(one, left), *_escalated(one, here, now), *news, *_asked(one, left)):
        told.setdefault(tell.person, tell)
    return [*told.values()]


def _in_charge(one: Watched) -> list[str]:
    """Whoever may be given it, in this order: the person themselves, the lead, the ritual's owners."""
    ritual = one.ritual
    named = (one.blocker.person, ritual.settings.lead, ritual.owner, *ritual.co_owners)
    return [person for person in dict.fromkeys(named) if person]


def _news(one: Watched) -> list[Tell]:
    """What others have done, for the one who is blocked."""
    person = one.blocker.person
    since = _last(one, lambda step: step.about == person and step.step is Step.TOLD)
    new = [step for step in one.steps if step.step in _NEWS and step.at > since]
    theirs = tuple(step for step in new if step.person not in ("", person))
    return [Tell(person, one, Reason.NEWS, since, theirs)] if theirs else []


def _escalated(one: Watched, here: Sequence[str], now: float) -> list[Tell]:
    blocker = one.blocker
    long = now - blocker.opened_at >= one.ritual.settings.escalate_after.total_seconds()
    if blocker.escalated_at is not None or not long:
        return []
    others = [person for person in here if person != blocker.person]
    return [Tell(others[0], one, Reason.LATE)] if others else []


def _asked(one: Watched, left: Collection[str]) -> list[Tell]:
    """Those whom it names, until one of them takes it on; then that one; else the person themselves."""
    blocker = one.blocker
    taken = blocker.owner != blocker.person
    named = [person for person in blocker.tagged if person not in left and person != blocker.person]
    due = []
    for person in [blocker.owner] if taken else named or [blocker.owner]:
        since = _heard(one, person)
        due.append(Tell(person, one, Reason.STILL if since else Reason.NAMED, since))
    return due


def _given(one: Watched, left: Collection[str]) -> list[Tell]:
    """Whoever it was given to in place of another, while they have not heard of it."""
    owner = one.blocker.owner
    given = _last(one, lambda step: step.step is Step.REASSIGN and step.about == owner)
    heard = _last(one, lambda step: step.about == owner and step.step in _HEARD)
    return [Tell(owner, one, Reason.YOURS)] if given > heard and owner not in left else []


def _heard(one: Watched, person: str) -> float:
    """When somebody last had to do with it; 0 for never."""
    since = _last(one, lambda step: step.person == person or (step.about == person and step.step in _HEARD))
    if person != one.blocker.person:
        return since
    return max(since, one.blocker.changed_at, one.blocker.opened_at)


def _last(one: Watched, which: Callable[[BlockerStep], bool]) -> float:
    return max((step.at for step in one.steps if which(step)), default=0.0)

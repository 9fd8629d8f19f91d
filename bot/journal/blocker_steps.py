"""What is done about blockers, step by step: who did it and when is kept, and undone by another step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.journal.blocker_tables import blocker_steps, blockers
from bot.journal.blockers import ACKNOWLEDGED, OPEN, RESOLVED, STANDING, blocker


class Step(StrEnum):
    """What was done; TAG to SUGGEST, REASSIGN and ESCALATE are done by Lore."""

    TAG = "tagged"
    TOLD = "told"
    GONE_TOLD = "asked whether"
    SUGGEST = "suggested"
    ACKNOWLEDGE = "acknowledged"
    UPDATE = "updated"
    NOT_ME = "not me"
    STILL = "still there"
    RESOLVE = "resolved"
    HELP = "helped"
    SOLUTION = "solved by"
    REOPEN = "reopened"
    ASK = "asked"
    REASSIGN = "reassigned"
    ESCALATE = "escalated"


NEVER = 9e15
"""A time to look at something that has ended."""


@dataclass(frozen=True, slots=True)
class BlockerStep:
    """One step; `person` did it (empty: Lore), `about` is the user id that it concerns, `note` its words or
    the id of a document."""

    blocker_id: str
    person: str
    step: Step
    about: str = ""
    note: str = ""
    at: float = 0.0


def write(connection: Connection, record: BlockerStep, now: float) -> bool:
    """Take a step, in the caller's transaction; False (and nothing is kept) where the blocker is not in a
    state for it any more."""
    known = blocker(connection, record.blocker_id)
    if known is None or not _fits(record.step, known.state):
        return False
    person, note = record.person, record.note
    match record.step:
        case Step.ACKNOWLEDGE:
            _set(connection, record, now, state=ACKNOWLEDGED, owner=person)
        case Step.NOT_ME:
            given_back = {"state": OPEN, "owner": known.person} if known.owner == person else {}
            tagged = [one for one in known.tagged if one != person]
            _set(connection, record, now, tagged=tagged, **given_back)
        case Step.TAG:
            tagged = [*known.tagged, *({record.about} - {"", *known.tagged})]
            _set(connection, record, now, tagged=tagged, told_at=now)
        case Step.GONE_TOLD:
            _set(connection, record, now, gone_told_at=now)
        case Step.UPDATE:
            _set(connection, record, now)
        case Step.STILL:
            _set(connection, record, now, gone_slot=None)
        case Step.RESOLVE | Step.HELP:
            helped = record.step is Step.HELP
            how = {"solution": "" if helped else note, "helped_by": note if helped else record.about}
            ended = {"resolved_at": now, "resolved_by": person, "gone_slot": None}
            _set(connection, record, now, state=RESOLVED, **how, **ended)
        case Step.SOLUTION:
            _set(connection, record, now, solution=note)
        case Step.REOPEN:
            again = {"resolved_at": None, "resolved_by": "", "solution": "", "helped_by": ""}
            _set(connection, record, now, state=OPEN, **again)
        case Step.REASSIGN:
            _set(connection, record, now, state=OPEN, owner=record.about)
        case Step.ESCALATE:
            _set(connection, record, now, escalated_at=now)
        case Step.TOLD | Step.SUGGEST | Step.ASK:
            pass  # kept, and nothing else changes by it
    row = {name: getattr(record, name) for name in BlockerStep.__slots__}
    connection.execute(insert(blocker_steps), {**row, "step": record.step.value, "at": now})
    return True


def steps_of(connection: Connection, blocker_ids: Sequence[str]) -> Mapping[str, Sequence[BlockerStep]]:
    """What was done about each, in order; without an entry where nothing was."""
    found: dict[str, list[BlockerStep]] = {}
    told = select(blocker_steps).where(blocker_steps.c.blocker_id.in_(list(blocker_ids)))
    for row in connection.execute(told.order_by(blocker_steps.c.id)):
        kept = {name: getattr(row, name) for name in BlockerStep.__slots__}
        one = BlockerStep(**{**kept, "step": Step(row.step)})
        found.setdefault(one.blocker_id, []).append(one)
    return found


def asked_since(connection: Connection, since: float) -> Mapping[str, int]:
    """How often people were asked for help since then, by user id."""
    told = select(blocker_steps.c.about).where(
        blocker_steps.c.step == Step.ASK.value, blocker_steps.c.at >= since
    )
    counts: dict[str, int] = {}
    for person in connection.execute(told).scalars():
        counts[person] = counts.get(person, 0) + 1
    return counts


def look_at(connection: Connection, blocker_ids: Sequence[str], at: float) -> None:
    """Look at these again then."""
    connection.execute(update(blockers).where(blockers.c.id.in_(list(blocker_ids))).values(look_at=at))


def _fits(step: Step, state: str) -> bool:
    match step:
        case Step.TOLD:
            return True
        case Step.REOPEN | Step.SOLUTION:
            return state == RESOLVED
        case _:
            return state in STANDING


def _set(connection: Connection, record: BlockerStep, now: float, **values: Any) -> None:
    of_it = update(blockers).where(blockers.c.id == record.blocker_id)
    connection.execute(of_it.values(changed_at=now, look_at=now, **values))

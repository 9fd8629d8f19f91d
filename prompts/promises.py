"""What became of what somebody planned last time, as far as their own words tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.terms import content_terms, negated
from prompts.points import Point, points, points_before
from prompts.ritual import Role
from prompts.summary import Given

ENOUGH = 0.6
"""The share of a plan's own terms that a later reply must hold to be about it."""


class Became(StrEnum):
    DONE = "done"
    PLANNED_AGAIN = "planned again"
    NOT_DONE = "not done"
    NOT_MENTIONED = "not mentioned"


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that was planned, the entries that speak of it (the plan's last), and what became of it."""

    text: str
    entries: tuple[int, ...]
    became: Became


def promises(given: Given) -> list[Promise]:
    """What became of each thing planned in the last entry; nothing where this one was not asked about it."""
    now = points(given)
    if not any(reply.role is Role.DONE for reply in given.replies):
        return []
    planned = [one for one in points_before(given) if one.role is Role.PLAN and content_terms(one.text)]
    return [_became(plan, now) for plan in planned]


def _became(plan: Point, now: Sequence[Point]) -> Promise:
    about = [one for one in now if _is_about(one.text, plan.text)]
    entries = tuple(dict.fromkeys((*(one.entry for one in about), plan.entry)))
    done = [one for one in about if one.role is Role.DONE]
    if any(negated(one.text) == negated(plan.text) for one in done):
        return Promise(plan.text, entries, Became.DONE)
    if any(one.role is Role.PLAN for one in about):
        return Promise(plan.text, entries, Became.PLANNED_AGAIN)
    if about:
        return Promise(plan.text, entries, Became.NOT_DONE)
    return Promise(plan.text, (plan.entry,), Became.NOT_MENTIONED)


def _is_about(later: str, plan: str) -> bool:
    wanted = content_terms(plan)
    held = set(content_terms(later))
    return sum(term in held for term in wanted) >= ENOUGH * len(wanted)

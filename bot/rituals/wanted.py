"""What an occurrence would be if it began now: who is asked when, and until when; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.journal.deliveries import Delivery
from bot.rituals.due import Due
from bot.rituals.roster import rotated
from prompts.planning import Plan, plan, plan_at, zone_for
from prompts.ritual import Standup

PROMPT = "prompt"
OVER_THERE = "Where you are, it was too late for it already."

Last = Mapping[str, tuple[str, float]]
"""The slot (ISO) for which people were last asked, and when (Unix seconds)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence as it should be; `prompts` are in the order in which they are sent. Of nobody there is
    none."""

    slot: date
    settings: Standup
    prompts: tuple[Delivery, ...]

    @property
    def roster(self) -> tuple[str, ...]:
        return tuple(sorted(one.person for one in self.prompts))

    @property
    def opens_at(self) -> float:
        return min(one.planned_at for one in self.prompts)

    @property
    def closes_at(self) -> float:
        return max(one.deadline_at or one.not_after for one in self.prompts)


def wanted(
    settings: Standup, slot: date, people: Sequence[str], zones: Mapping[str, ZoneInfo], last: Last
) -> Wanted:
    """The occurrence of a date for these people, whose zones are known."""
    prompts = (aimed(settings, slot, one, zones[one], last) for one in rotated(people, slot))
    return Wanted(slot, settings, tuple(prompts))


def aimed(settings: Standup, slot: date, person: str, zone: ZoneInfo, last: Last) -> Delivery:
    """The prompt of a date to one person, who is in `zone` now."""
    return _prompt(person, plan(settings, slot, zone, _before(last.get(person), slot)))


def put_back(due: Due, zone: ZoneInfo, back: datetime, why: str) -> Delivery:
    """The prompt to somebody who is away until `back`: then, with the whole window."""
    settings = due.occurrence.settings
    planned = plan_at(settings, due.occurrence.slot, zone_for(settings, zone), back, why)
    return _prompt(due.delivery.person, planned)


def _prompt(person: str, planned: Plan) -> Delivery:
    return Delivery(
        occurrence_id=0,
        person=person,
        kind=PROMPT,
        planned_at=planned.at.timestamp(),
        not_after=planned.not_after.timestamp(),
        deadline_at=planned.deadline.timestamp(),
        zone=planned.zone.key,
        reason=planned.why,
    )


def moves(waiting: Delivery, new: Delivery) -> bool:
    """Whether a prompt that waits is to be sent at another time than it was planned for."""
    old_times = (waiting.planned_at, waiting.not_after, waiting.deadline_at, waiting.zone)
    return old_times != (new.planned_at, new.not_after, new.deadline_at, new.zone)


def _before(last: tuple[str, float] | None, slot: date) -> datetime | None:
    """When somebody was asked for an earlier date; being asked for this one or a later does not count."""
    if last is None or last[0] >= slot.isoformat():
        return None
    return datetime.fromtimestamp(last[1], UTC)

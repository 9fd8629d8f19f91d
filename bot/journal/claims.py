"""Deliveries that are due, claimed by one of all processes for a while, and brought to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from bot.journal.deliveries import CLAIMED, MISSED, PLANNED, SAID, Delivery, delivery_from, is_free
from bot.journal.occurrences import CLOSED, OPEN
from bot.journal.ritual_tables import deliveries, occurrences, rituals
from bot.journal.rituals import ACTIVE
from bot.journal.tables import outbox, paces
from bot.messages import new_key
from bot.pacing import Pace

LEASE_S = 120.0
"""What was claimed for so long, and neither renewed nor ended, is anybody's."""
PACED = "to people"
"""The name, among the paces of channels, of the pace in which people are asked."""
FURTHEST_S = 60.0
"""Messages are given a time to be sent at most so far ahead."""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A delivery whose message was stored and then not said; `error` is Slack's code or a few words."""

    delivery: Delivery
    ritual_id: str
    error: str


def due(connection: Connection, now: float, most: int, to_people: bool) -> Sequence[int]:
    """Ids of what is to be said now, to people or to places, of rituals that are active.

    The first of every occurrence come first: a small team does not wait for a large one.
    """
    running = (
        select(occurrences.c.id)
        .join(rituals, rituals.c.id == occurrences.c.ritual_id)
        .where(rituals.c.state == ACTIVE, occurrences.c.state.in_((OPEN, CLOSED)))
    )
    place = func.row_number().over(
        partition_by=deliveries.c.occurrence_id, order_by=(deliveries.c.planned_at, deliveries.c.id)
    )
    wanted = (
        select(deliveries.c.id)
        .where(
            is_free(now),
            deliveries.c.planned_at <= now,
            (deliveries.c.person != "") if to_people else (deliveries.c.person == ""),
            deliveries.c.occurrence_id.in_(running),
        )
        .order_by(place, deliveries.c.planned_at, deliveries.c.id)
        .limit(most)
    )
    return [int(one) for one in connection.execute(wanted).scalars()]


def claim(connection: Connection, ids: Sequence[int], now: float) -> tuple[str, Sequence[Delivery]]:
    """Take those that are still free, in this order; the claim proves whose they are."""
    mine = new_key()
    free = deliveries.c.id.in_(ids) & is_free(now)
    taken = {"state": CLAIMED, "claim": mine, "leased_until": now + LEASE_S}
    rows = connection.execute(update(deliveries).where(free).values(**taken).returning(deliveries)).all()
    return mine, sorted(map(delivery_from, rows), key=lambda one: ids.index(one.id))


def renew(connection: Connection, delivery_id: int, claim: str, now: float) -> bool:
    """Keep what is still ours; False when another has taken it over, or it was cancelled."""
    mine = _mine(delivery_id, claim)
    kept = connection.execute(update(deliveries).where(mine).values(leased_until=now + LEASE_S))
    return bool(kept.rowcount)


def end(connection: Connection, ended: Delivery, claim: str, now: float) -> bool:
    """Bring what is ours to the end that `ended` has; False when it is not ours any more."""
    row = {
        "state": ended.state,
        "reason": ended.reason,
        "key": ended.key,
        "deadline_at": ended.deadline_at,
        "claim": None,
        "leased_until": None,
        "settled_at": now,
    }
    changed = connection.execute(update(deliveries).where(_mine(ended.id, claim)).values(**row))
    return bool(changed.rowcount)


def put_off(connection: Connection, delivery_id: int, claim: str, until: float, reason: str) -> None:
    """Give back what is ours; nobody takes it before `until`."""
    row = {"state": PLANNED, "claim": None, "leased_until": until, "reason": reason}
    connection.execute(update(deliveries).where(_mine(delivery_id, claim)).values(**row))


def unsaid(connection: Connection, since: float) -> Sequence[Unsaid]:
    """What was handed to the outbox `since` and was not said."""
    wanted = (
        select(deliveries, occurrences.c.ritual_id, outbox.c.error, outbox.c.state.label("fate"))
        .join(outbox, outbox.c.key == deliveries.c.key)
        .join(occurrences, occurrences.c.id == deliveries.c.occurrence_id)
        .where(
            deliveries.c.state == SAID,
            deliveries.c.planned_at >= since,
            outbox.c.state.in_(("failed", "dropped")),
        )
        .order_by(deliveries.c.id)
    )
    return [Unsaid(delivery_from(row), row.ritual_id, row.error or "") for row in connection.execute(wanted)]


def was_missed(connection: Connection, delivery_id: int, reason: str) -> None:
    """What was thought to be said did not arrive."""
    row = {"state": MISSED, "reason": reason}
    said = (deliveries.c.id == delivery_id) & (deliveries.c.state == SAID)
    connection.execute(update(deliveries).where(said).values(**row))


def refusals(connection: Connection, since: float) -> Mapping[str, tuple[str, float]]:
    """The places to which Slack has refused a message for good `since`: its newest error, and when."""
    failed = (
        select(outbox.c.channel, outbox.c.error, outbox.c.done_at)
        .where(outbox.c.state == "failed", outbox.c.done_at > since)
        .order_by(outbox.c.done_at)
    )
    return {row.channel: (row.error or "", row.done_at) for row in connection.execute(failed)}


def _mine(delivery_id: int, claim: str) -> ColumnElement[bool]:
    return (deliveries.c.id == delivery_id) & (deliveries.c.claim == claim)


def turn(connection: Connection, pace: Pace, now: float) -> float:
    """When the next message to a person may be sent, in the pace that all processes share; it is used."""
    full_at = _full_at(connection, pace, now)
    used = pace.used(full_at, now)
    if not connection.execute(update(paces).where(paces.c.channel == PACED).values(full_at=used)).rowcount:
        connection.execute(insert(paces), {"channel": PACED, "full_at": used})
    return max(now, pace.wakes(full_at))


def turns(connection: Connection, pace: Pace, now: float, within_s: float) -> int:
    """How many messages to people may be sent within so many seconds."""
    ahead = max(0.0, pace.wakes(_full_at(connection, pace, now)) - now)
    burst = pace.burst if ahead == 0.0 else 0
    return max(0, burst + int((within_s - ahead) * pace.per_second))


def _full_at(connection: Connection, pace: Pace, now: float) -> float:
    known = connection.execute(select(paces.c.full_at).where(paces.c.channel == PACED)).scalar()
    if known is None or known > pace.bound(now) + FURTHEST_S:  # told by a clock that has been put right
        return now
    return float(known)

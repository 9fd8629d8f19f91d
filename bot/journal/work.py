"""Who works on what: items are claimed one per conversation, fairly among people, and finished once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot.journal import outgoing, records
from bot.journal.forgetting import IN_CONFIDENCE, forget_words
from bot.journal.records import Record
from bot.journal.tables import inbox, turns
from bot.messages import Message, new_key


@dataclass(frozen=True, slots=True)
class Item:
    """One received thing, claimed by a worker.

    `claim` proves whose it is; `attempts` counts this one too. `received_at` is in Unix seconds.
    """

    id: int
    kind: str
    team: str
    channel: str
    person: str
    text: str
    ts: str
    thread_ts: str
    conversation: str
    payload: Mapping[str, Any]
    attempts: int
    claim: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Done:
    """What a handler made of an item: what to say, in order, and what to remember."""

    say: tuple[Message, ...] = ()
    record: tuple[Record, ...] = ()


LEASE_S = 20.0
"""A claim that was not renewed for so long belongs to nobody any more."""


def claim(connection: Connection, kinds: Collection[str], now: float) -> Item | None:
    """Claim the next item of these kinds.

    Only the first waiting item of a conversation that nobody works on can be next; among those, the one
    of the person whose last turn is longest ago.
    """
    first = select(func.min(inbox.c.id)).where(inbox.c.state == "queued").group_by(inbox.c.conversation)
    worked_on = select(inbox.c.conversation).where(inbox.c.state == "claimed")
    earliest = func.min(inbox.c.id)
    chosen = connection.execute(
        select(inbox.c.person, earliest.label("id"))
        .outerjoin(turns, turns.c.person == inbox.c.person)
        .where(
            inbox.c.state == "queued",
            inbox.c.kind.in_(kinds),
            inbox.c.id.in_(first),
            inbox.c.conversation.not_in(worked_on),
        )
        .group_by(inbox.c.person)
        .order_by(func.coalesce(func.max(turns.c.turn), 0), earliest)
        .limit(1)
    ).first()
    if chosen is None:
        return None
    _give_turn(connection, chosen.person)
    return take(connection, chosen.id, now)


def _give_turn(connection: Connection, person: str) -> None:
    """Remember that this person was served after everybody else."""
    newest = connection.execute(select(func.max(turns.c.turn))).scalar() or 0
    mine = update(turns).where(turns.c.person == person).values(turn=newest + 1)
    if not connection.execute(mine).rowcount:
        connection.execute(insert(turns), {"person": person, "turn": newest + 1})


def take(connection: Connection, item_id: int, now: float) -> Item | None:
    """Claim one queued item; None when it is not queued any more."""
    token = new_key()
    taken = connection.execute(
        update(inbox)
        .where(inbox.c.id == item_id, inbox.c.state == "queued")
        .values(
            state="claimed",
            claim=token,
            claimed_at=now,
            leased_until=now + LEASE_S,
            attempts=inbox.c.attempts + 1,
        )
    )
    if not taken.rowcount:
        return None
    row = connection.execute(select(inbox).where(inbox.c.id == item_id)).one()
    return Item(**{name: getattr(row, name) for name in Item.__slots__})


def renew(connection: Connection, claims: Collection[str], now: float) -> None:
    """Keep what is still worked on."""
    connection.execute(
        update(inbox)
        .where(inbox.c.claim.in_(claims), inbox.c.state == "claimed")
        .values(leased_until=now + LEASE_S)
    )


def finish(connection: Connection, item: Item, done: Done, now: float) -> bool:
    """Store what came of an item, all of it or (when it is no longer this claim's) nothing."""
    finished = connection.execute(
        update(inbox)
        .where(inbox.c.id == item.id, inbox.c.claim == item.claim, inbox.c.state == "claimed")
        .values(state="done", claim=None, leased_until=None, done_at=now)
    )
    if not finished.rowcount:
        return False
    if item.kind in IN_CONFIDENCE:
        forget_words(connection, item.id)
    outgoing.put(connection, done.say, item.id, now)
    for record in done.record:
        records.write(connection, record, item.id, now)
    return True


def give_back(connection: Connection, kinds: Collection[str]) -> int:
    """Put claimed items back, for the one owner of the data folder at its start; returns how many."""
    claimed = inbox.c.kind.in_(kinds) & (inbox.c.state == "claimed")
    return connection.execute(
        update(inbox).where(claimed).values(state="queued", claim=None, claimed_at=None, leased_until=None)
    ).rowcount


def give_back_expired(connection: Connection, kinds: Collection[str], now: float) -> int:
    """Put back what a process had claimed that has ended or stands still; their time begins anew."""
    expired = (
        inbox.c.kind.in_(kinds)
        & (inbox.c.state == "claimed")
        & (func.coalesce(inbox.c.leased_until, 0.0) <= now)
    )
    return connection.execute(
        update(inbox).where(expired).values(state="queued", claim=None, claimed_at=now, leased_until=None)
    ).rowcount


def waiting_since(connection: Connection, kinds: Iterable[str], after: float, before: float) -> list[int]:
    """Ids of the queued items whose waiting began in this stretch of time."""
    since = func.coalesce(inbox.c.claimed_at, inbox.c.received_at)
    return list(
        connection.execute(
            select(inbox.c.id).where(
                inbox.c.state == "queued", inbox.c.kind.in_(list(kinds)), since >= after, since < before
            )
        ).scalars()
    )


def waiting(connection: Connection) -> int:
    """How many items wait for a worker."""
    return connection.execute(select(func.count()).where(inbox.c.state == "queued")).scalar_one()

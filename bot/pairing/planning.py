"""What is planned to be said of a round, in the transaction that stores it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from bot.journal import notices, pairing_rounds
from bot.journal.notices import Notice
from bot.journal.pairing import Pairing
from bot.journal.pairing_rounds import ALONE, Round, Together

INTRODUCTION, NOBODY_LEFT, DID_YOU_MEET, DROPPED = (
    "pair introduction",
    "pair alone",
    "pair check-in",
    "pair dropped",
)
"""Kinds of notices: to a pair, to who is left over, to each of a pair, and to who does not reply any more."""

A_DAY = 86_400.0
INTRODUCED_WITHIN, ALONE_WITHIN, ASKED_WITHIN, DROPPED_WITHIN = 3 * A_DAY, 2 * A_DAY, 5 * A_DAY, 30 * A_DAY


def put_together(
    connection: Connection, pairing: Pairing, round_: Round, people: Iterable[str], at: float, now: float
) -> None:
    """Store who is paired, and plan for when they are introduced."""
    pair = Together(round_.id, tuple(people))
    pairing_rounds.put_pair(connection, pair, now)
    notices.plan(
        connection, Notice(INTRODUCTION, pair.id, pairing.channel, max(at, now), at + INTRODUCED_WITHIN)
    )


def leave_alone(connection: Connection, round_: Round, person: str, at: float, now: float) -> None:
    """Store that nobody is left for somebody, and plan to tell them."""
    pair = Together(round_.id, (person,), ALONE)
    pairing_rounds.put_pair(connection, pair, now)
    notices.plan(connection, Notice(NOBODY_LEFT, pair.id, person, max(at, now), at + ALONE_WITHIN))


def ask_later(connection: Connection, round_: Round, pair: Together, now: float) -> None:
    """Plan to ask each of those who were introduced whether they met."""
    at = max(round_.ask_at, now + A_DAY)
    for person in pair.people:
        notices.plan(connection, Notice(DID_YOU_MEET, pair.id, person, at, at + ASKED_WITHIN))

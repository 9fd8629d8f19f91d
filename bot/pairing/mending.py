"""Somebody cannot after all, before they were introduced: their partner gets another one, or is told.

All of it is done in the transaction in which it becomes known.
"""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Connection

from bot.journal import notices, pairing, pairing_rounds
from bot.journal.notices import PLANNED
from bot.journal.pairing import Pairing
from bot.journal.pairing_rounds import ALONE, DISSOLVED, MATCHED, Round, Together
from bot.pairing.planning import INTRODUCTION, NOBODY_LEFT, leave_alone, put_together
from prompts.pairing import Matching, PairingKind, Partner, Role, match

CANNOT = "Who is together in this round has changed."


def step_out(
    connection: Connection, person: str, now: float, pairing_id: str = "", until: date = date.max
) -> None:
    """Somebody takes no part in rounds (of one pairing, or of all) before a day; nobody knows of it yet."""
    for state in (MATCHED, ALONE):
        for pair in pairing_rounds.waiting_of(connection, person, state):
            round_ = pairing_rounds.round_of(connection, pair.round_id)
            if round_ is not None and pairing_id in ("", round_.pairing_id) and round_.slot < until:
                dissolve(connection, pair, {person}, now)


def part(connection: Connection, one: str, other: str, now: float) -> None:
    """Two are not to be introduced to each other; for both of them somebody else is sought."""
    for pair in pairing_rounds.waiting_of(connection, one):
        if other in pair.people:
            dissolve(connection, pair, (), now)


def dissolve(connection: Connection, pair: Together, gone: Collection[str], now: float) -> None:
    """Undo a pair that was not introduced, and find others for those of it who are not `gone`."""
    round_ = pairing_rounds.round_of(connection, pair.round_id)
    one = None if round_ is None else pairing.by_id(connection, round_.pairing_id)
    if round_ is None or one is None or not _call_off(connection, pair, now):
        return
    left = [person for person in pair.people if person not in gone]
    if left:
        _Mending(connection, one, round_, now).place(left)


def call_off_all(connection: Connection, round_: Round, now: float) -> None:
    """Nobody is introduced in a round any more."""
    for pair in pairing_rounds.pairs_of(connection, round_.id, MATCHED, ALONE):
        _call_off(connection, pair, now)


def _call_off(connection: Connection, pair: Together, now: float) -> bool:
    """False when they were told already."""
    if pair.state == ALONE and not _waits(connection, pair):
        return False
    if not pairing_rounds.become(connection, pair.id, DISSOLVED, before=pair.state):
        return False
    notices.cancel(connection, pair.id, CANNOT, now, INTRODUCTION, NOBODY_LEFT)
    return True


def _waits(connection: Connection, pair: Together) -> bool:
    return any(one.state == PLANNED for one in notices.about(connection, pair.id, NOBODY_LEFT))


class _Mending:
    """Finds partners in one round, among those for whom nobody was left and those who are not introduced."""

    def __init__(self, connection: Connection, one: Pairing, round_: Round, now: float) -> None:
        self._connection, self._one, self._round, self._now = connection, one, round_, now
        self._roles = {each.person: each.role for each in pairing.members_of(connection, one.id)}

    def place(self, left: Sequence[str]) -> None:
        waiting = [
            pair
            for pair in pairing_rounds.pairs_of(self._connection, self._round.id, ALONE)
            if _waits(self._connection, pair)
        ]
        lonely = [pair.people[0] for pair in waiting if pair.people[0] not in left]
        found = self._match([*left, *lonely])
        placed = {person for group in found.groups for person in group}
        for pair in waiting:
            if pair.people[0] in placed:
                _call_off(self._connection, pair, self._now)
        for group in found.groups:
            put_together(self._connection, self._one, self._round, group, self._at, self._now)
        for person in left:
            if person not in placed and not self._as_third(person):
                leave_alone(self._connection, self._round, person, self._at, self._now)

    @property
    def _at(self) -> float:
        return max(self._round.starts_at, self._now)

    def _as_third(self, person: str) -> bool:
        """Whether somebody could join two who are not introduced yet."""
        for pair in pairing_rounds.pairs_of(self._connection, self._round.id, MATCHED):
            if len(pair.people) != 2 or self._match([*pair.people, person]).alone:
                continue
            if _call_off(self._connection, pair, self._now):
                three = (*pair.people, person)
                put_together(self._connection, self._one, self._round, three, self._at, self._now)
                return True
        return False

    def _match(self, persons: Sequence[str]) -> Matching:
        mentoring = self._one.kind is PairingKind.MENTORING
        roles = self._roles if mentoring else {}
        return match(
            [Partner(one, role=roles.get(one, Role.EITHER)) for one in persons],
            pairing_rounds.memory(self._connection, self._one.id, self._round.number),
            pairing.kept_apart(self._connection, persons),
            seed=self._round.id,
        )

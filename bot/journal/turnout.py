"""How many were asked and answered on each date of a ritual, counted from deliveries and entries."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from bot.journal.absences import absences
from bot.journal.deliveries import SAID
from bot.journal.entries import GIVEN, SKIPPED
from bot.journal.occurrences import CANCELLED, MISSED, PLANNED
from bot.journal.ritual_tables import deliveries, entries, occurrences
from prompts.calm import Part
from prompts.participation import Turnout

PROMPT = "prompt"


def of_ritual(connection: Connection, ritual_id: str, since: date, until: date) -> Sequence[Turnout]:
    """By date, from `since` to before `until`, the earliest first.

    Asked are those to whom the prompt was said, and those who answered without; not who skipped, nor who went
    away on that day before answering.
    """
    nothing = (CANCELLED, MISSED, PLANNED)
    wanted = (
        select(occurrences.c.id, occurrences.c.slot)
        .where(
            occurrences.c.ritual_id == ritual_id,
            occurrences.c.slot >= since.isoformat(),
            occurrences.c.slot < until.isoformat(),
            occurrences.c.state.not_in(nothing),
        )
        .order_by(occurrences.c.slot)
    )
    return [_turnout(connection, ritual_id, row.id, row.slot) for row in connection.execute(wanted)]


def _turnout(connection: Connection, ritual_id: str, occurrence_id: int, slot: str) -> Turnout:
    prompted = select(deliveries.c.person).where(
        deliveries.c.occurrence_id == occurrence_id,
        deliveries.c.kind == PROMPT,
        deliveries.c.state == SAID,
    )
    given = select(entries.c.person, entries.c.state).where(
        entries.c.ritual_id == ritual_id, entries.c.slot == slot
    )
    away = select(absences.c.person).where(
        absences.c.first <= slot,
        absences.c.until > slot,
        absences.c.part == Part.DAY.value,
        absences.c.here == 0,
    )
    asked = set(connection.execute(prompted).scalars())
    state = {row.person: row.state for row in connection.execute(given)}
    answered = {person for person, said in state.items() if said == GIVEN}
    skipped = {person for person, said in state.items() if said == SKIPPED}
    excused = (skipped | set(connection.execute(away).scalars())) - answered
    return Turnout(date.fromisoformat(slot), len((asked | answered) - excused), len(answered))

"""What of the entries somebody may take away: their own, and of rituals that they look after the team's."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot.journal import entries, occurrences
from bot.journal import rituals as kept
from bot.journal.entries import GIVEN, WITHDRAWN, Entry
from bot.journal.rituals import Ritual
from bot.rituals.export_files import ExportedEntry, Replied
from prompts.ritual import Standup

MOST_OCCURRENCES = 5_000
"""Of so many dates the prompts are known as they were asked; of older ones as the ritual has them now."""


Naming = Callable[[str], str]
"""How a person is called, by their id."""


def own(connection: Connection, person: str, naming: Naming) -> list[ExportedEntry]:
    """All entries of one person, as they gave them; what was withdrawn has no words and is left out."""
    found: list[ExportedEntry] = []
    by_ritual: dict[str, list[Entry]] = {}
    for entry in entries.of_person(connection, person):
        by_ritual.setdefault(entry.ritual_id, []).append(entry)
    for ritual_id, theirs in by_ritual.items():
        ritual = kept.ritual(connection, ritual_id)
        if ritual is not None:
            found += _exported(connection, ritual, theirs, naming, with_reasons=True)
    return sorted(found, key=lambda one: (one.slot, one.ritual))


def of_ritual(connection: Connection, ritual: Ritual, naming: Naming) -> list[ExportedEntry]:
    """All entries of a ritual as the readers of its report see them: why somebody skipped is their own."""
    all_of_it = entries.of_ritual(connection, ritual.id)
    return list(_exported(connection, ritual, all_of_it, naming, with_reasons=False))


def _exported(
    connection: Connection, ritual: Ritual, found: Sequence[Entry], naming: Naming, *, with_reasons: bool
) -> Iterator[ExportedEntry]:
    asked = {
        one.slot: one.settings for one in occurrences.of_ritual(connection, ritual.id, most=MOST_OCCURRENCES)
    }
    for entry in found:
        if entry.state != WITHDRAWN:
            settings = asked.get(entry.slot, ritual.settings)
            yield ExportedEntry(
                ritual=ritual.name,
                slot=entry.slot,
                name=naming(entry.person),
                person=entry.person,
                state=entry.state,
                given_at=_time(entry.given_at),
                edited_at=None if entry.edited_at is None else _time(entry.edited_at),
                late=entry.late,
                consent=entry.consent.value,
                replies=tuple(_replies(settings, entry)) if entry.state == GIVEN else (),
                reason=entry.reason if with_reasons else "",
            )


def _replies(settings: Standup, entry: Entry) -> Iterator[Replied]:
    """In the order of the prompts; what an older set of prompts asked comes after."""
    order = [one.key for one in settings.prompts]
    keys = [key for key in order if key in entry.replies]
    keys += [key for key in entry.replies if key not in order]
    for key in keys:
        prompt = settings.prompt(key)
        yield Replied(key, "" if prompt is None else prompt.text, entry.replies[key])


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""Opening an entry: whether somebody may give one for a date, and what its form begins with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.blocks.entry_forms import About, EntryForm
from bot.journal import begun_entries, blockers, deliveries, entries, occurrences, rituals
from bot.journal.begun_entries import FORM, Begun
from bot.journal.entries import GIVEN, Entry
from bot.journal.occurrences import PLANNED, Occurrence
from bot.journal.rituals import ARCHIVED, PAUSED, Ritual
from bot.rituals.drafting import kept_draft
from bot.rituals.giving import cancel_reminders
from bot.rituals.wanted import PROMPT
from prompts.calendar import zone_named
from prompts.replying import carried_on
from prompts.ritual import Standup
from prompts.slots import said
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry may be given: `form` is what to show."""

    begun: Begun
    form: EntryForm


@dataclass(frozen=True, slots=True)
class NotOpened:
    """It may not, for the reason given."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """What is stored does not tell whether the person belongs to the stand-up: Slack has to be asked."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to give an entry. `belongs` says that it is known already that they may; `channel` and
    `ts` name what they pressed, `how` how they reply. With `drafted` the form holds the draft that was
    made for them; `note` is said in it."""

    about: About
    person: str
    belongs: bool = False
    channel: str = ""
    ts: str = ""
    how: str = FORM
    drafted: bool = False
    note: str = ""


def open_entry(connection: Connection, wish: Wish, now: datetime) -> Opened | NotOpened | Unknown:
    """Begin an entry, or say why not. Reminders stop with it.

    An occurrence that is under way asks what it began with; before that the settings count as they are now.
    """
    about, person = wish.about, wish.person
    ritual = rituals.ritual(connection, about.ritual_id)
    if ritual is None or ritual.state == ARCHIVED:
        return NotOpened(words("entry_gone"))
    occurrence = occurrences.of_slot(connection, about.ritual_id, about.slot)
    known = entries.entry_of(connection, about.ritual_id, about.slot, person)
    on_roster = occurrence is not None and person in occurrence.roster
    if not (wish.belongs or on_roster or known is not None):
        return Unknown()
    begins_later = occurrence is None or occurrence.state == PLANNED
    if ritual.state == PAUSED and begins_later:
        return NotOpened(_paused(ritual))
    standup = ritual.settings if occurrence is None or begins_later else occurrence.settings
    begun = Begun(
        ritual_id=about.ritual_id,
        slot=about.slot,
        person=person,
        settings=standup,
        how=wish.how,
        channel=wish.channel,
        ts=wish.ts,
        consent=standup.consent if known is None or known.state != GIVEN else known.consent,
    )
    form = replace(
        _form(connection, standup, known, wish, now),
        about=replace(about, begun=begun.id),
        standup=standup,
        consent=begun.consent,
    )
    if wish.note:
        form = replace(form, notes=(wish.note, *form.notes))
    if is_late(connection, about.ritual_id, about.slot, person, now, standup):
        form = replace(form, notes=(*form.notes, words("entry_late_form")))
    begun_entries.put(connection, begun, now.timestamp())
    opened = "You had opened the form."
    cancel_reminders(connection, about.ritual_id, about.slot, person, opened, now.timestamp())
    return Opened(begun, form)


def is_late(
    connection: Connection, ritual_id: str, slot: date, person: str, now: datetime, standup: Standup
) -> bool:
    """Whether the time to reply is up for this person."""
    occurrence = occurrences.of_slot(connection, ritual_id, slot)
    if occurrence is None:
        zone = zone_named(standup.zone, ZoneInfo("UTC")).zone
        return now.astimezone(zone).date() > slot
    return now.timestamp() > deadline(connection, occurrence, person)


def deadline(connection: Connection, occurrence: Occurrence, person: str) -> float:
    """Until when (Unix seconds) a reply is in time: counted from one's own prompt, where there was one."""
    asked = deliveries.delivery_of(connection, occurrence.id, person, PROMPT)
    if asked is None or asked.deadline_at is None:
        return occurrence.closes_at
    return asked.deadline_at


def until_words(at: float, zone: str) -> str:
    """`You can reply until 17:00 on Monday 23 November (Europe/Berlin).`"""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone_named(zone, ZoneInfo("UTC")).zone)
    return words("entry_until", time=f"{local:%H:%M}", day=said(local.date()), zone=local.tzinfo)


def _form(
    connection: Connection, standup: Standup, known: Entry | None, wish: Wish, now: datetime
) -> EntryForm:
    """What stands in the fields: what was given, else what was typed before, else what carries on."""
    about, person = wish.about, wish.person
    shown = EntryForm(about, standup)
    if known is not None and known.state == GIVEN:
        return replace(shown, replies=known.replies, edits=True)
    typed = _typed_before(connection, about, person)
    if typed:
        return replace(shown, replies=typed, notes=(words("entry_typed_before"),))
    last = entries.last_before(connection, about.ritual_id, person, about.slot)
    standing = blockers.standing_of(connection, about.ritual_id, person)
    replies = carried_on(standup, {} if last is None else last.replies, [one.text for one in standing])
    notes: list[str] = []
    if last is not None and replies:
        notes.append(words("entry_carried_on", day=said(last.slot)))
    draft = kept_draft(connection, person, about.ritual_id, about.slot, now) if wish.drafted else None
    if draft is not None:
        replies |= draft.replies
        notes = [words("entry_from_draft")]
    return replace(shown, replies=replies, notes=tuple(notes))


def _typed_before(connection: Connection, about: About, person: str) -> Mapping[str, str]:
    """What this person typed for the same date and has not sent."""
    for begun in begun_entries.of_slot(connection, about.ritual_id, about.slot, person):
        if begun.state == begun_entries.OPEN and begun.replies:
            return begun.replies
    return {}


def _paused(ritual: Ritual) -> str:
    if ritual.paused_until is None:
        return words("entry_paused", name=ritual.name)
    return words("entry_paused_until", name=ritual.name, day=said(ritual.paused_until))

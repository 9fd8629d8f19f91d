"""A form that was sent: judged, and the entry given; what is wrong is said while the words still stand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.blocks.entry_forms import About, EntryForm
from bot.journal import begun_entries, entries, rituals
from bot.journal.begun_entries import Begun
from bot.journal.entries import Entry
from bot.journal.rituals import ARCHIVED
from bot.rituals.giving import give
from bot.rituals.opening import is_late
from ingest.redaction import redact
from prompts.replying import asked, judged
from prompts.ritual import Consent
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Taken:
    """The entry stands; `hidden` says that something that looked like a secret was taken out of it."""

    entry: Entry
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """What to put right, by the keys of the prompts."""

    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class More:
    """Replies ask for prompts that were not shown: show this form instead."""

    form: EntryForm


@dataclass(frozen=True, slots=True)
class Refused:
    """It is not taken, for the reason given; what was typed stays where it is."""

    reason: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent: `typed` has the fields that were shown, empty ones too. `trigger` is the same
    whenever Slack delivers the same submission."""

    about: About
    person: str
    typed: Mapping[str, str]
    consent: Consent
    trigger: str


def opened_with(connection: Connection, about: About | None, person: str) -> Begun | None:
    """What a form was opened with; None for a form of somebody else, or one that is no longer known."""
    begun = None if about is None else begun_entries.begun(connection, about.begun, person)
    if begun is None or about is None or (begun.ritual_id, begun.slot) != (about.ritual_id, about.slot):
        return None
    return begun


def submit(connection: Connection, sent: Submission, now: datetime) -> Taken | Wrong | More | Refused:
    """Give the entry of a form. It belongs to the date that the form was opened for, whatever day it is now,
    and replies to what the form asked, whatever is asked by now."""
    begun = opened_with(connection, sent.about, sent.person)
    if begun is None:
        return Refused(words("entry_form_too_old"))
    known = entries.entry_of(connection, begun.ritual_id, begun.slot, sent.person)
    if known is not None and begun.sent_by and begun.sent_by == sent.trigger:
        return Taken(known)
    ritual = rituals.ritual(connection, begun.ritual_id)
    if ritual is None or ritual.state == ARCHIVED:
        return Refused(words("entry_gone"))
    outcome = judged(begun.settings, sent.typed, shown=sent.typed.keys())
    if outcome.problems:
        return Wrong(outcome.problems)
    unseen = [one for one in asked(begun.settings, outcome.replies) if one.key not in sent.typed]
    if unseen:
        notes = (words("entry_more_asked"),)
        form = EntryForm(sent.about, begun.settings, sent.typed, sent.consent, notes=notes)
        return More(form)
    entry, hidden = without_secrets(
        Entry(begun.ritual_id, begun.slot, sent.person, replies=outcome.replies, consent=sent.consent)
    )
    late = is_late(connection, begun.ritual_id, begun.slot, sent.person, now, begun.settings)
    given = give(connection, replace(entry, late=late), now.timestamp())
    done = replace(begun, state=begun_entries.GIVEN, replies={}, sent_by=sent.trigger)
    begun_entries.put(connection, done, now.timestamp())
    return Taken(given, hidden)


def without_secrets(entry: Entry) -> tuple[Entry, bool]:
    """The entry without what looks like a secret, and whether there was any."""
    clean = redacted(entry.replies)
    return replace(entry, replies=clean), clean != dict(entry.replies)


def redacted(replies: Mapping[str, str]) -> dict[str, str]:
    """The replies without what looks like a secret, as they may be kept."""
    return {key: redact(reply).text for key, reply in replies.items()}

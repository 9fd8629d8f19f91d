"""Saving a stand-up that was set up or changed: once, and never over what somebody else has saved since."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from bot.journal import records, rituals, setup_drafts
from bot.journal.records import Audit
from bot.journal.rituals import ACTIVE, PAUSED, Ritual
from bot.journal.setup_drafts import SetupDraft
from bot.rituals.checking import Looked
from prompts.standup_tables import same_name
from prompts.words import words

SET_UP, CHANGED = "set up stand-up", "change stand-up"


@dataclass(frozen=True, slots=True)
class Saved:
    """It is kept as it was looked over."""

    ritual: Ritual
    new: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody has changed it since the form was opened."""

    ritual: Ritual


@dataclass(frozen=True, slots=True)
class Gone:
    """It cannot be saved any more; `reason` says why."""

    reason: str


def store(connection: Connection, draft: SetupDraft, looked: Looked, now: float) -> Saved | Changed | Gone:
    """Whether it is as it was when the form was opened is asked where it is written: of two who save at
    once, the second is told."""
    known = rituals.ritual(connection, draft.ritual_id) if draft.ritual_id else None
    if known is None and draft.ritual_id:
        return Gone(words("standup_form_gone"))
    if known is not None and known.revision != draft.revision:
        return Changed(known)
    others = rituals.all_rituals(connection, ACTIVE, PAUSED)
    name = looked.standup.name
    if any(same_name(one.name, name) and one.id != draft.ritual_id for one in others):
        return Gone(words("standup_name_taken", name=name))
    if known is None:
        stored = Ritual(
            looked.standup,
            looked.owner,
            looked.co_owners,
            paused_until=looked.first,
            created_at=now,
            id=draft.id,
        )
    else:
        stored = replace(
            known,
            settings=looked.standup,
            owner=looked.owner,
            co_owners=looked.co_owners,
            revision=known.revision + 1,
            paused_until=_begins(known, looked.first),
        )
    rituals.put(connection, stored, now)
    setup_drafts.saved(connection, draft, stored.id, stored.revision, now)
    action = SET_UP if known is None else CHANGED
    records.write(connection, Audit(draft.person, action, f"{name} ({stored.id})"), None, now)
    return Saved(stored, new=known is None)


def _begins(ritual: Ritual, first: date) -> date | None:
    """Its first date after a change: a pause goes on as it was."""
    if ritual.state == PAUSED:
        return ritual.paused_until and max(ritual.paused_until, first)
    return first

"""Of two people who edit a recap at once, the later one sees what the other wrote, and loses nothing."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks.modals import LONGEST_INPUT
from bot.blocks.recaps import NOTES, RECORDING, SLIDES, TEXT
from bot.journal.recaps import Recap
from ingest.redaction import redact

MATERIALS, EDIT = "materials", "edit"
"""The forms: for notes and addresses, and for the recap itself."""
_FIELDS: Mapping[str, Sequence[str]] = {MATERIALS: (NOTES, RECORDING, SLIDES), EDIT: (TEXT,)}


def edition(recap: Recap | None, step: str) -> str:
    """What a form remembers of the recap that it was opened with; equal as long as it would show the same."""
    state = "" if recap is None or step == MATERIALS else recap.state
    kept = json.dumps([state, *now_in(recap, step).values()])
    return hashlib.sha256(kept.encode()).hexdigest()[:16]


def edition_in(metadata: str) -> str:
    """The edition that a form remembers in its `private_metadata`; empty where it has none."""
    try:
        return str(json.loads(metadata).get("edition") or "")
    except (ValueError, AttributeError):
        return ""


def now_in(recap: Recap | None, step: str) -> dict[str, str]:
    """What a form would show now, by its fields."""
    if recap is None:
        return dict.fromkeys(_FIELDS[step], "")
    shown = {NOTES: recap.notes, RECORDING: recap.recording, SLIDES: recap.slides, TEXT: recap.text}
    return {field: shown[field] for field in _FIELDS[step]}


def typed_into(step: str, typed: Mapping[str, Any]) -> dict[str, str]:
    """What was put into a form, without secrets, as it is kept."""
    return {
        field: redact(str(typed.get(field) or "").strip()).text[:LONGEST_INPUT] for field in _FIELDS[step]
    }


def is_overtaken(recap: Recap | None, step: str, opened_with: str, typed: Mapping[str, Any]) -> bool:
    """Whether somebody has changed what a form showed, to something else than was put into it."""
    if opened_with in ("", edition(recap, step)):
        return False
    return now_in(recap, step) != typed_into(step, typed)

"""Entries as files that people take away: CSV that no spreadsheet runs, or JSON."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.exporting import neutral

COLUMNS = (
    "stand-up", "date", "name", "person", "state", "given at", "edited at", "late", "may be found by",
    "prompt", "question", "reply",
)  # fmt: skip

_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")


class Format(StrEnum):
    """How entries are written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Replied:
    """One prompt with its reply: the key of the prompt, its words as they were asked, and the reply."""

    key: str
    question: str
    reply: str


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """One entry as it is taken away; `reason` says why it was skipped. Times have a zone."""

    ritual: str
    slot: date
    name: str
    person: str
    state: str
    given_at: datetime
    edited_at: datetime | None
    late: bool
    consent: str
    replies: tuple[Replied, ...] = ()
    reason: str = ""


def exported(entries: Iterable[ExportedEntry], form: Format) -> str:
    """All entries as one text."""
    match form:
        case Format.CSV:
            return _csv(entries)
        case Format.JSON:
            return _json(entries)


def cell(text: str) -> str:
    """What a spreadsheet shows and never runs; plain numbers, also negative ones, stay numbers."""
    return text if _NUMBER.fullmatch(text) else str(neutral(text))


def _csv(entries: Iterable[ExportedEntry]) -> str:
    """A row for each reply; an entry without replies has one row, with why it was skipped as its reply."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        head = (
            entry.ritual,
            entry.slot.isoformat(),
            entry.name,
            entry.person,
            entry.state,
            _time(entry.given_at),
            "" if entry.edited_at is None else _time(entry.edited_at),
            "yes" if entry.late else "no",
            entry.consent,
        )
        for one in entry.replies or (Replied("", "", entry.reason),):
            writer.writerow([cell(each) for each in (*head, one.key, one.question, one.reply)])
    return out.getvalue()


def _json(entries: Iterable[ExportedEntry]) -> str:
    listed: Sequence[dict[str, Any]] = [
        {
            "standup": entry.ritual,
            "date": entry.slot.isoformat(),
            "name": entry.name,
            "person": entry.person,
            "state": entry.state,
            "given_at": _time(entry.given_at),
            "edited_at": None if entry.edited_at is None else _time(entry.edited_at),
            "late": entry.late,
            "may_be_found_by": entry.consent,
            "reason": entry.reason,
            "replies": [
                {"prompt": one.key, "question": one.question, "reply": one.reply} for one in entry.replies
            ],
        }
        for entry in entries
    ]
    return json.dumps({"entries": listed}, ensure_ascii=False, indent=2) + "\n"


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

"""Feedback as rows for people and scripts: counts by default, words only when they are asked for."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bot.blocks.plain import clean
from bot.journal.feedback import Judged

COLUMNS = ("at", "question_id", "outcome", "helped", "why", "index_version", "channel", "asked_at")
WORDS = ("question", "comment")


def rows(judged: Iterable[Judged], *, words: bool) -> list[dict[str, Any]]:
    """One row for each judgement; `words` adds what was asked and commented."""
    return [{name: _value(one, name) for name in (*COLUMNS, *(WORDS if words else ()))} for one in judged]


def as_csv(table: list[dict[str, Any]], *, words: bool) -> str:
    """The rows as CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    writer = csv.DictWriter(out, (*COLUMNS, *(WORDS if words else ())), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: neutral(value) for name, value in row.items()} for row in table)
    return out.getvalue()


def neutral(value: Any) -> Any:
    """Text that a spreadsheet shows as it is: what would begin a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = clean(value).replace("\t", " ")
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠") else text


def _value(one: Judged, name: str) -> Any:
    value = getattr(one, name)
    if name in ("at", "asked_at"):
        return datetime.fromtimestamp(value, UTC).isoformat(timespec="seconds")
    return clean(value) if isinstance(value, str) else value

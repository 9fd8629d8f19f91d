"""Spans of time as people write them: 90m, 8h, 1h 30m, 2 days."""

import re
from datetime import timedelta

_PART = re.compile(
    r"([0-9]{1,5})\s*(minutes?|mins?|min|m|hours?|hrs?|h|days?|d|weeks?|w)(?![a-z])", re.IGNORECASE | re.ASCII
)
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class SpanError(ValueError):
    """A text that is no span of time."""


def read_span(text: str) -> timedelta:
    """The span that a text says. Raises SpanError."""
    parts = [(int(found[1]), found[2][0].lower()) for found in _PART.finditer(text)]
    rest = _PART.sub("", text).replace("and", "").strip(" ,")
    if rest or not parts:
        raise SpanError(f"{text.strip()[:40] or 'nothing'} is no span of time: write 90m, 8h or 2d.")
    return sum((count * _UNITS[unit] for count, unit in parts), timedelta(0))


def span(length: timedelta) -> str:
    """The shortest text that `read_span` reads as this span, of whole minutes."""
    minutes = round(length.total_seconds() / 60)
    parts = []
    for size, unit in ((1440, "d"), (60, "h"), (1, "m")):
        count, minutes = divmod(minutes, size)
        parts += [f"{count}{unit}"] if count else []
    return " ".join(parts) or "0m"

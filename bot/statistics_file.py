"""Numbers for leads as a file: one row for each number of each period, that no spreadsheet runs."""

import csv
import io
from collections.abc import Iterator

from bot.exporting import neutral
from prompts.statistics import Figures, Overview

COLUMNS = ("from", "to", "measure", "of", "value")
MEASURES = (
    ("questions", "questions"),
    ("answered share", "answered"),
    ("judgements", "judgements"),
    ("helpful share", "liked"),
    ("median seconds to an answer", "lore_s"),
    ("nine in ten answered within seconds", "slowest_s"),
    ("answered by people", "by_people"),
    ("median seconds until people answered", "people_s"),
    ("gaps", "gaps"),
    ("gaps closed", "closed"),
    ("talks held", "held"),
    ("reading groups met", "read"),
    ("papers used", "used"),
)
"""Each number by its name in the file, and of `Figures`. One that may not be told, or is none, is empty."""


def as_csv(overview: Overview) -> str:
    """The whole period first, then each of its weeks; then sources and pages of the whole period."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(overview):
        writer.writerow([neutral(one) for one in row])
    return out.getvalue()


def _rows(overview: Overview) -> Iterator[tuple[object, ...]]:
    for one in (overview.now, *overview.weeks):
        for measure, name in MEASURES:
            yield *_span(one), measure, "", _number(getattr(one, name))
    for source in overview.sources:
        yield *_span(overview.now), "answers that cite a source", source.name, _number(source.answers)
    for page in overview.stale:
        yield *_span(overview.now), "answers that cite a stale page", page.title, _number(page.answers)


def _span(one: Figures) -> tuple[str, str]:
    return one.period.start.isoformat(timespec="seconds"), one.period.end.isoformat(timespec="seconds")


def _number(value: float | int | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4g}"

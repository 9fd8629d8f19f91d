"""A run as gathered from its logs, and the readable record made of it: each fact a line of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.parsing.converted import Converted
from ingest.parsing.decoding import clean
from ingest.parsing.numbers import Logged, Series, as_number, better, spelt
from ingest.parsing.tabular import markdown_table
from ingest.parsing.text import fenced
from ingest.redaction import redact, redact_value

_MOST_NOTES = 200_000
_MOST_FACT = 1000
_MOST_POINTS = 500_000
_FEWEST_POINTS = 1000
_HISTORY_ROWS = 8
_HISTORY_COLUMNS = 6


@dataclass(slots=True)
class Gathered:
    """What the log files of one run say so far; secrets are taken out when the record is made.

    `finals` are metrics that the log gives as one value, beside any history of the same name; `facts` are
    what else is worth a line at the top; `output` is the end of what the program printed.
    """

    name: str
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Series] = field(default_factory=dict)
    finals: dict[str, Any] = field(default_factory=dict)
    direction: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    status: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    code_version: str | None = None
    owner: str | None = None
    axis: str = "step"
    facts: list[tuple[str, str]] = field(default_factory=list)
    units: dict[str, str] = field(default_factory=dict)
    output: str = ""

    @property
    def has_facts(self) -> bool:
        return bool(self.params or self.metrics or self.finals or self.notes)

    def metric(self, name: str) -> Series:
        return self.metrics.setdefault(name, Series())

    def add_note(self, text: str) -> None:
        if text.strip():
            self.notes.append(text.strip()[:_MOST_NOTES])

    def add_fact(self, name: str, value: object) -> None:
        """A line for the top of the record, unless there is nothing to say."""
        words = " ".join(str(value).split())[:_MOST_FACT] if value is not None else ""
        if words:
            self.facts.append((name, words))


class _Redactor:
    """Redacts and counts."""

    def __init__(self) -> None:
        self.count = 0

    def text(self, text: str) -> str:
        redacted = redact(clean(text).text)
        self.count += redacted.count
        return redacted.text

    def said(self, text: str | None) -> str | None:
        return None if text is None else self.text(text)

    def value(self, name: str, value: Any) -> Any:
        if isinstance(value, bool | int | float) or value is None:
            return value
        redacted = redact_value(name, clean(spelt(value)).text)
        self.count += redacted.count
        return redacted.text


def run_record(run: Gathered, notes: Sequence[str], most_points: int | None = None) -> Converted:
    """The record of a run as Markdown, with its plain form for the store.

    Of each metric at most `most_points` points are kept, or as many as leave the run of a bearable size.
    """
    redactor = _Redactor()
    name = redactor.text(run.name)
    params = {redactor.text(key): redactor.value(key, value) for key, value in run.params.items()}
    for key, value in run.finals.items():
        if key not in run.metrics:
            run.metric(key).add(None, value)
    metrics = {redactor.text(key): series for key, series in run.metrics.items() if series.count}
    for key in [
        key for key, series in metrics.items() if series.constant and series.count > 2 and key in _CONSTANTS
    ]:
        params.setdefault(key, metrics.pop(key).points(1)[0][1])
    tags = [redactor.text(tag) for tag in run.tags]
    written = redactor.text("\n\n".join(run.notes))
    links = [redactor.text(link) for link in run.links]
    facts = [(fact, redactor.value(fact, value)) for fact, value in run.facts]
    most = most_points or max(_FEWEST_POINTS, _MOST_POINTS // max(1, len(metrics)))
    sections = [f"# {name}", _opening(run, name, tags, facts)]
    if metrics:
        lines = [_metric_line(run, key, series, most) for key, series in metrics.items()]
        sections.append("## Metrics\n\n" + "\n".join(lines))
        if history := _history(metrics, run.axis):
            sections.append("## History\n\n" + history)
    if params:
        sections.append(
            "## Parameters\n\n" + "\n".join(f"- {key}: {spelt(value)}" for key, value in params.items())
        )
    if written:
        sections.append("## Notes\n\n" + written)
    if links:
        sections.append("## Links\n\n" + "\n".join(f"- {link}" for link in links))
    if run.output.strip():
        sections.append("## End of the output\n\n" + fenced(redactor.text(run.output), "text"))
    plain = {
        "name": name,
        "params": {key: _plain(value) for key, value in params.items()},
        "metrics": {key: series.points(most) for key, series in metrics.items()},
        "direction": {key: way for key in metrics if (way := better(key, run.direction))},
        "tags": tags,
        "notes": written,
        "status": redactor.said(run.status),
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "code_version": redactor.said(run.code_version),
        "links": links,
        "owner": redactor.said(run.owner),
    }
    return Converted("\n\n".join(sections), title=name, notes=notes, run=plain, redactions=redactor.count)


_CONSTANTS = ("total_steps", "max_steps", "num_steps", "total_epochs", "batch_size", "world_size", "seed")


def _metric_line(run: Gathered, name: str, series: Series, most: int) -> str:
    shown = f"{name} ({run.units[name]})" if name in run.units else name
    line = f"- {series.sentence(shown, better(name, run.direction), run.axis)}"
    if series.count > most:
        line += f", {series.count:,} points of which about {most:,} are kept"
    final = run.finals.get(name)
    if final is None or series.count == 1 or as_number(final) == series.points(1)[-1][1]:
        return line
    return f"{line}, final {spelt(final)}"


def _history(metrics: Mapping[str, Series], axis: str) -> str:
    """A few rows of the history, from its first step to its last, as a table."""
    histories = {name: series.by_step() for name, series in metrics.items() if series.count > 1}
    steps = sorted({step for history in histories.values() for step in history})
    if len(steps) < 3:
        return ""
    rows = min(_HISTORY_ROWS, len(steps))
    chosen = [steps[round(n * (len(steps) - 1) / (rows - 1))] for n in range(rows)]
    names = [name for name, history in histories.items() if history.keys() & set(chosen)][:_HISTORY_COLUMNS]
    table = [[spelt(step), *(spelt(histories[name].get(step, "")) for name in names)] for step in chosen]
    return markdown_table([axis, *names], table)


def _opening(run: Gathered, name: str, tags: Sequence[str], more: Sequence[tuple[str, str]]) -> str:
    facts = {
        "status": run.status,
        "started": run.started_at,
        "ended": run.ended_at,
        "run by": run.owner,
        "code version": run.code_version,
        "tags": ", ".join(tags),
    }
    lines = [f"- {fact}: {value}" for fact, value in (*facts.items(), *more) if value]
    return "\n".join([f"Run {name}" + (":" if lines else "."), *([""] if lines else []), *lines])


def _plain(value: Any) -> str | float | int | bool | None:
    """As the store keeps it: numbers as numbers, everything else as text."""
    if isinstance(value, Logged):
        return int(value.text) if value.text.lstrip("+-").isdigit() and len(value.text) < 18 else float(value)
    if isinstance(value, bool | int | float) or value is None:
        return value
    number = as_number(value)
    if number is None or str(value).strip().lstrip("+-").startswith(("0x", "00", "_")):
        return str(value)
    return _plain(number)

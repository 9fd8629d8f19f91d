"""TensorBoard's event files: scalars, texts and hyperparameters; what is drawn or played is only named."""

import math
import re
import struct
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from ingest.parsing.protobuf import double, fields, only, packed, shortest, signed, text
from ingest.parsing.record_files import event_records
from ingest.parsing.records import Gathered

# One plain value, which most events of most files are: time, step, summary of one value, tag, four bytes.
_SIMPLE = re.compile(
    rb"\x09(.{8})(?:\x10([\x80-\xff]{0,9}[\x00-\x7f]))?\x2a(.)\x0a(.)\x0a(.)([^\x00-\x1f]+)\x15(.{4})",
    re.DOTALL,
)
_STATUS = {1: "finished", 2: "failed", 3: "running"}
_FLOAT, _DOUBLE, _INT32, _STRING, _INT64, _BFLOAT16, _HALF = 1, 2, 3, 7, 9, 14, 19
_PACKED = {_FLOAT: "f", _DOUBLE: "d", _INT32: "i", _INT64: "q", _HALF: "e"}
_MOST_TAGS = 2000
_MOST_TEXTS = 100
_MOST_TEXT = 20_000


@dataclass(slots=True)
class _Steps:
    """The values of one tag as they were written, newest attempt at a step last."""

    steps: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))

    def forget_from(self, step: int) -> None:
        """A run that starts again at `step` replaces what it had logged from there."""
        while self.steps and self.steps[-1] >= step:
            self.steps.pop()
            self.values.pop()


class Events:
    """What the event files of one run hold, taken one after the other."""

    def __init__(self) -> None:
        self.scalars: dict[str, _Steps] = {}
        self.texts: dict[str, tuple[int, str]] = {}
        self.shown: dict[str, set[str]] = {}
        self.params: dict[str, str | float | bool] = {}
        self.notes: list[str] = []
        self.status: str | None = None
        self.said_start: float | None = None
        self.said_end: float | None = None
        self.first: float | None = None
        self.last: float | None = None
        self._plugins: dict[str, str] = {}
        self._left_out: set[str] = set()

    def take(self, data: bytes, name: str, above: str) -> None:
        """Take one file; `above` stands before its tags. What is damaged is read up to there."""
        frames = event_records(data, name)
        begun: set[str] = set()
        try:
            for record in frames.records:
                self._event(record, above, begun)
        except ValueError as error:
            frames.notes.append(f"{name} holds a record that is no event ({error}): read up to there")
        self.notes += frames.notes

    def _event(self, record: bytes, above: str, begun: set[str]) -> None:
        if simple := _SIMPLE.fullmatch(record):
            time, at, *sizes, tag, value = simple.groups()
            within = len(tag) + 7
            if [size[0] for size in sizes] == [within + 2, within, len(tag)] and within < 126:
                self._seen(double(time))
                self._scalar(above + text(tag), signed(packed(at)[0]) if at else 0, shortest(value), begun)
                return
        wall, step, summaries = 0.0, 0, []
        for number, value in fields(record):
            if number == 1:
                wall = double(value)
            elif number == 2:
                step = signed(value)
            elif number == 5 and isinstance(value, bytes):
                summaries.append(value)
        if not summaries:
            return
        self._seen(wall)
        for summary in summaries:
            for number, value in fields(summary):
                if number == 1 and isinstance(value, bytes):
                    self._value(value, step, above, begun)

    def _seen(self, wall: float) -> None:
        if math.isfinite(wall) and wall > 0:
            self.first = wall if self.first is None else min(self.first, wall)
            self.last = wall if self.last is None else max(self.last, wall)

    def _value(self, message: bytes, step: int, above: str, begun: set[str]) -> None:
        tag, kind, simple, tensor, metadata = "", "", None, b"", b""
        for number, value in fields(message):
            if number == 1:
                tag = text(value)
            elif number == 2:
                simple = double(value)
            elif number == 8 and isinstance(value, bytes):
                tensor = value
            elif number == 9 and isinstance(value, bytes):
                metadata = value
            elif number in _SHOWN:
                kind = _SHOWN[number]
        if metadata:
            plugin = only(metadata, 1)
            self._plugins[above + tag] = text(only(plugin, 1))
            if tag.startswith("_hparams_/"):
                self._hparams(only(plugin, 2))
                return
        tag = above + tag
        plugin_name = self._plugins.get(tag, "")
        if simple is not None:
            self._scalar(tag, step, simple, begun)
        elif kind or plugin_name in _SHOWN_PLUGINS:
            self.shown.setdefault(kind or _SHOWN_PLUGINS[plugin_name], set()).add(tag)
        elif tensor and plugin_name == "text":
            self._text(tag, step, tensor)
        elif tensor and plugin_name in ("scalars", ""):
            number_held = _number(tensor)
            if number_held is not None:
                self._scalar(tag, step, number_held, begun)

    def _scalar(self, tag: str, step: int, value: float, begun: set[str]) -> None:
        if tag not in self.scalars and len(self.scalars) >= _MOST_TAGS:
            if not self._left_out:
                self.notes.append(f"only the first {_MOST_TAGS:,} scalars are read")
            self._left_out.add("scalars")
            return
        series = self.scalars.setdefault(tag, _Steps())
        if tag not in begun:
            begun.add(tag)
            series.forget_from(step)
        series.steps.append(step)
        series.values.append(value)

    def _text(self, tag: str, step: int, tensor: bytes) -> None:
        if tag in self.texts or len(self.texts) < _MOST_TEXTS:
            tag = tag.removesuffix("/text_summary")
            words = [text(value) for number, value in fields(tensor) if number == 8]
            self.texts[tag] = (step, "\n\n".join(words)[:_MOST_TEXT])

    def _hparams(self, content: bytes) -> None:
        for number, message in fields(content):
            if number == 3 and isinstance(message, bytes):
                for part, value in fields(message):
                    if part == 1 and isinstance(value, bytes):
                        self._hparam(value)
                    elif part == 5:
                        self.said_start = double(value)
            elif number == 4 and isinstance(message, bytes):
                for part, value in fields(message):
                    if part == 1 and isinstance(value, int):
                        self.status = _STATUS.get(value)
                    elif part == 2:
                        self.said_end = double(value)

    def _hparam(self, entry: bytes) -> None:
        name, value = text(only(entry, 1)), only(entry, 2)
        for number, held in fields(value):
            if number == 2:
                self.params[name] = double(held)
            elif number == 3:
                self.params[name] = text(held)
            elif number == 4:
                self.params[name] = bool(held)


_SHOWN = {3: "histograms", 4: "images", 5: "histograms", 6: "audio clips"}
_SHOWN_PLUGINS = {"images": "images", "histograms": "histograms", "audio": "audio clips", "mesh": "meshes"}


def _number(tensor: bytes) -> float | None:
    """The one number of a tensor; None when it holds anything else. Raises ValueError."""
    kind = 0
    for number, value in fields(tensor):
        if number == 1 and isinstance(value, int):
            kind = value
        elif number == 4 and isinstance(value, bytes) and kind in _PACKED:
            if len(value) != struct.calcsize(_PACKED[kind]):
                return None
            return shortest(value) if kind == _FLOAT else float(struct.unpack(f"<{_PACKED[kind]}", value)[0])
        elif number in (5, 6) and isinstance(value, bytes):
            return double(value) if len(value) == (4 if number == 5 else 8) else None
        elif number in (7, 10):
            whole = packed(value)
            return float(signed(whole[0])) if len(whole) == 1 else None
        elif number == 13:
            halves = packed(value)
            return _half(halves[0], kind) if len(halves) == 1 else None
    return None


def _half(bits: int, kind: int) -> float | None:
    if kind == _HALF:
        return float(struct.unpack("<e", struct.pack("<H", bits & 0xFFFF))[0])
    if kind == _BFLOAT16:
        return float(struct.unpack("<f", struct.pack("<I", (bits & 0xFFFF) << 16))[0])
    return None


def take_events(run: Gathered, files: list[tuple[str, bytes]], place: str) -> list[str]:
    """Put a run's event files, oldest first, into the run; gives back notes for the report."""
    events = Events()
    for name, data in sorted(files, key=lambda file: _written_at(file[0])):
        events.take(data, name, _above(name, place))
    for tag, series in events.scalars.items():
        if tag in run.metrics:
            continue  # another log of this run has it
        metric = run.metric(tag)
        for step, value in zip(series.steps, series.values, strict=True):
            metric.add(step, value)
    for name, setting in events.params.items():
        run.params.setdefault(name, setting)
    for tag, (step, words) in events.texts.items():
        run.add_note(f"Text `{tag}` at step {step}:\n\n{words}")
    for kind, tags in events.shown.items():
        run.facts.append((kind, ", ".join(sorted(tags)[:20]) + (", …" if len(tags) > 20 else "")))
    run.status = run.status or events.status
    run.started_at = run.started_at or _when(events.said_start or events.first)
    run.ended_at = run.ended_at or _when(events.said_end or events.last)
    return events.notes


def is_event_file(name: str) -> bool:
    return "tfevents" in PurePosixPath(name).name


def _written_at(name: str) -> tuple[int, str]:
    """Event files carry the second of their making in their names."""
    parts = PurePosixPath(name).name.split("tfevents.")[-1].split(".")
    return (int(parts[0]) if parts[0].isdigit() and len(parts[0]) < 20 else 0, name)


def _above(name: str, place: str) -> str:
    """What a folder within the run says of its tags: `validation/` and the like, and nothing of times."""
    folder = name.rpartition("/")[0]
    within = folder.removeprefix(place).strip("/") if folder.startswith(place) else ""
    last = within.rpartition("/")[2]
    return f"{last}/" if last and not _PLAIN.fullmatch(last) else ""


_PLAIN = re.compile(
    r"[\d.]+|version_\d+|runs?|logs?|tb|tensorboard(_logs)?|lightning_logs|events?|summar(y|ies)", re.I
)


def _when(seconds: float | None) -> str | None:
    if seconds is None or not 0 < seconds < 32_503_680_000:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")

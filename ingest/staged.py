"""Documents that were fetched and are not published yet, on disk: a sync that was killed fetches none again.

Each is a file of its own below `staged/` in the data folder, with its secrets already taken out, named by a
digest of everything that it depends on. A file that is torn counts as none.
"""

import hashlib
import json
import os
import shutil
from contextlib import suppress
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ingest.sources import Item, Source
from knowledge.audience import Audience
from knowledge.documents import Document, MetricPoint, Redaction, Run
from knowledge.errors import StoreError

FORMAT = "1"
OLD = timedelta(days=7)


def settings_digest(source: Source) -> str:
    """Names everything that an admin has set up of a source but its name and its secrets."""
    said = [
        *(source.kind, str(source.path), source.audience.key, source.document_kind, source.url),
        *(source.include, source.exclude, source.max_bytes),
        sorted((key, str(value)) for key, value in source.options.items()),
    ]
    return _digest(json.dumps(said))


def folder_of(data: Path, room: str, source: str) -> Path:
    """The folder of a source, by its name, in one of the rooms of the data folder."""
    return data / room / _digest(source)[:24]


class Staged:
    """What was fetched of one source, as it is set up now; `recipe` names the way of reading."""

    def __init__(self, data: Path, source: Source, recipe: str) -> None:
        self._folder = folder_of(data, "staged", source.name)
        self._made_by = f"{FORMAT}\n{recipe}\n{settings_digest(source)}"

    def holds(self, item: Item) -> bool:
        """Whether the document of an item is there, or a torn file in its place."""
        return self._file(item).exists()

    def load(self, item: Item) -> Document | None:
        """The document of an item; None when it was not kept, or not whole."""
        try:
            digest, _, said = self._file(item).read_text("ascii").partition("\n")
        except (OSError, UnicodeDecodeError):
            return None
        if digest != _digest(said):
            return None
        try:
            return _from_json(json.loads(said))
        except (TypeError, KeyError):
            return None  # of a Lore whose documents were others

    def keep(self, item: Item, document: Document) -> None:
        """Put the document of an item there, whole or not at all. Raises StoreError."""
        said = json.dumps(_as_json(document))
        file = self._file(item)
        part = file.with_suffix(".part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_text(f"{_digest(said)}\n{said}", "ascii")
            os.replace(part, file)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise StoreError(f"cannot keep what was fetched in {self._folder}: {error.strerror}") from error

    def clear(self) -> None:
        """Forget everything that was fetched of the source."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, item: Item) -> Path:
        audience = item.audience and item.audience.key
        named = json.dumps([self._made_by, item.path, item.digest, audience])
        return self._folder / f"{_digest(named)}.json"


def room_to_keep(data: Path, source: Source) -> Path:
    """The folder in which the reader of a source may keep things; what was kept under other settings goes.

    For whoever has the right to fetch the source.
    """
    room = folder_of(data, "kept", source.name)
    mine = room / settings_digest(source)[:24]
    if room.is_dir():
        os.utime(room)  # it is in use
        for other in room.iterdir():
            if other != mine:
                shutil.rmtree(other, ignore_errors=True)
    return mine


def sweep(room: Path, now: datetime) -> None:
    """Delete the folders of sources that were not used for long."""
    if not room.is_dir():
        return
    for folder in room.iterdir():
        try:
            age = now.timestamp() - folder.stat().st_mtime
        except FileNotFoundError:
            continue  # another process was quicker
        if age > OLD.total_seconds():
            shutil.rmtree(folder, ignore_errors=True)


def _as_json(document: Document) -> dict[str, Any]:
    run, updated_at = document.run, document.updated_at
    plain = {part.name: getattr(document, part.name) for part in fields(document)}
    return plain | {
        "audience": document.audience.key,
        "updated_at": updated_at and updated_at.isoformat(),
        "redacted": [asdict(one) for one in document.redacted],
        "run": run and _run_as_json(run),
    }


def _from_json(said: dict[str, Any]) -> Document:
    return Document(
        **said
        | {
            "audience": Audience.from_key(said["audience"]),
            "updated_at": said["updated_at"] and datetime.fromisoformat(said["updated_at"]),
            "pages": tuple(said["pages"]),
            "anchors": tuple((at, name) for at, name in said["anchors"]),
            "notes": tuple(said["notes"]),
            "redacted": tuple(Redaction(**one) for one in said["redacted"]),
            "run": said["run"] and _run_from_json(said["run"]),
        }
    )


def _run_as_json(run: Run) -> dict[str, Any]:
    plain = {part.name: getattr(run, part.name) for part in fields(run)}
    return plain | {
        "params": dict(run.params),
        "direction": dict(run.direction),
        "metrics": {name: [[one.step, one.value] for one in points] for name, points in run.metrics.items()},
        "tags": list(run.tags),
        "links": list(run.links),
        "started_at": run.started_at and run.started_at.isoformat(),
        "ended_at": run.ended_at and run.ended_at.isoformat(),
    }


def _run_from_json(said: dict[str, Any]) -> Run:
    return Run(
        **said
        | {
            "metrics": {
                name: tuple(MetricPoint(step, value) for step, value in points)
                for name, points in said["metrics"].items()
            },
            "tags": tuple(said["tags"]),
            "links": tuple(said["links"]),
            "started_at": said["started_at"] and datetime.fromisoformat(said["started_at"]),
            "ended_at": said["ended_at"] and datetime.fromisoformat(said["ended_at"]),
        }
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

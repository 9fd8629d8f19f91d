"""Reads folders of experiment logs: each run is one document, with its record as text and as a `Run`.

A folder is one run when it holds a file with a run's usual name (`run.json`, `config.yaml`, `metrics.csv`,
`results.json`, …); its logs and notes are read together. Elsewhere each log file is a run of its own.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from ingest.parsing.converted import Part
from ingest.parsing.frontmatter import as_time, web_address
from ingest.parsing.process import convert
from ingest.parsing.run_fields import RUN_STEMS
from ingest.readers.files import Found, digest_of, digest_of_bytes, read_bytes, too_large, walk
from ingest.readers.pages import page_url, version_of
from ingest.redaction import redact
from ingest.sources import Item, Reading, Skipped, Source
from knowledge.documents import Document, MetricPoint, Run
from knowledge.errors import Unreadable

_LOGS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".yaml", ".yml")
_NOTES = (".md", ".markdown", ".txt", ".rst")
_NOTE_STEMS = ("notes", "note", "readme", "description", "conclusion", "conclusions", "report", "log")


def read(source: Source, _: Reading) -> Iterator[Item | Skipped]:
    """List the runs of a source; each is parsed when it is loaded.

    Raises Unreadable when the folder itself cannot be listed.
    """
    version = version_of(source)
    folders: dict[tuple[str, ...], list[Found]] = {}
    for found in walk(source):
        if isinstance(found, Found):
            if PurePosixPath(found.path).suffix.lower() in (*_LOGS, *_NOTES):
                folders.setdefault(found.parts[:-1], []).append(found)
        elif found.path.endswith(("/", *_LOGS)):
            yield found
    for parts, files in folders.items():
        if parts and any(_names_a_run(file) for file in files):
            yield _listed(source, files[0].path.rpartition("/")[0], files, version)
            continue
        for file in files:
            if _is_log(file):
                yield _listed(source, file.path, [file], version)


def _is_log(file: Found) -> bool:
    return PurePosixPath(file.path).suffix.lower() in _LOGS


def _names_a_run(file: Found) -> bool:
    return _is_log(file) and PurePosixPath(file.path).stem.lower() in RUN_STEMS


def _listed(source: Source, path: str, files: list[Found], version: str) -> Item | Skipped:
    if not sum(file.size for file in files):
        return Skipped(path, "the file is empty")
    if (size := sum(file.size for file in files)) > source.max_bytes:
        return Skipped(path, too_large(size, source.max_bytes))
    try:
        digests = [(file.parts[-1], digest_of(source, file.parts, "")) for file in files]
    except Unreadable as error:
        return Skipped(path, str(error))
    digest = _combined(digests, version)
    return Item(path, digest, lambda: _load(source, path, files, version))


def _load(source: Source, path: str, files: list[Found], version: str) -> Document:
    contents = [(file, read_bytes(source, file.parts)) for file in files]
    digest = _combined([(file.parts[-1], digest_of_bytes(data, "")) for file, data in contents], version)
    parts = [
        Part(file.path, data)
        for file, data in sorted(contents, key=_reading_order)
        if data and _is_read(file)
    ]
    place = [] if len(files) == 1 and files[0].path == path else [Part(path, b"")]
    converted = convert("run", [*place, *parts])
    redacted = redact(converted.text)
    plain = converted.run
    return Document(
        source=source.name,
        path=path,
        title=redact(converted.title or path).text,
        text=redacted.text,
        audience=source.audience,
        digest=digest,
        kind=source.document_kind,
        lines_are_the_files=False,
        url=page_url(source, path) or _web_link(plain),
        updated_at=_ended(plain),
        owner=plain.get("owner") if plain else None,
        run=_run(plain) if plain else None,
        redactions=converted.redactions + redacted.count,
        notes=tuple(converted.notes),
    )


def _reading_order(content: tuple[Found, bytes]) -> tuple[int, str]:
    """What describes the run first, so that its own words win; then parameters, metrics, notes."""
    stem = PurePosixPath(content[0].path).stem.lower()
    ranks = {"run": 0, "meta": 0, "metadata": 0}
    return (ranks.get(stem, 1 if _is_log(content[0]) else 2), content[0].path)


def _is_read(file: Found) -> bool:
    return _is_log(file) or PurePosixPath(file.path).stem.lower() in _NOTE_STEMS


def _combined(digests: list[tuple[str, str]], version: str) -> str:
    if len(digests) == 1:  # a file renamed is the same run, moved
        digests = [("", digests[0][1])]
    return hashlib.sha256(repr((sorted(digests), version)).encode()).hexdigest()


def _web_link(plain: Mapping[str, Any] | None) -> str | None:
    links = plain["links"] if plain else []
    return next((address for link in links if (address := web_address(link))), None)


def _ended(plain: Mapping[str, Any] | None) -> datetime | None:
    return (as_time(plain["ended_at"]) or as_time(plain["started_at"])) if plain else None


def _run(plain: Mapping[str, Any]) -> Run:
    return Run(
        name=plain["name"],
        params=plain["params"],
        metrics={
            name: tuple(MetricPoint(step, value) for step, value in points)
            for name, points in plain["metrics"].items()
        },
        direction=plain["direction"],
        tags=tuple(plain["tags"]),
        notes=plain["notes"],
        status=plain["status"],
        started_at=as_time(plain["started_at"]),
        ended_at=as_time(plain["ended_at"]),
        code_version=plain["code_version"],
        links=tuple(plain["links"]),
    )

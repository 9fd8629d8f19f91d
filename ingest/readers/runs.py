"""Reads folders of experiment logs: each run is one document, with its record as text and as a `Run`.

A folder is one run when a tracker or trainer left its files there (see `ingest.readers.run_layouts`), or
when it holds a file with a run's usual name (`run.json`, `config.yaml`, `metrics.csv`, `results.json`, …);
its logs and notes are read together. Elsewhere each log file is a run of its own.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from ingest.parsing.converted import Converted, Part
from ingest.parsing.frontmatter import as_time, web_address
from ingest.parsing.process import convert
from ingest.readers.files import Found, digest_of, digest_of_bytes, read_bytes, too_large, walk
from ingest.readers.pages import page_url, version_of
from ingest.readers.run_layouts import HIDDEN_FOLDERS, LOGS, NOTES, RunFiles, grouped, is_event_file
from ingest.redaction import marks_in, redact
from ingest.sources import Item, Listed, Reading, Skipped, Source
from knowledge.documents import Document, MetricPoint, Run
from knowledge.errors import Unreadable

_DELETED = re.compile(rb"^lifecycle_stage:\s*['\"]?deleted", re.MULTILINE)


def read(source: Source, _: Reading) -> Iterator[Listed]:
    """List the runs of a source; each is parsed when it is loaded.

    Raises Unreadable when the folder itself cannot be listed.
    """
    version = version_of(source)
    files = []
    for found in walk(source, HIDDEN_FOLDERS):
        if isinstance(found, Found):
            files.append(found)
        elif found.path.endswith(("/", *LOGS)):
            yield found
    for run in grouped(files):
        listed = _listed(source, run, version)
        if listed is not None:
            yield listed


def _listed(source: Source, run: RunFiles, version: str) -> Item | Skipped | None:
    path = _path(source, run)
    if not sum(file.size for file in run.files):
        return Skipped(path, "the file is empty")
    fitting, left_out = _fitting(source, run)
    if not fitting:
        return Skipped(path, too_large(sum(file.size for file in run.files), source.max_bytes))
    try:
        if _is_deleted(source, run):
            return None
        digests = [(_within(run, file), digest_of(source, file.parts, "")) for file in (*fitting, *run.about)]
    except Unreadable as error:
        return Skipped(path, str(error))
    digest = _combined([*digests, *((file.path, "left out") for file in left_out)], version)
    return Item(path, digest, lambda: _load(source, path, fitting, left_out, run, version))


def _path(source: Source, run: RunFiles) -> str:
    if run.root is None:
        return run.files[0].path
    depth = len(run.files[0].parts) - len(run.root)
    return "/".join(run.files[0].path.split("/")[:-depth]) or source.path.name


def _within(run: RunFiles, file: Found) -> str:
    """A file's name within its run."""
    return "/".join(file.parts[len(run.root) :]) if run.root and file not in run.about else file.parts[-1]


def _fitting(source: Source, run: RunFiles) -> tuple[list[Found], list[Found]]:
    """The files that may be read together, and histories that are too large beside them."""
    if sum(file.size for file in run.files) <= source.max_bytes:
        return run.files, []
    fitting: list[Found] = []
    left_out: list[Found] = []
    room = source.max_bytes
    for file in sorted(run.files, key=lambda file: (_may_be_left_out(file), file.size)):
        if file.size <= room:
            fitting.append(file)
            room -= file.size
        elif _may_be_left_out(file):
            left_out.append(file)
        else:
            return [], []
    return sorted(fitting, key=lambda file: file.path), left_out


def _may_be_left_out(file: Found) -> bool:
    return is_event_file(file) or file.path.endswith((".wandb", ".log", *NOTES))


def _is_deleted(source: Source, run: RunFiles) -> bool:
    """Whether an MLflow file store says so of the run or its experiment; such runs stay on disk."""
    metas = [file for file in (*run.files, *run.about) if file.parts[-1] == "meta.yaml"]
    return any(_DELETED.search(read_bytes(source, file.parts)) for file in metas)


def _load(
    source: Source, path: str, files: list[Found], left_out: list[Found], run: RunFiles, version: str
) -> Document:
    contents = [(file, read_bytes(source, file.parts)) for file in (*files, *run.about)]
    digests = [(_within(run, file), digest_of_bytes(data, "")) for file, data in contents]
    digest = _combined([*digests, *((file.path, "left out") for file in left_out)], version)
    parts = [Part(file.path, data) for file, data in sorted(contents, key=_reading_order) if data]
    place = [] if run.root is None else [Part(path, b"")]
    converted = convert("run", [*place, *parts])
    notes = [f"{file.path}: {too_large(file.size, source.max_bytes)}" for file in left_out]
    return run_document(source, path, digest, converted, notes=notes)


def run_document(
    source: Source,
    path: str,
    digest: str,
    converted: Converted,
    url: str | None = None,
    updated_at: datetime | None = None,
    notes: list[str] | None = None,
) -> Document:
    """The document of a run's record; `url` is where its tracker shows it. It is as old as its end, unless
    `updated_at` says otherwise."""
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
        url=page_url(source, path) or url or _web_link(plain),
        updated_at=updated_at or _ended(plain),
        owner=plain.get("owner") if plain else None,
        run=_run(plain) if plain else None,
        redactions=converted.redactions + redacted.count,
        redacted=marks_in(redacted.text),
        notes=(*converted.notes, *(notes or ())),
    )


def _reading_order(content: tuple[Found, bytes]) -> tuple[int, str]:
    """What describes the run first, so that its own words win; then parameters, metrics, notes."""
    place = PurePosixPath(content[0].path)
    ranks = {"run": 0, "meta": 0, "metadata": 0, "wandb-metadata": 0, "trainer_state": 0}
    is_log = place.suffix.lower() in LOGS
    return (ranks.get(place.stem.lower(), 1 if is_log else 2), content[0].path)


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

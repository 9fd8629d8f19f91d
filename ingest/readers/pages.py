"""Makes a document of one page's bytes, wherever they came from: parsed with limits, without its secrets."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TypedDict, Unpack
from urllib.parse import quote

from ingest.parsing.anchors import found_again
from ingest.parsing.converted import Converted, Part
from ingest.parsing.formats import actual_format, named_format
from ingest.parsing.frontmatter import FrontMatter, front_matter, narrowed, split_front_matter
from ingest.parsing.process import convert
from ingest.parsing.titles import first_heading, title_from_path
from ingest.redaction import redact, redact_pages
from ingest.sources import Source
from knowledge.audience import Audience
from knowledge.documents import Document
from knowledge.errors import Unreadable
from knowledge.logbooks import newest_day

PARSER_VERSION = 3
_WITH_FRONT_MATTER = ("markdown", "text", "notebook")


def version_of(source: Source, *more: object) -> str:
    """What shapes a document beside its bytes: the parsers, and what the source says of all its pages.

    `more` is whatever else does so at a place, such as its API's version: plain JSON.
    """
    settings = (PARSER_VERSION, source.audience.key, source.document_kind, source.url, source.kind, *more)
    return json.dumps(settings)


def page_url(source: Source, path: str) -> str | None:
    """The address of a page by the source's template."""
    if source.url is None:
        return None
    stem = path.removesuffix(PurePosixPath(path).suffix)
    return source.url.replace("{path}", quote(path)).replace("{stem}", quote(stem))


class Told(TypedDict, total=False):
    """What a place tells of a page.

    `url`, where the place knows it, counts alone; else the page's own or the source's template. `audience` is
    who may read the page at its place: like the page itself, it can only take readers of the source away.
    """

    title: str | None
    url: str | None
    updated_at: datetime | None
    owner: str | None
    status: str | None
    audience: Audience | None
    notes: Sequence[str]


def document_of(
    source: Source,
    path: str,
    data: bytes,
    digest: str,
    *,
    name: str | None = None,
    page_format: str | None = None,
    **told: Unpack[Told],
) -> Document:
    """The document of a page: what it says about itself counts before what its place has `told`.

    `name` (by default `path`) names the format, unless `page_format` does ("html", "markdown", …: see
    `ingest.parsing.formats`); the bytes have the last word. `digest` is what the page was listed with.
    Raises Unreadable when there is nothing in it to be read.
    """
    name = name or path
    kind = actual_format(page_format or named_format(name) or "text", data)
    return document_of_parts(source, path, kind, [Part(name, data)], digest, **told)


def document_of_parts(
    source: Source, path: str, kind: str, parts: Sequence[Part], digest: str, **told: Unpack[Told]
) -> Document:
    """The document that parts in the format `kind` make together; for the rest see `document_of`."""
    converted = convert(kind, parts)
    redacted, pages = redact_pages(converted.text, converted.pages)
    text = redacted.text
    if not text.strip():
        raise Unreadable("there is no text in it")
    front = _front(kind, text, converted)
    anchors = found_again(converted.anchors, converted.text, text)
    said = front.title or _redacted(told.get("title")) or _redacted(converted.title)
    return Document(
        source=source.name,
        path=path,
        title=said or first_heading(text[front.body_start :]) or title_from_path(path),
        text=text,
        audience=narrowed(narrowed(source.audience, told.get("audience")), front.audience),
        digest=digest,
        kind=source.document_kind,
        body_start=front.body_start,
        pages=pages,
        anchors=tuple((at, name) for at, name in anchors if not redact(name).count),
        lines_are_the_files=converted.lines_are_the_files,
        url=told.get("url") or front.url or page_url(source, path),
        updated_at=front.updated_at or _last_written(text, front.body_start, told.get("updated_at")),
        owner=front.owner or _redacted(told.get("owner")),
        status=front.status or told.get("status"),
        superseded_by=front.superseded_by,
        redactions=redacted.count,
        redacted=redacted.found,
        notes=(*told.get("notes", ()), *converted.notes, *front.notes),
    )


def _last_written(text: str, body_start: int, changed_at: datetime | None) -> datetime | None:
    """A logbook is as old as its newest entry, whenever its file was touched later; other pages as that."""
    day = newest_day(text, body_start)
    written = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    return min(filter(None, (written, changed_at)), default=None)


def _redacted(words: str | None) -> str | None:
    return redact(words).text if words else None


def _front(kind: str, text: str, converted: Converted) -> FrontMatter:
    front = split_front_matter(text) if kind in _WITH_FRONT_MATTER else FrontMatter()
    if front.body_start or not converted.front:
        return front
    said: dict[str, object] = {key: redact(value).text for key, value in converted.front.items()}
    if "audience" in said:
        said["audience"] = [entry for part in str(said["audience"]).split(",") if (entry := part.strip())]
    return front_matter(said)

"""Reads a folder of pages: Markdown, HTML, text, reStructuredText, notebooks, PDF and tables."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import PurePosixPath
from urllib.parse import quote

from ingest.parsing.converted import Converted, Part
from ingest.parsing.formats import actual_format, named_format, why_not_read
from ingest.parsing.frontmatter import FrontMatter, front_matter, narrowed, split_front_matter
from ingest.parsing.process import convert
from ingest.parsing.titles import first_heading, title_from_path
from ingest.readers.commit_dates import commit_dates
from ingest.readers.files import Found, digest_of, digest_of_bytes, read_bytes, too_large, walk
from ingest.redaction import redact, redact_pages
from ingest.sources import Item, Reading, Skipped, Source
from knowledge.documents import Document
from knowledge.errors import Unreadable

PARSER_VERSION = 2
_WITH_FRONT_MATTER = ("markdown", "text", "notebook")

Dates = Callable[[], Mapping[str, datetime]]


def read(source: Source, _: Reading) -> Iterator[Item | Skipped]:
    """List the pages of a folder; each is parsed when it is loaded.

    Raises Unreadable when the folder itself cannot be listed.
    """
    version = version_of(source)
    dates = cache(lambda: commit_dates(source.path))
    for found in walk(source):
        if isinstance(found, Skipped):
            if _expected(found.path):
                yield found
        elif named_format(found.path) is None:
            if reason := why_not_read(found.path):
                yield Skipped(found.path, reason)
        else:
            yield _listed(source, found, version, dates)


def version_of(source: Source) -> str:
    """What shapes a document beside its bytes: the parsers, and what the source says of all its pages."""
    settings = (PARSER_VERSION, source.audience.key, source.document_kind, source.url, source.kind)
    return json.dumps(settings)


def page_url(source: Source, path: str) -> str | None:
    """The address of a page by the source's template."""
    if source.url is None:
        return None
    stem = path.removesuffix(PurePosixPath(path).suffix)
    return source.url.replace("{path}", quote(path)).replace("{stem}", quote(stem))


def _expected(path: str) -> bool:
    return path.endswith("/") or named_format(path) is not None


def _listed(source: Source, found: Found, version: str, dates: Dates) -> Item | Skipped:
    if found.size == 0:
        return Skipped(found.path, "the file is empty")
    if found.size > source.max_bytes:
        return Skipped(found.path, too_large(found.size, source.max_bytes))
    try:
        digest = digest_of(source, found.parts, version)
    except Unreadable as error:
        return Skipped(found.path, str(error))
    return Item(found.path, digest, lambda: _load(source, found, version, dates))


def _load(source: Source, found: Found, version: str, dates: Dates) -> Document:
    data = read_bytes(source, found.parts)
    kind = actual_format(named_format(found.path) or "text", data)
    converted = convert(kind, [Part(found.path, data)])
    text, pages, redactions = redact_pages(converted.text, converted.pages)
    if not text.strip():
        raise Unreadable("there is no text in it")
    front = _front(kind, text, converted)
    title = front.title or (converted.title and redact(converted.title).text)
    return Document(
        source=source.name,
        path=found.path,
        title=title or first_heading(text[front.body_start :]) or title_from_path(found.path),
        text=text,
        audience=narrowed(source.audience, front.audience),
        digest=digest_of_bytes(data, version),
        kind=source.document_kind,
        body_start=front.body_start,
        pages=pages,
        lines_are_the_files=converted.lines_are_the_files,
        url=front.url or page_url(source, found.path),
        updated_at=front.updated_at or dates().get("/".join(found.parts)),
        owner=front.owner,
        status=front.status,
        superseded_by=front.superseded_by,
        redactions=redactions,
        notes=(*converted.notes, *front.notes),
    )


def _front(kind: str, text: str, converted: Converted) -> FrontMatter:
    front = split_front_matter(text) if kind in _WITH_FRONT_MATTER else FrontMatter()
    if front.body_start or not converted.front:
        return front
    said: dict[str, object] = {key: redact(value).text for key, value in converted.front.items()}
    if "audience" in said:
        said["audience"] = [entry for part in str(said["audience"]).split(",") if (entry := part.strip())]
    return front_matter(said)

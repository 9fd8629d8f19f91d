"""Reads a folder: pages, PDF, office documents, tables, notebooks and e-mail."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache

from ingest.parsing.formats import named_format, why_not_read
from ingest.readers.commit_dates import commit_dates
from ingest.readers.files import Found, digest_of, digest_of_bytes, read_bytes, too_large, walk
from ingest.readers.mailbox import skipped, threads
from ingest.readers.pages import document_of, version_of
from ingest.sources import Item, Reading, Skipped, Source
from knowledge.documents import Document
from knowledge.errors import Unreadable

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
                yield skipped(found.path, found.reason)
        elif named_format(found.path) == "mbox":
            yield from threads(source, found, version)
        elif named_format(found.path) is None:
            if reason := why_not_read(found.path):
                yield Skipped(found.path, reason)
        else:
            yield _listed(source, found, version, dates)


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
    changed_at = dates().get("/".join(found.parts))
    return document_of(source, found.path, data, digest_of_bytes(data, version), updated_at=changed_at)

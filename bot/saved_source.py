"""The built-in source `saved`: the pages that people saved, read as a sync reads any other source."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bot.journal.saved_pages import SavedPage, pages
from bot.saving import SOURCE
from ingest.sources import Item, Source
from knowledge.adapters.database import Database
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document

SAVED = Source(SOURCE, "saved", Path(), EVERYONE, "wiki")
"""Its audience is the widest; each page has its own, which is what counts."""

_VERSION = "1"


def read_saved(database: Database) -> Iterator[Item]:
    """All saved pages, as they are now."""
    with database.reading() as connection:
        found = pages(connection)
    for page in found:
        yield Item(page.path, _digest(page), lambda page=page: document(page))  # type: ignore[misc]


def document(page: SavedPage) -> Document:
    """A page as a document of the source `saved`."""
    return Document(
        source=SOURCE,
        path=page.path,
        title=page.title,
        text=page.text,
        audience=Audience.from_key(page.audience),
        digest=_digest(page),
        kind=SAVED.document_kind,
        lines_are_the_files=False,
        url=page.url or None,
        updated_at=datetime.fromtimestamp(page.updated_at, UTC),
        owner=page.owner,
        redactions=page.redactions,
    )


def _digest(page: SavedPage) -> str:
    shaping = (_VERSION, page.title, page.text, page.audience, page.owner, page.url, page.updated_at)
    return hashlib.sha256(repr(shaping).encode("utf-8", "surrogatepass")).hexdigest()

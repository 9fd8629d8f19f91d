"""A document of text that a reader put together itself, its secrets taken out."""

from datetime import datetime

from ingest.readers.pages import page_url
from ingest.redaction import redact
from ingest.sources import Source
from knowledge.documents import Document


def text_document(
    source: Source,
    path: str,
    title: str,
    text: str,
    digest: str,
    url: str | None = None,
    updated_at: datetime | None = None,
) -> Document:
    """Markdown that stands in no file of its own; `url` is where the place shows what it tells of."""
    redacted = redact(text)
    return Document(
        source=source.name,
        path=path,
        title=redact(title).text,
        text=redacted.text,
        audience=source.audience,
        digest=digest,
        kind=source.document_kind,
        lines_are_the_files=False,
        url=page_url(source, path) or url,
        updated_at=updated_at,
        redactions=redacted.count,
        redacted=redacted.found,
    )

"""One module per kind of place that knowledge is read from; `read` picks the one for a source."""

from collections.abc import Iterator

from ingest.readers import folder, runs
from ingest.sources import Item, Skipped, Source


def read(source: Source) -> Iterator[Item | Skipped]:
    """List what a source holds, in a stable order; each item is parsed only when it is loaded.

    Raises Unreadable when the source as a whole cannot be listed; nothing may be removed then.
    """
    return runs.read(source) if source.kind == "runs" else folder.read(source)

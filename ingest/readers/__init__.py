"""One module per kind of place that knowledge is read from; `read` picks the one for a source."""

from collections.abc import Iterable, Mapping

from ingest.kind import Field, Kind
from ingest.readers.trackers import MLFLOW, WANDB
from ingest.readers.web_kinds import GIT, WEBSITE
from ingest.readers.wiki_kinds import CONFLUENCE, DRIVE, MEDIAWIKI, NOTION
from ingest.sources import Listed, Reading, Source

_FOLDER = Field("path", "Folder", "Beside lore.toml, or absolute.", "folder", required=True)

FOLDER = Kind("folder", "Folder", "wiki", "ingest.readers.folder:read", (_FOLDER,), remote=False)
RUNS = Kind("runs", "Folder of experiment logs", "run", "ingest.readers.runs:read", (_FOLDER,), remote=False)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (FOLDER, RUNS, MLFLOW, WANDB, WEBSITE, GIT, MEDIAWIKI, CONFLUENCE, NOTION, DRIVE)
}
"""All kinds of sources but those that are built in, by the name that lore.toml has for them."""


def read(source: Source, reading: Reading | None = None) -> Iterable[Listed]:
    """List what a source holds, in a stable order; each item is parsed only when it is loaded.

    Raises Unreadable when the source as a whole cannot be listed; nothing may be removed then.
    """
    return KINDS[source.kind].read(source, reading or Reading())

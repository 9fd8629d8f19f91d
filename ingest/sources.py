"""What is read, and what a reader says of it: sources, items, and what could not be read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document

MAX_BYTES = 20_000_000
RESERVED_NAMES = frozenset({"saved", "standups", "your file"})
"""What built-in sources, and files attached to questions, are called."""

_PRINCIPAL = re.compile(
    r"#[^\s#@,]{1,80}|@[^\s#@,]{1,80}|[UW][A-Z0-9]{5,20}|[^\s@#<>,]+@[^\s@#<>,]+\.[^\s@#<>,]+"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A place that documents or runs come from.

    `kind` names one of `ingest.readers.KINDS`, or is that of a built-in source. `document_kind` ("wiki",
    "practice", "log", "run") decides when its pages are old. `url` is a template such as
    `https://wiki.example/{path}` (`{stem}` is the path without its ending). `include` and `exclude` are globs
    over the paths of documents; empty `include` means everything. `options` are the settings of its kind, by
    key; `secrets` hold the values of those that are secret. `path` is the folder of a kind that has one.
    """

    name: str
    kind: str
    path: Path
    audience: Audience
    document_kind: str
    url: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_bytes: int = MAX_BYTES
    options: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One document as listed: nothing but its bytes' hash is known until `load` parses it.

    `path` is stable: relative, with `/`, NFC. `digest` covers the bytes and everything of the source that
    shapes the document, so an equal digest means an equal document but for its place. `load` raises
    Unreadable; the digest of what it returns is of the bytes that it read. `audience` is who may read it now,
    where the listing tells: it narrows what is known even when `load` fails.
    """

    path: str
    digest: str
    load: Callable[[], Document]
    audience: Audience | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something a person would expect to be read and that was not; what is known of it stays.

    `path` ends with `/` when a whole folder could not be listed.
    """

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something that is there and that nobody may be shown, as far as can be told: it is not read, and what
    is known of it is removed, however much that is."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Not everything that the source holds could be listed: what is not listed stays as it is known.

    `goes_on` says that nothing is wrong: there is more than is read at once, and the reader goes on from what
    it asks to remember at the next sync.
    """

    reason: str
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Remember:
    """What the reader wants to know at the next sync, such as a cursor: plain JSON. Kept when everything that
    was listed is published, or was before, and nothing lacks but what `goes_on`; the last one counts.
    Forgotten when the source's settings change, and whenever what is published may be older than it.
    """

    note: Mapping[str, Any]


Listed = Item | Skipped | Withheld | Incomplete | Remember


def never() -> bool:
    """Nobody asks to stop."""
    return False


def uncounted(_bytes: int) -> None:
    """Nobody counts."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader is told beside its source.

    `known` maps the path of each published document of the source to its digest. `remembered` is what the
    reader asked to remember when the source was last synced. `stopped` says whether somebody has cancelled
    the sync; a reader that is told so raises Unreadable. `keep` is a folder of the source's own in which its
    reader may keep things until the next sync, such as a clone; it may not exist yet, and may be emptied at
    any time between syncs. None where nothing can be kept. `fetched` is told of the bytes that come over a
    network, as they come; `found` how many documents have been found so far, by a reader that finds all of
    them before it lists any.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    remembered: Mapping[str, Any] = field(default_factory=dict)
    stopped: Callable[[], bool] = never
    keep: Path | None = None
    fetched: Callable[[int], None] = uncounted
    found: Callable[[int], None] = uncounted


def parse_audience(value: object) -> Audience | None:
    """`"everyone"`, one principal or a list of them; None when it is anything else."""
    if value == "everyone":
        return EVERYONE
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries:
        return None
    if not all(isinstance(entry, str) and _PRINCIPAL.fullmatch(entry) for entry in entries):
        return None
    return Audience(principals=frozenset(entries))

"""What a converter takes and gives: named bytes in, Markdown with its title and pages out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a document: its name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Converted:
    """Markdown, and what else the converter knows.

    `pages` are the offsets at which pages start. `lines_are_the_files` is true where `text` is the file's
    own text. `front` is what a page that is not Markdown says about itself, under the names of front matter.
    `anchors` are the offsets of headings that a link can lead to, each with its id. `run` is the plain form
    of a Run (see `ingest.parsing.runs`). `notes` are for the report.
    """

    text: str
    title: str | None = None
    pages: Sequence[int] = ()
    lines_are_the_files: bool = False
    anchors: Sequence[tuple[int, str]] = ()
    front: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()
    run: Mapping[str, Any] | None = None
    redactions: int = 0

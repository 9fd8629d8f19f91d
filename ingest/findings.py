"""What reading found that an admin should know: secrets that were taken out, and how pages were read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.documents import Document

MOST_LISTED = 1000
"""How many secrets and how many notes are listed one by one."""


@dataclass(frozen=True, slots=True)
class SecretFound:
    """A secret that was taken out of a document: what it was, and its line (from 1) in the document's text,
    which for Markdown and plain text is the file's own; never its value."""

    path: str
    kind: str
    line: int


@dataclass(frozen=True, slots=True)
class Noted:
    """How a document was read, where that is worth knowing, such as hidden text that was left out."""

    path: str
    note: str


@dataclass(slots=True)
class Findings:
    """Gathered from documents as they are read. `redactions` counts all secrets; the first MOST_LISTED of
    them, and of the notes, are listed."""

    redactions: int = 0
    redacted: list[SecretFound] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)

    def add(self, document: Document) -> None:
        """Take note of a document that was just read."""
        self.redactions += document.redactions
        room = MOST_LISTED - len(self.redacted)
        self.redacted += [SecretFound(document.path, one.kind, one.line) for one in document.redacted[:room]]
        room = MOST_LISTED - len(self.noted)
        self.noted += [Noted(document.path, note) for note in document.notes[:room]]

    def as_json(self) -> dict[str, Any]:
        return {
            "redactions": self.redactions,
            "redacted": [{"path": one.path, "kind": one.kind, "line": one.line} for one in self.redacted],
            "noted": [{"path": one.path, "note": one.note} for one in self.noted],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Findings":
        """Reversed `as_json`; what an older Lore did not know is nothing."""
        return cls(
            redactions=int(value.get("redactions", 0)),
            redacted=[SecretFound(**one) for one in value.get("redacted", ())],
            noted=[Noted(**one) for one in value.get("noted", ())],
        )


def lines_of(findings: Iterable[SecretFound]) -> dict[str, list[int]]:
    """The lines at which secrets stood, by document: what is shown to a person."""
    lines: dict[str, list[int]] = {}
    for one in findings:
        lines.setdefault(one.path, []).append(one.line)
    return lines

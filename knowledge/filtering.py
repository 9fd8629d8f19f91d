"""What a question asks to search, and only that: places, owners, kinds, runs, days and exact words.

A question is read in `knowledge.reading_filters`; here is what the filters mean. Everything is pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import filterfalse

RUN = "run"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a filter looks at of a document revision. `chunks` counts what can be found of it."""

    revision_id: int
    source: str
    path: str
    title: str
    kind: str
    owner: str | None = None
    updated_at: datetime | None = None
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that these readers may search, document by document."""

    entries: tuple[Entry, ...] = ()
    sources: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Catalogue":
        listed = tuple(entries)
        return cls(
            listed,
            frozenset(entry.source for entry in listed),
            frozenset(entry.owner for entry in listed if entry.owner),
        )


@dataclass(frozen=True, slots=True)
class InPlace:
    """In a source (None: in any), or below a folder of it; `folder` may name one document too."""

    source: str | None
    folder: str = ""

    def admits(self, entry: Entry) -> bool:
        if self.source is not None and entry.source != self.source:
            return False
        if not self.folder:
            return True
        path, folder = entry.path.casefold(), self.folder.casefold()
        return path == folder or path.startswith((f"{folder}/", f"{folder}."))


@dataclass(frozen=True, slots=True)
class ByOwner:
    """Owned by one of these, as documents write them."""

    owners: frozenset[str]

    def admits(self, entry: Entry) -> bool:
        return entry.owner in self.owners


@dataclass(frozen=True, slots=True)
class OfKind:
    """A wiki page, a practice, a log or a run."""

    kind: str

    def admits(self, entry: Entry) -> bool:
        return entry.kind == self.kind


@dataclass(frozen=True, slots=True)
class OfRun:
    """A run's record; with a name, that run's."""

    name: str = ""

    def admits(self, entry: Entry) -> bool:
        if entry.kind != RUN or not self.name:
            return entry.kind == RUN
        name = self.name.casefold()
        return name == entry.title.casefold() or name in entry.path.casefold().split("/")


@dataclass(frozen=True, slots=True)
class Dated:
    """Last changed from `first` until before `end`, each with a zone; a document of unknown age is not."""

    first: datetime | None
    end: datetime | None

    def admits(self, entry: Entry) -> bool:
        at = entry.updated_at
        return at is not None and (
            (self.first is None or at >= self.first) and (self.end is None or at < self.end)
        )


Condition = InPlace | ByOwner | OfKind | OfRun | Dated


@dataclass(frozen=True, slots=True)
class Wanted:
    """One filter as asked for: one of these conditions holds, or with `negated` none of them.

    `said` tells it in a reply. `guessed` marks what was read from plain words.
    """

    conditions: tuple[Condition, ...]
    said: str
    negated: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that a passage must hold just so (but for capitals and white space), or must not hold."""

    words: str
    negated: bool = False

    def pattern(self) -> "re.Pattern[str]":
        return re.compile(
            r"(?<!\w)" + r"\s+".join(map(re.escape, self.words.split())) + r"(?!\w)", re.IGNORECASE
        )

    @property
    def said(self) -> str:
        return f"{'without ' if self.negated else ''}“{self.words}”"


@dataclass(frozen=True, slots=True)
class Filters:
    """All filters of one question. Several places, owners, kinds or runs mean any of them; days narrow."""

    wanted: tuple[Wanted, ...] = ()
    phrases: tuple[Phrase, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.phrases)

    @property
    def guesses(self) -> tuple[str, ...]:
        """Those that may be no filters at all, plain words and quoted ones, as a reply tells them."""
        return (
            *(one.said for one in self.wanted if one.guessed),
            *(phrase.said for phrase in self.phrases if not phrase.negated),
        )

    def without_phrases(self) -> "Filters":
        """The same without words that must be held; those that must not stay."""
        return replace(self, phrases=tuple(phrase for phrase in self.phrases if phrase.negated))

    @property
    def said(self) -> tuple[str, ...]:
        """Each as a reply tells it."""
        return (*(one.said for one in self.wanted), *(phrase.said for phrase in self.phrases))

    def admitted(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that every filter but the phrases lets through, in their order."""
        groups: dict[object, list[Condition]] = {}
        for number, one in enumerate(self.wanted):
            if not one.negated:
                kind = type(one.conditions[0])
                groups.setdefault((kind, number) if kind is Dated else kind, []).extend(one.conditions)
        kept = list(entries)
        for group in groups.values():
            first, *others = group
            if others:
                kept = [entry for entry in kept if any(condition.admits(entry) for condition in group)]
            else:
                kept = list(filter(first.admits, kept))
        for one in self.wanted:
            if one.negated:
                for condition in one.conditions:
                    kept = list(filterfalse(condition.admits, kept))
        return kept


@dataclass(frozen=True, slots=True)
class Filtered:
    """A question as read: what is left to search for, the filters, and what could not be done, in words."""

    text: str
    filters: Filters = field(default_factory=Filters)
    remarks: tuple[str, ...] = ()


def said_of_days(dated: Dated) -> str:
    """`since 2026-01-01`, `before 2026-03-01`, `on 2026-03-01` or `from 2026-01-01 to 2026-01-31`."""
    first = None if dated.first is None else dated.first.date()
    last = None if dated.end is None else dated.end.date() - timedelta(days=1)
    if first is not None and last is not None:
        return f"on {first}" if first == last else f"from {first} to {last}"
    if dated.end is not None:
        return f"before {dated.end.date()}"
    return f"since {first}"


@dataclass(frozen=True, slots=True)
class Within:
    """The only chunks and the only document revisions that may be found."""

    chunks: frozenset[int]
    revisions: frozenset[int]

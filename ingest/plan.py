"""What a sync would do: pure, from what is known and what is listed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ingest.report import Failure, Refusal
from ingest.sources import Item, Skipped, Source, Withheld
from knowledge.adapters.store_writing import Known

SMALL = 20
"""A source with fewer documents may lose any number of them without asking."""

MOST_REMOVED = 1 / 5


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds now; `failure` says why it could not be listed, and then nothing else counts.

    `incomplete` says why more may be there than is listed; then nothing is removed but what is `withheld`.
    """

    source: Source
    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    failure: str | None = None
    withheld: list[Withheld] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Making:
    """How documents are made at this sync: the way of reading and cutting, and the embedder."""

    recipe: str
    embedder: str


@dataclass(frozen=True, slots=True)
class Add:
    """A document that was not there."""

    source: Source
    item: Item


@dataclass(frozen=True, slots=True)
class Change:
    """A document to be read again; what is known stays if that fails."""

    source: Source
    item: Item
    known: Known


@dataclass(frozen=True, slots=True)
class Move:
    """A document at another path than before."""

    source: Source
    item: Item
    known: Known


@dataclass(frozen=True, slots=True)
class Revise:
    """A document that stays as it is known, under its source's new audience or for another embedder.

    `source` is None where the source is not part of this sync.
    """

    source: Source | None
    known: Known


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What a sync would do. `remove` and `keep` hold documents as they are known."""

    add: tuple[Add, ...] = ()
    change: tuple[Change, ...] = ()
    move: tuple[Move, ...] = ()
    revise: tuple[Revise, ...] = ()
    remove: tuple[Known, ...] = ()
    keep: tuple[Known, ...] = ()
    refused: tuple[Refusal, ...] = ()
    failed: tuple[Failure, ...] = ()


def plan(
    known: Iterable[Known],
    listed: Sequence[Listing],
    making: Making,
    others: frozenset[str] = frozenset(),
    allow_removals: bool | frozenset[str] = False,
) -> SyncPlan:
    """Match what is listed with what is known: by path, then by digest.

    `others` are sources that are set up but not part of this sync; documents of any other source that is
    not listed are removed. A source that could not be listed, and whatever was skipped, is never removed.
    """
    by_source = {
        name: list(some)
        for name, some in groupby(sorted(known, key=lambda one: one.source), lambda one: one.source)
    }
    parts = [_of_source(by_source.pop(one.source.name, []), one, making, allow_removals) for one in listed]
    for name, documents in by_source.items():
        if name in others:
            stale = [one for one in documents if one.embedder != making.embedder]
            parts.append(SyncPlan(revise=tuple(Revise(None, one) for one in stale)))
        else:
            parts.append(SyncPlan(remove=tuple(documents)))
    return SyncPlan(
        add=tuple(step for part in parts for step in part.add),
        change=tuple(step for part in parts for step in part.change),
        move=tuple(step for part in parts for step in part.move),
        revise=tuple(step for part in parts for step in part.revise),
        remove=tuple(step for part in parts for step in part.remove),
        keep=tuple(step for part in parts for step in part.keep),
        refused=tuple(step for part in parts for step in part.refused),
        failed=tuple(step for part in parts for step in part.failed),
    )


def _of_source(
    known: list[Known], listing: Listing, making: Making, allow_removals: bool | frozenset[str]
) -> SyncPlan:
    source = listing.source
    if listing.failure is not None:
        return _staying(known, source, making, (Failure(source.name, listing.failure),))
    failed = [Failure(source.name, reason) for reason in listing.incomplete]
    failed += [Failure(one.path, one.reason) for one in (*listing.skipped, *listing.withheld)]
    withheld = {one.path for one in listing.withheld}
    items: dict[str, Item] = {}
    for item in listing.items:
        if item.path in items:
            failed.append(Failure(item.path, "another file has the same name"))
        items.setdefault(item.path, item)
    at = {one.path: one for one in known}
    change, stay = [], []
    for path in items.keys() & at.keys():
        same = at[path].digest == items[path].digest and not outdated(at[path], source, making.recipe)
        if same:
            stay.append(at[path])
        else:
            change.append(Change(source, items[path], at[path]))
    private = [at[path] for path in at if path in withheld and path not in items]
    absent = [path for path in at if path not in items and path not in withheld]
    spared = [at[path] for path in absent if listing.incomplete or _is_skipped(path, listing.skipped)]
    gone = [at[path] for path in absent if at[path] not in spared]
    new = [item for path, item in items.items() if path not in at]
    move = _moves(source, new, gone)
    moved_to, moved_from = {step.item.path for step in move}, {step.known.path for step in move}
    gone = [one for one in gone if one.path not in moved_from]
    refused: tuple[Refusal, ...] = ()
    if len(known) >= SMALL and len(gone) > len(known) * MOST_REMOVED and not allow_removals:
        refused = (Refusal(source.name, len(gone), len(known)),)
        spared, gone = spared + gone, []
    staying = _staying(stay + spared, source, making, tuple(failed))
    return SyncPlan(
        add=tuple(Add(source, item) for item in new if item.path not in moved_to),
        change=tuple(sorted(change, key=lambda step: step.item.path)),
        move=tuple(move),
        revise=staying.revise,
        remove=(*gone, *private),
        keep=staying.keep,
        refused=refused,
        failed=staying.failed,
    )


def outdated(known: Known, source: Source, recipe: str) -> bool:
    """Whether a document whose file is the same must be read again."""
    return known.recipe != recipe or known.source_audience != source.audience.key


def _staying(known: list[Known], source: Source, making: Making, failed: tuple[Failure, ...]) -> SyncPlan:
    """Documents that are not read: kept, or revised where the audience or the embedder is another."""
    audience = source.audience.key
    fitting = [one for one in known if (one.source_audience, one.embedder) == (audience, making.embedder)]
    others = [one for one in known if one not in fitting]
    ordered = sorted(others, key=lambda one: one.path)
    return SyncPlan(
        keep=tuple(sorted(fitting, key=lambda one: one.path)),
        revise=tuple(Revise(source, one) for one in ordered),
        failed=failed,
    )


def _moves(source: Source, new: list[Item], gone: list[Known]) -> list[Move]:
    waiting: dict[str, list[Known]] = {}
    for one in sorted(gone, key=lambda one: one.path, reverse=True):
        waiting.setdefault(one.digest, []).append(one)
    return [
        Move(source, item, waiting[item.digest].pop())
        for item in sorted(new, key=lambda item: item.path)
        if waiting.get(item.digest)
    ]


def _is_skipped(path: str, skipped: Sequence[Skipped]) -> bool:
    return any(path == one.path or (one.path.endswith("/") and path.startswith(one.path)) for one in skipped)

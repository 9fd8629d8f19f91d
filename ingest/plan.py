"""What a sync would do: pure, from what is known and what is listed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby

from ingest.report import MOST_PATHS, Failure, Refusal
from ingest.sources import Incomplete, Item, Skipped, Source, Withheld
from knowledge.adapters.store_writing import Known

FEW = 2
"""So many documents any source may lose without asking, as long as it holds anything: people delete pages."""

MOST_REMOVED = 1 / 5


@dataclass(frozen=True, slots=True)
class Listing:
    """What a source holds now; `failure` says why it could not be listed, and then nothing else counts.

    `incomplete` says why more may be there than is listed; then nothing is removed but what is `withheld`.
    """

    source: Source
    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    incomplete: list[Incomplete] = field(default_factory=list)
    failure: str | None = None
    withheld: list[Withheld] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        """Whether something lacks, and nothing but what its reader goes on with at the next sync."""
        return bool(self.incomplete) and all(one.goes_on for one in self.incomplete)


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
    """What a sync would do. `remove` and `keep` hold documents as they are known.

    `withheld` are those of `remove` that nobody may be shown any more. `failed` are documents, `unlisted`
    and `incomplete` sources.
    """

    add: tuple[Add, ...] = ()
    change: tuple[Change, ...] = ()
    move: tuple[Move, ...] = ()
    revise: tuple[Revise, ...] = ()
    remove: tuple[Known, ...] = ()
    keep: tuple[Known, ...] = ()
    withheld: tuple[Known, ...] = ()
    refused: tuple[Refusal, ...] = ()
    failed: tuple[Failure, ...] = ()
    unlisted: tuple[Failure, ...] = ()
    incomplete: tuple[Failure, ...] = ()


_PARTS = tuple(part.name for part in fields(SyncPlan))


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
    Removals that are too many to be meant are refused, source by source, unless `allow_removals` names the
    source or is True.
    """
    by_source = {
        name: list(some)
        for name, some in groupby(sorted(known, key=lambda one: one.source), lambda one: one.source)
    }
    parts = [
        _of_source(by_source.pop(one.source.name, []), one, making, _may_lose(one.source, allow_removals))
        for one in listed
    ]
    for name, documents in by_source.items():
        if name in others:
            stale = [one for one in documents if one.embedder != making.embedder]
            parts.append(SyncPlan(revise=tuple(Revise(None, one) for one in stale)))
        else:
            parts.append(SyncPlan(remove=tuple(documents)))
    return SyncPlan(
        **{name: tuple(step for part in parts for step in getattr(part, name)) for name in _PARTS}
    )


def _may_lose(source: Source, allow_removals: bool | frozenset[str]) -> bool:
    return allow_removals if isinstance(allow_removals, bool) else source.name in allow_removals


def _of_source(known: list[Known], listing: Listing, making: Making, allow_removals: bool) -> SyncPlan:
    source = listing.source
    if listing.failure is not None:
        failure = Failure(source.name, listing.failure, source.name)
        return replace(_staying(known, source, making), unlisted=(failure,))
    items: dict[str, Item] = {}
    twice = []
    for item in listing.items:
        if item.path in items:
            twice.append(Skipped(item.path, "another file has the same name"))
        items.setdefault(item.path, item)
    at = {one.path: one for one in known}
    change, stay = [], []
    for path in items.keys() & at.keys():
        same = at[path].digest == items[path].digest and not outdated(at[path], source, making.recipe)
        if same:
            stay.append(at[path])
        else:
            change.append(Change(source, items[path], at[path]))
    hidden = {one.path for one in listing.withheld}
    withheld = [one for one in known if one.path in hidden and one.path not in items]
    absent = [one for one in known if one.path not in items and one.path not in hidden]
    is_skipped = _skipped_paths(listing.skipped)
    spared = [one for one in absent if listing.incomplete or is_skipped(one.path)]
    gone = [] if listing.incomplete else [one for one in absent if not is_skipped(one.path)]
    new = [item for path, item in items.items() if path not in at]
    move = _moves(source, new, gone)
    moved_to, moved_from = {step.item.path for step in move}, {step.known.path for step in move}
    gone = [one for one in gone if one.path not in moved_from]
    refused: tuple[Refusal, ...] = ()
    anything = bool(items or listing.skipped or listing.withheld)
    if not allow_removals and _too_many(len(gone), len(known), anything):
        named = tuple(sorted(one.path for one in gone)[:MOST_PATHS])
        refused = (Refusal(source.name, len(gone), len(known), named),)
        spared, gone = spared + gone, []
    staying = _staying(stay + spared, source, making)
    failed: tuple[Skipped | Withheld, ...] = (*listing.skipped, *listing.withheld, *twice)
    return SyncPlan(
        add=tuple(Add(source, item) for item in new if item.path not in moved_to),
        change=tuple(sorted(change, key=lambda step: step.item.path)),
        move=tuple(move),
        revise=staying.revise,
        remove=(*gone, *withheld),
        keep=staying.keep,
        withheld=tuple(withheld),
        refused=refused,
        failed=tuple(Failure(one.path, one.reason, source.name) for one in failed),
        incomplete=tuple(Failure(source.name, one.reason, source.name) for one in listing.incomplete),
    )


def _too_many(gone: int, documents: int, anything: bool) -> bool:
    """Whether removals look like an outage: more than a few and a fifth, or nothing is listed any more."""
    return gone > 0 and (not anything or gone > max(FEW, documents * MOST_REMOVED))


def outdated(known: Known, source: Source, recipe: str) -> bool:
    """Whether a document whose file is the same must be read again."""
    return known.recipe != recipe or known.source_audience != source.audience.key


def _staying(known: list[Known], source: Source, making: Making) -> SyncPlan:
    """Documents that are not read: kept, or revised where the audience or the embedder is another."""
    audience = source.audience.key
    keep, revise = [], []
    for one in sorted(known, key=lambda one: one.path):
        if (one.source_audience, one.embedder) == (audience, making.embedder):
            keep.append(one)
        else:
            revise.append(Revise(source, one))
    return SyncPlan(keep=tuple(keep), revise=tuple(revise))


def _moves(source: Source, new: list[Item], gone: list[Known]) -> list[Move]:
    waiting: dict[str, list[Known]] = {}
    for one in sorted(gone, key=lambda one: one.path, reverse=True):
        waiting.setdefault(one.digest, []).append(one)
    return [
        Move(source, item, waiting[item.digest].pop())
        for item in sorted(new, key=lambda item: item.path)
        if waiting.get(item.digest)
    ]


def _skipped_paths(skipped: Sequence[Skipped]) -> Callable[[str], bool]:
    """Whether a path was skipped, by itself or with a folder above it."""
    paths = {one.path for one in skipped}

    def is_skipped(path: str) -> bool:
        ends = (at + 1 for at, letter in enumerate(path) if letter == "/")
        return path in paths or any(path[:end] in paths for end in ends)

    return is_skipped

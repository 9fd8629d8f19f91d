"""What a roll back does, and what must be narrowed when a version is held back: pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ingest.apply import TO_BE_READ
from ingest.parsing.frontmatter import narrowed
from ingest.report import Failure, SourceReport
from ingest.sources import Source
from knowledge.adapters.store_writing import Copy, Known
from knowledge.audience import Audience


@dataclass(frozen=True, slots=True)
class Republishing:
    """Documents that are written again as they were, and documents that end."""

    copies: list[Copy] = field(default_factory=list)
    end: list[Known] = field(default_factory=list)
    reports: tuple[SourceReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Older:
    """A version that a source can be rolled back to; readers saw it from `at` on. `since` counts what is
    another in the source now: added, changed and removed."""

    version: int
    at: datetime
    since: SourceReport


@dataclass(frozen=True, slots=True)
class Limits:
    """What does not come back: documents that were read in another way than the `recipe` (there may be
    secrets in them that are taken out now), and of those that are gone the `unread`: by id, what could not be
    read since, or may be shown to nobody. Documents of `untouched` sources stay as they are now."""

    recipe: str
    untouched: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()

    def why_not(self, old: Known, present: Known | None) -> str | None:
        """Why a document stays as it is now, None where it may come back."""
        if present is not None and present.revision_id == old.revision_id:
            return None
        if old.recipe not in (self.recipe, TO_BE_READ):
            return "it was read by another release of Lore: it stays as it is now"
        if present is None and _id(old) in self.unread:
            return "it could not be read since, or may be shown to nobody: it stays away"
        return None


def roll_back(
    then: Iterable[Known], now: Iterable[Known], sources: Sequence[Source], limits: Limits
) -> Republishing:
    """From the documents of now to those of then, for nobody who may not read them now.

    Of sources that are not in `sources`, no document stays.
    """
    was, is_now = _by_source(then), _by_source(now)
    set_up = {source.name: source for source in sources}
    made, reports = Republishing(), []
    for name in sorted(was.keys() | is_now.keys()):
        if name not in limits.untouched:
            source = set_up.get(name)
            old = was.get(name, {}) if source else {}
            reports.append(_of_source(name, source, old, is_now.get(name, {}), limits, made))
    return replace(made, reports=tuple(reports))


def _of_source(
    name: str,
    source: Source | None,
    then: Mapping[str, Known],
    now: Mapping[str, Known],
    limits: Limits,
    made: Republishing,
) -> SourceReport:
    added = changed = kept = 0
    failed: list[Failure] = []
    read_by = _audiences_by_digest(now.values())
    for path, old in then.items():
        assert source is not None, "only documents of sources that are set up come back"
        present = now.get(path)
        if why := limits.why_not(old, present):
            failed.append(Failure(path, why, name))
            kept += present is not None
            continue
        copy = _copy(source, old, present, read_by.get(old.digest, ()))
        if present is None:
            added += 1
            made.copies.append(copy)
        elif copy.audience_key == present.audience_key and _reads_the_same(present, old, copy):
            kept += 1
        else:
            changed += 1
            made.copies.append(copy)
    gone = [one for path, one in now.items() if path not in then]
    made.end.extend(gone)
    return SourceReport(
        name, added=added, changed=changed, removed=len(gone), kept=kept, failed=tuple(failed)
    )


def _reads_the_same(present: Known, old: Known, copy: Copy) -> bool:
    made = (old.digest, old.embedder, copy.recipe, copy.source_audience)
    is_made = (present.digest, present.embedder, present.recipe, present.source_audience)
    return present.revision_id == old.revision_id or made == is_made


def _copy(source: Source, old: Known, present: Known | None, elsewhere: Iterable[Audience]) -> Copy:
    """The document of then; for those who might read it then, may read it now, and may read its source.

    Where it is at another path now, it is for those who may read it there.
    """
    audience = _meet(old.audience_key, source.audience)
    here = elsewhere if present is None else [Audience.from_key(present.audience_key)]
    for now in here:
        audience = narrowed(audience, now)
    same = (audience.key, source.audience.key) == (old.audience_key, old.source_audience)
    return Copy(
        revision_id=old.revision_id,
        audience_key=audience.key,
        source_audience=source.audience.key,
        recipe=old.recipe if same else TO_BE_READ,
        replaces=None if present is None else present.revision_id,
    )


def changed_since(
    source: Source, then: Sequence[Known], now: Sequence[Known], limits: Limits
) -> SourceReport:
    """What changed since in a source: all that rolling it back undoes.

    `then` and `now` are those of its documents that are not the same in both.
    """
    [report] = roll_back(then, now, [source], limits).reports or [SourceReport(source.name)]
    return SourceReport(source.name, report.removed, report.changed, removed=report.added)


def narrowing(
    published: Iterable[Known],
    held: Iterable[Known],
    moved: Mapping[str, str],
    withheld: frozenset[int],
    set_up: frozenset[str],
) -> Republishing:
    """What must be published of a version that is held back: documents that fewer people may read in it, and
    those that nobody may (the revisions `withheld`, and documents of sources that are not `set_up` any more).

    `moved` maps the ids of documents to their ids in the version that is held back.
    """
    after = {_id(one): one for one in held}
    made, changed, removed = Republishing(), Counter[str](), Counter[str]()
    failed: dict[str, list[Failure]] = {}
    for one in published:
        new = after.get(moved.get(_id(one), _id(one)))
        if one.revision_id in withheld or one.source not in set_up:
            made.end.append(one)
            removed[one.source] += 1
            failed.setdefault(one.source, []).append(Failure(one.path, "nobody may be shown it", one.source))
        elif new is not None:
            audience = _meet(one.audience_key, Audience.from_key(new.audience_key))
            if audience.key != one.audience_key:
                changed[one.source] += 1
                made.copies.append(
                    Copy(one.revision_id, audience.key, new.source_audience, TO_BE_READ, one.revision_id)
                )
    names = sorted(changed.keys() | removed.keys())
    reports = tuple(
        SourceReport(name, changed=changed[name], removed=removed[name], failed=tuple(failed.get(name, ())))
        for name in names
    )
    return replace(made, reports=reports)


def _meet(key: str, audience: Audience) -> Audience:
    return narrowed(audience, Audience.from_key(key))


def _audiences_by_digest(documents: Iterable[Known]) -> dict[str, list[Audience]]:
    found: dict[str, list[Audience]] = {}
    for one in documents:
        found.setdefault(one.digest, []).append(Audience.from_key(one.audience_key))
    return found


def _id(known: Known) -> str:
    return f"{known.source}/{known.path}"


def _by_source(documents: Iterable[Known]) -> dict[str, dict[str, Known]]:
    found: dict[str, dict[str, Known]] = {}
    for one in documents:
        found.setdefault(one.source, {})[one.path] = one
    return found

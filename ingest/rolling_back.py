"""What a roll back does, and what must be narrowed when a version is held back: pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.apply import TO_BE_READ
from ingest.parsing.frontmatter import narrowed
from ingest.report import SourceReport
from ingest.sources import Source
from knowledge.adapters.store_writing import Copy, Known
from knowledge.audience import Audience


@dataclass(frozen=True, slots=True)
class Republishing:
    """Documents that are written again as they were, and documents that end."""

    copies: list[Copy] = field(default_factory=list)
    end: list[Known] = field(default_factory=list)
    reports: tuple[SourceReport, ...] = ()


def roll_back(
    then: Iterable[Known],
    now: Iterable[Known],
    sources: Sequence[Source],
    untouched: frozenset[str] = frozenset(),
) -> Republishing:
    """From the documents of now to those of then, for nobody who may not read them now.

    Documents of `untouched` sources stay as they are now; of sources that are not in `sources`, none stays.
    """
    was, is_now = _by_source(then), _by_source(now)
    set_up = {source.name: source for source in sources}
    made, reports = Republishing(), []
    for name in sorted(was.keys() | is_now.keys()):
        if name not in untouched:
            source = set_up.get(name)
            old = was.get(name, {}) if source else {}
            reports.append(_of_source(name, source, old, is_now.get(name, {}), made))
    return replace(made, reports=tuple(reports))


def _of_source(
    name: str, source: Source | None, then: Mapping[str, Known], now: Mapping[str, Known], made: Republishing
) -> SourceReport:
    added = changed = kept = 0
    for path, old in then.items():
        assert source is not None, "only documents of sources that are set up come back"
        present = now.get(path)
        copy = _copy(source, old, present)
        if present is None:
            added += 1
            made.copies.append(copy)
        elif present.revision_id == old.revision_id and copy.audience_key == present.audience_key:
            kept += 1
        else:
            changed += 1
            made.copies.append(copy)
    gone = [one for path, one in now.items() if path not in then]
    made.end.extend(gone)
    return SourceReport(name, added=added, changed=changed, removed=len(gone), kept=kept)


def _copy(source: Source, old: Known, present: Known | None) -> Copy:
    """The document of then; for those who might read it then, may read it now, and may read its source."""
    audience = _meet(old.audience_key, source.audience)
    if present is not None:
        audience = narrowed(audience, Audience.from_key(present.audience_key))
    same = (audience.key, source.audience.key) == (old.audience_key, old.source_audience)
    return Copy(
        revision_id=old.revision_id,
        audience_key=audience.key,
        source_audience=source.audience.key,
        recipe=old.recipe if same else TO_BE_READ,
        replaces=None if present is None else present.revision_id,
    )


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
    for one in published:
        new = after.get(moved.get(_id(one), _id(one)))
        if one.revision_id in withheld or one.source not in set_up:
            made.end.append(one)
            removed[one.source] += 1
        elif new is not None:
            audience = _meet(one.audience_key, Audience.from_key(new.audience_key))
            if audience.key != one.audience_key:
                changed[one.source] += 1
                made.copies.append(
                    Copy(one.revision_id, audience.key, new.source_audience, TO_BE_READ, one.revision_id)
                )
    names = sorted(changed.keys() | removed.keys())
    reports = tuple(SourceReport(name, changed=changed[name], removed=removed[name]) for name in names)
    return replace(made, reports=reports)


def _meet(key: str, audience: Audience) -> Audience:
    return narrowed(audience, Audience.from_key(key))


def _id(known: Known) -> str:
    return f"{known.source}/{known.path}"


def _by_source(documents: Iterable[Known]) -> dict[str, dict[str, Known]]:
    found: dict[str, dict[str, Known]] = {}
    for one in documents:
        found.setdefault(one.source, {})[one.path] = one
    return found

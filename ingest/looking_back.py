"""What was published and is still stored: the history of a source, and what it can be rolled back to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.report import Published, SyncReport
from ingest.rolling_back import Limits, Older, changed_since
from ingest.sources import Source
from knowledge.adapters.generations import KEEP
from knowledge.adapters.source_states import SourceStates
from knowledge.adapters.store import SqlStore
from knowledge.adapters.store_writing import StoreWriter
from knowledge.adapters.versions import published_versions, stored_versions


@dataclass(frozen=True, slots=True)
class LookingBack:
    """`recipe` is the way in which documents are read now."""

    store: SqlStore
    recipe: str

    def history(self, source: str | None, limit: int) -> list[Published]:
        """What was published, newest first; of a source, the versions in which anything of it changed, and
        those that it can be rolled back to."""
        back = self._back(source)
        found: list[Published] = []
        for version, at, said in published_versions(self.store.database):
            report = SyncReport.from_json(said)
            changed = any(one.name == source and one.touched for one in report.sources)
            if source is None or changed or version in back:
                found.append(Published(version, at, report, version in back))
            if len(found) >= limit:
                break
        return found

    def older(self, source: Source) -> list[Older]:
        """The versions that a source can be rolled back to, newest first, each with what changed since; those
        since which nothing changed are left out."""
        published, writer = self.store.published(), StoreWriter(self.store.database)
        back, found = self._back(source.name), []
        for version, at, unread in self._with_unread():
            if version in back:
                then, now = writer.changed_since(version, source.name, published)
                limits = Limits(self.recipe, unread=frozenset(unread))
                since = changed_since(source, then, now, limits)
                found += [Older(version, at, since)] if since.touched else []
            if version <= min(back, default=version):
                break
        return found

    def limits(self, version: int, untouched: frozenset[str] = frozenset()) -> Limits:
        """What does not come back when this version does."""
        unread = next((unread for number, _, unread in self._with_unread() if number <= version), set())
        return Limits(self.recipe, untouched, frozenset(unread))

    def _with_unread(self) -> Iterator[tuple[int, datetime, set[str]]]:
        """Each published version, newest first, with the ids of what could not be read since, or was to be
        shown to nobody; the set grows."""
        states = SourceStates(self.store.database).all()
        unread = {f"{name}/{one}" for name, state in states.items() for one in _failed(state.report)}
        for version, at, said in published_versions(self.store.database):
            yield version, at, unread
            for report in said.get("sources") or ():
                unread |= {f"{report['name']}/{one}" for one in _failed(report)}

    def _back(self, source: str | None) -> set[int]:
        """The versions before the published one that are stored, made with the same model, and that hold all
        of this source, where there is one."""
        made_by = self.store.embedder(self.store.published())
        return {
            one.version
            for one in stored_versions(self.store.database, KEEP)[1:]
            if (source is None or one.holds(source)) and self.store.embedder(one.version) == made_by
        }


def _failed(report: Mapping[str, Any]) -> list[str]:
    """The paths that the report of a source says could not be read, or may be shown to nobody."""
    return [str(one["path"]) for one in report.get("failed") or ()]

"""What was published and is still stored: the history of a source, and what it can be rolled back to."""

from dataclasses import dataclass

from ingest.report import Published, SourceReport, SyncReport
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
        for version, at, _ in published_versions(self.store.database):
            if version in back:
                then, now = writer.changed_since(version, source.name, published)
                since = changed_since(source, then, now, self.limits(version))
                found += [Older(version, at, since)] if since.touched else []
        return found

    def limits(self, version: int, untouched: frozenset[str] = frozenset()) -> Limits:
        """What does not come back when this version does."""
        unread: set[str] = set()
        for number, _, said in published_versions(self.store.database):
            if number <= version:
                break
            for report in SyncReport.from_json(said).sources:
                unread |= _failed(report)
        for state in SourceStates(self.store.database).all().values():
            unread |= _failed(SourceReport.from_json(state.report))
        return Limits(self.recipe, untouched, frozenset(unread))

    def _back(self, source: str | None) -> set[int]:
        """The versions before the published one that are stored, made with the same model, and that hold all
        of this source, where there is one."""
        made_by = self.store.embedder(self.store.published())
        return {
            one.version
            for one in stored_versions(self.store.database, KEEP)[1:]
            if (source is None or one.holds(source)) and self.store.embedder(one.version) == made_by
        }


def _failed(report: SourceReport) -> set[str]:
    return {f"{report.name}/{one.path}" for one in report.failed}

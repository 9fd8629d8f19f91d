"""Section: runs that ended, the best against its baseline with a small chart, and those that failed."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.digests.sections import Entry, Part, Reader, Window
from bot.digests.sight import Sight
from bot.journal import page_changes
from ingest.redaction import hide
from knowledge.adapters.database import Database
from knowledge.adapters.recent_runs import RecentRun, recent_runs, runs_before
from prompts.run_news import OneRun, RunNews, Value, run_news

MOST_RUNS = 200
MOST_EARLIER = 300


@dataclass(frozen=True, slots=True)
class RunResults:
    """Builds the section from what was noted of runs; every number is copied from their documents."""

    database: Database
    sight: Sight

    def build(self, reader: Reader, window: Window) -> Part | None:
        with self.database.writing() as connection:  # after whoever notes changes at this moment
            noted = page_changes.between(connection, window.since.timestamp(), window.until.timestamp())
        ended = [one.document_id for one in noted if one.change == page_changes.RUN]
        if not ended:
            return None
        version = self.sight.store.published()
        new = recent_runs(self.database, version, reader.keys, ended[-MOST_RUNS:])
        earlier = [
            one
            for source in dict.fromkeys(one.source for one in new)
            for one in runs_before(self.database, version, reader.keys, source, MOST_EARLIER)
        ]
        known = {one.document_id: one for one in (*earlier, *new)}
        told = run_news([_one(run) for run in new], [_one(run) for run in earlier])
        entries = [entry for one in told if (entry := self._entry(one, known, reader)) is not None]
        return Part(entries) if entries else None

    def _entry(self, news: RunNews, known: dict[str, RecentRun], reader: Reader) -> Entry | None:
        named = [known[key] for key in news.keys]
        if not all(self.sight.document(reader, one.document_id, one.audience_key) for one in named):
            return None
        return Entry(
            hide(news.words),
            title=hide(news.title),
            details=[hide(one) for one in news.details],
            lines=hide(news.lines),
            url=named[0].url if named else None,
            document_ids=news.keys,
            audience_keys=tuple(sorted({one.audience_key for one in named})),
        )


def _one(run: RecentRun) -> OneRun:
    return OneRun(
        key=run.document_id,
        source=run.source,
        name=run.name,
        status=run.status,
        notes=run.notes,
        params=run.params,
        tags=run.tags,
        last=_values(run),
    )


def _values(run: RecentRun) -> Sequence[Value]:
    return [Value(one.metric, one.direction, one.value) for one in run.last]

"""How long a sync takes: cold, without changes, and after one page changed, with the packaged model."""

import shutil
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ingest.readers import read
from ingest.report import SyncReport
from ingest.sources import Source
from ingest.sync import Syncer
from knowledge.adapters.database import open_database
from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.adapters.generations import Generations
from knowledge.adapters.store import SqlStore, create_tables
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk

DOCS = Path(__file__).parents[2] / ".." / "shared" / "data" / "team" / "docs"


def main() -> None:
    if not DOCS.is_dir():
        print("skipped: there are no documents beside the repository (shared/data/team/docs)")
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder))


def _measure(folder: Path) -> None:
    docs = Path(shutil.copytree(DOCS, folder / "docs"))
    data = folder / "data"
    data.mkdir()
    database = open_database(data / "lore.db")
    create_tables(database)
    store = SqlStore(database)
    embedder = SentenceTransformerEmbedder()
    generations = Generations(data, store, lambda: embedder.fingerprint, repair=False)
    publishing: list[float] = []

    def cut(document):  # type: ignore[no-untyped-def]
        return chunk(document, embedder.count_tokens, embedder.window)

    def progress(stage):  # type: ignore[no-untyped-def]
        if stage.stage == "publish":
            publishing.append(time.perf_counter())

    syncer = Syncer(data, store, generations, embedder, read, cut, partial(datetime.now, UTC))
    sources = [Source("team", "folder", docs, EVERYONE, "wiki")]

    def timed(name: str) -> SyncReport:
        publishing.clear()
        started = time.perf_counter()
        report = syncer.sync(sources, on_progress=progress)
        print(f"{name}: {time.perf_counter() - started:.2f} s")
        if len(publishing) == 2:
            print(f"{name}, publishing: {publishing[1] - publishing[0]:.2f} s")
        return report

    embedder.embed(["The model is loaded before the clock starts."])
    report = timed("cold sync")
    print(f"documents: {report.added}")
    print(f"documents not read: {len(report.failed)}")
    print(f"chunks embedded: {report.chunks_embedded}")
    unchanged = timed("unchanged sync")
    assert unchanged.chunks_embedded == 0
    assert unchanged.version == report.version
    page = max(docs.rglob("*.md"), key=lambda path: path.stat().st_size)
    page.write_text(page.read_text("utf-8") + "\n\nOne more sentence at the end.\n", "utf-8")
    changed = timed("sync of one changed page")
    print(f"chunks embedded of one changed page: {changed.chunks_embedded}")
    started = time.perf_counter()
    generations.current()
    print(f"opening the index: {time.perf_counter() - started:.2f} s")
    database.close()


if __name__ == "__main__":
    main()

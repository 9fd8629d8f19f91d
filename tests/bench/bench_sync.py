"""How long a sync takes: cold, beside the embedder alone, without changes, and after one word changed."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ingest.readers import read
from ingest.report import Progress, SyncReport
from ingest.sources import Source
from ingest.sync import Syncer
from knowledge.adapters.database import open_database
from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.adapters.generations import Generations
from knowledge.adapters.store import SqlStore, create_tables
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.documents import Chunk, Document
from knowledge.ports import Vector

DOCS = Path(__file__).parents[2] / ".." / "shared" / "data" / "team" / "docs"
EVERY = 3
"""Every so many of the chunks are embedded again, by the embedder alone."""


class Recording(SentenceTransformerEmbedder):
    """The packaged model; remembers what it embedded, and for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.seconds = 0.0

    def embed(self, texts: Sequence[str]) -> Vector:
        started = time.perf_counter()
        made = super().embed(texts)
        self.seconds += time.perf_counter() - started
        self.texts += texts
        return made


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
    embedder = Recording()
    generations = Generations(data, store, lambda: embedder.fingerprint, repair=False)
    publishing: list[float] = []

    def cut(document: Document) -> Sequence[Chunk]:
        return chunk(document, embedder.count_tokens, embedder.window)

    def progress(told: Progress) -> None:
        if told.stage == "publish":
            publishing.append(time.perf_counter())

    syncer = Syncer(data, store, generations, embedder, read, cut, partial(datetime.now, UTC))
    sources = [Source("team", "folder", docs, EVERYONE, "wiki")]

    def timed(name: str) -> tuple[SyncReport, float]:
        publishing.clear()
        started = time.perf_counter()
        report = syncer.sync(sources, on_progress=progress)
        seconds = time.perf_counter() - started
        print(f"{name}: {seconds:.2f} s")
        if len(publishing) == 2:
            print(f"{name}, publishing: {publishing[1] - publishing[0]:.2f} s")
        return report, seconds

    embedder.embed(["The model is loaded before the clock starts."])
    embedder.texts.clear()
    embedder.seconds = 0.0
    report, cold = timed("cold sync")
    embedded, embedding = report.chunks_embedded, embedder.seconds
    print(f"documents: {report.added}, not read: {len(report.failed)}, chunks embedded: {embedded}")
    print(f"cold sync: {report.added / cold:.2f} documents/s, {embedded / cold:.1f} chunks/s")
    print(f"cold sync, in the embedder: {embedding:.2f} s")
    some = embedder.texts[::EVERY]
    started = time.perf_counter()
    embedder.embed(some)
    raw = len(some) / (time.perf_counter() - started)
    print(f"the embedder alone, every {EVERY}rd chunk in one list: {raw:.1f} chunks/s")
    print(f"cold sync to the embedder alone: {embedded / cold / raw:.3f}")
    again, unchanged = timed("unchanged sync")
    assert (again.chunks_embedded, again.version) == (0, report.version)
    print(f"unchanged to cold: {unchanged / cold:.4f}")
    page = max(docs.rglob("*.md"), key=lambda path: path.stat().st_size)
    text = page.read_text("utf-8")
    middle = text.index(" the ", len(text) // 2)
    page.write_text(f"{text[:middle]} zebra {text[middle + len(' the ') :]}", "utf-8")
    changed, _ = timed("sync of one changed word")
    print(f"chunks embedded of one changed word: {changed.chunks_embedded}")
    started = time.perf_counter()
    generations.current()
    print(f"opening the index: {time.perf_counter() - started:.2f} s")
    database.close()


if __name__ == "__main__":
    main()

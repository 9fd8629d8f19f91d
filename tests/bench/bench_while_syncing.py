"""How long a question takes while a sync embeds in the same process, beside when nothing else goes on."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot.evaluating import EVERYONE_READS
from ingest.readers import read
from ingest.sources import Source
from ingest.sync import Syncer
from knowledge.adapters.database import open_database
from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.adapters.eval_set import read_eval_set
from knowledge.adapters.generations import Generations
from knowledge.adapters.store import SqlStore, create_tables
from knowledge.answering import PASSAGES
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.evaluation import percentile
from knowledge.retrieval import Retriever

TEAM = Path(__file__).parents[3] / "shared" / "data" / "team"
FIRST, ASKED = 100, 200
EVERY_S = 0.25


def main() -> None:
    if not TEAM.is_dir():
        print("skipped: ../shared/data is not here")
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder))


def _measure(folder: Path) -> None:
    docs, data = folder / "docs", folder / "data"
    data.mkdir()
    pages = sorted((TEAM / "docs").rglob("*.md"))
    database = open_database(data / "lore.db")
    create_tables(database)
    store = SqlStore(database)
    embedder = SentenceTransformerEmbedder()
    generations = Generations(data, store, lambda: embedder.fingerprint, repair=False)
    syncer = Syncer(
        *(data, store, generations, embedder, read),
        lambda document: chunk(document, embedder.count_tokens, embedder.window),
        partial(datetime.now, UTC),
    )
    sources = [Source("team", "folder", docs, EVERYONE, "wiki")]
    _bring(pages[:FIRST], docs)
    report = syncer.sync(sources)
    print(f"{report.added} documents, {report.chunks_embedded} chunks to ask")
    questions = [question.text for question in read_eval_set(TEAM / "eval").questions]

    def times(go_on: Callable[[int], bool]) -> list[float]:
        asked = embedder.for_questions()  # none of the vectors that were kept before
        taken: list[float] = []
        while go_on(len(taken)):
            question = f"{questions[len(taken) % len(questions)]} ({len(taken)})"
            started = time.perf_counter()
            Retriever(generations.current(), store, asked).retrieve(question, EVERYONE_READS, PASSAGES)
            taken.append((time.perf_counter() - started) * 1000)
            time.sleep(EVERY_S)
        return taken

    times(lambda done: done < 10)
    alone = _print("nothing else goes on", times(lambda done: done < ASKED))
    _bring(pages[FIRST:], docs)
    sync = threading.Thread(target=lambda: syncer.sync(sources))
    sync.start()
    beside = _print("while a sync embeds and publishes", times(lambda _: sync.is_alive()))
    sync.join()
    print(f"p95 beside a sync to p95 alone: {beside / alone:.2f}")
    database.close()


def _bring(pages: list[Path], docs: Path) -> None:
    for page in pages:
        target = docs / page.relative_to(TEAM / "docs")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(page, target)


def _print(name: str, taken: list[float]) -> float:
    p95 = percentile(taken, 0.95)
    print(
        f"{name}: {len(taken)} questions, p50 {percentile(taken, 0.5):.1f} ms, p95 {p95:.1f} ms", flush=True
    )
    return p95


if __name__ == "__main__":
    main()

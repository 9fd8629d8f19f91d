"""Memory over time while a first sync runs, as a chart: with the real model, and with a million chunks.

The pages are made as they are read, and cut by paragraph: nothing is parsed.

`MEMORY_CHUNKS=200000` sets how many chunks there are for the embedder without a model; `MEMORY_CHARTS` names
the folder for the charts (docs/charts).
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from ingest.report import Progress
from ingest.sources import Item, Reading, Source
from ingest.sync import Syncer
from knowledge.adapters.database import open_database
from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.adapters.generations import Generations
from knowledge.adapters.store import SqlStore, create_tables
from knowledge.audience import EVERYONE
from knowledge.documents import Document
from knowledge.ports import Embedder
from tests.bench.chart import Line, chart
from tests.fakes import HashEmbedder
from tests.records import by_paragraph

CHUNKS_A_DOCUMENT = 50
REAL, HASH = 10_000, int(os.environ.get("MEMORY_CHUNKS", "1000000"))
CHARTS = Path(os.environ.get("MEMORY_CHARTS") or Path(__file__).parents[2] / "docs" / "charts")
LOOK_EVERY_S = 0.5
WORDS = [f"word{n}" for n in range(5_000)]


@dataclass(frozen=True)
class Sample:
    """At a moment (seconds): MB resident in the process that syncs, and in those that it has started."""

    at: float
    own: float
    children: float


def main() -> None:
    for name, chunks in (("real", REAL), ("hash", HASH)):
        with tempfile.TemporaryDirectory() as folder:
            samples, stages = _watched(name, chunks, Path(folder))
        _report(name, chunks, samples, stages)


def _watched(name: str, chunks: int, folder: Path) -> tuple[list[Sample], list[tuple[float, str]]]:
    """Sync in a process of its own, and look at its memory."""
    command = [sys.executable, "-m", "tests.bench.bench_memory", name, str(chunks), str(folder)]
    started = time.time()
    samples: list[Sample] = []
    with subprocess.Popen(command, stdout=(folder / "said").open("w")) as process:
        while process.poll() is None:
            own, children = _resident(process.pid), sum(map(_resident, _below(process.pid)))
            samples.append(Sample(time.time() - started, own, children))
            time.sleep(LOOK_EVERY_S)
    assert process.returncode == 0, "the sync failed"
    said = [line.split(" ", 1) for line in (folder / "said").read_text().splitlines()]
    return samples, [(float(at) - started, stage) for at, stage in said]


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * resource.getpagesize() / 1e6


def _below(pid: int) -> Iterator[int]:
    """All processes below one."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(one) for one in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from _below(child)


def _report(name: str, chunks: int, samples: Sequence[Sample], stages: Sequence[tuple[float, str]]) -> None:
    publish = next((at for at, stage in stages if stage == "publish"), samples[-1].at)
    writing = [one.own for one in samples if one.at < publish]
    quarter = len(writing) // 4
    early, late = max(writing[quarter : 2 * quarter]), max(writing[3 * quarter :])
    print(f"{name}, {chunks:,} chunks: {samples[-1].at:.0f} s")
    print(f"{name}: most of the process that syncs {max(one.own for one in samples):,.0f} MB")
    print(
        f"{name}: most in the second quarter of reading {early:,.0f} MB, in the last {late:,.0f} MB "
        f"({late / early:.2f})"
    )
    print(f"{name}: most of what builds the index {max(one.children for one in samples):,.0f} MB")
    CHARTS.mkdir(parents=True, exist_ok=True)
    file = CHARTS / f"memory-{name}.svg"
    lines = [
        Line("syncs", [(one.at, one.own) for one in samples]),
        Line("builds the index", [(one.at, one.children) for one in samples]),
    ]
    model = "the packaged model" if name == "real" else "no model"
    title = f"Memory of a first sync, {chunks:,} chunks ({model})"
    file.write_text(chart(title, "seconds", "MB resident", lines, stages), "utf-8")
    print(f"{name}: chart in {file.name}", flush=True)


def _sync(name: str, chunks: int, folder: Path) -> None:
    """The process that is watched: says when each stage begins."""
    database = open_database(folder / "lore.db")
    create_tables(database)
    store = SqlStore(database)
    embedder: Embedder = SentenceTransformerEmbedder() if name == "real" else HashEmbedder()
    generations = Generations(folder, store, lambda: embedder.fingerprint, repair=False)
    told: set[str] = set()

    def progress(progress: Progress) -> None:
        if progress.stage not in told:
            told.add(progress.stage)
            print(time.time(), progress.stage, flush=True)

    def read(of: Source, _: Reading) -> Iterator[Item]:
        for n in range(chunks // CHUNKS_A_DOCUMENT):
            yield Item(f"{n // 100}/{n}.md", str(n), partial(_page, of, n))

    syncer = Syncer(*(folder, store, generations, embedder, read, by_paragraph), partial(datetime.now, UTC))
    report = syncer.sync([Source("pages", "folder", folder, EVERYONE, "wiki")], on_progress=progress)
    assert report.chunks_embedded == chunks, report.chunks_embedded
    database.close()


def _page(of: Source, number: int) -> Document:
    """A page of its own words, made when it is read."""
    drawn = random.Random(number)
    parts = [
        f"Part {number} {at}: {' '.join(drawn.choices(WORDS, k=drawn.randrange(20, 60)))}."
        for at in range(CHUNKS_A_DOCUMENT)
    ]
    path = f"{number // 100}/{number}.md"
    return Document(of.name, path, f"Page {number}", "\n\n".join(parts), of.audience, str(number))


if __name__ == "__main__":
    _sync(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])) if len(sys.argv) > 3 else main()

"""How long an index of many chunks takes from the stored vectors, without the model, and how near it is."""

import tempfile
import time
from pathlib import Path

from knowledge.adapters.generations import Generations
from knowledge.adapters.published import RecordIndex
from tests.knowledge.adapters.test_rebuilt import EVERYONE, clustered, fill
from tests.records import open_store

CHUNKS, ASKED = 50_000, 100


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        store = open_store(data)
        version = fill(store, CHUNKS)
        generations = Generations(data, store, lambda: "drawn", repair=False)
        started = time.perf_counter()
        with generations.lock("rebuild"):
            generations.settle()
        print(f"chunks: {CHUNKS}")
        print(f"index from the stored vectors: {time.perf_counter() - started:.1f} s")
        started = time.perf_counter()
        index = generations.current()
        print(f"opening it: {time.perf_counter() - started:.2f} s")
        exact = RecordIndex(store.database, version)
        found = 0
        for asked in clustered(ASKED, seed=1):
            right = {hit.id for hit in exact.dense(asked, EVERYONE, 10)}
            found += len(right & {hit.id for hit in index.dense(asked, EVERYONE, 10)})
        print(f"of the ten nearest found: {found / (ASKED * 10):.4f}")
        generations.close()
        store.database.close()


if __name__ == "__main__":
    main()

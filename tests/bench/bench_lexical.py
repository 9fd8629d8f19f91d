"""Words: Lore's Tantivy index beside SQLite's FTS5 with the same terms, in time and in nDCG."""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from knowledge.adapters.eval_set import EvalSet, read_eval_set
from knowledge.adapters.lexical import LexicalChunk, LexicalIndex
from knowledge.analysis import analysed, asked_terms
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.evaluation import mean, ndcg, percentile
from knowledge.ports import Hit

DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = ("llm_docs", "codebase", "team/eval")
DEPTH = 200
WHO = frozenset({EVERYONE.key})
Search = Callable[[str], list[Hit]]


def main() -> None:
    if not DATA.is_dir():
        print("skipped: ../shared/data is not here")
        return
    for name in SETS:
        given = read_eval_set(DATA / name)
        rows = [
            LexicalChunk(at, EVERYONE.key, document.title, " ".join(piece.section), piece.text)
            for at, (document, piece) in enumerate(
                (document, piece) for document in given.documents for piece in chunk(document, _words, 256)
            )
        ]
        paths = [document.path for document in given.documents for _ in chunk(document, _words, 256)]
        with tempfile.TemporaryDirectory() as folder:
            for engine, made in (("Tantivy", _tantivy), ("FTS5", _fts5)):
                started = time.perf_counter()
                search = made(Path(folder), rows)
                built = time.perf_counter() - started
                _print(f"{name}, {len(rows)} chunks, {engine}: built in {built:.1f} s", search, given, paths)


def _words(texts: list[str]) -> list[int]:  # about as many tokens as the model counts
    return [len(text) // 4 for text in texts]


def _tantivy(folder: Path, rows: list[LexicalChunk]) -> Search:
    index = LexicalIndex.create(folder / "tantivy")
    index.write(rows)
    return lambda question: index.lexical(question, WHO, DEPTH)


def _fts5(folder: Path, rows: list[LexicalChunk]) -> Search:
    database = sqlite3.connect(folder / "fts5.db")
    database.execute(
        "CREATE VIRTUAL TABLE words USING fts5(text, heading, audience UNINDEXED,"
        " tokenize=\"unicode61 tokenchars '._-:'\")"
    )
    database.executemany(
        "INSERT INTO words (rowid, text, heading, audience) VALUES (?, ?, ?, ?)",
        [
            (
                row.id,
                *(" ".join(analysed(part)) for part in (row.text, f"{row.title} {row.section}")),
                row.audience_key,
            )
            for row in rows
        ],
    )
    database.commit()
    statement = (
        "SELECT rowid, -bm25(words, 1.0, 0.5) FROM words"
        " WHERE words MATCH ? AND audience = ? ORDER BY bm25(words, 1.0, 0.5) LIMIT ?"
    )

    def search(question: str) -> list[Hit]:
        asked = " OR ".join(f'"{term}"' for term in asked_terms(question))
        return (
            [Hit(*row) for row in database.execute(statement, (asked, EVERYONE.key, DEPTH))] if asked else []
        )

    return search


def _print(name: str, search: Search, given: EvalSet, paths: list[str]) -> None:
    times, values = [], []
    for question in given.questions:
        started = time.perf_counter()
        hits = search(question.text)
        times.append((time.perf_counter() - started) * 1000)
        if question.gains:
            values.append(ndcg(list(dict.fromkeys(paths[hit.id] for hit in hits)), question.gains))
    print(
        f"{name}, p50 {percentile(times, 0.5):.2f} ms, p95 {percentile(times, 0.95):.2f} ms, "
        f"nDCG@10 by words alone {mean(values):.4f}",
        flush=True,
    )


if __name__ == "__main__":
    main()

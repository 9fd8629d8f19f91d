"""Which topics are one: titles that are near, and questions that belong together."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder
from knowledge.ports import Embedder
from prompts.blockers import ALIKE, likeness
from prompts.themes import BY_WORDS, Measure, by_words_and
from prompts.topics import NEAR, Asked, gaps

TITLES = Path(__file__).parent / "topic_titles.jsonl"
QUESTIONS = Path(__file__).parent / "gap_questions.jsonl"


def main() -> None:
    embedder = SentenceTransformerEmbedder(PACKAGED).for_questions()
    titles(embedder)
    questions(embedder)


def titles(embedder: Embedder) -> None:
    rows = _rows(TITLES)
    ones, others = ([str(row[name]) for row in rows] for name in ("one", "other"))
    cosines = (embedder.embed(ones) * embedder.embed(others)).sum(axis=1).tolist()
    by_words = [likeness(one, other) >= ALIKE for one, other in zip(ones, others, strict=True)]
    print(f"titles by words: {_shown(rows, by_words)}; by meaning:")
    for threshold in sorted({0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, NEAR}):
        by_meaning = [cosine >= threshold for cosine in cosines]
        print(f"{threshold:.2f}{'*' if threshold == NEAR else ' '}  {_shown(rows, by_meaning)}")


def _shown(rows: Sequence[dict[str, object]], near: Sequence[bool]) -> str:
    found = sum(one for row, one in zip(rows, near, strict=True) if row["same"])
    wrong = sum(one for row, one in zip(rows, near, strict=True) if not row["same"])
    same = sum(bool(row["same"]) for row in rows)
    return f"found {found} of {same} near ones, and {wrong} of {len(rows) - same} others"


def questions(embedder: Embedder) -> None:
    rows = _rows(QUESTIONS)
    asked = [Asked(str(n), f"P{n}", str(row["text"]), True) for n, row in enumerate(rows)]
    meant = {str(n): str(row["gap"]) for n, row in enumerate(rows)}

    def alike(texts: Sequence[str]) -> Sequence[Sequence[float]]:
        vectors = embedder.embed(texts)
        likenesses: Sequence[Sequence[float]] = (vectors @ vectors.T).tolist()
        return likenesses

    for enough in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        _told(f"words and meaning from {enough}", asked, meant, Measure(by_words_and(alike).alike, enough))
    for enough in (0.1, 0.15, 0.2):
        _told(f"words from {enough}", asked, meant, Measure(BY_WORDS.alike, enough))


def _told(name: str, asked: Sequence[Asked], meant: dict[str, str], measure: Measure) -> None:
    sizes = Counter(gap for gap in meant.values() if gap)
    found = gaps(asked, lambda _: True, measure)
    right, strangers = 0, 0
    for gap in found:
        counted = Counter(meant[each] for each in gap.questions if meant[each])
        best, count = counted.most_common(1)[0] if counted else ("", 0)
        right += bool(best) and count * 2 > sizes[best]
        strangers += len(gap.questions) - count
    print(f"{name}: {len(found)} gaps, {right}/{len(sizes)} mostly found, {strangers} questions astray")


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]

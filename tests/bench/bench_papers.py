"""From which likeness on a paper is near to a wiki: invented papers, half of them about its subjects."""

import json
from pathlib import Path

import numpy as np

from bot.reading.weighing import NEAR_BY_MEANING, NEAR_BY_WORDS
from ingest.parsing.converted import Part
from ingest.parsing.process import convert
from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder
from prompts.themes import by_shared_terms

PAPERS = Path(__file__).parent / "papers.jsonl"
EXAMPLES = Path(__file__).parents[2] / "examples"
MOST_FOUND = 16


def main() -> None:
    rows = [json.loads(line) for line in PAPERS.read_text().splitlines()]
    pages = [path for folder in ("wiki", "practices") for path in sorted((EXAMPLES / folder).rglob("*.md"))]
    chunks = [
        (path.stem, text)
        for path in pages
        for text in convert("markdown", [Part(path.name, path.read_bytes())]).text.split("\n\n## ")
    ]
    texts = [text for _, text in chunks]
    papers = [f"{row['title']}\n\n{row['abstract']}" for row in rows]
    embedder = SentenceTransformerEmbedder(PACKAGED).for_questions()
    cosines = embedder.embed(papers) @ embedder.embed(texts).T
    found = [np.argsort(-line)[:MOST_FOUND] for line in cosines]
    shared = [
        by_shared_terms([paper, *(texts[place] for place in best)])[0][1:]
        for paper, best in zip(papers, found, strict=True)
    ]
    print(f"{len(rows)} papers, {len(texts)} sections of {len(pages)} pages; called near:")
    for name, likenesses, used in (
        ("meaning", [cosines[n][best].tolist() for n, best in enumerate(found)], NEAR_BY_MEANING),
        ("words", shared, NEAR_BY_WORDS),
    ):
        for enough in sorted({0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, used}):
            near = [max(likes) >= enough for likes in likenesses]
            right = sum(one for one, row in zip(near, rows, strict=True) if row["near"])
            wrong = sum(one for one, row in zip(near, rows, strict=True) if not row["near"])
            total = sum(row["near"] for row in rows)
            mark = "*" if enough == used else " "
            others = f"{wrong} of {len(rows) - total} others"
            print(f"{name} {enough:.2f}{mark} {right} of {total} near ones, {others}")


if __name__ == "__main__":
    main()

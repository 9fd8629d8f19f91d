"""When two questions are one: pairs that are and pairs that only look so, by similarity and by words."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from knowledge.adapters.embedding import PACKAGED, SentenceTransformerEmbedder
from knowledge.verified import SAME_FROM, differences

PAIRS = Path(__file__).parent / "same_questions.jsonl"
EXAMPLES = Path(__file__).parents[2] / "examples" / "eval" / "questions.jsonl"


class Pair(NamedTuple):
    """Two questions: whether they are the same, how similar they are, whether words speak against it."""

    part: str
    same: bool
    similarity: float
    differ: bool


def main() -> None:
    pairs = measured([json.loads(line) for line in PAIRS.read_text().splitlines()])
    parts = {name: [one for one in pairs if one.part == name] for name in ("chosen on", "checked on")}
    parts["examples"] = examples()
    print("from    " + "".join(f"{name:32}" for name in parts))
    for threshold in sorted({0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, SAME_FROM}):
        mark = "*" if threshold == SAME_FROM else " "
        print(
            f"{threshold:.2f}{mark}   " + "".join(f"{shown(part, threshold):32}" for part in parts.values())
        )
    print(
        "found: of the same questions; wrong: of the different ones, in brackets without the rules on words"
    )


def shown(pairs: Sequence[Pair], threshold: float) -> str:
    same = [one for one in pairs if one.same]
    other = [one for one in pairs if not one.same]
    near = [one for one in other if one.similarity >= threshold]
    found = sum(one.similarity >= threshold and not one.differ for one in same)
    told = f"found {found}/{len(same)} " if same else ""
    return f"{told}wrong {sum(not one.differ for one in near)}({len(near)})/{len(other)}"


def measured(rows: Sequence[dict[str, object]]) -> list[Pair]:
    ones, others = ([str(row[name]) for row in rows] for name in ("one", "other"))
    embedder = SentenceTransformerEmbedder(PACKAGED).for_questions()
    similarities = (embedder.embed(ones) * embedder.embed(others)).sum(axis=1)
    return [
        Pair(str(row["part"]), bool(row["same"]), float(near), bool(differences(one, other)))
        for row, one, other, near in zip(rows, ones, others, similarities, strict=True)
    ]


def examples() -> list[Pair]:
    """Every example question against every other that has another answer."""
    rows = [json.loads(line) for line in EXAMPLES.read_text().splitlines()]
    texts = [str(row["text"]) for row in rows]
    vectors = SentenceTransformerEmbedder(PACKAGED).for_questions().embed(texts)
    near = vectors @ vectors.T
    return [
        Pair(
            "examples", same=False, similarity=float(near[a, b]), differ=bool(differences(texts[a], texts[b]))
        )
        for a in range(len(rows))
        for b in range(a)
        if near[a, b] > 0.5
    ]


if __name__ == "__main__":
    main()

